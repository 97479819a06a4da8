// How a route is put on a small picture: north up, all of it in sight. Pure.

/** [lat, lon] in degrees. */
export type LatLon = readonly number[];
export type Put = (place: LatLon) => [x: number, y: number];

/** Where a place lies in a picture of this size that shows `line` whole, with a margin. */
export function fit(line: readonly LatLon[], width: number, height: number, margin: number): Put {
  const [lats, lons] = [line.map((place) => place[0] ?? 0), line.map((place) => place[1] ?? 0)];
  const [south, north, west, east] = [Math.min(...lats), Math.max(...lats), Math.min(...lons), Math.max(...lons)];
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  // A unit that is there already would be drawn at any size: show at least some 200 m.
  const least = 0.0018;
  const [wide, high] = [Math.max((east - west) * narrow, least), Math.max(north - south, least)];
  const scale = Math.min((width - 2 * margin) / wide, (height - 2 * margin) / high);
  return ([lat = 0, lon = 0]) => [
    round(width / 2 + (lon - (west + east) / 2) * narrow * scale),
    round(height / 2 - (lat - (south + north) / 2) * scale),
  ];
}

/** The `points` of a polyline. */
export const points = (line: readonly LatLon[], put: Put): string => line.map((place) => put(place).join(',')).join(' ');

const round = (n: number): number => Math.round(n * 10) / 10;
