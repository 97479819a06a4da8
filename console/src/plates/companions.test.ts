import { expect, it } from 'vitest';
import { chanceWords, nearWords, nobodyWords, oneIn, pText, spanOf, whyUnseen } from './companions';

it('says a chance as one in so many, and what is too small as that', () => {
  expect([1, 0.5, 0.01, 0.00043, 4.3e-7, 1e-9, 1e-12, 0].map(oneIn)).toEqual([
    'always', '1 in 2', '1 in 100', '1 in 2,300', '1 in 2,300,000', '1 in 1,000,000,000', 'less than 1 in a billion', 'less than 1 in a billion',
  ]);
  expect([0, 0.01, 0.00421, 4.3e-7].map(pText)).toEqual(['0', '0.01', '0.0042', '4.3e-7']);
});

it('never says how often without what chance would bring', () => {
  expect(nearWords({ near: 12, drives: 6, expected: 4.13 })).toBe('Habit and the road they share explain about 4.1; it was near 12 times, on 6 drives.');
  expect(nearWords({ near: 2, drives: 2, expected: 0.01 })).toBe('Habit and the road they share explain next to none; it was near 2 times, on 2 drives.');
  const said = chanceWords({ p: 4.3e-7, corrected: 2e-5 }, 46);
  expect(said.alone).toContain('1 in 2,300,000');
  expect(said.corrected).toBe('46 vehicles were near at all, and each is a try: with all of them counted, of finds as rare as this 1 in 50,000 is chance alone.');
});

it('says why nobody is told', () => {
  expect(nobodyWords({ passes: 0, drives: 0, tries: 0 })).toContain('No reader read it');
  expect(nobodyWords({ passes: 6, drives: 6, tries: 0 })).toBe('It was read at 6 passes on 6 drives, and no other vehicle within a minute of it.');
  expect(nobodyWords({ passes: 6, drives: 1, tries: 1 })).toContain('1 other vehicle was near it at 6 passes on 1 drive.');
});

it('shows nobody what was found but for its case, under the court’s order', () => {
  const search = { case: 'case:case_1', state: 'ready' } as const;
  expect(whyUnseen(search, { purpose: 'court_order', case: 'case:case_1' })).toBeNull();
  for (const look of [null, { purpose: 'stolen_vehicle', case: 'case:case_1' }, { purpose: 'court_order', case: 'case:case_2' }, { purpose: 'court_order', case: null }])
    expect(whyUnseen(search, look)).toContain('and what was found are seen for its own case');
  expect(whyUnseen({ ...search, state: 'stopped' }, null)).toContain('The vehicle is seen for its own case');
});

it('takes two days to a month, and says what is wrong with another time', () => {
  const end = new Date('2026-11-29T12:00:00Z');
  const before = (days: number): Date => new Date(end.getTime() - days * 86_400_000);
  expect(spanOf(before(14), end)).toEqual({ from: '2026-11-15T12:00:00.000Z', to: '2026-11-29T12:00:00.000Z' });
  for (const days of [1.9, 32]) expect(spanOf(before(days), end)).toContain('2 to 31 days');
  expect(spanOf(before(-1), end)).toContain('end after');
  expect(spanOf(null, end)).toContain('from when');
});
