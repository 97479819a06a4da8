import { expect, it } from 'vitest';
import { actorName, answerLevel } from './told';

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
