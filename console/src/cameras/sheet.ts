// Which moments stand for a span on its sheet of small pictures. Pure.
import { nextRecorded, type Recorded } from './timeline';

/** At most so many recorded moments, spread over what was recorded: where nothing was, none. */
export function spread(record: Recorded, most: number): number[] {
  const step = (record.to - record.from) / most;
  const found = Array.from({ length: most }, (_, i) => Math.round(record.from + i * step)).flatMap((from) => {
    const at = nextRecorded(record, from);
    return at === null || at >= from + step ? [] : [at];
  });
  return [...new Set(found)];
}
