// The frames of the live and the playback socket, taken apart. Pure: bytes in, values out; a frame that is not whole is refused, never guessed.

import { Problem } from '../api/problem';

export const HEAD = 18;

export type Frame =
  | { kind: 'init'; run: number; seq: number; capturedMs: number; codec: string; init: Uint8Array<ArrayBuffer> }
  | { kind: 'fragment'; key: boolean; run: number; seq: number; capturedMs: number; media: Uint8Array<ArrayBuffer> }
  | { kind: 'drop'; run: number; dropped: number; reason: string }
  | { kind: 'state'; level: string; word: string; reason: string }
  | { kind: 'stream'; stream: Stream; hasSub: boolean }
  | { kind: 'end'; run: number; reason: string; detail: string; nextStep: string | null; refused: boolean }
  /** Of the playback socket: what `seq` asked for is whole up to `toMs`, or why it is not. */
  | { kind: 'piece'; run: number; seq: number; toMs: number | null; problem: Problem | null };

/** A camera's main stream, which is recorded, or its smaller one, where it has one. */
export type Stream = 'main' | 'sub';

export class BadFrame extends Error {}

export function parseFrame(buffer: ArrayBuffer): Frame {
  if (buffer.byteLength < HEAD) throw new BadFrame(`a frame of ${buffer.byteLength} bytes has no head`);
  const view = new DataView(buffer);
  const kind = view.getUint8(0);
  const key = (view.getUint8(1) & 1) === 1;
  const run = view.getUint32(2);
  const seq = view.getUint32(6);
  const capturedMs = Number(view.getBigInt64(10)) / 1000;
  const payload = new Uint8Array(buffer, HEAD);
  switch (kind) {
    case 1:
      return { kind: 'init', run, seq, capturedMs, ...parseInit(payload) };
    case 2:
      return { kind: 'fragment', key, run, seq, capturedMs, media: payload };
    case 3: {
      const told = json(payload);
      return { kind: 'drop', run, dropped: typeof told['dropped'] === 'number' ? told['dropped'] : 0, reason: text(told, 'reason') ?? '' };
    }
    case 4: {
      const told = json(payload);
      return { kind: 'state', level: text(told, 'level') ?? 'off', word: text(told, 'word') ?? '', reason: text(told, 'reason') ?? '' };
    }
    case 5: {
      const told = json(payload);
      return {
        kind: 'end', run, reason: text(told, 'reason') ?? 'ended', detail: text(told, 'detail') ?? 'The picture has ended.',
        nextStep: text(told, 'next_step'), refused: told['refused'] === true,
      };
    }
    case 6: {
      const told = json(payload);
      return { kind: 'stream', stream: told['stream'] === 'sub' ? 'sub' : 'main', hasSub: told['has_sub'] === true };
    }
    case 9: {
      const told = json(payload);
      const to = text(told, 'to');
      return { kind: 'piece', run, seq, toMs: to === null ? null : new Date(to).getTime(), problem: to === null ? new Problem(0, told) : null };
    }
    default:
      throw new BadFrame(`a frame of kind ${kind} is not known here`);
  }
}

function parseInit(payload: Uint8Array<ArrayBuffer>): { codec: string; init: Uint8Array<ArrayBuffer> } {
  const length = payload[0];
  if (length === undefined || length === 0 || payload.length <= 1 + length) throw new BadFrame('an init frame has no codec or no segment');
  const codec = new TextDecoder('ascii').decode(payload.subarray(1, 1 + length));
  return { codec, init: payload.subarray(1 + length) };
}

function json(payload: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (value !== null && typeof value === 'object') return value as Record<string, unknown>;
  } catch {
    // Falls through: told apart from our own bugs by its class.
  }
  throw new BadFrame('a frame’s message is not JSON');
}

function text(value: Record<string, unknown>, name: string): string | null {
  const found = value[name];
  return typeof found === 'string' ? found : null;
}
