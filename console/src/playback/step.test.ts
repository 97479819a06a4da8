import { expect, test } from 'vitest';
import { around, beat, beside, speedText, SPEEDS } from './step';

test('a picture that is ahead is eased, one behind is hurried, and one that is far off is set anew', () => {
  expect(beat(0, 1)).toEqual({ do: 'rate', rate: 1 });
  const ahead = beat(40, 1);
  const behind = beat(-40, 1);
  expect(ahead.do === 'rate' && ahead.rate).toBeCloseTo(0.95, 5);
  expect(behind.do === 'rate' && behind.rate).toBeCloseTo(1.05, 5);
  expect(beat(-200, 1)).toEqual({ do: 'rate', rate: 1.25 });
  expect(beat(310, 1)).toEqual({ do: 'set' });
});

test('at a high speed the same time for a person is more of the record', () => {
  expect(beat(310, 8)).not.toEqual({ do: 'set' });
  expect(beat(310 * 8, 8)).toEqual({ do: 'set' });
});

test('no picture is hurried beyond what a browser plays', () => {
  expect(beat(-200 * 16, 16)).toEqual({ do: 'rate', rate: 16 });
  expect(beat(200 * 16, 16)).toEqual({ do: 'rate', rate: 12 });
});

test('speeds go from an eighth to sixteen times and stop there', () => {
  expect([beside(1, 1), beside(1, -1), beside(16, 1), beside(1 / 8, -1), beside(3, 1)]).toEqual([2, 1 / 2, 16, 1 / 8, 2]);
  expect(SPEEDS.map(speedText).join(' ')).toBe('1/8× 1/4× 1/2× 1× 2× 4× 8× 16×');
});

test('a span never reaches into the time to come', () => {
  const now = 10_000_000;
  expect(around(now - 30_000, 10, now)).toEqual({ from: now - 600_000, to: now });
  const before = around(now - 5_000_000, 10, now);
  expect(before.to - before.from).toBe(600_000);
  expect(before.from).toBe(now - 5_000_000 - 200_000);
});
