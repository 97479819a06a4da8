// The status ladder, from quiet to act now. A group shows its worst member. Pure.
import type { StatusLevel } from '../api/types';

export const LADDER: readonly StatusLevel[] = ['off', 'standby', 'normal', 'caution', 'serious', 'critical'];
export const WORST_FIRST: readonly StatusLevel[] = LADDER.toReversed();

/** The worst of these; of nothing, `off`: what is switched off is quieter than what is in order. */
export function worst(levels: Iterable<StatusLevel>): StatusLevel {
  let found = 0;
  for (const level of levels) found = Math.max(found, LADDER.indexOf(level));
  return LADDER[found] as StatusLevel;
}
