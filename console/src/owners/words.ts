// What a person reads of an owner's state. Pure.
import type { Owner } from '../api/types';
import { fromWall } from '../kit/times';

export const STATES: Readonly<Record<Owner['state'], [level: 'standby' | 'caution' | 'normal' | 'off', word: string]>> = {
  unverified: ['standby', 'address not proved'], waiting: ['caution', 'waits for you'], asked: ['standby', 'asked'], accepted: ['normal', 'accepted'],
  refused: ['off', 'refused'], ended: ['off', 'gone'],
};

/** What became of the last letter, where it is not with them. */
export function mailWord({ mail }: Pick<Owner, 'mail'>): string | null {
  if (mail.state === 'no_mail_server') return 'No mail server is set: hand the link over yourself.';
  if (mail.state === 'given_up') return `The letter was given up: ${mail.error ?? 'nobody says why'} Hand the link over yourself.`;
  if (mail.state === 'waiting') return mail.error === null ? 'The letter is on its way.' : `The letter waits: ${mail.error}`;
  return null;
}

/** Why a link is not handed over; null when it can be. */
export function whyNoLink({ state, mail }: Pick<Owner, 'state' | 'mail'>): string | null {
  if (state === 'waiting') return 'They wait for you, not for a link.';
  if (state === 'refused' || state === 'ended') return 'This is over.';
  return mail.state === 'sent' ? 'The link went to them by mail.' : null;
}

export const MODES = { always: 'Always', incident: 'Only during an incident nearby', asked: 'Only when the owner says yes' } as const;
export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

/** What the form of an agreement comes to: an end is the end of that day, by the agency's clock. */
export function termsOf(form: { mode: keyof typeof MODES; radius_m: number; hours: string; days: readonly number[]; begin: string; end: string; ends: string }): {
  mode: keyof typeof MODES; radius_m: number; hours: { day: number; begin: string; end: string }[]; ends_at: string | null;
} {
  const last = fromWall(`${form.ends}T23:59`);
  return {
    mode: form.mode,
    radius_m: form.radius_m,
    hours: form.hours === 'some' ? [...form.days].sort((a, b) => a - b).map((day) => ({ day, begin: form.begin, end: form.end })) : [],
    ends_at: last === null ? null : last.toISOString(),
  };
}
