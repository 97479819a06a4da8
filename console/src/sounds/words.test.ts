import { expect, it } from 'vitest';
import { offWords, percent, rowHead, seconds, share, shownBy } from './words';

it('what shows an outcome is one line, people first', () => {
  expect(shownBy({ evidence: ['casings', 'video'], victims: 0, cause: null })).toBe('casings, video');
  expect(shownBy({ evidence: [], victims: 2, cause: null })).toBe('2 people hit');
  expect(shownBy({ evidence: ['witness'], victims: 0, cause: 'fireworks' })).toBe('fireworks, a witness');
});

it('how far off it was is said, and of an area whether it held', () => {
  expect(offWords({ error_m: 4.4, first_error_m: 11.6, in_half: false, in_most: true })).toBe('Told 4 m from there (12 m as it was told first). The 95 % ellipse held it, the 50 % one did not hold it.');
  expect(offWords({ error_m: null, first_error_m: null, in_half: null, in_most: false })).toBe('An area was told, which did not hold it.');
  expect(offWords({ error_m: 8, first_error_m: null, in_half: true, in_most: true })).toContain('at first an area was told');
});

it('a share has its whole beside it, and of nothing there is none', () => {
  expect(share(12, 40)).toBe('12 of 40 (30 %)');
  expect(share(0, 0)).toBe('0 of 0');
  expect(percent(1, 3)).toBe('33.3 %');
});

it('times and heads of rows', () => {
  expect([seconds(null), seconds(3.24), seconds(-40), seconds(600)]).toEqual(['–', '3.2 s', '-40.0 s', '10 min']);
  const row = { month: '2026-11', district: '' } as Parameters<typeof rowHead>[0];
  expect(rowHead(row)).toBe('2026-11 · in no district');
  expect(rowHead({ ...row, district: null })).toBe('2026-11');
});
