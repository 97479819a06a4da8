// The spans of an export in an address and in a form: a camera, from when to when. Pure.
import { fromWall, toWall } from '../kit/times';

export interface Span { camera: string; from: Date; to: Date }
/** A span as it is typed: the agency's wall times, to the second. */
export interface Typed { camera: string; from: string; to: string }

export const MOST_SPANS = 32;
const DAY_MS = 86_400_000;

/** The address of the form with these spans in it. */
export function askHref(spans: readonly Span[]): string {
  const query = new URLSearchParams();
  for (const span of spans) query.append('span', `${span.camera},${whole(span.from)},${whole(span.to)}`);
  return `/exports/new?${query.toString()}`;
}

/** The spans of an address; what is none is passed over. */
export function spansOf(query: URLSearchParams): Span[] {
  return query.getAll('span').slice(0, MOST_SPANS).flatMap((text) => {
    const [camera = '', from = '', to = ''] = text.split(',');
    const span = { camera, from: new Date(from), to: new Date(to) };
    return camera === '' || Number.isNaN(span.from.getTime()) || Number.isNaN(span.to.getTime()) ? [] : [span];
  });
}

export const typed = (span: Span): Typed => ({ camera: span.camera, from: wall(span.from), to: wall(span.to) });

/** The span that was typed, or what is wrong with it. */
export function spanOf(given: Typed, now: Date): Span | string {
  const [from, to] = [instant(given.from), instant(given.to)];
  if (given.camera === '') return 'Choose a camera.';
  if (from === null || to === null) return 'Say from when to when, to the second.';
  if (to <= from) return 'It ends after it begins.';
  if (to > now) return 'It ends in the past: what is not recorded yet cannot be exported.';
  if (to.getTime() - from.getTime() > DAY_MS) return 'One span is of 24 hours at most.';
  return { camera: given.camera, from, to };
}

/** "2 h 5 min" is not exact enough for a court: "00:05:27". */
export function lengthText(ms: number): string {
  const s = Math.round(ms / 1000);
  return [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60].map((n) => String(n).padStart(2, '0')).join(':');
}

/** "812 MB" */
export function sizeText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}

const whole = (at: Date): string => new Date(Math.floor(at.getTime() / 1000) * 1000).toISOString().replace('.000Z', 'Z');
const wall = (at: Date): string => `${toWall(at)}:${String(at.getUTCSeconds()).padStart(2, '0')}`;

function instant(text: string): Date | null {
  const minute = fromWall(text.slice(0, 16));
  const seconds = /^.{16}(?::(\d\d)(?:\.\d+)?)?$/.exec(text);
  return minute === null || seconds === null ? null : new Date(minute.getTime() + Number(seconds[1] ?? 0) * 1000);
}
