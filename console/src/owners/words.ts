// What a person reads of an owner's state. Pure.
import type { Owner } from '../api/types';

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
