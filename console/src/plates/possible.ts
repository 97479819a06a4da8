// Possible hits in words, and what the address says of which are asked for. Pure.
import type { PossibleHit, ReaderWaiting } from '../api/types';

export type Given = 'waiting' | 'given' | 'all';
export interface Asked { given: Given; reader?: string }

const GIVEN: readonly Given[] = ['waiting', 'given', 'all'];

/** What the address asks for. */
export function askedOf(query: URLSearchParams): Asked {
  const said = query.get('given');
  const reader = query.get('reader');
  return { given: GIVEN.find((one) => one === said) ?? 'waiting', ...(reader === null ? {} : { reader }) };
}

const VERDICTS: Readonly<Record<NonNullable<PossibleHit['judged']>['verdict'], readonly [string, string]>> = {
  right: ['right', 'The picture shows the plate that is wanted.'],
  misread: ['misread', 'The picture shows another plate than the one that was read.'],
  another_car: ['another car', 'It was read rightly, and is not the car that is wanted: no mistake of the reader.'],
  wrong_state: ['another state', 'The plate is the same, and of another state.'],
  stale_entry: ['entry no longer held', 'The plate is the same, and the entry no longer held.'],
  undecided: ['undecided', 'It counts for nobody: the picture does not say it, or the verdict was taken back. Somebody who has not seen the entry may judge it yet.'],
};

/** The verdict in two or three words; what waits for one, or is not this person's to judge. */
export const verdictWord = (hit: Pick<PossibleHit, 'judged' | 'waits'>): string =>
  hit.judged === null ? (hit.waits ? 'waits' : 'not for you') : VERDICTS[hit.judged.verdict][0];

export const verdictSentence = (verdict: NonNullable<PossibleHit['judged']>['verdict']): string => VERDICTS[verdict][1];

/** "North: 37 of 200 verdicts, 12 wait, 3 without a picture"; once it has them, how many there are. */
export function readerWords({ reader, verdicts, waiting, unseen }: ReaderWaiting, needed: number): string {
  return `${reader.name}: ${verdicts >= needed ? `${verdicts} verdicts` : `${verdicts} of ${needed} verdicts`}, ${waiting === 1 ? '1 waits' : `${waiting} wait`}${unseen === 0 ? '' : `, ${unseen} without a picture`}`;
}
