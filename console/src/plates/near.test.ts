import { expect, test } from 'vitest';
import { fromWall } from '../kit/times';
import { nearIncident } from './near';

const incident = { place: { text: 'Mill St', lat: 38.6, lon: -90.2 }, opened_at: '2026-11-20T10:00:00Z' };

test('it looks half an hour before and after, and not into what is to come', () => {
  const later = nearIncident(incident, new Date('2026-11-20T12:00:00Z'));
  expect([fromWall(later?.query.from ?? ''), fromWall(later?.query.to ?? '')]).toEqual([new Date('2026-11-20T09:30:00Z'), new Date('2026-11-20T10:30:00Z')]);
  expect(later?.place).toEqual({ kind: 'near', points: [{ lat: 38.6, lon: -90.2 }], within_m: 300 });
  const now = nearIncident(incident, new Date('2026-11-20T10:05:00Z'));
  expect(fromWall(now?.query.to ?? '')).toEqual(new Date('2026-11-20T10:06:00Z'));
});

test('an incident without a place begins no search', () => {
  expect(nearIncident({ ...incident, place: { text: 'unknown', lat: null, lon: null } }, new Date())).toBeNull();
});
