// What a watch is, in words: its state, what is proposed, why it cannot be proposed yet. Pure.
import type { PlateWatch, StatusLevel } from '../api/types';
import type { Place } from './where';
import { lacking } from './where';

const STATES: Readonly<Record<string, readonly [StatusLevel, string]>> = {
  watching: ['normal', 'Watching'], paused: ['caution', 'Paused: it brought more than it may'], ended: ['off', 'Over'],
};

/** Its state as everywhere: shape, colour and word. */
export function stateOf({ state }: Pick<PlateWatch, 'state'>): { level: StatusLevel; word: string } {
  const [level, word] = STATES[state] ?? ['off', state];
  return { level, word };
}

export interface Draft { pattern: string; state: string; colour: string; make: string; body: string; place: Place | null; from: string; to: string; case: string; reason: string }

export const EMPTY: Draft = { pattern: '', state: '', colour: '', make: '', body: '', place: null, from: '', to: '', case: '', reason: '' };

/** Why there is nothing to count yet; null when there is. */
export function uncountable(draft: Draft): string | null {
  const described = [draft.colour, draft.make, draft.body].some((word) => word.trim() !== '');
  if (draft.pattern.trim() === '' && !described) return 'Give a part of the plate, or describe the vehicle.';
  if (draft.pattern.trim() === '' && draft.place === null) return 'Without a part of the plate, say where.';
  if ((draft.from === '') !== (draft.to === '')) return 'Give both hours, or neither.';
  if (draft.case === '') return 'Choose the case.';
  return lacking(draft.place);
}

/** What is asked of the server: what to look for. */
export function soughtOf(draft: Draft): {
  pattern: string | null; state: string | null; colour: string | null; make: string | null; body: string | null; where: Place | null; hours: { from_hour: number; to_hour: number } | null; case: string;
} {
  const word = (text: string): string | null => (text.trim() === '' ? null : text.trim());
  return {
    pattern: word(draft.pattern)?.toUpperCase() ?? null, state: word(draft.state)?.toUpperCase() ?? null, colour: word(draft.colour), make: word(draft.make), body: word(draft.body),
    where: draft.place, hours: draft.from === '' || draft.to === '' ? null : { from_hour: Number(draft.from), to_hour: Number(draft.to) }, case: draft.case,
  };
}

/** "22:00" */
export const hourWord = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;
