import { expect, it } from 'vitest';
import { SiteGaps } from './sitegaps';
import type { Recorded } from './timeline';

const HOUR = 3_600_000;
const record: Recorded = { from: 0, to: 9 * HOUR, ranges: [{ from: 0, to: 8 * HOUR, run: 0, at_site: true }, { from: 8 * HOUR, to: 9 * HOUR, run: 1 }], gaps: [] };

/** Where a site that has nothing before `has` is asked, one question after the other. */
function asked(gaps: SiteGaps, from: number, has: number): number[] {
  const found: number[] = [];
  for (let at: number | null = from; at !== null && found.length < 100_000; at = gaps.after(record, at)) {
    found.push(at);
    if (at >= has) break;
  }
  return found;
}

it('asks for an empty night a few times, and says then that there is nothing', () => {
  const found = asked(new SiteGaps(), 0, Infinity);
  expect(found).toHaveLength(11);
  expect(found.at(-1)).toBe(1_023_000);
});

it('steps over a short hole by a second, and over no more than was empty before', () => {
  expect(asked(new SiteGaps(), 5000, 5500)).toEqual([5000, 6000]);
  expect(asked(new SiteGaps(), 0, 40_000)).toEqual([0, 1000, 3000, 7000, 15_000, 31_000, 63_000]);
});

it('never steps past what is recorded here', () => {
  expect(asked(new SiteGaps(), 8 * HOUR - 20_000, 8 * HOUR).at(-1)).toBe(8 * HOUR);
});

it('counts on where it is led into what it was about to pass, and anew elsewhere', () => {
  const gaps = new SiteGaps();
  expect(gaps.after(record, 0)).toBe(1000);
  expect(gaps.after(record, 300)).toBe(2300);
  expect(gaps.after(record, 2 * HOUR)).toBe(2 * HOUR + 1000);
});
