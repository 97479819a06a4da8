// Searches for co-travellers in words: how one stands, and how rare what was found is. Pure.
import type { CoTravelFound, CoTraveller, CoTravelSearch, StatusLevel } from '../api/types';
import { counted } from '../kit/words';

type State = CoTravelSearch['state'];

export const STATES: Readonly<Record<State, readonly [StatusLevel, string]>> = {
  asked: ['caution', 'Waits for a second person'], refused: ['off', 'Refused'], lapsed: ['off', 'Lapsed: nobody approved it in time'], waiting: ['standby', 'Approved, waits for its turn'],
  running: ['standby', 'Being looked for'], ready: ['normal', 'Ready'], stopped: ['serious', 'Stopped'], failed: ['serious', 'Failed'], forgotten: ['off', 'Forgotten'],
};
export const WORKING: readonly State[] = ['waiting', 'running'];
/** Of these there is something to see: the vehicle, and what was found once it was. */
export const SEEN: readonly State[] = ['asked', 'waiting', 'running', 'ready', 'stopped', 'failed'];

/** The purpose under which alone it is asked for and looked at. */
export const BY_ORDER = 'court_order';
const BILLION = 1_000_000_000;

/** "1 in 2,300": a chance, to two figures. What is too small to be told apart is said so. */
export function oneIn(chance: number): string {
  if (chance >= 1) return 'always';
  if (chance * BILLION < 1) return 'less than 1 in a billion';
  const times = 1 / chance;
  const unit = Math.max(1, 10 ** (Math.floor(Math.log10(times)) - 1));
  return `1 in ${(Math.round(times / unit) * unit).toLocaleString('en-US')}`;
}

/** "0.0042", "4.3e-7": a p-value as whoever reckons with it writes it. */
export const pText = (p: number): string => (p === 0 ? '0' : p >= 0.001 ? String(Number(p.toPrecision(2))) : p.toExponential(1));

/** What habit and the shared road explain, before what was seen: a number of meetings is never told alone. */
export function nearWords({ near, drives, expected }: Pick<CoTraveller, 'near' | 'drives' | 'expected'>): string {
  const by = expected < 0.1 ? 'next to none' : `about ${Number(expected.toPrecision(2)).toLocaleString('en-US')}`;
  return `Habit and the road they share explain ${by}; it was near ${near === 1 ? 'once' : `${near.toLocaleString('en-US')} times`}, on ${counted(drives, 'drive')}.`;
}

/** The chance, and the chance once it is known of how many vehicles the rarest were taken. */
export function chanceWords({ p, corrected }: Pick<CoTraveller, 'p' | 'corrected'>, tries: number): { alone: string; corrected: string } {
  return {
    alone: `The chance of so many meetings without company: ${oneIn(p)}.`,
    corrected: `${counted(tries, 'vehicle')} ${tries === 1 ? 'was' : 'were'} near at all, and each is a try: with all of them counted, of finds as rare as this ${oneIn(corrected)} is chance alone.`,
  };
}

/** Why nobody is told: a result, too. */
export function nobodyWords({ passes, drives, tries }: Pick<CoTravelFound, 'passes' | 'drives' | 'tries'>): string {
  if (passes === 0) return 'No reader read it in that time, or what was read is past its retention.';
  const where = `at ${counted(passes, 'pass', 'passes')} on ${counted(drives, 'drive')}`;
  if (tries === 0) return `It was read ${where}, and no other vehicle within a minute of it.`;
  return `${counted(tries, 'other vehicle')} ${tries === 1 ? 'was' : 'were'} near it ${where}. Habit and the road they share explain every one of them, so none is told: that is a result. A companion on one drive alone is not found either.`;
}

/** Why a person does not see what was found, given the reason under which they look; null when they do. */
export function whyUnseen(search: Pick<CoTravelSearch, 'case' | 'state'>, look: { purpose: string; case: string | null } | null): string | null {
  if (look?.purpose === BY_ORDER && look.case === search.case) return null;
  return `The vehicle${search.state === 'ready' ? ' and what was found are' : ' is'} seen for its own case alone, under the court’s order.`;
}

export const SHORTEST_DAYS = 2;
export const LONGEST_DAYS = 31;

/** The time that is asked about, or what is wrong with it. */
export function spanOf(from: Date | null, to: Date | null): { from: string; to: string } | string {
  if (from === null || to === null) return 'Say from when to when.';
  const days = (to.getTime() - from.getTime()) / 86_400_000;
  if (days <= 0) return 'It must end after it begins.';
  if (days < SHORTEST_DAYS || days > LONGEST_DAYS) return `It covers ${SHORTEST_DAYS} to ${LONGEST_DAYS} days: of less nothing tells habit from company.`;
  return { from: from.toISOString(), to: to.toISOString() };
}
