// Places, distances and shapes on the ground. Pure; metres and degrees in, [lon, lat] rings out. Right to a metre within a city.

export interface Spot { lat: number; lon: number }
export type Position = [lon: number, lat: number];
/** [west, south, east, north] */
export type Bounds = [number, number, number, number];
export interface Ellipse { semi_major_m: number; semi_minor_m: number; /** Of the long axis, clockwise from north. */ bearing_deg: number }

const RADIUS_M = 6_371_008.8;
const rad = (deg: number) => (deg * Math.PI) / 180;

export function distanceM(a: Spot, b: Spot): number {
  const half = Math.sin(rad(b.lat - a.lat) / 2) ** 2 + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(rad(b.lon - a.lon) / 2) ** 2;
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** 0 to under 360, clockwise from north. */
export function bearingDeg(from: Spot, to: Spot): number {
  const y = Math.sin(rad(to.lon - from.lon)) * Math.cos(rad(to.lat));
  const x = Math.cos(rad(from.lat)) * Math.sin(rad(to.lat)) - Math.sin(rad(from.lat)) * Math.cos(rad(to.lat)) * Math.cos(rad(to.lon - from.lon));
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
}

/** How far two bearings lie apart, 0 to 180. */
export function apartDeg(a: number, b: number): number {
  return Math.abs(((((a - b + 180) % 360) + 360) % 360) - 180);
}

export function moved(from: Spot, bearing: number, metres: number): Position {
  const lat = from.lat + ((metres * Math.cos(rad(bearing))) / RADIUS_M) * (180 / Math.PI);
  const lon = from.lon + ((metres * Math.sin(rad(bearing))) / (RADIUS_M * Math.cos(rad(from.lat)))) * (180 / Math.PI);
  return [lon, lat];
}

/** What a camera sees, as a closed ring: a slice, or a whole circle. */
export function wedge(at: Spot, heading: number, field: number, range: number): Position[] {
  const whole = field >= 360;
  const steps = Math.max(6, Math.ceil(field / 10));
  const arc = Array.from({ length: steps + 1 }, (_, i) => moved(at, heading - field / 2 + (field * i) / steps, range));
  if (whole) return [...arc.slice(0, -1), arc[0] as Position];
  const tip: Position = [at.lon, at.lat];
  return [tip, ...arc, tip];
}

export function ellipseRing(at: Spot, shape: Ellipse, steps = 48): Position[] {
  const ring = Array.from({ length: steps }, (_, i) => {
    const turn = (i / steps) * 2 * Math.PI;
    const along = shape.semi_major_m * Math.cos(turn);
    const across = shape.semi_minor_m * Math.sin(turn);
    return moved(at, shape.bearing_deg + (Math.atan2(across, along) * 180) / Math.PI, Math.hypot(along, across));
  });
  return [...ring, ring[0] as Position];
}

/** The least box around the spots, widened so that a single one still has streets around it; null when there is none. */
export function boundsOf(spots: readonly Spot[], least_m = 600): Bounds | null {
  if (spots.length === 0) return null;
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { lat, lon } of spots) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  const middle = { lat: (south + north) / 2, lon: (west + east) / 2 };
  const [e, n] = [moved(middle, 90, least_m)[0], moved(middle, 0, least_m)[1]];
  return [Math.min(west, 2 * middle.lon - e), Math.min(south, 2 * middle.lat - n), Math.max(east, e), Math.max(north, n)];
}

export const within = (box: Bounds, spot: Spot): boolean => spot.lon >= box[0] && spot.lon <= box[2] && spot.lat >= box[1] && spot.lat <= box[3];

/** The largest round length that fits into `width_px`, and how wide it is drawn. */
export function scaleBar(metresPerPixel: number, width_px: number): { metres: number; px: number } {
  const most = metresPerPixel * width_px;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = ([5, 2, 1].find((n) => n * power <= most) ?? 1) * power;
  return { metres, px: Math.round(metres / metresPerPixel) };
}

export const metresPerPixel = (lat: number, zoom: number): number => (40_075_016.686 * Math.cos(rad(lat))) / (512 * 2 ** zoom);
