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
