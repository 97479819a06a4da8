import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Problem } from '../api/problem';
import { Channel, type Heard } from './channel';

class Wire {
  binaryType = '';
  readyState = 0;
  said: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  send(text: string): void { this.said.push(JSON.parse(text) as Record<string, unknown>); }
  close(): void { this.closed = true; }
  opens(): void { this.readyState = 1; this.onopen?.(); }
  breaks(): void { this.readyState = 3; this.onclose?.(); }
  tells(kind: number, run: number, seq: number, payload: string | Uint8Array): void {
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    const data = new ArrayBuffer(18 + bytes.length);
    const view = new DataView(data);
    view.setUint8(0, kind);
    view.setUint32(2, run);
    view.setUint32(6, seq);
    view.setBigInt64(10, 1_795_356_207_000_000n);
    new Uint8Array(data).set(bytes, 18);
    this.onmessage?.({ data });
  }
}

let wires: Wire[];
let channel: Channel;
const last = () => wires.at(-1) as Wire;
const why = { purpose: 'stolen_vehicle', case: 'case:1' };
const AT = Date.UTC(2026, 10, 22, 12);

function listener() {
  const heard: string[] = [];
  const to: Heard = {
    over: (problem: Problem) => heard.push(`over: ${problem.detail}`),
    begins: (read, at, codec, init) => heard.push(`${read} begins ${at} ${codec} ${init.length}`),
    media: (read, media) => heard.push(`${read} media ${media.length}`),
    done: (read, at, problem) => heard.push(problem === null ? `${read} done ${at}` : `${read}: ${problem.detail}`),
  };
  return { heard, to };
}

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  channel = new Channel(() => {
    wires.push(new Wire());
    return last() as unknown as WebSocket;
  });
});

describe('the playback socket', () => {
  it('is one for all looks, and tells each what came of what it asked for', () => {
    const [one, two] = [listener(), listener()];
    const [first] = [channel.look('cam_a', why, AT, one.to), channel.look('cam_b', why, AT, two.to)];
    expect(first.read(AT, AT + 4000, 'all')).toBe(1);
    last().opens();
    expect(wires).toHaveLength(1);
    expect(last().said.map((said) => [said['op'], said['look']])).toEqual([['look', 1], ['read', 1], ['look', 2]]);
    last().tells(1, 1, 1, new Uint8Array([4, 97, 118, 99, 49, 7, 7]));
    last().tells(2, 1, 1, new Uint8Array(9));
    last().tells(9, 1, 1, '{"to": "2026-11-22T12:00:04.000000Z"}');
    last().tells(9, 1, 2, '{"kind": "not_found", "reason": "gap", "detail": "Nothing was recorded at that time."}');
    last().tells(2, 7, 1, new Uint8Array(9));
    expect(one.heard).toEqual([`1 begins 1795356207000 avc1 2`, '1 media 9', `1 done ${AT + 4000}`, '2: Nothing was recorded at that time.']);
    expect(two.heard).toEqual([]);
  });

  it('says at once that a look is over, and nothing more of it', () => {
    const { heard, to } = listener();
    channel.look('cam_a', why, AT, to).read(AT, AT + 4000, 'all');
    last().opens();
    last().tells(5, 1, 0, '{"reason": "grant_ended", "detail": "The owner has suspended this camera.", "next_step": null, "refused": true}');
    last().tells(2, 1, 1, new Uint8Array(9));
    expect(heard).toEqual(['over: The owner has suspended this camera.']);
  });

  it('comes back by itself with what was held and is still read, and says when it does not', () => {
    const { heard, to } = listener();
    const look = channel.look('cam_a', why, AT, to);
    last().opens();
    look.read(AT, AT + 4000, 'keyframes');
    last().breaks();
    vi.advanceTimersByTime(200);
    expect(wires).toHaveLength(2);
    last().opens();
    expect(last().said.map((said) => said['op'])).toEqual(['look', 'read']);
    for (let i = 0; i < 3; i++) {
      last().breaks();
      vi.advanceTimersByTime(5000);
    }
    expect(heard).toEqual(['1: The server does not answer.']);
  });

  it('closes once nobody looks, and not between two looks', () => {
    const { to } = listener();
    const look = channel.look('cam_a', why, AT, to);
    last().opens();
    look.leave();
    const next = channel.look('cam_b', why, AT, to);
    vi.runAllTimers();
    expect(last().closed).toBe(false);
    next.leave();
    vi.runAllTimers();
    expect(last().closed).toBe(true);
    channel.look('cam_a', why, AT, to);
    expect(wires).toHaveLength(2);
  });
});
