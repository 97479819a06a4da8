// What the map draws of the things there are: points, views, areas, trails. Pure; it decides how a thing looks, the style in which colour.
import type { Alert, Camera, Follow, Incident, Located, Reader, StatusLevel, Unit, Way } from '../api/types';
import { LADDER } from '../kit/ladder';
import type { Drawn, Facts } from './diff';
import { ellipseRing, moved, wedge, type Ellipse, type Spot } from './geo';

/** A camera whose view nobody entered is drawn as if it saw this far and wide, faint and dashed. */
export const ASSUMED = { field_deg: 70, range_m: 60 };
/** How a thing is marked: chosen, or shown in the dock. */
export type Marks = ReadonlyMap<string, 'selected' | 'docked'>;

const point = (spot: Spot): Drawn['shape'] => ({ type: 'Point', coordinates: [spot.lon, spot.lat] });
const marked = (marks: Marks, id: string): Facts => ({ mark: marks.get(id) ?? '' });
export const rankOf = (level: StatusLevel): number => LADDER.indexOf(level);

/** The place of a thing, when it has one. */
export function spotOf(thing: { place: { lat: number | null; lon: number | null } | null }): Spot | null {
  const place = thing.place;
  return place === null || place.lat === null || place.lon === null ? null : { lat: place.lat, lon: place.lon };
}

export function cameraPoints(cameras: readonly Camera[], marks: Marks): Drawn[] {
  return drawn(cameras, (camera) => ({ kind: 'camera', level: camera.state.level, rank: rankOf(camera.state.level), label: camera.name, ...marked(marks, camera.id) }));
}

/** A ring of lon and lat. */
export type Area = [number, number][];
const NO_AREAS: ReadonlyMap<string, Area> = new Map();

/** The views of cameras whose heading is known: the area that buildings leave where it was asked for, else the whole wedge. */
export function cameraViews(cameras: readonly Camera[], marks: Marks, areas: ReadonlyMap<string, Area> = NO_AREAS): Drawn[] {
  const out: Drawn[] = [];
  for (const camera of cameras) {
    const spot = spotOf(camera);
    if (spot === null || camera.heading_deg === null) continue;
    const assumed = camera.field_deg === null || camera.range_m === null;
    const ring = areas.get(camera.id) ?? wedge(spot, camera.heading_deg, camera.field_deg ?? ASSUMED.field_deg, camera.range_m ?? ASSUMED.range_m);
    const sees = camera.state.level === 'normal' || camera.state.level === 'caution';
    out.push({ id: camera.id, shape: { type: 'Polygon', coordinates: [ring] }, facts: { assumed: assumed ? 1 : 0, sees: sees ? 1 : 0, ...marked(marks, camera.id) } });
  }
  return out;
}

/** What no live camera sees around the chosen incident: areas with holes. */
export function blindAreas(unseen: readonly (readonly (readonly (readonly number[])[])[])[]): Drawn[] {
  return unseen.map((rings, i) => ({ id: `blind ${i}`, shape: { type: 'Polygon', coordinates: rings.map((ring) => ring.map(([lon, lat]): [number, number] => [lon as number, lat as number])) }, facts: {} }));
}

export function readerPoints(readers: readonly Reader[], marks: Marks): Drawn[] {
  return drawn(readers, (reader) => ({ kind: 'reader', level: reader.state.level, label: reader.name, ...marked(marks, reader.id) }));
}

export function unitPoints(units: readonly Unit[], marks: Marks): Drawn[] {
  return drawn(units, (unit) => ({
    kind: 'unit', state: unit.state, stale: unit.position_stale === true ? 1 : 0, label: unit.call_sign,
    ...(unit.heading_deg === null ? { icon: 'unit-still', rotate: 0 } : { icon: 'unit', rotate: Math.round(unit.heading_deg) }),
    ...marked(marks, unit.id),
  }));
}

type Event = Pick<Alert | Incident, 'id' | 'level' | 'title'> & { place: Located };
type Heard = Pick<Alert, 'id' | 'level' | 'sound'>;

export function eventPoints(alerts: readonly Event[], incidents: readonly Event[], marks: Marks): Drawn[] {
  const facts = (kind: string) => (event: Event): Facts => ({ kind, level: event.level, rank: rankOf(event.level), label: event.title, ...marked(marks, event.id) });
  return [...drawn(alerts, facts('alert')), ...drawn(incidents, facts('incident'))];
}

/** Where it may have been, for what was located with an error. */
export function eventAreas(events: readonly Event[]): Drawn[] {
  const out: Drawn[] = [];
  for (const event of events) {
    const [spot, shape] = [spotOf(event), event.place.ellipse ?? null];
    if (spot !== null && shape !== null) out.push({ id: event.id, shape: { type: 'Polygon', coordinates: [ellipseRing(spot, shape as Ellipse)] }, facts: { level: event.level } });
  }
  return out;
}

/** Where sounds came from: what holds the place in 95 of 100 cases, and in it what does in 50. What has fallen is not drawn. */
export function soundAreas(alerts: readonly Heard[]): Drawn[] {
  return alerts.flatMap(({ id, level, sound }) => (sound?.sources ?? []).flatMap((source, n) =>
    source.fallen ? [] : [...source.area, ...(source.ellipses?.half_area ?? [])].map((ring, m): Drawn => (
      { id: `${id} ${n} ${m}`, shape: { type: 'Polygon', coordinates: [ring.map(([lon, lat]): [number, number] => [lon as number, lat as number])] }, facts: { level } }))));
}

/** Where the sounds of incidents came from, as they are located now. */
export function heardAreas(incidents: readonly Pick<Incident, 'id' | 'level' | 'sound'>[]): Drawn[] {
  return incidents.flatMap(({ id, level, sound }) => [...(sound?.area ?? []), ...(sound?.half_area ?? [])].map((ring, n): Drawn => (
    { id: `${id} ${n}`, shape: { type: 'Polygon', coordinates: [ring.map(([lon, lat]): [number, number] => [lon as number, lat as number])] }, facts: { level } })));
}

/** The ways of the units sent to the chosen incident: by road, or straight where no road is known. */
export function wayLines(ways: readonly Way[]): Drawn[] {
  return ways.flatMap((way): Drawn[] => {
    if (way.line.length < 2) return [];
    return [{ id: way.id, shape: { type: 'LineString', coordinates: way.line.map(([lat, lon]): [number, number] => [lon as number, lat as number]) }, facts: { how: way.how, label: way.unit.call_sign } }];
  });
}

/** A followed vehicle: its way, solid where it is sure and dashed where it is unread; what else it may have driven; the way to the next readers. */
export function trackLines(follow: Follow): Drawn[] {
  const line = (id: string, points: readonly (readonly number[])[], how: string): Drawn[] =>
    points.length < 2 ? [] : [{ id, shape: { type: 'LineString', coordinates: points.map(([lat, lon]): [number, number] => [lon as number, lat as number]) }, facts: { how, label: '' } }];
  return [
    ...follow.legs.flatMap((leg, n) => leg.alternatives.flatMap((other, m) => line(`other ${n} ${m}`, other.line, 'other'))),
    ...follow.places.flatMap((place) => line(`ahead ${place.key}`, place.line, 'ahead')),
    ...follow.legs.flatMap((leg, n) => leg.stretches.flatMap((one, m) => line(`track ${n} ${m}`, one.line, one.unread ? 'unread' : 'track'))),
  ];
}

/** Where it was read, and where it may be read next, each with a word beside it. */
export function trackPoints(how: 'seen' | 'next', places: readonly { spot: Spot; label: string }[]): Drawn[] {
  return places.map(({ spot, label }, n) => ({ id: `${how} ${n}`, shape: point(spot), facts: { how, label } }));
}

/** Where the units sent to the chosen incident came from, as far as this window heard it. */
export function trailLines(trails: ReadonlyMap<string, readonly Spot[]>): Drawn[] {
  const out: Drawn[] = [];
  for (const [id, spots] of trails) {
    if (spots.length > 1) out.push({ id, shape: { type: 'LineString', coordinates: spots.map((spot): [number, number] => [spot.lon, spot.lat]) }, facts: {} });
  }
  return out;
}

function drawn<T extends { id: string; place: { lat: number | null; lon: number | null } | null }>(things: readonly T[], facts: (thing: T) => Facts): Drawn[] {
  const out: Drawn[] = [];
  for (const thing of things) {
    const spot = spotOf(thing);
    if (spot !== null) out.push({ id: thing.id, shape: point(spot), facts: facts(thing) });
  }
  return out;
}

/** Things on the very same spot are set apart a little, so that each can be seen and hit. Metres between them; the first stays. */
export function apart(points: readonly Drawn[], metres = 7): Drawn[] {
  const taken = new Map<string, number>();
  return points.map((one) => {
    if (one.shape.type !== 'Point') return one;
    const [lon, lat] = one.shape.coordinates;
    const key = `${lon.toFixed(5)} ${lat.toFixed(5)}`;
    const n = taken.get(key) ?? 0;
    taken.set(key, n + 1);
    return n === 0 ? one : { ...one, shape: { type: 'Point', coordinates: moved({ lat, lon }, n * 137.5, metres * Math.sqrt(n)) } };
  });
}
