// What lies in the part of the map that is shown, as a list: for whoever does not point. Pure.
import type { StatusLevel } from '../api/types';
import { distanceM, within, type Bounds, type Spot } from './geo';

export interface Placed { kind: 'alert' | 'incident' | 'unit' | 'camera' | 'reader'; id: string; name: string; level: StatusLevel; word: string; spot: Spot }

const ORDER: readonly Placed['kind'][] = ['incident', 'alert', 'unit', 'camera', 'reader'];

/** How many lie within the bounds. */
export function countInView(things: readonly Placed[], bounds: Bounds): number {
  let n = 0;
  for (const thing of things) if (within(bounds, thing.spot)) n += 1;
  return n;
}

/** Those within the bounds: what asks for attention first, then the nearest to the middle. */
export function inView(things: readonly Placed[], bounds: Bounds): Placed[] {
  const middle = { lat: (bounds[1] + bounds[3]) / 2, lon: (bounds[0] + bounds[2]) / 2 };
  return things
    .filter((thing) => within(bounds, thing.spot))
    .map((thing) => ({ thing, away: distanceM(thing.spot, middle) }))
    .sort((a, b) => ORDER.indexOf(a.thing.kind) - ORDER.indexOf(b.thing.kind) || a.away - b.away)
    .map(({ thing }) => thing);
}
