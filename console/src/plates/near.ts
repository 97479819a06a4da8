// Near an incident: where and when a search looks that begins with one. Pure.
import type { Incident } from '../api/types';
import { toWall } from '../kit/times';
import { OWN } from './span';
import type { Place } from './where';

const BEFORE_MS = 30 * 60_000;
const AFTER_MS = 30 * 60_000;
export const AROUND_M = 300;

/** The place, and the query of its time: from half an hour before it began until half an hour after, or until now; null where it has no place. */
export function nearIncident(incident: Pick<Incident, 'place' | 'opened_at'>, now: Date): { place: Place; query: { span: string; from: string; to: string } } | null {
  const { lat, lon } = incident.place;
  if (lat === null || lon === null) return null;
  const begun = new Date(incident.opened_at).getTime();
  // What is typed is whole minutes: up to the one that has not ended.
  const to = Math.min(begun + AFTER_MS, now.getTime() + 60_000);
  return {
    place: { kind: 'near', points: [{ lat, lon }], within_m: AROUND_M },
    query: { span: OWN, from: toWall(new Date(begun - BEFORE_MS)), to: toWall(new Date(to)) },
  };
}
