import { describe, expect, it } from 'vitest';
import { find, type Command } from './commands';

const command = (text: string, kind = 'camera', more = ''): Command => ({ id: `${kind} ${text}`, text, kind, more, run: () => {} });
const ALL = [
  command('Floor', 'view'), command('Cameras', 'view'), command('Acknowledge', 'act'), command('Send the nearest unit (it asks first)', 'act'),
  { ...command('Who saw a camera', 'task'), also: 'viewed watched' },
  command('C-118 Mill & 5th', 'camera', 'live'), command('C-44 Tower Park', 'camera', 'no picture'), command('3142', 'unit', 'free'), command('31', 'unit', 'off duty'),
];
const names = (text: string) => find(ALL, text, 5).map((one) => one.text);

describe('a command is found', () => {
  it('by the beginning of any word, in any order and case', () => {
    expect(names('mill')).toEqual(['C-118 Mill & 5th']);
    expect(names('5TH mill')).toEqual(['C-118 Mill & 5th']);
    expect(names('nearest send')).toEqual(['Send the nearest unit (it asks first)']);
  });
  it('the whole name first, then what begins with it, then what holds it', () => {
    expect(names('31')).toEqual(['31', '3142']);
    expect(names('c')[0]).toBe('Cameras');
    expect(names('18')).toEqual(['C-118 Mill & 5th']);
  });
  it('by its kind and state', () => {
    expect(names('unit free')).toEqual(['3142']);
    expect(names('picture')).toEqual(['C-44 Tower Park']);
  });
  it('by a word that people have for it, after those that are called so', () => {
    expect(names('who viewed')).toEqual(['Who saw a camera']);
    expect(names('watched')).toEqual(['Who saw a camera']);
  });
  it('not where one word is missing', () => {
    expect(names('mill park')).toEqual([]);
    expect(names('zz')).toEqual([]);
  });
  it('and without a word all are offered, as many as wanted', () => {
    expect(find(ALL, '  ', 3)).toHaveLength(3);
  });
  it('whatever signs are typed', () => {
    expect(names('( [ \\')).toEqual([]);
    expect(names('(it')).toEqual(['Send the nearest unit (it asks first)']);
  });
});
