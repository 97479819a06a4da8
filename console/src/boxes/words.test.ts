import { expect, test } from 'vitest';
import type { EdgeBox } from '../api/types';
import { clockWord, keptWord, whyNoBox } from './words';

const box = (said: Partial<EdgeBox>) => ({ kept_bytes: null, most_bytes: null, clock_off_ms: null, ...said }) as EdgeBox;

test('what a box keeps is said in MB, and nothing is no number', () => {
  expect(keptWord(box({}))).toBe('not known yet');
  expect(keptWord(box({ kept_bytes: 0, most_bytes: 4096 * 1_048_576 }))).toBe('nothing, of 4,096 MB');
  expect(keptWord(box({ kept_bytes: 10, most_bytes: 64 * 1_048_576 }))).toBe('1 of 64 MB');
});

test('a clock that is off is said with its side, and that it does not matter for pictures', () => {
  expect(clockWord(box({ clock_off_ms: -400 }))).toBe('right');
  expect(clockWord(box({ clock_off_ms: 61_000 }))).toBe('61 s fast; pictures are dated by ours');
  expect(clockWord(box({ clock_off_ms: -86_400_000 }))).toBe('24 h slow; pictures are dated by ours');
});

test('a box that cannot be made says what comes first', () => {
  expect(whyNoBox(null, 3)).toContain('edge.host');
  expect(whyNoBox('a:1', 0)).toContain('edge://name');
  expect(whyNoBox('a:1', 1)).toBeNull();
});
