// What is kept, as lines: the oldest day of each thing and how long it may be kept; and how canaries went.
import type { Retention } from '../api/types';
import { counted } from '../kit/words';

const WORDS: Record<string, string> = {
  'files of footage': 'Footage', 'files of thumbnail': 'Thumbnails', segment: 'Index of footage', footage_gap: 'Gaps of footage', plate_read: 'Plate reads', plate_picture: 'Index of plate pictures',
  'files of plate_picture': 'Plate pictures', plate_hit: 'Hits', unit_position: 'Positions of units', pulse: 'Pulses of microphones',
};

/** “Footage under rule 1: since 2026-10-30, kept 30 days” */
export function keptLines(retention: Retention): string[] {
  return retention.oldest.map(({ what, day, kept_days, kept_minutes }) => {
    const [kind = what, rule] = what.split(' under rule ');
    const named = `${WORDS[kind] ?? kind}${rule === undefined ? '' : ` under rule ${rule}`}`;
    return `${named}: since ${day}${kept_minutes !== null ? `, kept ${counted(kept_minutes, 'minute')}` : kept_days !== null ? `, kept ${counted(kept_days, 'day')}` : ''}`;
  });
}

const PLACES: Record<Retention['canaries'][number]['gone'][number]['place'], string> = {
  row: 'the table of reads', picture: 'the pictures', stream: 'the bus', files: 'every other file',
};

/** “Reads kept 3 minutes: gone from the bus after 0 s, the table of reads after 162 s” */
export function canaryLine({ minutes, pictures, gone, fault }: Retention['canaries'][number]): string {
  if (fault !== null) return fault;
  const what = pictures ? 'Pictures' : 'Reads';
  const whose = minutes === 0 ? `${what} that are never stored` : `${what} kept ${counted(minutes, 'minute')}`;
  return `${whose}: gone from ${gone.map(({ place, after_s }) => `${pictures && place === 'row' ? 'the index of pictures' : PLACES[place]} after ${after_s} s`).join(', ')}`;
}
