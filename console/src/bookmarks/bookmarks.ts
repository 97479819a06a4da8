// What a bookmark says of itself: how long it is, where its link leads, and as a line of a table. Pure.
import type { Bookmark } from '../api/types';

/** Seconds; 0 is a moment. */
export const LENGTHS: readonly number[] = [0, 10, 30, 60, 300];

export function before(seconds: number): string {
  if (seconds === 0) return 'This moment';
  return seconds < 60 || seconds % 60 !== 0 ? `${seconds} s from here on` : `${seconds / 60} min from here on`;
}

/** Only a case or an incident keeps bookmarks: an alert may turn out to be nothing, and a call becomes one of them. */
export const keptWith = (thing: string | null): boolean => thing !== null && /^(case|incident):/.test(thing);

/** Where it is played: its cameras, at its moment. A colleague who follows it looks under a purpose of their own. */
export function playHref(one: Pick<Bookmark, 'cameras' | 'from'>): string {
  const at = new Date(one.from).toISOString();
  return `/playback?cameras=${one.cameras.map((camera) => camera.id).join(',')}&at=${encodeURIComponent(at)}&mark=${encodeURIComponent(at)}`;
}

/** How much of it is preserved, and what that means. */
export function preservedText(one: Pick<Bookmark, 'cameras' | 'preserved'>): string {
  if (one.preserved === 0) return 'not preserved';
  return one.preserved < one.cameras.length ? `preserved of ${one.preserved} of ${one.cameras.length} cameras` : 'preserved';
}

/** What is held for one: half a minute before and after, so that whoever looks sees how it came and went. */
export function heldSpan(one: Pick<Bookmark, 'from' | 'to'>, now: Date): { from_at: string; to_at: string } {
  const end = Math.min(new Date(one.to ?? one.from).getTime() + 30_000, now.getTime());
  return { from_at: new Date(new Date(one.from).getTime() - 30_000).toISOString(), to_at: new Date(end).toISOString() };
}

const cell = (text: string): string => (/[",\n\r]|^[=+\-@\t]/.test(text) ? `"${(/^[=+\-@\t]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"` : text);

/** All of them for a spreadsheet; what one could take for a formula is made text. */
export function csv(items: readonly Bookmark[]): string {
  const rows = items.map((one) => [one.from, one.to ?? '', one.cameras.map((camera) => camera.name).join('; '), one.note, one.case_name ?? one.case, one.made_by.name ?? '', one.made_at, preservedText(one)]);
  return [['from', 'to', 'cameras', 'note', 'case', 'by', 'made_at', 'preserved'], ...rows].map((row) => row.map(cell).join(',')).join('\r\n');
}
