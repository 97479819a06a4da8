// Where a read was taken and which way the vehicle went, as the small map draws it and as words say it. Pure.
import type { FoundRead } from '../api/types';
import type { Drawn } from '../map/diff';
import { moved, type Spot } from '../map/geo';
import { spotOf } from '../map/scene';

/** A place that is searched, as the API takes it. */
export interface Place { kind: 'near' | 'area' | 'route'; points: { lat: number; lon: number }[]; within_m: number }
export const FEWEST = { near: 1, area: 3, route: 2 } as const;

/** The sentence why a place cannot be searched yet; null when it can. */
export function lacking(place: Place | null): string | null {
  if (place === null || place.points.length >= FEWEST[place.kind]) return null;
  return { near: 'Move the map until the cross stands on the place.', area: 'An area needs three corners or more.', route: 'A route needs two points or more.' }[place.kind];
}

/** What is drawn of it so far. */
export function drawnOf({ kind, points }: Place): { areas: Drawn[]; events: Drawn[] } {
  const at = points.map(({ lat, lon }): [number, number] => [lon, lat]);
  const first = at[0];
  if (kind === 'near' || first === undefined || at.length < 2) return { areas: [], events: [] };
  const ring = kind === 'area' ? [...at, first] : [...at, ...at.slice(0, -1).reverse()];
  return { areas: [{ id: 'sought', shape: { type: 'Polygon', coordinates: [ring] }, facts: { level: 'normal' } }], events: [] };
}

/** The readers of a search on the small map, each with how many reads; null where there is none. */
export function placesOf(byReader: readonly { reader: string; place: { lat: number | null; lon: number | null; text: string }; reads: number }[]): Omit<Where, 'scene'> & { scene: { readers: Drawn[] } } | null {
  const readers: Drawn[] = [];
  for (const { reader, place: { lat, lon }, reads } of byReader)
    if (lat !== null && lon !== null) readers.push({ id: `${reader} ${lat} ${lon}`, shape: { type: 'Point', coordinates: [lon, lat] }, facts: { kind: 'reader', level: 'normal', label: String(reads), mark: '' } });
  const most = byReader.find(({ place }) => place.lat !== null && place.lon !== null)?.place;
  if (most === undefined || most.lat === null || most.lon === null) return null;
  return { start: { lat: most.lat, lon: most.lon, zoom: readers.length > 1 ? 12 : 15 }, scene: { readers } };
}

const WINDS = ['north', 'north-east', 'east', 'south-east', 'south', 'south-west', 'west', 'north-west'] as const;
/** How far before the reader the vehicle is drawn, so that neither covers the other. */
const AHEAD_M = 45;

/** "heading south-east, 120°" */
export const headingWords = (deg: number): string => `heading ${WINDS[Math.round(deg / 45) % 8] ?? ''}, ${Math.round(deg) % 360}°`;

export interface Where { start: Spot & { zoom: number }; scene: { readers: Drawn[]; units: Drawn[]; ways: Drawn[] } }

/** The reader, and before it the vehicle with its heading where the reader told one; null where the place has no coordinates. */
export function whereOf(read: Pick<FoundRead, 'plate' | 'reader' | 'place' | 'heading_deg'> & { id?: string }): Where | null {
  const spot = spotOf(read);
  if (spot === null) return null;
  const id = read.id ?? read.plate;
  const reader: Drawn = { id: read.reader.id, shape: { type: 'Point', coordinates: [spot.lon, spot.lat] }, facts: { kind: 'reader', level: 'normal', label: read.reader.name, mark: 'selected' } };
  const start = { ...spot, zoom: 16 };
  if (read.heading_deg === null) return { start, scene: { readers: [reader], units: [], ways: [] } };
  const ahead = moved(spot, read.heading_deg, AHEAD_M);
  return {
    start,
    scene: {
      readers: [reader],
      units: [{ id, shape: { type: 'Point', coordinates: ahead }, facts: { kind: 'unit', state: 'assigned', stale: 0, label: read.plate, icon: 'unit', rotate: Math.round(read.heading_deg), mark: '' } }],
      ways: [{ id, shape: { type: 'LineString', coordinates: [[spot.lon, spot.lat], ahead] }, facts: { how: 'straight_line', label: read.plate } }],
    },
  };
}
