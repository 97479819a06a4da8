import { afterEach, expect, test } from 'vitest';
import type { Coverage } from '../api/types';
import { setZone } from '../kit/times';
import { coveredText, filledLines, gapLines, gapsText, percent, today } from './coverage';

const of = (more: Partial<Coverage>): Coverage => ({ id: 'cam_1', expected_s: 1000, recorded_s: 1000, gaps: 0, longest_gap: null, at_site_s: 0, each: [], filled: [], ...more });
const hole = (minutes: number) => ({ from: '2026-11-22T10:00:00Z', to: new Date(Date.parse('2026-11-22T10:00:00Z') + minutes * 60_000).toISOString(), reason: 'The camera did not answer.', answers: 'Streets department' });
afterEach(() => setZone('UTC'));

test('today begins when the agency’s day does, also on the day the clocks go back', () => {
  setZone('America/Chicago');
  expect(today(new Date('2026-11-22T03:00:00Z')).from).toBe('2026-11-21T06:00:00.000Z');
  expect(today(new Date('2026-11-01T20:00:00Z')).from).toBe('2026-11-01T05:00:00.000Z');
  const { from, to } = today(new Date('2026-11-22T06:00:00Z'));
  expect(Date.parse(to)).toBeGreaterThan(Date.parse(from));
});

test('only a day without a gap is said to be whole', () => {
  expect(coveredText(of({}))).toBe('all of today');
  expect(coveredText(of({ expected_s: 0, recorded_s: 0, at_site_s: 900 }))).toBe('kept at its site');
  expect(coveredText(of({ recorded_s: 999, gaps: 1, longest_gap: hole(1) }))).toBe('99 % of today');
  expect(percent(of({ recorded_s: 0, gaps: 1 }))).toBe(0);
  expect(coveredText(of({ expected_s: 0, recorded_s: 0 }))).toBe('not there yet today');
});

test('what was fetched from the camera is told with when', () => {
  const filled = [{ from: '2026-11-22T09:12:00Z', to: '2026-11-22T09:26:00Z', filled_at: '2026-11-22T14:05:09Z' }, { from: '2026-11-22T10:00:00Z', to: '2026-11-22T10:00:40Z', filled_at: '2026-11-22T14:06:00Z' }];
  expect(filledLines(of({ filled }))).toEqual(['10:00:00 to 10:00:40: filled from the camera at 14:06.', '09:12 to 09:26: filled from the camera at 14:05.']);
});

test('a gap is told with its length and its reason', () => {
  expect(gapsText(of({}))).toBeNull();
  expect(gapsText(of({ gaps: 1, longest_gap: hole(4) }))).toBe('1 gap of 4 min: the camera did not answer.');
  expect(gapsText(of({ gaps: 3, longest_gap: hole(90) }))).toBe('3 gaps, the longest 1 h: the camera did not answer.');
});

test('each gap is told with when it was, the newest first', () => {
  const short = { from: '2026-11-22T12:00:03Z', to: '2026-11-22T12:00:43Z', reason: 'No recorder was running.', answers: 'who runs this center' };
  expect(gapLines(of({ gaps: 2, each: [hole(14), short] }))).toEqual(['12:00:03 to 12:00:43, 40 s: No recorder was running. Answers for it: who runs this center.', '10:00 to 10:14, 14 min: The camera did not answer. Answers for it: Streets department.']);
});
