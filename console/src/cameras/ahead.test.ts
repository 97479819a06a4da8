import { describe, expect, it } from 'vitest';
import { inHand, overHole, standing } from './ahead';

const ranges = [{ start: 396.058, end: 402.058 }, { start: 442.058, end: 598 }];

describe('recorded video', () => {
  it('counts what is in hand across a gap, so that nothing is fetched twice as far as needed', () => {
    expect(inHand(400, ranges)).toBeCloseTo(2.058 + 155.942);
    expect(inHand(420, ranges)).toBeCloseTo(155.942);
    expect(inHand(600, ranges)).toBe(0);
    expect(inHand(0, [])).toBe(0);
  });

  it('steps over a hole from the last frame before it, where the player stands still short of the end', () => {
    expect(overHole(401.986, ranges, true)).toBe(442.058);
    expect(overHole(401.986, ranges, false)).toBeNull();
    expect(overHole(402.2, ranges, false)).toBe(442.058);
  });

  it('does not leave the middle of a range, even when it waits for data', () => {
    expect(overHole(399, ranges, true)).toBeNull();
    expect(overHole(500, ranges, true)).toBeNull();
  });

  it('stays at the end when nothing follows', () => {
    expect(overHole(597.99, ranges, true)).toBeNull();
    expect(overHole(599, ranges, true)).toBeNull();
  });

  it('knows where it stands, a crack before a range included', () => {
    expect(standing(396.0, ranges)?.end).toBe(402.058);
    expect(standing(410, ranges)).toBeNull();
  });
});
