import { expect, test } from 'vitest';
import { canaryLine, keptLines } from './kept';

test('what is kept is said by its name, with the rule it lies under and how long it may be kept', () => {
  const oldest = [
    { what: 'files of footage under rule 2', day: '2026-10-30', kept_days: 30, kept_minutes: null },
    { what: 'plate_read', day: '2026-11-28', kept_days: 1, kept_minutes: null },
    { what: 'plate_picture', day: '2026-11-29', kept_days: null, kept_minutes: 30 },
    { what: 'files of something', day: '2026-11-01', kept_days: null, kept_minutes: null },
  ];
  expect(keptLines({ listed_at: null, oldest, alarms: [], short_proven_at: null, short_minutes: 3, canaries: [] })).toEqual([
    'Footage under rule 2: since 2026-10-30, kept 30 days', 'Plate reads: since 2026-11-28, kept 1 day', 'Index of plate pictures: since 2026-11-29, kept 30 minutes', 'files of something: since 2026-11-01',
  ]);
});

test('how a canary went is said by where it was and when it was gone, or what was wrong', () => {
  const gone = [{ place: 'stream', after_s: 0 } as const, { place: 'row', after_s: 162 } as const];
  expect(canaryLine({ minutes: 3, pictures: false, planted_at: '2026-11-29T12:00:00Z', gone, fault: null })).toBe('Reads kept 3 minutes: gone from the bus after 0 s, the table of reads after 162 s');
  expect(canaryLine({ minutes: 3, pictures: true, planted_at: '2026-11-29T12:00:00Z', gone: gone.slice(1), fault: null })).toBe('Pictures kept 3 minutes: gone from the index of pictures after 162 s');
  expect(canaryLine({ minutes: 0, pictures: false, planted_at: '2026-11-29T12:00:00Z', gone: [], fault: 'It was stored.' })).toBe('It was stored.');
});
