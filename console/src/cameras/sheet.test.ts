import { expect, test } from 'vitest';
import { spread } from './sheet';
import type { Recorded } from './timeline';

const record = (ranges: [number, number][]): Recorded => ({ from: 0, to: 800_000, ranges: ranges.map(([from, to], run) => ({ from, to, run })), gaps: [] });

test('the sheet has a picture of each part of what was recorded', () => {
  expect(spread(record([[0, 800_000]]), 8)).toEqual([0, 100_000, 200_000, 300_000, 400_000, 500_000, 600_000, 700_000]);
});

test('where nothing was recorded it has none, and of what begins in a part its beginning', () => {
  expect(spread(record([[160_000, 260_000], [790_000, 800_000]]), 8)).toEqual([160_000, 240_000, 790_000]);
  expect(spread(record([[700_000, 704_500]]), 8)).toEqual([700_000, 702_000, 704_000]);
  expect(spread(record([]), 8)).toEqual([]);
});
