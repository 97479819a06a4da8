import { expect, it } from 'vitest';
import { askedOf, readerWords, verdictSentence, verdictWord } from './possible';

it('an address without a word asks for what waits, of every reader', () => {
  expect(askedOf(new URLSearchParams())).toEqual({ given: 'waiting' });
  expect(askedOf(new URLSearchParams('given=nonsense'))).toEqual({ given: 'waiting' });
});

it('an address says whose, and whether they are judged', () => {
  expect(askedOf(new URLSearchParams('given=all&reader=rdr_1'))).toEqual({ given: 'all', reader: 'rdr_1' });
});

it('a hit says whether it waits, and what was found', () => {
  const by = { id: 'per_1', name: 'A. N.' };
  const judged = { verdict: 'misread' as const, at: '2026-11-22T21:00:00Z', by, own: true };
  expect(verdictWord({ judged: null, waits: true })).toBe('waits');
  expect(verdictWord({ judged: null, waits: false })).toBe('not for you');
  expect(verdictWord({ judged, waits: false })).toBe('misread');
  expect(verdictSentence('another_car')).toMatch(/no mistake of the reader/);
  expect(verdictSentence('undecided')).toMatch(/counts for nobody/);
});

it('a reader says how many verdicts it lacks', () => {
  const reader = { id: 'rdr_1', name: 'North' };
  expect(readerWords({ reader, verdicts: 37, waiting: 12, unseen: 3 }, 200)).toBe('North: 37 of 200 verdicts, 12 wait, 3 without a picture');
  expect(readerWords({ reader, verdicts: 204, waiting: 1, unseen: 0 }, 200)).toBe('North: 204 verdicts, 1 waits');
});
