// Possible hits in words, and what the address says of which are asked for. Pure.
import type { PossibleHit, ReaderWaiting } from '../api/types';
import { percent } from './told';

export type Given = 'waiting' | 'given' | 'all';
export interface Asked { given: Given; reader?: string; hot_list?: string; since?: string }

const GIVEN: readonly Given[] = ['waiting', 'given', 'all'];
/** How far back, in days; '' is: as far as they are kept. */
export const DAYS: Readonly<Record<string, string>> = { '1': 'The last day', '7': 'The last 7 days', '30': 'The last 30 days', '': 'As long as they are kept' };

/** What the address asks for. The beginning is of a whole minute: the same page asked for again is the same. */
export function askedOf(query: URLSearchParams, now: Date): Asked {
  const said = query.get('given');
  const days = Number(query.get('days') ?? '');
  const reader = query.get('reader');
  const list = query.get('list');
  const minute = Math.floor(now.getTime() / 60_000) * 60_000;
  return {
    given: GIVEN.find((one) => one === said) ?? 'waiting',
    ...(reader === null ? {} : { reader }),
    ...(list === null ? {} : { hot_list: list }),
    ...(days > 0 ? { since: new Date(minute - days * 86_400_000).toISOString() } : {}),
  };
}

const VERDICTS: Readonly<Record<NonNullable<PossibleHit['judged']>['verdict'], readonly [string, string]>> = {
  right: ['right', 'The picture shows the plate that is wanted.'],
  misread: ['another plate', 'The picture shows another plate than the one that is wanted.'],
  wrong_state: ['another state', 'The plate is the same, and of another state.'],
  stale_entry: ['entry no longer held', 'The plate is the same, and the entry no longer held.'],
  undecided: ['undecided', 'It counts for nobody: the picture does not say it, or the verdict was taken back.'],
};

/** The verdict in two or three words; what waits for one, or cannot have one. */
export const verdictWord = (hit: Pick<PossibleHit, 'judged' | 'picture'>): string =>
  hit.judged === null ? (hit.picture === null ? 'no picture' : 'waits') : VERDICTS[hit.judged.verdict][0];

export const verdictSentence = (verdict: NonNullable<PossibleHit['judged']>['verdict']): string => VERDICTS[verdict][1];

/** "likely right 34 %" */
export const likelyWords = (hit: Pick<PossibleHit, 'odds'>): string => (hit.odds === null ? 'not reckoned' : `likely right ${percent(hit.odds.probability)}`);

/** "North: 37 of 200 verdicts, 12 wait"; once it has them, how many there are. */
export function readerWords({ reader, verdicts, waiting }: ReaderWaiting, needed: number): string {
  return `${reader.name}: ${verdicts >= needed ? `${verdicts} verdicts` : `${verdicts} of ${needed} verdicts`}, ${waiting === 1 ? '1 waits' : `${waiting} wait`}`;
}
