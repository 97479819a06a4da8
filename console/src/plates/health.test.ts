import { describe, expect, it } from 'vitest';
import type { ReaderHealth, ReaderHour, VideoCounts } from '../api/types';
import { barsOf, clockWords, lateWords, paceWords, shareOf, shareWords, videoRows } from './health';

const WELL: ReaderHealth = { last_hour: 41, usual_an_hour: 38.4, missed: 0, rejected_share: 0, clock_off_ms: -300, clock_drift_ms_a_day: 20, late_s: 2 };

describe('how a reader does', () => {
  it('is told against its own usual', () => {
    expect(paceWords(WELL)).toBe('41 of 38 usual');
    expect(paceWords({ ...WELL, usual_an_hour: null })).toBe('41');
  });
  it('names the side of its clock, and a drift that matters', () => {
    expect(clockWords(WELL)).toBe('0.3 s behind');
    expect(clockWords({ ...WELL, clock_off_ms: 12_400, clock_drift_ms_a_day: 4100 })).toBe('12 s ahead, +4.1 s a day');
    expect(clockWords({ ...WELL, clock_off_ms: 10 })).toBe('right');
    expect(clockWords({ ...WELL, clock_off_ms: null })).toBe('not told');
  });
  it('says how much was not taken, and that too little came to say', () => {
    expect([shareWords(0), shareWords(0.004), shareWords(0.12), shareWords(null)]).toEqual(['none', 'under 1 %', '12 %', 'too few to say']);
    expect([lateWords(WELL), lateWords({ ...WELL, late_s: 480 })]).toEqual(['up to date', '8 min late']);
  });
  it('draws every hour of a week, those without reads too', () => {
    const now = new Date('2026-11-22T21:10:00Z');
    const hour = (at: string, reads: number): ReaderHour => ({ hour: at, reads, usual: 20, rejected: 0, refused: 0, clock_off_ms: null });
    const bars = barsOf([hour('2026-11-22T21:00:00Z', 10), hour('2026-11-22T19:00:00Z', 40)], now);
    expect(bars).toHaveLength(168);
    expect(bars.slice(-3).map((bar) => bar.height)).toEqual([1, 0, 0.25]);
    expect(bars.at(-1)?.mark).toBe(0.5);
  });
  it('says of a camera what became of its pictures, and leaves out causes that never were', () => {
    const none: VideoCounts = { pictures: 0, still: 0, masked: 0, undecodable: 0, moving: 0, looked: 0, busy: 0, failed: 0, no_leave: 0, cpu_s: 0, sentence: 'No picture came.' };
    const two = { ...none, pictures: 180, still: 60, moving: 120, looked: 34, busy: 86, cpu_s: 17 };
    const rows = videoRows({ stream: 'main', said_at: null, two_hours: two, day: two });
    expect(rows.map((row) => [row.what, row.lately])).toEqual([['Read', '34'], ['Dropped: busy', '86'], ['Still', '60'], ['Processor', '0.50 s']]);
    expect(videoRows({ stream: 'main', said_at: null, two_hours: none, day: none }).map((row) => row.lately)).toEqual(['0', '0', '']);
    expect([shareOf(two), shareOf(none)]).toEqual([34 / 120, null]);
  });
});
