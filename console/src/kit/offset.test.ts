import { expect, it } from 'vitest';
import { Offset } from './offset';

it('takes the least delayed heartbeat for the truth', () => {
  const offset = new Offset();
  offset.heard(10_000, 9_940);
  offset.heard(15_000, 15_300);
  expect(offset.ms).toBe(60);
});

it('forgets old heartbeats, so a clock that was set is believed again', () => {
  const offset = new Offset();
  offset.heard(100_000, 0);
  for (let i = 1; i <= 24; i++) offset.heard(i * 5_000, i * 5_000);
  expect(offset.ms).toBe(0);
});

it('does not chase the whole seconds of a Date header', () => {
  const offset = new Offset();
  offset.roughly(10_000, 10_900);
  expect(offset.ms).toBe(0);
  offset.roughly(100_000, 10_000);
  expect(offset.ms).toBe(90_500);
});
