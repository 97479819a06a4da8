import { expect, test } from 'vitest';
import { around, between, boxed, cornerAt, corners, crosses, fitted, moved, nudged, numbered, points, withCorner, withoutCorner, type Corner } from './masks';

test('a mask is drawn from any corner to any other, and lies in the picture', () => {
  expect(between([0.5, 0.6], [0.2, 0.1])).toEqual({ left: 0.2, top: 0.1, width: 0.3, height: 0.5 });
  expect(between([0.9, 0.9], [1.4, -0.2])).toEqual({ left: 0.9, top: 0, width: 0.1, height: 0.9 });
  expect(boxed({ left: 2, top: -1, width: 0, height: 3 })).toEqual({ left: 0.99, top: 0, width: 0.01, height: 1 });
});

const BOX: Corner[] = [[0.2, 0.2], [0.5, 0.2], [0.5, 0.5], [0.2, 0.5]];

test('arrow keys move it, with Shift they change its size, of a chosen corner they move that, and others do nothing', () => {
  expect(nudged(BOX, 'ArrowLeft', false)?.[0]).toEqual([0.19, 0.2]);
  expect(nudged(BOX, 'ArrowDown', true)?.[2]).toEqual([0.5, 0.51]);
  expect(nudged(corners({ left: 0, top: 0.2, width: 0.3, height: 0.3 }), 'ArrowLeft', false)?.[0]).toEqual([0, 0.2]);
  expect(nudged(BOX, 'ArrowRight', false, 1)).toEqual([[0.2, 0.2], [0.51, 0.2], [0.5, 0.5], [0.2, 0.5]]);
  expect(nudged(BOX, 'a', false)).toBeNull();
});

test('it has three to sixteen corners, each within the picture', () => {
  const five = withCorner(BOX, 3);
  expect(five[4]).toEqual([0.2, 0.35]);
  expect(withoutCorner(five, 4)).toEqual(BOX);
  expect(withoutCorner(BOX.slice(0, 3), 0)).toHaveLength(3);
  let many: Corner[] = BOX;
  for (let number = 0; number < 20; number += 1) many = withCorner(many, 0);
  expect(many).toHaveLength(16);
  expect(moved(BOX, 0, [-1, 2])[0]).toEqual([0, 1]);
  expect(cornerAt(BOX, [0.51, 0.49])).toBe(2);
  expect(cornerAt(BOX, [0.35, 0.35])).toBeNull();
});

test('sides that cross are found', () => {
  expect(crosses(BOX)).toBe(false);
  expect(crosses([[0.2, 0.2], [0.5, 0.5], [0.5, 0.2], [0.2, 0.5]])).toBe(true);
});

test('it goes into another box with all its corners', () => {
  expect(fitted([[0.2, 0.2], [0.4, 0.2], [0.3, 0.4]], { left: 0.5, top: 0.5, width: 0.4, height: 0.4 })).toEqual([[0.5, 0.5], [0.9, 0.5], [0.7, 0.9]]);
  expect(around(BOX)).toEqual({ left: 0.2, top: 0.2, width: 0.3, height: 0.3 });
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
