import { describe, expect, it } from 'vitest';
import { bars, tallest } from './bars';

const at = (hour: number): string => new Date(Date.UTC(2026, 10, 20, hour)).toISOString();
const date = (hour: number, minute = 0): Date => new Date(Date.UTC(2026, 10, 20, hour, minute));

describe('the bars of a search', () => {
  it('are one an hour for a day, with those in which nothing was read', () => {
    const made = bars([{ at: at(3), reads: 2 }, { at: at(23), reads: 1 }], date(0, 30), date(24));
    expect([made.length, made[0]?.hours, made[3]?.reads, made[23]?.reads]).toEqual([24, 1, 2, 1]);
    expect(made.reduce((sum, bar) => sum + bar.reads, 0)).toBe(3);
    expect(tallest(made)).toEqual(made[3]);
  });

  it('are at most a hundred for a quarter of a year, and lose no read', () => {
    const days = 92;
    const hourly = Array.from({ length: days * 24 }, (_, n) => ({ at: at(n), reads: 1 }));
    const made = bars(hourly, date(0), date(days * 24));
    expect(made.length).toBeLessThanOrEqual(100);
    expect(made.reduce((sum, bar) => sum + bar.reads, 0)).toBe(days * 24);
  });

  it('has no tallest where nothing was read', () => {
    expect(tallest(bars([], date(0), date(5)))).toBe(null);
  });
});
