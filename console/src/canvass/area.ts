// Where something happened, in an address and on the map: a circle, or a polygon. Pure.
import type { Drawn } from '../map/diff';
import { moved, type Spot } from '../map/geo';

export interface Circle { centre: Spot; radius_m: number }
export interface Asked { circle: Circle | null; corners: readonly Spot[] }

export const RADII = [50, 100, 200, 400, 800] as const;

const number = (text: string | null): number | null => (text === null || text.trim() === '' || !Number.isFinite(Number(text)) ? null : Number(text));

/** What an address asks about; what is none of it is passed over. */
export function askedOf(query: URLSearchParams): Asked {
  const [lat, lon, radius] = [number(query.get('lat')), number(query.get('lon')), number(query.get('radius'))];
  const corners = (query.get('area') ?? '').split(';').flatMap((text): Spot[] => {
    const [a, b] = text.split(',').map((part) => number(part));
    return a == null || b == null ? [] : [{ lat: a, lon: b }];
  });
  return { circle: lat === null || lon === null ? null : { centre: { lat, lon }, radius_m: radius ?? 100 }, corners };
}

export const areaText = (corners: readonly Spot[]): string => corners.map((one) => `${one.lat},${one.lon}`).join(';');

/** The area as the map draws it. */
export function areaDrawn({ circle, corners }: Asked): Drawn[] {
  const ring = corners.length >= 3 ? corners.map((one): [number, number] => [one.lon, one.lat])
    : circle === null ? [] : Array.from({ length: 48 }, (_, n) => moved(circle.centre, (n * 360) / 48, circle.radius_m));
  const first = ring[0];
  return first === undefined ? [] : [{ id: 'area', shape: { type: 'Polygon', coordinates: [[...ring, first] as [number, number][]] }, facts: { level: 'caution' } }];
}
