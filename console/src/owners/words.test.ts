import { expect, test } from 'vitest';
import type { Owner } from '../api/types';
import { setZone } from '../kit/times';
import { mailWord, termsOf, whyNoLink } from './words';

const sent: Owner['mail'] = { state: 'sent', at: null, error: null };

test('a letter that is with them is not spoken of, one that waits says why', () => {
  expect(mailWord({ mail: sent })).toBeNull();
  expect(mailWord({ mail: { state: 'waiting', at: null, error: 'The mail server answered 451.' } })).toBe('The letter waits: The mail server answered 451.');
  expect(mailWord({ mail: { state: 'no_mail_server', at: null, error: null } })).toContain('hand the link over');
});

test('a link is handed over where no letter brought it and somebody waits for one', () => {
  const none: Owner['mail'] = { state: 'no_mail_server', at: null, error: null };
  expect(whyNoLink({ state: 'unverified', mail: none })).toBeNull();
  expect(whyNoLink({ state: 'unverified', mail: sent })).toBe('The link went to them by mail.');
  expect(whyNoLink({ state: 'waiting', mail: none })).toBe('They wait for you, not for a link.');
  expect(whyNoLink({ state: 'refused', mail: none })).toBe('This is over.');
});

test('hours are those of the chosen days in their order, and none where all are meant', () => {
  const form = { mode: 'always' as const, radius_m: 300, hours: 'some', days: [4, 0], begin: '18:00', end: '06:00', ends: '' };
  expect(termsOf(form).hours).toEqual([{ day: 0, begin: '18:00', end: '06:00' }, { day: 4, begin: '18:00', end: '06:00' }]);
  expect(termsOf({ ...form, hours: 'all' })).toEqual({ mode: 'always', radius_m: 300, hours: [], ends_at: null });
  setZone('America/Chicago');
  expect(termsOf({ ...form, ends: '2027-03-31' }).ends_at).toBe('2027-04-01T04:59:00.000Z');
});
