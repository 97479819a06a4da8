import { describe, expect, it } from 'vitest';
import { EMPTY, hourWord, soughtOf, stateOf, uncountable } from './watched';

describe('a watch in words', () => {
  it('says its state by shape and word', () => {
    expect(stateOf({ state: 'paused' })).toEqual({ level: 'caution', word: 'Paused: it brought more than it may' });
    expect(stateOf({ state: 'ended' }).level).toBe('off');
  });

  it('says what is lacking, one thing at a time', () => {
    expect(uncountable(EMPTY)).toMatch(/part of the plate, or describe/);
    expect(uncountable({ ...EMPTY, colour: 'white' })).toMatch(/say where/);
    expect(uncountable({ ...EMPTY, pattern: 'AB?1*', from: '22' })).toMatch(/both hours/);
    expect(uncountable({ ...EMPTY, pattern: 'AB?1*' })).toBe('Choose the case.');
    expect(uncountable({ ...EMPTY, pattern: 'AB?1*', case: 'case:c', place: { kind: 'area', points: [], within_m: 0 } })).toMatch(/three corners/);
    expect(uncountable({ ...EMPTY, pattern: 'AB?1*', case: 'case:c' })).toBeNull();
  });

  it('sends what was typed, and nothing for what was not', () => {
    expect(soughtOf({ ...EMPTY, pattern: ' ab?1* ', from: '22', to: '4', case: 'case:c' })).toEqual({
      pattern: 'AB?1*', state: null, colour: null, make: null, body: null, where: null, hours: { from_hour: 22, to_hour: 4 }, case: 'case:c',
    });
    expect(hourWord(4)).toBe('04:00');
  });
});
