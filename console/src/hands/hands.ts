// Who else has a thing in hand, from what their consoles say. Pure.
import type { Hand } from '../api/types';

export interface Held { person: string; name: string; initials: string; since: string; heard_at: string }

/** Whoever was not heard for this long is not shown, whatever the server last said: a link that is lost tells nothing. */
export const SILENT_MS = 12_000;

/** "A. Lyst" is AL, "Guest (analyst)" is GA, "Reed" is RE, "Dana van der Berg" is DB. */
export function initials(name: string): string {
  const words = name.split(/[\s.\-()]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const [first, last] = [words[0] ?? '', words.length > 1 ? (words.at(-1) as string) : ''];
  const letters = last === '' ? [...first].slice(0, 2) : [[...first][0], [...last][0]];
  return letters.join('').toUpperCase() || '?';
}

/** Each thing's holders but oneself, the one who had it first in front. */
export function byThing(hands: Iterable<Hand>, me: string | undefined, now: number): Map<string, Held[]> {
  const found = new Map<string, Held[]>();
  for (const hand of hands) {
    if (hand.id === me || now - Date.parse(hand.heard_at) > SILENT_MS) continue;
    for (const [thing, since] of Object.entries(hand.has)) {
      const held = found.get(thing) ?? [];
      held.push({ person: hand.id, name: hand.name, initials: initials(hand.name), since, heard_at: hand.heard_at });
      found.set(thing, held);
    }
  }
  for (const held of found.values()) held.sort((a, b) => (a.since < b.since ? -1 : 1));
  return found;
}
