// From when to when reads are searched, as the address holds it. Pure.
import { fromWall } from '../kit/times';

/** As plates/search.py: one search covers no more. */
export const MOST_DAYS = 92;
const DAY_MS = 86_400_000;
/** A reader's clock may be a little ahead of ours. */
const AHEAD_MS = 60_000;

export const SPANS = [
  { word: '1d', text: 'The last 24 hours', days: 1 }, { word: '7d', text: 'The last 7 days', days: 7 },
  { word: '30d', text: 'The last 30 days', days: 30 }, { word: '92d', text: 'The last 92 days', days: 92 },
] as const;
export const OWN = 'own';

export interface Span { from: string; to: string }

/** The span that an address names, 24 hours where it names none; or the sentence why it is none. */
export function spanOf(query: URLSearchParams, now: Date): Span | string {
  const word = query.get('span') ?? '1d';
  if (word !== OWN) {
    const days = SPANS.find((span) => span.word === word)?.days ?? 1;
    const to = now.getTime() + AHEAD_MS;
    return { from: new Date(to - days * DAY_MS).toISOString(), to: new Date(to).toISOString() };
  }
  const [from, to] = [fromWall(query.get('from') ?? ''), fromWall(query.get('to') ?? '')];
  if (from === null || to === null) return 'Say from when to when.';
  if (to <= from) return 'It must end after it begins.';
  if (to.getTime() - from.getTime() > MOST_DAYS * DAY_MS) return `A search covers at most ${MOST_DAYS} days.`;
  return { from: from.toISOString(), to: to.toISOString() };
}
