import { describe, expect, it } from 'vitest';
import { endsAt, freshness } from './fresh';

const now = new Date('2026-11-28T18:00:00Z');
const list = (source: 'imported' | 'manual' | 'api', imported_at: string | null, more: { entries?: number; expiring?: number | null } = {}) =>
  ({
    source, imported_at, entries: 12, expiring: source === 'manual' ? 0 : null, default_days: 30, refresh_hours: source === 'manual' ? null : 24,
    due_at: source === 'manual' || imported_at === null ? null : new Date(new Date(imported_at).getTime() + 86_400_000).toISOString(), ...more,
  });

describe('how fresh a hot list is', () => {
  it.each([
    [list('imported', '2026-11-28T06:00:00Z'), 'normal', 'fresh'],
    [list('imported', '2026-11-27T17:00:00Z'), 'serious', 'stale: due every 24 hours'],
    [list('api', '2026-11-28T17:00:00Z'), 'normal', 'fresh'],
    [list('imported', null, { entries: 0 }), 'off', 'empty: nothing of it can match'],
    [list('manual', '2026-10-01T00:00:00Z'), 'normal', 'kept by hand'],
    [list('manual', '2026-10-01T00:00:00Z', { expiring: 1 }), 'caution', '1 entry ends within a week'],
    [list('manual', '2026-10-01T00:00:00Z', { expiring: 3 }), 'caution', '3 entries end within a week'],
    [list('manual', '2026-10-01T00:00:00Z', { entries: 0 }), 'off', 'empty: nothing of it can match'],
  ])('%j', (given, level, word) => {
    expect(freshness(given, now)).toEqual({ level, word });
  });

  it('says when a list from files ends that nobody renews', () => {
    expect(endsAt(list('imported', '2026-11-28T06:00:00Z'))).toBe('2026-12-28T06:00:00.000Z');
    expect(endsAt(list('manual', '2026-11-28T06:00:00Z'))).toBeNull();
  });
});
