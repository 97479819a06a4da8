// What an outcome must say before it may be sent. Pure.
import type { Result } from '../api/types';

export const chargesOf = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '');

/** Why the form may not be sent yet; null when it may. */
export function outcomeProblem(results: readonly Result[], arrests: number, charges: string, note: string): string | null {
  if (results.length === 0) return 'Choose what came of it.';
  if (results.includes('wrong_alert') && note.trim() === '') return 'Say in words what was wrong with the alert.';
  if (!results.includes('arrest')) return null;
  if (!Number.isInteger(arrests) || arrests < 1) return 'Say how many persons were arrested.';
  return chargesOf(charges).length === 0 ? 'An arrest has at least one charge.' : null;
}
