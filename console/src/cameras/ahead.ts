// How recorded video goes on: how much is still in hand, and where to go when the buffer has a hole. Pure.
import type { Range } from './edge';

/** A range's last frame is shown until its end; a player stands still a little before it. */
const TAIL_S = 0.25;
/** Pieces meet with rounding: a crack this wide is no hole. */
const CRACK_S = 0.1;

/** Seconds in hand from `now` on, holes not counted. */
export function inHand(now: number, ranges: readonly Range[]): number {
  return ranges.reduce((sum, range) => sum + Math.max(0, range.end - Math.max(range.start, now)), 0);
}

/** The range one stands in. */
export function standing(now: number, ranges: readonly Range[]): Range | null {
  return ranges.find((range) => range.start <= now + CRACK_S && now < range.end) ?? null;
}

/**
 * Where to jump, or null to stay. `starved` is whether the player has nothing more to show where it stands: only then is the tail of a range
 * its end.
 */
export function overHole(now: number, ranges: readonly Range[], starved: boolean): number | null {
  const here = standing(now, ranges);
  const done = here === null || (starved && here.end - now < TAIL_S);
  if (!done) return null;
  return ranges.find((range) => range.start > now + 1e-3 && range !== here)?.start ?? null;
}
