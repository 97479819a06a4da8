// The one order of the queue: the worst first, then the one that has waited longest. Pure.
import type { Alert, AlertState, StatusLevel } from '../api/types';
import { WORST_FIRST } from '../kit/ladder';

const RANK = Object.fromEntries(WORST_FIRST.map((level, place) => [level, place])) as Record<StatusLevel, number>;

export const rank = (level: StatusLevel): number => RANK[level];

export function inQueueOrder(a: Alert, b: Alert): number {
  return RANK[a.level] - RANK[b.level] || compare(a.raised_at, b.raised_at) || compare(a.id, b.id);
}

/** Times and ids are ASCII in one form: no language's order is wanted, and asking for one costs a hundred times as much. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const isOpen = (alert: Alert): boolean => alert.state !== 'confirmed' && alert.state !== 'dismissed';
export const nobodyHas = (alert: Alert): boolean => alert.state === 'waiting' || alert.state === 'escalated';

/** The colleague who has it in hand. After escalation a role holds it, and anybody who reviews may still be the first. */
export function heldBy(alert: Alert, me: string | undefined): string | null {
  return alert.holder === null || alert.state === 'escalated' || alert.holder.id === me ? null : alert.holder.name;
}

/** The neighbour of `current` in the list, `by` places on; stays at the ends; the first when nothing is chosen. */
export function neighbour(ids: readonly string[], current: string | null, by: number): string | null {
  if (ids.length === 0) return null;
  const at = current === null ? -1 : ids.indexOf(current);
  if (at < 0) return ids[0] ?? null;
  return ids[Math.min(ids.length - 1, Math.max(0, at + by))] ?? null;
}

/** What was there at the last look, and in which state. */
export type Before = ReadonlyMap<string, AlertState>;

/** What a screen reader should hear: alerts that are there now and were not before. Nothing on the first look. */
export function arrived(before: Before | null, now: readonly Alert[]): Alert[] {
  return before === null ? [] : now.filter((alert) => !before.has(alert.id));
}

/** What a supervisor should hear besides: alerts that nobody claimed and that have gone up since. Nothing on the first look. */
export function wentUp(before: Before | null, now: readonly Alert[]): Alert[] {
  return before === null ? [] : now.filter((alert) => alert.state === 'escalated' && before.has(alert.id) && before.get(alert.id) !== 'escalated');
}

/** What happened to an alert that went up, and by whom. */
export const handedWords = (alert: Pick<Alert, 'title' | 'place'>): string => `Nobody claimed it in its time, so the center handed it to you and every other supervisor: ${alert.title}, ${alert.place.text}.`;

/** The worst of some alerts' levels. */
export const worst = (alerts: readonly Alert[]): StatusLevel => alerts.reduce<StatusLevel>((w, a) => (RANK[a.level] < RANK[w] ? a.level : w), 'off');
