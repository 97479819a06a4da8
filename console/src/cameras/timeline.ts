// Where recorded video lies in time: what can be played from here, what is missing and why. Pure.

export interface Span { from: number; to: number }
/** `of`: whose it is, where several cameras share a bar. */
export interface Gap extends Span { reason: string; of?: string }
/** What a site said when it was asked which of these minutes it has: its words, and whether it could tell. */
export interface SiteWord { site: string; tells: boolean; said: string | null }
/** `at_site`: what its site may have, played through it; `sure` where the site itself says that it has it; `some`: not all that share the bar have it. */
export interface Recorded { from: number; to: number; ranges: (Span & { run: number; at_site?: boolean; sure?: boolean; some?: boolean })[]; gaps: Gap[]; word?: SiteWord }

interface Wire { from: string; to: string; ranges: { from: string; to: string; run: number; at_site?: boolean }[]; gaps: { from: string; to: string; reason: string }[] }

interface SiteWire { site: string | null; tells: boolean; said: string | null; ranges: { from: string; to: string }[]; gaps: { from: string; to: string; reason: string }[] }

const ms = (text: string) => new Date(text).getTime();
/** The first whole millisecond that is not before it: our microseconds are cut off here, and a moment before a range is a gap to the server. */
const msFrom = (text: string) => ms(text) + (/\.\d{3}\d*[1-9]/.test(text) ? 1 : 0);

export function recorded(wire: Wire): Recorded {
  return {
    from: ms(wire.from), to: ms(wire.to),
    ranges: wire.ranges.map((r) => ({ from: msFrom(r.from), to: ms(r.to), run: r.run, at_site: r.at_site ?? false })).sort((a, b) => a.from - b.from),
    gaps: wire.gaps.map((g) => ({ from: ms(g.from), to: ms(g.to), reason: g.reason })).sort((a, b) => a.from - b.from),
  };
}

/** The same once the camera's site was asked: what it has is sure, what it lacks is a gap with its cause. */
export function withSite(record: Recorded, wire: SiteWire): Recorded {
  if (wire.site === null) return record;
  const word = { site: wire.site, tells: wire.tells, said: wire.said };
  if (!wire.tells) return { ...record, word };
  const has = wire.ranges.map((r) => ({ from: msFrom(r.from), to: ms(r.to) }));
  const lacks = wire.gaps.map((g) => ({ from: ms(g.from), to: ms(g.to), reason: g.reason }));
  const within = (range: Recorded['ranges'][number]) => has
    .map((part) => ({ ...range, from: Math.max(part.from, range.from), to: Math.min(part.to, range.to), sure: true }))
    .filter((part) => part.to > part.from);
  // The newest seconds a site tells a little late: they are neither sure nor missing.
  const told = Math.max(...[...has, ...lacks].map((part) => part.to), record.from);
  const late = (range: Recorded['ranges'][number]) => (range.to > told ? [{ ...range, from: Math.max(range.from, told) }] : []);
  return {
    ...record, word,
    ranges: record.ranges.flatMap((range) => (range.at_site ? [...within(range), ...late(range)] : [range])).sort((a, b) => a.from - b.from),
    gaps: [...record.gaps, ...lacks].sort((a, b) => a.from - b.from),
  };
}

/** The first moment at or after `at` that was recorded; null when nothing follows. */
export function nextRecorded(record: Recorded, at: number): number | null {
  for (const range of record.ranges) {
    if (at < range.to) return Math.max(at, range.from);
  }
  return null;
}

/** The end of the range that `at` lies in; `at` itself in a gap. */
export function rangeEnd(record: Recorded, at: number): number {
  return record.ranges.find((range) => range.from <= at && at < range.to)?.to ?? at;
}

/** Whether that moment is fetched from the camera's site. */
export function fromSite(record: Recorded, at: number): boolean {
  return record.ranges.find((range) => range.from <= at && at < range.to)?.at_site === true;
}

/** The last moment at or before `at` that was recorded, a little before its range's end; null when nothing precedes. */
export function lastRecorded(record: Recorded, at: number): number | null {
  for (const range of record.ranges.toReversed()) {
    if (at >= range.from) return Math.min(at, range.to - 1);
  }
  return null;
}

/** The gap that `at` falls into. */
export function gapAt(record: Recorded, at: number): Gap | null {
  return record.gaps.find((gap) => gap.from <= at && at < gap.to) ?? null;
}

/** A stretch as parts of the bar, 0..100. Cut to the bar; at least a hair wide, so that a gap of a second is still seen. */
export function onBar(record: Span, part: Span, least = 0.25): { left: number; width: number } {
  const whole = Math.max(1, record.to - record.from);
  const left = Math.min(100, Math.max(0, ((part.from - record.from) / whole) * 100));
  const right = Math.min(100, Math.max(0, ((part.to - record.from) / whole) * 100));
  return { left, width: Math.max(least, right - left) };
}

/** How much of the whole was recorded, in ms. */
export function recordedMs(record: Recorded): number {
  return record.ranges.reduce((sum, r) => sum + Math.max(0, Math.min(r.to, record.to) - Math.max(r.from, record.from)), 0);
}
