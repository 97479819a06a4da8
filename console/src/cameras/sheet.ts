// Which moments stand for a span on its sheet of small pictures. Pure.
import { nextRecorded, type Recorded } from './timeline';

/** At most so many recorded moments, spread from the first that was recorded to the last: where nothing was, none. */
export function spread(record: Recorded, most: number): number[] {
  const [first, last] = [record.ranges.at(0), record.ranges.at(-1)];
  if (first === undefined || last === undefined) return [];
  const begin = Math.max(record.from, first.from);
  // Closer than keyframes usually are, two of them would be one picture.
  const step = Math.max(2000, (Math.min(record.to, last.to) - begin) / most);
  const found = Array.from({ length: most }, (_, i) => Math.round(begin + i * step)).flatMap((from) => {
    const at = nextRecorded(record, from);
    return at === null || at >= from + step ? [] : [at];
  });
  return [...new Set(found)];
}
