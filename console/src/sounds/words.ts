// What is said of sounds: what came of them, what shows it, how a miss was learnt of. Words only.
import type { LearntBy, RecordedSound, SoundCause, SoundEvidence, SoundOutcome, SoundRow, SoundSaid, SoundSpread } from '../api/types';
import { counted } from '../kit/words';

export const SAID: Readonly<Record<SoundSaid, string>> = {
  evidence_found: 'Evidence found', victim: 'Somebody was hit', nothing_found: 'Nothing found', confirmed_false: 'It was no gunfire', undetermined: 'Not known',
};
export const SAID_HINTS: Readonly<Record<SoundSaid, string>> = {
  evidence_found: 'Gunfire: it counts as confirmed.', victim: 'Gunfire: it counts as confirmed.', nothing_found: 'Neither true nor false: it counts as undetermined.',
  confirmed_false: 'It is known what else it was. A second person has to agree.', undetermined: 'Nobody looked, or it cannot be told.',
};
export const EVIDENCE: Readonly<Record<SoundEvidence, string>> = {
  casings: 'Casings', damage: 'Bullet damage', firearm: 'A firearm', video: 'Video', witness: 'A witness', officer: 'An officer heard or saw it',
};
export const CAUSES: Readonly<Record<SoundCause, string>> = { fireworks: 'Fireworks', vehicle: 'A vehicle', construction: 'Work', thunder: 'Thunder', other: 'Something else' };
export const HOW: Readonly<Record<LearntBy, string>> = {
  call: 'A call', victim: 'Somebody was hit', evidence: 'Evidence was found', officer: 'An officer heard or saw it', video: 'Video', other_system: 'Another system told it',
};
export const STATES: Readonly<Record<SoundOutcome['state'], string>> = { stands: 'stands', waits: 'waits for a second person', replaced: 'said anew since', refused: 'a second person did not agree' };
export const COUNTS: Readonly<Record<RecordedSound['counts_as'], string>> = { confirmed: 'confirmed', false: 'false', undetermined: 'undetermined' };
export const COUNT_LEVELS = { confirmed: 'normal', false: 'caution', undetermined: 'standby' } as const;
export const OUTCOMES: Readonly<Record<string, string>> = { ...SAID, nothing_said: 'Nothing said yet' };

/** What shows it, in one line. */
export function shownBy(one: Pick<SoundOutcome, 'evidence' | 'victims' | 'cause'>): string {
  const said = one.evidence.map((word) => EVIDENCE[word].toLowerCase());
  if (one.victims > 0) said.unshift(counted(one.victims, 'person hit', 'people hit'));
  if (one.cause !== null) said.unshift(CAUSES[one.cause].toLowerCase());
  return said.join(', ');
}

/** How far off what was told was, in a sentence; of an area whether that held it. */
export function offWords(off: NonNullable<SoundOutcome['off']>): string {
  const held = (holds: boolean) => (holds ? 'held it' : 'did not hold it');
  if (off.error_m === null) return `An area was told, which ${held(off.in_most)}.`;
  const first = off.first_error_m === null ? 'at first an area was told' : `${Math.round(off.first_error_m)} m as it was told first`;
  return `Told ${Math.round(off.error_m)} m from there (${first}). The 95 % ellipse ${held(off.in_most)}, the 50 % one ${held(off.in_half === true)}.`;
}

/** "12 of 40 (30 %)", or the bare "0 of 0". */
export const share = (part: number, of: number): string => (of === 0 ? `${part} of 0` : `${part} of ${of} (${percent(part, of)})`);
export const percent = (part: number, of: number): string => (of === 0 ? '–' : `${Math.round((1000 * part) / of) / 10} %`);

/** A number of seconds as people say it; a dash where it is not known. */
export function seconds(value: number | null): string {
  if (value === null) return '–';
  return Math.abs(value) < 120 ? `${value.toFixed(1)} s` : `${Math.round(value / 60)} min`;
}
export const metres = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} m`);

/** The head of a row: its month, its district, or both. */
export const rowHead = (row: SoundRow): string => [row.month, row.district === '' ? 'in no district' : row.district].filter((part) => part !== null).join(' · ');
export type Spread = SoundSpread;
