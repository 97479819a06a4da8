import { afterEach, describe, expect, it } from 'vitest';
import { setZone } from '../kit/times';
import { bodyNew, sent } from './bodies';

const approved = (day: string, now: string) => sent({ ...bodyNew('State Board'), approved: day }, new Date(now)).approved_at;
afterEach(() => setZone('UTC'));

describe('the day on which a body approved', () => {
  it('is sent as its noon, so that no zone makes it another day', () => {
    expect(approved('2026-11-20', '2026-11-22T08:00:00Z')).toBe('2026-11-20T12:00:00.000Z');
    expect(approved('', '2026-11-22T08:00:00Z')).toBe(null);
  });

  it('is in no future when it is today, however early that is, and stays in the future when it is tomorrow', () => {
    expect(approved('2026-11-22', '2026-11-22T08:00:00Z')).toBe('2026-11-22T00:00:00.000Z');
    expect(approved('2026-11-23', '2026-11-22T23:00:00Z')).toBe('2026-11-23T12:00:00.000Z');
    setZone('Asia/Tokyo'); // where it is the 23rd already
    expect(approved('2026-11-23', '2026-11-22T23:00:00Z')).toBe('2026-11-22T15:00:00.000Z');
  });
});
