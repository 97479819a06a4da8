import { describe, expect, it } from 'vitest';
import { windowOf } from './window';

const rows = (n: number): number[] => Array.from({ length: n }, (_, i) => 40 + (i % 3) * 20);
const sum = (heights: number[]): number => heights.reduce((a, b) => a + b, 0);

describe('the rows of a long table', () => {
  it.each([0, 1, 3, 2300])('leaves nothing out of the height of %i rows, wherever one is', (n) => {
    const heights = rows(n);
    for (const top of [-500, 0, 1, 999, 50_000, 1e9]) {
      const { from, to, before, after } = windowOf(heights, top, 800);
      expect(before + sum(heights.slice(from, to)) + after).toBe(sum(heights));
      expect(to).toBeGreaterThanOrEqual(from);
    }
  });

  it('draws what is in sight and little more', () => {
    const { from, to, before } = windowOf(rows(2300), 60_000, 800, 600);
    expect(before).toBeLessThanOrEqual(59_400);
    expect(sum(rows(2300).slice(0, to))).toBeGreaterThanOrEqual(61_400);
    expect(to - from).toBeLessThan(40);
  });
});
