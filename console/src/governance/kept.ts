// What is kept, as lines: the oldest day of each thing and how long it may be kept.
import type { Retention } from '../api/types';
import { counted } from '../kit/words';

const WORDS: Record<string, string> = {
  'files of footage': 'Footage', 'files of thumbnail': 'Thumbnails', segment: 'Index of footage', footage_gap: 'Gaps of footage', plate_read: 'Plate reads', plate_picture: 'Index of plate pictures',
  'files of plate_picture': 'Plate pictures', plate_hit: 'Hits', unit_position: 'Positions of units',
};

/** “Footage under rule 1: since 2026-10-30, kept 30 days” */
export function keptLines(retention: Retention): string[] {
  return retention.oldest.map(({ what, day, kept_days }) => {
    const [kind = what, rule] = what.split(' under rule ');
    const named = `${WORDS[kind] ?? kind}${rule === undefined ? '' : ` under rule ${rule}`}`;
    return `${named}: since ${day}${kept_days === null ? '' : `, kept ${counted(kept_days, 'day')}`}`;
  });
}
