import { expect, test } from 'vitest';
import type { Marks } from '../api/types';
import { beside, happenings, merged, readsText, type Mark } from './marks';

const at = (s: number) => new Date(Date.UTC(2026, 10, 22, 14, 0, s)).toISOString();
const told: Marks = {
  from: at(0), to: at(59), bucket_s: 1,
  marks: [
    { kind: 'alert', id: 'alt_1', at: at(10), to: null, count: 1, level: 'serious', title: 'Stolen vehicle' },
    { kind: 'incident', id: 'inc_1', at: at(20), to: null, count: 3, level: 'critical', title: 'Shots heard' },
    { kind: 'bookmark', id: 'bmk_1', at: at(30), to: at(40), count: 2, level: 'normal', title: 'the grey van' },
  ],
  reads: [{ from: at(0), to: at(1), count: 2 }, { from: at(5), to: at(6), count: 8 }],
  left_out: [{ kind: 'alert', reason: 'It is for others.' }, { kind: 'read', reason: 'No authorisation.' }],
};

test('several of a kind in one bucket are said with their number and the most urgent of them', () => {
  const { marks } = happenings(told);
  expect(marks.map((one) => one.text)).toEqual(['Alert: Stolen vehicle', '3 incidents, the most urgent: Shots heard', '2 bookmarks, the first: the grey van']);
  expect(marks.map((one) => one.href)).toEqual(['/floor?alert=alt_1', '/incidents/inc_1', null]);
});

test('reads are columns of a common height and a sum, and a kind that is not for one’s role is no complaint', () => {
  const { reads, leftOut } = happenings(told);
  expect(reads.map((one) => one.share)).toEqual([0.25, 1]);
  expect(readsText({ reads })).toBe('10 plates read near it');
  expect(readsText({ reads: [] })).toBeNull();
  expect(leftOut).toEqual(['Plate reads: No authorisation.']);
});

test('from a mark one goes on to the next, not to the same again', () => {
  const marks = happenings(told).marks as Mark[];
  const [alert, incident] = marks as [Mark, Mark];
  expect(beside(marks, alert.at, 1)).toBe(incident);
  expect(beside(marks, alert.at + 300, 1)).toBe(incident);
  expect(beside(marks, incident.at, -1)).toBe(alert);
  expect(beside(marks, alert.at, -1)).toBeNull();
});

test('what happened near several cameras is told once, and of the reads no more than there surely were', () => {
  const found = happenings(told);
  const other = happenings({ ...told, marks: told.marks.slice(1), reads: [{ from: at(5), to: at(6), count: 3 }, { from: at(9), to: at(10), count: 16 }] });
  const both = merged([found, other]);
  expect(both.marks).toEqual(found.marks);
  expect(both.reads.map((one) => [one.count, one.share])).toEqual([[2, 0.125], [8, 0.5], [16, 1]]);
  expect(readsText(both)).toBe('at least 26 plates read near them');
  expect(both.leftOut).toEqual(['Plate reads: No authorisation.']);
  expect(readsText(merged([found]))).toBe('10 plates read near it');
});
