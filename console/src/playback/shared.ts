// What several cameras recorded, as one bar: where any of them has something, where all have, and where none has. Pure.
import type { Gap, Recorded, Span } from '../cameras/timeline';

/** One of the cameras that are played together; `record` null where it is not known, or not for whoever asks. */
export interface One { name: string; record: Recorded | null }
export interface Shared { record: Recorded; each: Gap[] }

const covers = (range: Span, from: number, to: number): boolean => range.from <= from && to <= range.to;

/** Null where no record is known. A range is `some` where not all that are known have it; the gaps of the bar are those of all, each one's are listed. */
export function shared(span: Span, all: readonly One[]): Shared | null {
  const known = all.flatMap((one) => (one.record === null ? [] : [{ name: one.name, record: one.record }]));
  if (known.length === 0) return null;
  const edges = known.flatMap(({ record }) => [...record.ranges, ...record.gaps].flatMap((part) => [part.from, part.to]));
  const cuts = [...new Set([span.from, ...edges.filter((at) => at > span.from && at < span.to), span.to])].sort((a, b) => a - b);
  const record: Recorded = { ...span, ranges: [], gaps: [] };
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [from, to] = [cuts[i] as number, cuts[i + 1] as number];
    const found = known.map((one) => one.record.ranges.filter((range) => covers(range, from, to))).filter((ranges) => ranges.length > 0);
    if (found.length === 0) {
      // What one of them calls a gap is one, unless another has not told of these newest seconds yet.
      if (known.some((one) => told(one.record) !== null && (told(one.record) as number) <= from)) continue;
      const gap = known.flatMap((one) => one.record.gaps).find((one) => one.from < to && from < one.to);
      if (gap !== undefined) grow(record.gaps, { from, to, reason: known.length === 1 ? gap.reason : 'None of the cameras has anything.' });
      continue;
    }
    const here = found.flat().some((range) => range.at_site !== true);
    const sure = !here && found.flat().some((range) => range.sure === true);
    grow(record.ranges, { from, to, run: 0, at_site: !here, sure, some: found.length < known.length });
  }
  const each = known.flatMap((one) => one.record.gaps.map((gap) => ({ ...gap, of: one.name }))).sort((a, b) => a.from - b.from || a.of.localeCompare(b.of));
  const word = known.find((one) => one.record.word !== undefined)?.record.word;
  return { record: word === undefined ? record : { ...record, word }, each };
}

/** Until when a record tells of anything; null of one that tells of nothing. */
function told(record: Recorded): number | null {
  const ends = [...record.ranges, ...record.gaps].map((part) => part.to);
  return ends.length === 0 ? null : Math.max(...ends);
}

/** Puts a stretch at the end; one that goes on as the last one did makes that longer. */
function grow<T extends Span>(list: T[], next: T): void {
  const last = list.at(-1);
  const alike = last !== undefined && last.to === next.from && JSON.stringify({ ...last, from: 0, to: 0 }) === JSON.stringify({ ...next, from: 0, to: 0 });
  if (alike) last.to = next.to;
  else list.push(next);
}
