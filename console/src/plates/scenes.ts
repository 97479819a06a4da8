// Two scenes: near one place in one time, and later near another. What is typed, whether it can be asked, how it is drawn and said. Pure.
import type { Drawn } from '../map/diff';
import { moved } from '../map/geo';
import { fromWall, toWall } from '../kit/times';
import { span } from '../kit/ages';

/** As plates/scenes.py: the time of one scene is no longer. */
export const LONGEST_MS = 24 * 3_600_000;
export const FARTHEST_M = 10_000;
export const NAMES = ['first', 'second'] as const;
export type Name = (typeof NAMES)[number];

/** A scene as it is typed. */
export interface Typed { lat: string; lon: string; within: string; from: string; to: string }
/** A scene as the API takes it. */
export interface Scene { where: { kind: 'near'; points: { lat: number; lon: number }[]; within_m: number }; from: string; to: string }

/** An hour of this morning and the one after the next, as what is typed begins with. */
export function blank(now: Date, hoursAgo: number): Typed {
  const wall = (back: number) => toWall(new Date(now.getTime() - back * 3_600_000));
  return { lat: '', lon: '', within: '300', from: wall(hoursAgo), to: wall(hoursAgo - 1) };
}

const number = (text: string): number | null => (text.trim() === '' || !Number.isFinite(Number(text)) ? null : Number(text));

/** The spot of it, if it is one. */
export function spotOf(one: Typed): { lat: number; lon: number } | null {
  const [lat, lon] = [number(one.lat), number(one.lon)];
  return lat === null || lon === null || Math.abs(lat) > 90 || Math.abs(lon) > 180 ? null : { lat, lon };
}

/** The scene that is typed; or the sentence why it is none. */
export function sceneOf(one: Typed): Scene | string {
  const [at, within, from, to] = [spotOf(one), number(one.within), fromWall(one.from), fromWall(one.to)];
  if (at === null) return 'Set the place: move the map and set it there, or type latitude and longitude.';
  if (within === null || within <= 0 || within > FARTHEST_M) return 'Around the place: more than 0 and at most 10,000 m.';
  if (from === null || to === null) return 'Say from when to when.';
  if (to <= from) return 'It must end after it begins.';
  if (to.getTime() - from.getTime() > LONGEST_MS) return 'The time of one scene is 24 hours at most.';
  return { where: { kind: 'near', points: [at], within_m: within }, from: from.toISOString(), to: to.toISOString() };
}

/** The sentence why two scenes are none after each other; null when they are. */
export const unordered = (first: Scene, second: Scene): string | null => (second.to > first.from ? null : 'The second scene is after the first.');

/** What a search of before looked for, as it would be typed; null where it was no two circles. */
export function typedOf(sought: { since: string; until: string; where: { kind: string; points: { lat: number; lon: number }[]; within_m: number } | null }): Typed | null {
  const at = sought.where?.kind === 'near' ? sought.where.points[0] : undefined;
  if (at === undefined || sought.where === null) return null;
  return { lat: String(at.lat), lon: String(at.lon), within: String(sought.where.within_m), from: toWall(new Date(sought.since)), to: toWall(new Date(sought.until)) };
}

/** Both places as the map draws them: each its circle and its letter. */
export function drawn(both: readonly Typed[]): { areas: Drawn[]; cameras: Drawn[] } {
  const areas: Drawn[] = [], cameras: Drawn[] = [];
  for (const [n, one] of both.entries()) {
    const [at, within] = [spotOf(one), number(one.within)];
    if (at === null) continue;
    cameras.push({ id: `scene-${n}`, shape: { type: 'Point', coordinates: [at.lon, at.lat] }, facts: { kind: 'camera', level: 'normal', rank: 0, label: n === 0 ? 'A' : 'B', mark: 'selected' } });
    if (within === null || within <= 0 || within > FARTHEST_M) continue;
    const ring = Array.from({ length: 48 }, (_, k) => moved(at, (k * 360) / 48, within));
    areas.push({ id: `around-${n}`, shape: { type: 'Polygon', coordinates: [[...ring, ring[0] as [number, number]]] }, facts: { level: n === 0 ? 'caution' : 'normal' } });
  }
  return { areas, cameras };
}

/** "12 min from the first to the second", the shortest way there is between its reads. */
export function took(first: readonly { at: string }[], second: readonly { at: string }[]): string {
  const gaps = first.flatMap((a) => second.map((b) => new Date(b.at).getTime() - new Date(a.at).getTime())).filter((gap) => gap > 0);
  return gaps.length === 0 ? '' : `${span(Math.min(...gaps))} from one to the other`;
}

/** "Also read as ABO123": alike characters count as one. */
export const alsoRead = (plates: readonly string[]): string | null => (plates.length < 2 ? null : `also read as ${plates.slice(1).join(', ')}`);
