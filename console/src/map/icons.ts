// The symbols of the map as distance fields, so that one picture takes every colour and size. Pure: numbers in, pixels out.
import { LADDER } from '../kit/ladder';

/** Small enough that a halo of two points fits into the range at the size a camera is drawn. */
export const SIZE = 32;
/** The map's shader counts a distance of this many pixels as the whole range of alpha, of which a quarter lies inside. */
const RANGE = 8;
const MIDDLE = SIZE / 2;
type Corner = [x: number, y: number];
/** Less than 0 inside, more than 0 outside; pixels from the middle. */
type Distance = (x: number, y: number) => number;

const circle = (radius: number): Distance => (x, y) => Math.hypot(x, y) - radius;
const ring = (radius: number, width: number): Distance => (x, y) => Math.abs(Math.hypot(x, y) - radius) - width / 2;
const either = (...parts: Distance[]): Distance => (x, y) => Math.min(...parts.map((part) => part(x, y)));
const outline = (part: Distance, width: number): Distance => (x, y) => Math.abs(part(x, y)) - width / 2;
const rounded = (half_x: number, half_y: number, radius: number): Distance => (x, y) => {
  const [dx, dy] = [Math.abs(x) - half_x + radius, Math.abs(y) - half_y + radius];
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
};

export function polygon(corners: readonly Corner[]): Distance {
  return (x, y) => {
    let nearest = Infinity;
    let inside = false;
    corners.forEach(([ax, ay], i) => {
      const [bx, by] = corners[(i + 1) % corners.length] as Corner;
      const [ex, ey] = [bx - ax, by - ay];
      const t = Math.min(1, Math.max(0, ((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey)));
      nearest = Math.min(nearest, Math.hypot(x - ax - t * ex, y - ay - t * ey));
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    });
    return inside ? -nearest : nearest;
  };
}

/** The ladder's shapes are those of `shell/Status.svelte`: colour never stands alone here either. */
export const SYMBOLS: Readonly<Record<string, Distance>> = {
  off: ring(8, 3.4),
  standby: either(ring(8, 3.2), circle(3.4)),
  normal: circle(8.6),
  caution: rounded(8.2, 8.2, 1.5),
  serious: polygon([[0, -10.4], [10.4, 0], [0, 10.4], [-10.4, 0]]),
  critical: polygon([[0, -9.8], [10.4, 8.2], [-10.4, 8.2]]),
  unit: polygon([[0, -10.4], [7.4, 9], [0, 4.8], [-7.4, 9]]),
  'unit-still': rounded(9, 5.2, 5.2),
  reader: outline(rounded(7.6, 7.6, 1.8), 3),
  ring: ring(10.6, 1.8),
};
export const symbolOf = (rank: number): string => LADDER[rank] ?? 'off';

/** RGBA whose alpha is the distance to the edge, 3/4 on it, as the map's shader wants it. */
export function field(distance: Distance): { width: number; height: number; data: Uint8ClampedArray } {
  const data = new Uint8ClampedArray(SIZE * SIZE * 4);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const d = distance(x + 0.5 - MIDDLE, y + 0.5 - MIDDLE);
      data[(y * SIZE + x) * 4 + 3] = Math.round(255 * (0.75 - d / RANGE));
    }
  }
  return { width: SIZE, height: SIZE, data };
}
