// The names of streets on a small picture: along the street, upright, none over another. Pure.
import type { LatLon, Put } from './draw';

export interface Street { name: string | null; line: readonly LatLon[] }
/** A name and where its middle lies, turned by so many degrees. */
export interface Label { text: string; x: number; y: number; turn: number }
export interface Picture { width: number; height: number; put: Put; /** Where no name may be. */ taken: readonly Spot[]; /** The line that none may cover. */ way: readonly LatLon[] }
interface Spot { x: number; y: number }
type Line = readonly (readonly [x: number, y: number])[];

export const SIZE = 12;
/** No text is measured here: Inter is about so wide a letter, rather less than more. */
const LETTER = SIZE * 0.56;
/** How far a street may bend under its name. */
const BENDS = 3.5;
const STEP = 9;
const MOST = 9;

/** How far a name stands from the way, beside which it is put. */
const ASIDE = 12;

/** At most nine names; those of `first`, which the way goes along, before all others and beside it. */
export function labels(streets: readonly Street[], picture: Picture, first: readonly string[]): Label[] {
  const put: Label[] = [];
  const way = beads(picture.way.map((at) => picture.put(at)));
  for (const [text, lines] of byName(streets, picture.put, first)) {
    const found = place(text, lines, { ...picture, put, way }, first.includes(text) ? [-ASIDE, ASIDE] : [0]);
    if (found !== null) put.push(found);
    if (put.length === MOST) break;
  }
  return put;
}

/** The lines of each name, joined where one goes on in the next: those of the way first, then the longest. */
function byName(streets: readonly Street[], put: Put, first: readonly string[]): [string, Line[]][] {
  const named = new Map<string, Line[]>();
  for (const { name, line } of streets) {
    if (name !== null && line.length > 1) named.set(name, [...(named.get(name) ?? []), line.map((at) => put(at))]);
  }
  const rank = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
  const whole = (lines: readonly Line[]): number => lines.reduce((sum, line) => sum + length(line), 0);
  return [...named].map(([name, lines]): [string, Line[]] => [name, joined(lines)]).sort((a, b) => rank(a[0]) - rank(b[0]) || whole(b[1]) - whole(a[1]));
}

const same = (a: Line[number] | undefined, b: Line[number] | undefined): boolean => a !== undefined && b !== undefined && Math.hypot(a[0] - b[0], a[1] - b[1]) < 0.5;

export function joined(lines: readonly Line[]): Line[] {
  const left = [...lines];
  const whole: Line[] = [];
  for (let line = left.shift(); line !== undefined; line = left.shift()) {
    for (let grew = true; grew;) {
      const [begin, end] = [line[0], line.at(-1)] as [Line[number], Line[number]];
      const next = left.findIndex((one) => [one[0], one.at(-1)].some((tip) => same(tip, begin) || same(tip, end)));
      grew = next >= 0;
      if (!grew) break;
      const [more] = left.splice(next, 1) as [Line];
      if (same(more[0], end)) line = [...line, ...more.slice(1)];
      else if (same(more.at(-1), end)) line = [...line, ...more.toReversed().slice(1)];
      else if (same(more.at(-1), begin)) line = [...more.slice(0, -1), ...line];
      else line = [...more.toReversed().slice(0, -1), ...line];
    }
    whole.push(line);
  }
  return whole;
}

const length = (line: Line): number => line.slice(1).reduce((sum, at, i) => sum + Math.hypot(at[0] - (line[i] as Line[number])[0], at[1] - (line[i] as Line[number])[1]), 0);

interface Room { width: number; height: number; taken: readonly Spot[]; put: readonly Label[]; way: readonly Spot[] }

/** The stretch of the lines next to the picture's middle that has room for the text, on the line or so far aside of it. */
function place(text: string, lines: readonly Line[], { width, height, taken, put, way }: Room, asides: readonly number[]): Label | null {
  const wide = text.length * LETTER;
  let best: Label | null = null;
  let least = Infinity;
  for (const line of lines) {
    const whole = length(line);
    for (let from = 0; from + wide <= whole; from += STEP) {
      const [a, b] = [along(line, from), along(line, from + wide)];
      if (!straight(line, from, wide, a, b)) continue;
      for (const aside of asides) {
        const turn = upright(a, b);
        const across = ((turn + 90) * Math.PI) / 180;
        const here: Label = { text, x: round((a.x + b.x) / 2 + aside * Math.cos(across)), y: round((a.y + b.y) / 2 + aside * Math.sin(across)), turn };
        const away = Math.hypot(here.x - width / 2, (here.y - height / 2) * 1.6);
        if (away >= least) continue;
        const box = spots(here);
        if (box.some(({ x, y }) => x < 7 || y < 7 || x > width - 7 || y > height - 7)) continue;
        if (near(box, way, ASIDE - 2) || near(box, [...taken, ...put.flatMap(spots)], SIZE + 2)) continue;
        [best, least] = [here, away];
      }
    }
  }
  return best;
}

/** Beads along a name, a letter's height apart: what it covers. */
function spots({ text, x, y, turn }: Label): Spot[] {
  const half = (text.length * LETTER) / 2;
  const beads = Math.max(1, Math.ceil((2 * half) / SIZE));
  const [east, south] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  return Array.from({ length: beads + 1 }, (_, i) => { const by = -half + (2 * half * i) / beads; return { x: x + by * east, y: y + by * south }; });
}

const near = (some: readonly Spot[], others: readonly Spot[], least: number): boolean => some.some((one) => others.some((other) => Math.hypot(one.x - other.x, one.y - other.y) < least));

/** Beads along a line, some pixels apart. */
function beads(line: Line): Spot[] {
  const whole = length(line);
  return Array.from({ length: line.length < 2 ? 0 : Math.ceil(whole / 5) + 1 }, (_, i) => along(line, Math.min(whole, i * 5)));
}

function along(line: Line, at: number): Spot {
  let gone = 0;
  for (let i = 1; i < line.length; i += 1) {
    const [[x0, y0], [x1, y1]] = [line[i - 1], line[i]] as [Line[number], Line[number]];
    const piece = Math.hypot(x1 - x0, y1 - y0);
    if (piece > 0 && gone + piece >= at) { const part = (at - gone) / piece; return { x: x0 + (x1 - x0) * part, y: y0 + (y1 - y0) * part }; }
    gone += piece;
  }
  const [x, y] = line.at(-1) as Line[number];
  return { x, y };
}

function straight(line: Line, from: number, wide: number, a: Spot, b: Spot): boolean {
  const chord = Math.hypot(b.x - a.x, b.y - a.y);
  if (chord < wide * 0.97) return false;
  return [0.25, 0.5, 0.75].every((part) => {
    const at = along(line, from + wide * part);
    return Math.abs((b.x - a.x) * (a.y - at.y) - (a.x - at.x) * (b.y - a.y)) / chord < BENDS;
  });
}

/** Read from the left, or from below where the street stands upright. */
function upright(a: Spot, b: Spot): number {
  const turn = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
  return round(turn >= 90 ? turn - 180 : turn < -90 ? turn + 180 : turn);
}

const round = (n: number): number => Math.round(n * 10) / 10;
