// What may come of a followed vehicle, now: the moment that holds, and how it is said. Pure.
import type { Follow, IncidentDetail, SeeingCamera } from '../api/types';
import { eta } from '../kit/ages';

export type Moment = Follow['ahead'][number];
export type Next = Moment['next'][number];

/** What is asked for: the incident, anew with each word of its timeline on following; null where nothing ever was followed. */
export function followed(incident: IncidentDetail | null): string | null {
  const said = incident?.timeline.filter((entry) => entry.kind === 'follow' || entry.kind === 'sighting').length ?? 0;
  return incident === null || said === 0 ? null : `${incident.id} ${said} ${incident.state}`;
}

/** The right cameras, live: those that see the road ahead of a followed vehicle before those that see the place. What was recorded since a minute `before` is of the place. */
export function rightNow(own: readonly SeeingCamera[], follow: Follow | null, before: boolean, most: number): readonly SeeingCamera[] {
  if (before) return own.slice(0, most);
  const ahead = follow?.cameras.map((one) => one.camera) ?? [];
  return [...ahead, ...own.filter((camera) => ahead.every((one) => one.id !== camera.id))].slice(0, most);
}

/** Seconds since it was last read; null where it was not. */
export function waited(follow: Follow, now: Date): number | null {
  const last = follow.sightings.at(-1);
  return last === undefined ? null : Math.max(0, (now.getTime() - Date.parse(last.at)) / 1000);
}

/** What was reckoned for so long without a read: the last that has begun. */
export function momentAt(follow: Follow, seconds: number): Moment | null {
  return follow.ahead.findLast((moment) => moment.elapsed_s <= seconds) ?? follow.ahead[0] ?? null;
}

/** What holds now; the same object until the next one holds. */
export function momentNow(follow: Follow | null, now: Date): Moment | null {
  const seconds = follow === null ? null : waited(follow, now);
  return follow === null || seconds === null ? null : momentAt(follow, seconds);
}

/** When a next reader reads it, if it does: counting down from the moment that it was reckoned for. */
export function comes(next: Next, moment: Moment, seconds: number): string {
  const gone = Math.max(0, seconds - moment.elapsed_s);
  const left = (at: number) => Math.max(0, at - gone);
  if (left(next.p90_s) === 0) return 'by now';
  return `${left(next.p50_s) === 0 ? 'any moment' : `in ${eta(left(next.p50_s))}`} (${eta(left(next.p10_s))} to ${eta(left(next.p90_s))})`;
}

export const percent = (chance: number): string => (chance > 0 && chance < 0.01 ? 'under 1 %' : `${Math.round(chance * 100)} %`);
