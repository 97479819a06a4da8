import { expect, it } from 'vitest';
import { oddsWords, recordWords, readerSure, vehicleWords } from './told';

it('says of a vehicle what the reader said, and nothing more', () => {
  expect(vehicleWords({ colour: 'grey', make: 'Honda', model: null, body: 'hatchback' })).toBe('Grey Honda, hatchback');
  expect(vehicleWords({ colour: null, make: null, model: null, body: 'truck' })).toBe('Truck');
  expect(vehicleWords({ colour: null, make: null, model: null, body: null })).toBeNull();
});

it('gives the reader’s own count as what it is', () => {
  expect(readerSure(0.967)).toBe('97 %, by the reader’s own count');
  expect(readerSure(null)).toBe('The reader did not say.');
});

it('odds say what a hit likely is, what else, and whose record it rests on', () => {
  const odds = { probability: 0.9987, misread: 0.001, wrong_state: 0.0003, near: 1, pooled: true, verdicts: 3 };
  expect(oddsWords({ kind: 'exact', odds })).toBe('The plates agree letter by letter. Likely right: 99 % (misread 0 %, the same plate of another state 0 %). 1 other entry is one character from what was read. Pooled: by the record of all readers.');
  expect(oddsWords({ kind: 'missing', odds: null })).toBe('The plates agree but for one character that the reader may have missed.');
});

it('a reader’s record is a count and an interval, and a stale entry is not its doing', () => {
  const all = { of: 'all', right: 41, judged: 52, low: 0.664, high: 0.882, misread: 8, wrong_state: 3, stale_entry: 0, possible_right: 0, possible_judged: 0 };
  expect(recordWords({ all, days: 90 })).toBe('41 of 52 alerts right in 90 days; the true share lies likely between 66 % and 88 %. Misread 8, wrong state 3.');
  expect(recordWords({ all: { ...all, right: 0, judged: 0, misread: 0, wrong_state: 0, stale_entry: 2 }, days: 90 })).toContain('2 more had an entry that no longer held');
});
