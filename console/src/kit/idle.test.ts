import { beforeEach, describe, expect, it } from 'vitest';
import { Idle } from './idle';

let now = 0;
let waiting: { at: number; act: () => void }[] = [];
const world = {
  now: () => now,
  later: (ms: number, act: () => void) => {
    const one = { at: now + ms, act };
    waiting.push(one);
    return () => { waiting = waiting.filter((other) => other !== one); };
  },
};
function pass(ms: number): void {
  const end = now + ms;
  for (let next = waiting.find((one) => one.at <= end); next !== undefined; next = waiting.find((one) => one.at <= end)) {
    now = next.at;
    waiting = waiting.filter((other) => other !== next);
    next.act();
  }
  now = end;
}
beforeEach(() => {
  now = 0;
  waiting = [];
});

describe('a console that is left', () => {
  it('is noticed once, after the time, counted from the last touch', () => {
    let left = 0;
    const idle = new Idle(world);
    idle.watch(1000, () => { left += 1; });
    pass(900);
    idle.touched();
    pass(900);
    expect(left).toBe(0);
    pass(200);
    expect(left).toBe(1);
    pass(5000);
    expect(left).toBe(1);
  });

  it('is not noticed after it was stopped, nor where the time is 0', () => {
    let left = 0;
    const idle = new Idle(world);
    idle.watch(1000, () => { left += 1; });
    idle.stop();
    idle.watch(0, () => { left += 1; });
    pass(100_000);
    expect(left).toBe(0);
    expect(waiting).toEqual([]);
  });
});
