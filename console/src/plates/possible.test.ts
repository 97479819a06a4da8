import { expect, it } from 'vitest';
import { askedOf, likelyWords, readerWords, verdictSentence, verdictWord } from './possible';

const NOW = new Date('2026-11-22T21:00:42.5Z');

it('an address without a word asks for what waits, of every reader and all time', () => {
  expect(askedOf(new URLSearchParams(), NOW)).toEqual({ given: 'waiting' });
  expect(askedOf(new URLSearchParams('given=nonsense&days=soon'), NOW)).toEqual({ given: 'waiting' });
});

it('an address says whose, of which list, since when and whether they are judged', () => {
  expect(askedOf(new URLSearchParams('given=all&reader=rdr_1&list=hl_1&days=7'), NOW)).toEqual({
    given: 'all', reader: 'rdr_1', hot_list: 'hl_1', since: '2026-11-15T21:00:00.000Z',
  });
});

it('a hit says whether it waits, and what was found', () => {
  const by = { id: 'per_1', name: 'A. N.' };
  const judged = { verdict: 'misread' as const, at: '2026-11-22T21:00:00Z', by, own: true };
  expect(verdictWord({ judged: null, picture: '/x' })).toBe('waits');
  expect(verdictWord({ judged: null, picture: null })).toBe('no picture');
  expect(verdictWord({ judged, picture: '/x' })).toBe('another plate');
  expect(verdictSentence('undecided')).toMatch(/counts for nobody/);
  expect(likelyWords({ odds: null })).toBe('not reckoned');
  expect(likelyWords({ odds: { probability: 0.34, misread: 0.6, wrong_state: 0.06, near: 0, pooled: true, verdicts: 3 } })).toBe('likely right 34 %');
});

it('a reader says how many verdicts it lacks', () => {
  const reader = { id: 'rdr_1', name: 'North' };
  expect(readerWords({ reader, verdicts: 37, waiting: 12 }, 200)).toBe('North: 37 of 200 verdicts, 12 wait');
  expect(readerWords({ reader, verdicts: 204, waiting: 1 }, 200)).toBe('North: 204 verdicts, 1 waits');
});
