// What the page of edge boxes says, in words. Pure.
import type { EdgeBox } from '../api/types';

// As a box’s own file counts them.
const MB = 1_048_576;

/** What a box keeps of the time that it was away, of how much it can. */
export function keptWord(box: EdgeBox): string {
  if (box.most_bytes === null || box.kept_bytes === null || box.most_bytes === 0) return 'not known yet';
  const most = Math.round(box.most_bytes / MB).toLocaleString('en-US');
  return box.kept_bytes === 0 ? `nothing, of ${most} MB` : `${Math.max(1, Math.round(box.kept_bytes / MB)).toLocaleString('en-US')} of ${most} MB`;
}

/** How far a box's own clock is off. */
export function clockWord(box: EdgeBox): string {
  if (box.clock_off_ms === null) return 'not known yet';
  const off = Math.abs(box.clock_off_ms);
  if (off < 1000) return 'right';
  const said = off < 120_000 ? `${Math.round(off / 1000)} s` : off < 7_200_000 ? `${Math.round(off / 60_000)} min` : `${Math.round(off / 3_600_000)} h`;
  return `${said} ${box.clock_off_ms > 0 ? 'fast' : 'slow'}; pictures are dated by ours`;
}

/** Why no box can be made now, or null. */
export function whyNoBox(address: string | null, waiting: number): string | null {
  if (address === null) return 'This center does not listen for edge boxes: whoever runs it sets edge.host and edge.address.';
  return waiting === 0 ? 'Register a camera as edge://name first: its address and password stay with the box.' : null;
}
