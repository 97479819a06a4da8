import { expect, test } from 'vitest';
import { TONES, toneOf, volumeOf } from './sound';

test('of several alerts at once the worst one sounds, and what only informs does not', () => {
  expect(toneOf(['caution', 'critical', 'serious'])).toBe('critical');
  expect(toneOf(['caution', 'normal'])).toBe('caution');
  expect(toneOf(['normal', 'standby', 'off'])).toBeNull();
  expect(toneOf([])).toBeNull();
});

test('each tone differs from the others by the number of its notes, so that height need not be heard', () => {
  const counts = Object.values(TONES).map((notes) => notes.length);
  expect(new Set(counts).size).toBe(counts.length);
  for (const notes of Object.values(TONES)) expect(Math.max(...notes.map((note) => note.at + note.lasts))).toBeLessThan(1);
});

test('what was kept of the volume is taken where it can be', () => {
  expect(volumeOf('0')).toBe(0);
  expect(volumeOf('35')).toBe(35);
  for (const kept of [null, '', 'loud', '101', '-1']) expect(volumeOf(kept)).toBe(60);
});
