import { expect, it } from 'vitest';
import { setZone } from '../kit/times';
import { actorName, answerLevel, caseWords, clockHours, hours, isRaw, likeliest, thingKind } from './told';

it('shows an answer for decisions alone', () => {
  expect([answerLevel({ result: 'allowed' }), answerLevel({ result: 'refused' }), answerLevel({ result: 'ended' }), answerLevel({ result: null })]).toEqual(['normal', 'caution', null, null]);
});

it('names who acted as far as it may be known', () => {
  const names = new Map([['per_1', 'R. Alvarez']]);
  expect(actorName({ id: 'per_1', kind: 'person', name: null }, names)).toBe('R. Alvarez');
  expect(actorName({ id: 'per_2', kind: 'person', name: null }, names)).toBe('A person');
  expect(actorName({ id: 'wrk_1', kind: 'process', name: null }, names)).toBe('Process');
  expect(actorName({ id: 'per_1', kind: 'person', name: 'As written then' }, names)).toBe('As written then');
});

it('names what an entry is about, and the case it was for, by what people call them', () => {
  expect(['camera:cam_01J', 'reader:rdr_01J', 'hot_list:hl_01J', 'agency', null].map(thingKind)).toEqual(['Camera', 'Plate reader', 'Hot list', 'Agency', '']);
  expect(caseWords({ case: 'incident:inc_01M8J6J90ME008KA9ZKF9FRBN5', case_name: '26-00012 Stolen vehicle' })).toBe('Incident 26-00012 Stolen vehicle');
  expect(caseWords({ case: 'case:case_01M8J6J90ME008KA9ZKF9FRBN5', case_name: null })).toBe('Case …9FRBN5');
  expect(caseWords({ case: null, case_name: null })).toBe('');
  expect([isRaw(' camera:cam_01M8J6J90ME008KA9ZKF9FRBN5 '), isRaw('camera:cam_01J'), isRaw('Mill St: north')]).toEqual([true, false, false]);
});

it('puts first what begins as it was typed, then what is called so, then what lies there', () => {
  const thing = (text: string, more = '') => ({ about: text, kind: 'camera', text, more });
  const found = likeliest([thing('26-01412', 'Theft, Mill St'), thing('Old Mill Rd'), thing('Mill St at 5th')], 'mill');
  expect(found.map((one) => one.text)).toEqual(['Mill St at 5th', 'Old Mill Rd', '26-01412']);
});

it('says the hours of a day as one reads them, in the agency’s zone', () => {
  setZone('America/Chicago');
  const day = { since: '2026-03-03T06:00:00Z', until: '2026-03-04T06:00:00Z' };
  expect(hours(day, day)).toBe('the whole day');
  expect(hours({ since: day.since, until: '2026-03-03T18:30:00Z' }, day)).toBe('00:00 to 12:30');
  expect(hours({ since: '2026-03-03T18:30:00Z', until: day.until }, day)).toBe('12:30 to the day’s end');
  const today = { since: day.since, until: '2026-03-03T18:30:10Z' };
  expect([hours(today, today), hours({ since: day.since, until: '2026-03-03T18:00:00Z' }, today)]).toEqual(['00:00 until now', '00:00 to 12:00']);
  expect(clockHours('2026-03-03T20:03:00Z', '2026-03-03T21:20:00Z')).toBe('14:03 to 15:20');
  expect(clockHours('2026-03-03T20:03:00Z', '2026-03-03T20:03:30Z')).toBe('14:03');
});
