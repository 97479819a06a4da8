import { describe, expect, it } from 'vitest';
import { ago, behind, distance, eta, expiryLevel, running, span, until } from './ages';

const now = new Date('2026-11-22T14:03:27Z');
const before = (ms: number) => new Date(now.getTime() - ms);
const after = (ms: number) => new Date(now.getTime() + ms);
const DAY = 86_400_000;

describe('ages', () => {
  it.each([
    [0, '0:00'], [999, '0:00'], [38_000, '0:38'], [59_999, '0:59'], [60_000, '1:00'], [3_599_000, '59:59'], [3_600_000, '1 h 00'],
    [11_100_000, '3 h 05'], [DAY, '1 d'], [-5_000, '0:00'],
  ])('an alert raised %i ms ago shows %s', (ms, text) => {
    expect(running(before(ms), now)).toBe(text);
  });

  it('never makes a thing look younger or older than whole units say', () => {
    expect(span(119_999)).toBe('1 min');
    expect(span(0)).toBe('0 s');
    expect(ago(before(1_500), now)).toBe('just now');
    expect(ago(before(12_400), now)).toBe('12 s ago');
  });

  it('counts down and says when the time is over', () => {
    expect(until(after(89 * DAY + 1), now)).toBe('in 89 days');
    expect(until(before(1), now)).toBe('over');
    expect(until(now, now)).toBe('over');
  });

  it.each([[0.4 * DAY, 'critical'], [6 * DAY, 'serious'], [29 * DAY, 'caution'], [60 * DAY, 'normal'], [-DAY, 'critical']] as const)(
    'an authorisation that ends in %d ms warns as %s',
    (ms, level) => expect(expiryLevel(after(ms), now)).toBe(level),
  );

  it('says how far a picture is behind, and that the clocks disagree rather than a lie', () => {
    expect(behind(320)).toBe('0.3 s behind');
    expect(behind(-200)).toBe('0.0 s behind');
    expect(behind(-4_000)).toBe('clocks disagree');
    expect(behind(12_000)).toBe('12 s behind');
  });

  it('says times to arrival and distances as people read them', () => {
    expect(eta(110)).toBe('1:50');
    expect(eta(59.6)).toBe('1:00');
    expect(distance(384)).toBe('380 m');
    expect(distance(1240)).toBe('1.2 km');
  });
});
