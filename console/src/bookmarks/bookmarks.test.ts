import { expect, test } from 'vitest';
import type { Bookmark } from '../api/types';
import { before, csv, heldSpan, keptWith, playHref, preservedText } from './bookmarks';

const one: Bookmark = {
  id: 'bmk_1', case: 'case:case_1', case_name: '26-7 · Van', cameras: [{ id: 'cam_1', name: 'Quay' }, { id: 'cam_2', name: 'Mill St, 5th' }],
  from: '2026-11-22T14:00:00Z', to: null, note: '=grey "van"', made_by: { id: 'per_1', name: 'A. Reyes' }, made_at: '2026-11-22T15:00:00Z', preserved: 1, version: 1,
};

test('its link plays its cameras at its moment, and says nothing of why', () => {
  const found = new URL(playHref(one), 'http://x');
  expect([found.pathname, found.searchParams.get('cameras'), found.searchParams.get('at'), found.searchParams.get('mark')]).toEqual(['/playback', 'cam_1,cam_2', '2026-11-22T14:00:00.000Z', '2026-11-22T14:00:00.000Z']);
  expect(found.search).not.toContain('case');
});

test('it is kept with a case or an incident alone', () => {
  expect(['case:a', 'incident:a', 'alert:a', 'call:a', null].map(keptWith)).toEqual([true, true, false, false, false]);
});

test('how long it is and how much of it is preserved is said in words', () => {
  expect([0, 10, 60, 300, 90].map(before)).toEqual(['This moment', '10 s from here on', '1 min from here on', '5 min from here on', '90 s from here on']);
  expect([0, 1, 2].map((preserved) => preservedText({ ...one, preserved }))).toEqual(['not preserved', 'preserved of 1 of 2 cameras', 'preserved']);
});

test('what is preserved for it reaches half a minute around it, and not into the time to come', () => {
  expect(heldSpan(one, new Date('2026-11-22T14:00:10Z'))).toEqual({ from_at: '2026-11-22T13:59:30.000Z', to_at: '2026-11-22T14:00:10.000Z' });
});

test('in a spreadsheet a note is text, whatever it begins with', () => {
  const [, line] = csv([one]).split('\r\n');
  expect(line).toBe(`2026-11-22T14:00:00Z,,"Quay; Mill St, 5th","'=grey ""van""",26-7 · Van,A. Reyes,2026-11-22T15:00:00Z,preserved of 1 of 2 cameras`);
});
