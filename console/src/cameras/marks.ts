// The marks of a time bar: what happened where a camera stands, as moments to go to. Pure.
import type { Mark as Told, Marks } from '../api/types';
import { timeOfDay } from '../kit/times';
import { counted } from '../kit/words';

export type MarkKind = Told['kind'] | 'moment';
export interface Mark { kind: MarkKind; at: number; to: number | null; text: string; href: string | null; level: Told['level'] }
/** How many plates were read in a bucket, and how high its column stands, 0..1. */
export interface Reads { from: number; to: number; count: number; share: number }
export interface Happenings { marks: readonly Mark[]; reads: readonly Reads[]; leftOut: readonly string[]; /** Of several cameras: the reads are the least there were. */ several?: boolean }

export const NOTHING: Happenings = { marks: [], reads: [], leftOut: [] };
export const KINDS: Readonly<Record<MarkKind, string>> = { alert: 'Alert', incident: 'Incident', call: 'Call', bookmark: 'Bookmark', moment: 'It happened' };

/** So far from a mark one counts as standing at it: going on to the next must not find the same one again. */
const AT_MS = 400;
const ms = (text: string) => new Date(text).getTime();

export function happenings(told: Marks): Happenings {
  const most = Math.max(1, ...told.reads.map((one) => one.count));
  return {
    marks: told.marks.map(mark),
    reads: told.reads.map((one) => ({ from: ms(one.from), to: ms(one.to), count: one.count, share: one.count / most })),
    leftOut: told.left_out.filter((one) => one.kind === 'read').map((one) => `Plate reads: ${one.reason}`),
  };
}

/** What happened near any of several cameras, each thing once. Of the reads the most of any one camera: readers stand near several, and no sum is true. */
export function merged(all: readonly Happenings[]): Happenings {
  const marks = new Map(all.flatMap((one) => one.marks.map((mark): [string, Mark] => [`${mark.kind} ${mark.at} ${mark.text}`, mark])));
  const counts = new Map<number, Reads>();
  for (const read of all.flatMap((one) => one.reads)) if (read.count > (counts.get(read.from)?.count ?? 0)) counts.set(read.from, read);
  const most = Math.max(1, ...[...counts.values()].map((one) => one.count));
  return {
    marks: [...marks.values()].sort((a, b) => a.at - b.at),
    reads: [...counts.values()].map((one) => ({ ...one, share: one.count / most })).sort((a, b) => a.from - b.from),
    leftOut: [...new Set(all.flatMap((one) => one.leftOut))],
    several: all.length > 1,
  };
}

function mark(one: Told): Mark {
  const kind = KINDS[one.kind];
  const text = one.count === 1 ? `${kind}: ${one.title}` : `${counted(one.count, one.kind)}, the most urgent: ${one.title}`;
  return { kind: one.kind, at: ms(one.at), to: one.to === null ? null : ms(one.to), text: one.kind === 'bookmark' && one.count > 1 ? `${counted(one.count, 'bookmark')}, the first: ${one.title}` : text, href: href(one), level: one.level };
}

function href(one: Told): string | null {
  if (one.kind === 'alert') return `/floor?alert=${one.id}`;
  return one.kind === 'incident' ? `/incidents/${one.id}` : null;
}

/** The next mark after that moment, or the one before it. */
export function beside(marks: readonly Mark[], at: number, way: 1 | -1): Mark | null {
  const sorted = marks.toSorted((a, b) => a.at - b.at);
  return (way === 1 ? sorted.find((one) => one.at > at + AT_MS) : sorted.findLast((one) => one.at < at - AT_MS)) ?? null;
}

/** "14:03:27, Alert: stolen vehicle" */
export const said = (one: Mark): string => `${timeOfDay(new Date(one.at))}, ${one.text}`;

/** "312 plates read" of what the readers near it read in the whole span; of several cameras, what were at least read near them. */
export const readsText = ({ reads, several = false }: Pick<Happenings, 'reads' | 'several'>): string | null => {
  const sum = reads.reduce((all, one) => all + one.count, 0);
  return sum === 0 ? null : several ? `at least ${counted(sum, 'plate')} read near them` : `${counted(sum, 'plate')} read near it`;
};
