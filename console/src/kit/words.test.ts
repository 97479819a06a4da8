import { expect, it } from 'vitest';
import { counted, listed, rolesSentence, sentences, technologyWord } from './words';

it('says who may, in words', () => {
  expect(rolesSentence(['analyst', 'supervisor'])).toBe('Analysts and supervisors');
  expect(rolesSentence(['clerk'])).toBe('Clerks of the approving body');
  expect(rolesSentence(['machine'])).toBe('No person');
});

it('lists and counts as a sentence does', () => {
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  expect(listed([])).toBe('');
  expect(counted(1, 'entry', 'entries')).toBe('1 entry');
  expect(counted(93490, 'row')).toBe('93,490 rows');
});

it('runs sentences together without a full stop too few or too many', () => {
  expect(sentences(['who drives', 'Whether it still stands.', ' '])).toBe('Who drives. Whether it still stands.');
  expect(sentences([])).toBe('');
});

it('shows a word it does not know rather than nothing', () => {
  expect(technologyWord('sonic_fence')).toBe('Sonic fence');
});
