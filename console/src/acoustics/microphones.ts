// Where microphones are, as far as everybody is told: squares, as a map draws them. What is typed of one. Pure.
import type { Microphone, MicrophoneBody, MicrophoneSpot } from '../api/types';
import { LADDER } from '../kit/ladder';
import type { Drawn } from '../map/diff';
import type { View } from '../map/engine';

type Square = Microphone['square'];
const WIDTH_PX = 700;
const HEIGHT_PX = 300;
// Nearer than this, a low map cuts one square off above and below.
const NEAREST = 14;

/** One area for each square, as bad as the worst of the microphones in it that are in service. */
export function squares(microphones: readonly Microphone[]): Drawn[] {
  const worst = new Map<string, Microphone>();
  for (const one of microphones) {
    if (one.retired) continue;
    const key = `${one.square.south} ${one.square.west}`;
    const kept = worst.get(key);
    if (kept === undefined || LADDER.indexOf(one.state.level) > LADDER.indexOf(kept.state.level)) worst.set(key, one);
  }
  return [...worst].map(([id, { square: s, state }]) => ({
    id, facts: { level: state.level },
    shape: { type: 'Polygon', coordinates: [[[s.west, s.south], [s.east, s.south], [s.east, s.north], [s.west, s.north], [s.west, s.south]]] },
  }));
}

/** Where a map that is so wide begins, all of these in it; null of none. */
export function viewOf(all: readonly Square[], width_px = WIDTH_PX): View | null {
  if (all.length === 0) return null;
  const [south, north] = [Math.min(...all.map((s) => s.south)), Math.max(...all.map((s) => s.north))];
  const [west, east] = [Math.min(...all.map((s) => s.west)), Math.max(...all.map((s) => s.east))];
  const lat = (south + north) / 2;
  const zoom = Math.min(zoomFor(east - west, Math.min(width_px, WIDTH_PX)), zoomFor((north - south) / Math.cos((lat * Math.PI) / 180), HEIGHT_PX));
  return { lat, lon: (west + east) / 2, zoom: Math.min(NEAREST, zoom) };
}
const zoomFor = (span_deg: number, px: number): number => Math.log2((360 * px) / (512 * span_deg));

/** What is typed of a microphone. */
export interface Typed { name: string; lat: string; lon: string; height: string; error: string; clock: string; noise: string; mount: string }
/** A handheld receiver of satellites is good to some 3 m; a clock that it sets, to far less than a millisecond. */
export const BLANK: Typed = { name: '', lat: '', lon: '', height: '', error: '3', clock: '1', noise: '', mount: '' };

export function typedOf(one: Microphone, spot: MicrophoneSpot): Typed {
  const text = (value: number | null): string => (value === null ? '' : String(value));
  return { name: one.name, lat: text(spot.lat), lon: text(spot.lon), height: text(spot.height_m), error: text(spot.error_m), clock: text(one.clock_bound_ms), noise: text(one.noise_db), mount: spot.mount };
}

/** Of a microphone and its spot, which are asked for apart: the older, so that what changed between both is not written over. */
export const versionOf = (one: Pick<Microphone, 'version'>, spot: Pick<MicrophoneSpot, 'version'>): number => Math.min(one.version, spot.version);

const number = (text: string): number | null => (text.trim() === '' ? null : Number(text.trim().replace(',', '.')));

/** What is sent; what was not typed as a number is none, and the center says which field that is. */
export function bodyOf(typed: Typed): MicrophoneBody {
  const must = (text: string): number => number(text) ?? NaN;
  return { name: typed.name.trim(), lat: must(typed.lat), lon: must(typed.lon), height_m: number(typed.height), error_m: must(typed.error), clock_bound_ms: must(typed.clock), noise_db: number(typed.noise), mount: typed.mount.trim() };
}

/** "4.2 a minute", or why that is not said */
export function usual(one: Pick<Microphone, 'heard_at' | 'clutter_per_min'>): string {
  if (one.heard_at === null) return '';
  return one.clutter_per_min === null ? 'not learnt yet' : `${one.clutter_per_min.toFixed(1)} a minute`;
}

/** "0.2 s behind, the way included" */
export function clockOff(off_ms: number | null): string {
  if (off_ms === null) return 'not told';
  const seconds = Math.abs(off_ms) / 1000;
  return seconds < 0.05 ? 'right' : `${seconds.toFixed(1)} s ${off_ms > 0 ? 'ahead' : 'behind, its way here included'}`;
}

/** "± 3 m", "± 0.5 ms" */
export const within = (value: number, unit: 'm' | 'ms'): string => `± ${Number(value.toPrecision(3))} ${unit}`;
