import { expect, it } from 'vitest';
import { share, spanOf } from './span';

const now = new Date('2026-11-28T18:00:00Z');

it('shows a week where the address names nothing we know', () => {
  expect(spanOf(null, now)).toEqual({ from: '2026-11-21T18:00:00.000Z', to: '2026-11-28T18:00:01.000Z' });
  expect(spanOf('ever', now)).toEqual(spanOf('7d', now));
  expect(spanOf('1d', now).from).toBe('2026-11-27T18:00:00.000Z');
});

it('gives a share with what it is of', () => {
  expect(share(3, 12)).toBe('3 of 12 (25 %)');
  expect(share(0, 0)).toBe('0');
});
