import { describe, expect, it } from 'vitest';
import { alike, compare, compareSentence, plateText } from './plate';

const marks = (typed: string, entry: string) => compare(typed, entry).map((c) => `${c.typed || '-'}${c.entry || '-'}:${c.mark}`).join(' ');

describe('what was typed beside the entry', () => {
  it('is read as plates are kept', () => {
    expect(plateText(' qz0·44-17 ')).toBe('QZ04417');
    expect(plateText('ä-123')).toBe('Ä123');
    expect(plateText('***')).toBe('');
  });

  it('marks what differs, what looks alike, what is missing', () => {
    expect(marks('ABC123', 'ABC123')).toBe('AA:same BB:same CC:same 11:same 22:same 33:same');
    expect(marks('ABC12O', 'ABC120')).toContain('O0:alike');
    expect(marks('ABX123', 'ABC123')).toContain('XC:other');
    expect(marks('AB123', 'ABC123')).toBe('AA:same BB:same -C:missing 11:same 22:same 33:same');
    expect(marks('ABCC123', 'ABC123')).toContain('C-:missing');
    expect(marks('', 'AB')).toBe('-A:missing -B:missing');
    expect(marks('', '')).toBe('');
  });

  it('never says two characters are alike when they are the same, and says it either way round', () => {
    expect(alike('0', '0')).toBe(false);
    expect(alike('0', 'O')).toBe(true);
    expect(alike('O', '0')).toBe(true);
    expect(alike('A', '4')).toBe(false);
  });

  it('is said in words for whoever does not see the marks', () => {
    expect(compareSentence(compare('ABC123', 'abc-123'))).toBe('All 6 characters agree.');
    expect(compareSentence(compare('AB0123', 'ABO123'))).toBe('Character 3: you typed 0, the entry says O, which looks alike.');
    expect(compareSentence(compare('AB123', 'ABC123'))).toBe('Character 3: the entry has C, you typed none.');
  });
});
