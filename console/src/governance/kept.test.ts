import { expect, test } from 'vitest';
import { keptLines } from './kept';

test('what is kept is said by its name, with the rule it lies under and how long it may be kept', () => {
  const oldest = [
    { what: 'files of footage under rule 2', day: '2026-10-30', kept_days: 30 },
    { what: 'plate_read', day: '2026-11-28', kept_days: 1 },
    { what: 'files of something', day: '2026-11-01', kept_days: null },
  ];
  expect(keptLines({ listed_at: null, oldest, alarms: [], short_proven_at: null, short_minutes: 3 })).toEqual([
    'Footage under rule 2: since 2026-10-30, kept 30 days', 'Plate reads: since 2026-11-28, kept 1 day', 'files of something: since 2026-11-01',
  ]);
});
