// Which time outcomes are shown of, as the address holds it. Pure.
const DAY_MS = 86_400_000;

export const SPANS = [
  { word: '1d', text: 'The last 24 hours', days: 1 }, { word: '7d', text: 'The last 7 days', days: 7 },
  { word: '30d', text: 'The last 30 days', days: 30 }, { word: '365d', text: 'The last 365 days', days: 365 },
] as const;
export const USUAL = '7d';

/** From when to when: what the address names, 7 days where it names nothing we know. */
export function spanOf(word: string | null, now: Date): { from: string; to: string } {
  const days = (SPANS.find((span) => span.word === word) ?? SPANS.find((span) => span.word === USUAL))?.days ?? 7;
  return { from: new Date(now.getTime() - days * DAY_MS).toISOString(), to: new Date(now.getTime() + 1000).toISOString() };
}

/** "3 of 12 (25 %)", or the count alone where there is nothing it could be a part of. */
export const share = (part: number, whole: number): string => (whole === 0 ? String(part) : `${part} of ${whole} (${Math.round((100 * part) / whole)} %)`);
