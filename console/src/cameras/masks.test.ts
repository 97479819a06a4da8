import { expect, test } from 'vitest';
import { between, boxed, corners, nudged, numbered, points } from './masks';

test('a mask is drawn from any corner to any other, and lies in the picture', () => {
  expect(between([0.5, 0.6], [0.2, 0.1])).toEqual({ left: 0.2, top: 0.1, width: 0.3, height: 0.5 });
  expect(between([0.9, 0.9], [1.4, -0.2])).toEqual({ left: 0.9, top: 0, width: 0.1, height: 0.9 });
  expect(boxed({ left: 2, top: -1, width: 0, height: 3 })).toEqual({ left: 0.99, top: 0, width: 0.01, height: 1 });
});

test('arrow keys move it, with Shift they change its size, and others do nothing', () => {
  const box = { left: 0.2, top: 0.2, width: 0.3, height: 0.3 };
  expect(nudged(box, 'ArrowLeft', false)).toEqual({ ...box, left: 0.19 });
  expect(nudged(box, 'ArrowDown', true)).toEqual({ ...box, height: 0.31 });
  expect(nudged({ ...box, left: 0 }, 'ArrowLeft', false)?.left).toBe(0);
  expect(nudged(box, 'a', false)).toBeNull();
});

test('its corners go round, and are points of a drawing', () => {
  const round = corners({ left: 0.1, top: 0.2, width: 0.3, height: 0.4 });
  expect(round).toEqual([[0.1, 0.2], [0.4, 0.2], [0.4, 0.6], [0.1, 0.6]]);
  expect(points(round)).toBe('10,20 40,20 40,60 10,60');
});

test('names of a kind go on where they are', () => {
  expect(numbered('Residential windows', [])).toBe('Residential windows 1');
  expect(numbered('Residential windows', ['Residential windows 2', 'Yard'])).toBe('Residential windows 3');
});
