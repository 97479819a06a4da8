// The tones of alerts: one for each level that asks for somebody, each told from the others by its shape as well as its height. Pure.
import type { StatusLevel } from '../api/types';

export type Tone = 'critical' | 'serious' | 'caution';
/** A note: how high, and when it begins and how long it lasts, in seconds. */
export interface Note { hz: number; at: number; lasts: number }

export const TONES: Readonly<Record<Tone, readonly Note[]>> = {
  critical: [{ hz: 880, at: 0, lasts: 0.16 }, { hz: 660, at: 0.2, lasts: 0.16 }, { hz: 880, at: 0.4, lasts: 0.26 }],
  serious: [{ hz: 587, at: 0, lasts: 0.16 }, { hz: 784, at: 0.2, lasts: 0.24 }],
  caution: [{ hz: 523, at: 0, lasts: 0.2 }],
};
export const TONE_WORDS: Readonly<Record<Tone, string>> = { critical: 'Act now', serious: 'Serious', caution: 'To watch' };
const ORDER: readonly Tone[] = ['critical', 'serious', 'caution'];
/** What nobody took yet sounds again after this. */
export const AGAIN_MS = 8000;

/** The one tone for what came at once: that of the worst. None for what merely informs. */
export const toneOf = (levels: readonly StatusLevel[]): Tone | null => ORDER.find((tone) => levels.includes(tone)) ?? null;

/** How loud, of 100, as it was kept; what cannot be is the usual. */
export function volumeOf(kept: string | null, usual = 60): number {
  const volume = kept === null || kept.trim() === '' ? NaN : Number(kept);
  return Number.isFinite(volume) && volume >= 0 && volume <= 100 ? Math.round(volume) : usual;
}
