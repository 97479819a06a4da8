// How a route is put on a small picture: north up, all of it in sight. Pure.

/** [lat, lon] in degrees. */
export type LatLon = readonly number[];
export type Put = (place: LatLon) => [x: number, y: number];

/** Where a place lies in a picture of this size that shows `line` whole, with a margin. `least` degrees of it are shown (some 200 m), lest a unit
 * that is there already be drawn at any size. */
export function fit(line: readonly LatLon[], width: number, height: number, margin: number, least = 0.0018): Put {
  const [lats, lons] = [line.map((place) => place[0] ?? 0), line.map((place) => place[1] ?? 0)];
  const [south, north, west, east] = [Math.min(...lats), Math.max(...lats), Math.min(...lons), Math.max(...lons)];
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const [wide, high] = [Math.max((east - west) * narrow, least), Math.max(north - south, least)];
  const scale = Math.min((width - 2 * margin) / wide, (height - 2 * margin) / high);
  return ([lat = 0, lon = 0]) => [
    round(width / 2 + (lon - (west + east) / 2) * narrow * scale),
    round(height / 2 - (lat - (south + north) / 2) * scale),
  ];
}

/** Rings as the API tells areas, longitude first, as places; none where a phone kept what an earlier version sent. */
export const ringsOf = (rings: readonly (readonly (readonly number[])[])[] | undefined): LatLon[][] =>
  (rings ?? []).map((ring) => ring.map(([lon = 0, lat = 0]): LatLon => [lat, lon]));

/** How far it is across these places, in metres. */
export function acrossOf(places: readonly LatLon[]): number {
  const [lats, lons] = [places.map(([lat = 0]) => lat), places.map(([, lon = 0]) => lon)];
  if (places.length === 0) return 0;
  const high = Math.max(...lats) - Math.min(...lats);
  const wide = (Math.max(...lons) - Math.min(...lons)) * Math.cos(((lats[0] ?? 0) * Math.PI) / 180);
  return Math.round(Math.max(high, wide) * 111_320);
}

export interface Xy { x: number; y: number }
export function xy(put: Put, place: LatLon): Xy {
  const [x, y] = put(place);
  return { x, y };
}

/** The corner of a picture where a square of this side covers what is farthest from all of `taken`: its upper left. */
export function farCorner(taken: readonly Xy[], width: number, height: number, side: number, margin: number): Xy {
  const corners = [margin, width - side - margin].flatMap((x) => [margin, height - side - margin].map((y) => ({ x, y })));
  const free = (corner: Xy): number => Math.min(...taken.map((one) => Math.hypot(one.x - corner.x - side / 2, one.y - corner.y - side / 2)));
  return corners.reduce((best, corner) => (free(corner) > free(best) ? corner : best));
}

/** The `points` of a polyline. */
export const points = (line: readonly LatLon[], put: Put): string => line.map((place) => put(place).join(',')).join(' ');

const round = (n: number): number => Math.round(n * 10) / 10;
