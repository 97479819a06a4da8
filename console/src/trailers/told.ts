// What a trailer says of itself, in the words of a table; and what was counted around a placement, as rows. Pure.
import type { Trailer, TrailerPlacement } from '../api/types';
import { purposeWord } from '../kit/words';

const PERIODS = ['before', 'during', 'after'] as const;
export type Period = (typeof PERIODS)[number];
const WHATS = { incident: 'Incidents', call: 'Calls', alert: 'Alerts' } as const;

export const LIGHTS = { off: 'off', on: 'on', strobe: 'strobe' } as const;
export const ENDED = { placed: 'placed elsewhere', taken_away: 'taken away', moved: 'moved without a placement', retired: 'taken out of service' } as const;
export const NOT_A_PROOF = 'These are counts of what was reported and alerted within the radius, and no proof that the trailer changed anything: seasons, other work and chance are in them.';

export const battery = (trailer: Trailer): string =>
  trailer.battery_pct === null ? 'not said' : `${Math.round(trailer.battery_pct)} %${trailer.solar_w === null ? '' : `, sun ${Math.round(trailer.solar_w)} W`}`;
export const link = (trailer: Trailer): string =>
  trailer.signal_dbm === null ? (trailer.carrier ?? 'not said') : `${Math.round(trailer.signal_dbm)} dBm${trailer.carrier === null ? '' : `, ${trailer.carrier}`}`;
export const aboard = (trailer: Trailer): string => {
  const parts = [[trailer.cameras.length, 'camera'], [trailer.readers.length, 'reader']] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}${n === 1 ? '' : 's'}`);
  return said.length === 0 ? 'nothing yet' : said.join(', ');
};

/** One kind of thing that was counted: how many in each period, null where that has not begun or was not counted. */
export interface Counted { title: string; whole: boolean; counts: Record<Period, number | null> }

/** The rows of a placement's figures: of each thing all together first, then class by class, the commonest first. */
export function counted(placement: TrailerPlacement): Counted[] {
  const rows: Counted[] = [];
  for (const [what, title] of Object.entries(WHATS)) {
    const own = placement.figures.filter((one) => one.what === what);
    const kinds = [...new Set(own.map((one) => one.kind))];
    const of = (kind: string): Record<Period, number | null> => {
      const count = (period: Period): number | null =>
        own.find((one) => one.kind === kind && one.period === period)?.count ?? (own.some((one) => one.period === period) ? 0 : null);
      return { before: count('before'), during: count('during'), after: count('after') };
    };
    const sum = (counts: Record<Period, number | null>): number => PERIODS.reduce((all, period) => all + (counts[period] ?? 0), 0);
    const classes = kinds.filter((kind) => kind !== 'all').map((kind) => ({ title: purposeWord(kind), whole: false, counts: of(kind) }));
    classes.sort((a, b) => sum(b.counts) - sum(a.counts) || a.title.localeCompare(b.title));
    if (own.length > 0) rows.push({ title, whole: true, counts: of('all') }, ...classes);
  }
  return rows;
}

/** How many days a period was, as far as it has come. */
export const daysOf = (placement: TrailerPlacement, period: Period): number | null =>
  placement.figures.find((one) => one.period === period)?.days ?? null;

const cell = (text: string): string => (/[",\n]/.test(text) || /^[=+\-@\t\r]/.test(text) ? `"${/^[=+\-@\t\r]/.test(text) ? "'" : ''}${text.replaceAll('"', '""')}"` : text);

/** Every count of these placements, as CSV for whoever evaluates them; no cell is a formula. */
export function asCsv(trailer: string, placements: readonly TrailerPlacement[]): string {
  const head = ['trailer', 'place', 'placed_at', 'ended_at', 'period', 'from', 'to', 'days', 'radius_m', 'what', 'class', 'count', 'counted_at'];
  const rows = placements.flatMap((placement) =>
    placement.figures.map((one) => [
      trailer, placement.place.text, placement.placed_at, placement.ended_at ?? '', one.period, one.from, one.to, String(one.days), String(one.radius_m), one.what,
      one.kind, String(one.count), one.counted_at,
    ]),
  );
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}
