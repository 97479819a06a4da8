// What the dispatch board shows of incidents, calls, units and assignments: what waits for somebody first, who is on what. Pure.
import type { Call, Incident, OpenAssignment, StatusLevel, Unit } from '../api/types';
import { rank } from '../alerts/order';

/** What asks for a unit: an open incident, or a call that has none yet. */
export interface Asks { kind: 'incident' | 'call'; id: string; level: StatusLevel; number: string; title: string; place: string; at: string; text: string; sent: readonly OpenAssignment[] }
/** A unit and what it is on. */
export interface On { unit: Unit; assignment: OpenAssignment | null }

/** As incidents/open.py makes of a call's priority. */
const LEVELS: Readonly<Record<number, StatusLevel>> = { 1: 'critical', 2: 'serious', 3: 'caution' };
const ORDER: Readonly<Record<Unit['state'], number>> = { free: 0, assigned: 1, off: 2 };

/** What nobody was sent to comes first; of these the worst, then the one that has waited longest. */
export function asking(incidents: readonly Incident[], calls: readonly Call[], assignments: readonly OpenAssignment[]): Asks[] {
  const all: Asks[] = [
    ...incidents.map((it): Asks => ({
      kind: 'incident', id: it.id, level: it.level, number: it.number, title: it.title, place: it.place.text, at: it.at, text: it.why,
      sent: assignments.filter((assignment) => assignment.incident_id === it.id),
    })),
    ...calls.filter((call) => !incidents.some((it) => it.call === call.id)).map((call): Asks => ({
      kind: 'call', id: call.id, level: LEVELS[call.priority] ?? 'normal', number: call.number, title: call.type, place: call.place.text, at: call.taken_at, text: call.text, sent: [],
    })),
  ];
  return all.sort((a, b) => Number(a.sent.length > 0) - Number(b.sent.length > 0) || rank(a.level) - rank(b.level) || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** Who can go first, then who is on something, then who is off; by call sign. */
export function onWhat(units: readonly Unit[], assignments: readonly OpenAssignment[]): On[] {
  return units
    .map((unit): On => ({ unit, assignment: assignments.find((assignment) => assignment.unit.id === unit.id) ?? null }))
    .sort((a, b) => ORDER[a.unit.state] - ORDER[b.unit.state] || a.unit.call_sign.localeCompare(b.unit.call_sign, 'en', { numeric: true }));
}

/** Since when an assignment is in its state. */
export const since = (it: OpenAssignment): string => it.on_scene_at ?? it.en_route_at ?? it.accepted_at ?? it.sent_at;
