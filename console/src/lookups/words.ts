// What is said of look-ups that are reviewed: causes, verdicts, and numbers in sentences. Words only.
import type { LookUpFigures, LookUpReview } from '../api/types';

export type Cause = LookUpReview['causes'][number];
export type VerdictWord = NonNullable<LookUpReview['verdict']>;

export const CAUSES: Readonly<Record<Cause, string>> = {
  own_plate: 'own plate', household_plate: 'household’s plate', colleague_plate: 'colleague’s plate', repeated: 'again and again without a result', sample: 'drawn',
};
export const VERDICTS: Readonly<Record<VerdictWord, string>> = { proper: 'Proper', improper: 'Improper', cannot_tell: 'Cannot be told' };
export const VERDICT_LEVELS = { proper: 'normal', improper: 'serious', cannot_tell: 'caution' } as const;

/** Why a look-up is reviewed, in one line; the draw last. */
export const causesWords = (causes: readonly Cause[]): string => causes.toSorted((a, b) => Number(a === 'sample') - Number(b === 'sample')).map((one) => CAUSES[one]).join(', ');

/** The share that was found improper of those judged; null where none was. */
export function improperShare(figures: Pick<LookUpFigures, 'proper' | 'improper' | 'cannot_tell'>): number | null {
  const judged = figures.proper + figures.improper + figures.cannot_tell;
  return judged === 0 ? null : figures.improper / judged;
}

type Line = readonly [text: string, value: number];

/** Watches and searches for co-travellers of a time, in the words that are published. */
export const LOOKS: readonly { title: string; of: (figures: Pick<LookUpFigures, 'watches' | 'co_travels'>) => readonly Line[] }[] = [
  { title: 'Watches for a part of a plate or a description', of: ({ watches: it }) => [
    ['Proposed', it.proposed], ['Approved by a second person', it.approved], ['Refused', it.refused], ['Expired at their end', it.expired], ['Withdrawn before', it.withdrawn], ['Over with their case', it.ended_with_case],
    ['Paused: they brought too much', it.paused], ['Possible hits they brought', it.hits],
  ] },
  { title: 'Searches for co-travellers, by a court’s order', of: ({ co_travels: it }) => [
    ['Asked', it.asked], ['Approved by a second person', it.approved], ['Refused', it.refused], ['Made', it.made], ['Stopped or failed', it.not_made], ['Vehicles told, in all', it.companions],
  ] },
];

/** All that is published of a time, as the rows of a table. */
export function tableOf(figures: LookUpFigures): (string | number)[][] {
  const rows: (string | number)[][] = [['what', 'number', 'from', 'to']];
  const add = (what: string, value: number): void => { rows.push([what, value, figures.since, figures.until]); };
  add('Searches', figures.searched);
  add('Searches drawn', figures.drawn);
  for (const word of ['proper', 'improper', 'cannot_tell'] as const) add(`Reviewed: ${VERDICTS[word].toLowerCase()}`, figures[word]);
  add('To review', figures.waiting);
  add('Overdue', figures.overdue);
  for (const group of LOOKS) for (const [text, value] of group.of(figures)) add(`${group.title}: ${text.toLowerCase()}`, value);
  return rows;
}
