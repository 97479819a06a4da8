import { describe, expect, it } from 'vitest';
import { causesWords, improperShare } from './words';

describe('what is said of look-ups that are reviewed', () => {
  it('names the flags before the draw', () => {
    expect(causesWords(['sample', 'colleague_plate'])).toBe('colleague’s plate, drawn');
    expect(causesWords(['sample'])).toBe('drawn');
  });
  it('gives no share where nothing was judged', () => {
    expect(improperShare({ proper: 0, improper: 0, cannot_tell: 0 })).toBeNull();
    expect(improperShare({ proper: 2, improper: 1, cannot_tell: 1 })).toBe(0.25);
  });
});
