// The status ladder, from quiet to act now. A group shows its worst member. Pure.
import type { StatusLevel } from '../api/types';

export const LADDER: readonly StatusLevel[] = ['normal', 'standby', 'off', 'caution', 'serious', 'critical'];

/** The worst of these; `off` is worse than in order, and less than anything that wants attention. */
export function worst(levels: Iterable<StatusLevel>): StatusLevel {
  let found = 0;
  for (const level of levels) found = Math.max(found, LADDER.indexOf(level));
  return LADDER[found] as StatusLevel;
}
