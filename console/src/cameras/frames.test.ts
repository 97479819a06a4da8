import { describe, expect, it } from 'vitest';
import { BadFrame, parseFrame } from './frames';

function frame(kind: number, flags: number, run: number, seq: number, capturedUs: bigint, payload: Uint8Array): ArrayBuffer {
  const buffer = new ArrayBuffer(18 + payload.length);
  const view = new DataView(buffer);
  view.setUint8(0, kind);
  view.setUint8(1, flags);
  view.setUint32(2, run);
  view.setUint32(6, seq);
  view.setBigInt64(10, capturedUs);
  new Uint8Array(buffer).set(payload, 18);
  return buffer;
}
const bytes = (text: string) => new TextEncoder().encode(text);

describe('the live socket’s frames', () => {
  it('gives the codec and the segment of an init', () => {
    const got = parseFrame(frame(1, 0, 3, 1, 1_795_356_207_123_456n, new Uint8Array([11, ...bytes('avc1.64001f'), 9, 8])));
    expect(got).toMatchObject({ kind: 'init', run: 3, codec: 'avc1.64001f' });
    expect(got.kind === 'init' && [...got.init]).toEqual([9, 8]);
  });

  it('gives a fragment with its capture time to the microsecond and whether it begins with a key frame', () => {
    const got = parseFrame(frame(2, 1, 0xffff_fffe, 77, 1_795_356_207_123_456n, new Uint8Array([1, 2, 3])));
    expect(got).toMatchObject({ kind: 'fragment', key: true, run: 4_294_967_294, seq: 77 });
    expect(got.kind === 'fragment' && got.capturedMs).toBeCloseTo(1_795_356_207_123.456, 3);
    expect(parseFrame(frame(2, 0, 1, 1, 0n, new Uint8Array()))).toMatchObject({ key: false });
    expect(parseFrame(frame(2, 0b10, 1, 1, 0n, new Uint8Array()))).toMatchObject({ key: false });
  });

  it('gives what was dropped, the state, and why it ended', () => {
    expect(parseFrame(frame(3, 0, 1, 1, 0n, bytes('{"dropped":14,"reason":"slow"}')))).toEqual({ kind: 'drop', run: 1, dropped: 14, reason: 'slow' });
    expect(parseFrame(frame(4, 0, 1, 1, 0n, bytes('{"level":"normal","word":"live","reason":"All good."}')))).toMatchObject({ kind: 'state', level: 'normal' });
    expect(parseFrame(frame(5, 0, 1, 1, 0n, bytes('{"reason":"expired","detail":"It ended.","next_step":null,"refused":true}')))).toEqual({
      kind: 'end', run: 1, reason: 'expired', detail: 'It ended.', nextStep: null, refused: true,
    });
  });

  it('reads which stream follows', () => {
    expect(parseFrame(frame(6, 0, 0, 0, 0n, bytes('{"stream":"sub","has_sub":true}')))).toEqual({ kind: 'stream', stream: 'sub', hasSub: true });
  });

  it.each([
    ['too short for a head', new ArrayBuffer(17)],
    ['of an unknown kind', frame(9, 0, 1, 1, 0n, new Uint8Array())],
    ['an init without a codec', frame(1, 0, 1, 1, 0n, new Uint8Array([0, 1]))],
    ['an init cut off in its codec', frame(1, 0, 1, 1, 0n, new Uint8Array([11, 97, 118]))],
    ['an empty init', frame(1, 0, 1, 1, 0n, new Uint8Array())],
    ['an end that is not JSON', frame(5, 0, 1, 1, 0n, bytes('gone'))],
  ])('refuses a frame %s', (_, buffer) => expect(() => parseFrame(buffer)).toThrow(BadFrame));
});
