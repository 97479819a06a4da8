import { describe, expect, it } from 'vitest';
import { causesWords, improperShare, tableOf } from './words';

describe('what is said of look-ups that are reviewed', () => {
  it('names the flags before the draw', () => {
    expect(causesWords(['sample', 'colleague_plate'])).toBe('colleague’s plate, drawn');
    expect(causesWords(['sample'])).toBe('drawn');
  });
  it('gives no share where nothing was judged', () => {
    expect(improperShare({ proper: 0, improper: 0, cannot_tell: 0 })).toBeNull();
    expect(improperShare({ proper: 2, improper: 1, cannot_tell: 1 })).toBe(0.25);
  });
  it('puts every number that is published into the table', () => {
    const watches = { proposed: 11, refused: 12, approved: 13, withdrawn: 14, ended_with_case: 15, expired: 16, paused: 17, hits: 18 };
    const co_travels = { asked: 21, refused: 22, approved: 23, made: 24, companions: 25, not_made: 26 };
    const figures = { since: '2025-11-29T00:00:00Z', until: '2026-11-29T00:00:00Z', searched: 1, drawn: 2, proper: 3, improper: 4, cannot_tell: 5, waiting: 6, overdue: 7, by_cause: [], draws: [], watches, co_travels };
    const numbers = tableOf(figures).slice(1).map((row) => Number(row[1]));
    expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, ...Object.values(watches), ...Object.values(co_travels)]);
  });
});
