import { expect, test } from 'vitest';
import { alike, empty, moved, nextEmpty, placed, resized, swapped, taken, textOf, tilesOf } from './wall';

const cam = (n: number) => `cam_0000000000000000000000000${n}`;
const [A, B, C] = [cam(1), cam(2), cam(3)];

test('a wall stands in an address as it is seen, and nothing else of an address gets onto it', () => {
  const tiles = tilesOf(`${A},,${B}`);
  expect(tiles).toEqual([A, null, B, null]);
  expect(tilesOf(textOf(tiles ?? []))).toEqual(tiles);
  expect(tilesOf(`${A},${A},javascript:x,unt_1`)).toEqual([A, null, null, null]);
  expect(tilesOf(A)).toEqual([A]);
  expect([tilesOf(null), tilesOf('')]).toEqual([null, null]);
  expect(tilesOf(Array(40).fill('').join(','))).toHaveLength(16);
});

test('a larger wall keeps every camera where it is, a smaller one moves them together or is not offered', () => {
  expect(resized([A, null, B, null], 9)?.slice(0, 4)).toEqual([A, null, B, null]);
  expect(resized([null, A, null, null], 1)).toEqual([A]);
  expect(resized([A, B, C, null], 1)).toBeNull();
});

test('a camera stands on a wall once: placed anew it changes places', () => {
  expect(placed([A, B, null, null], 1, A)).toEqual([B, A, null, null]);
  expect(placed([A, null, null, null], 2, B)).toEqual([A, null, B, null]);
  expect(taken([A, B, null, null], 0)).toEqual([null, B, null, null]);
  expect(swapped([A, null, B, null], 0, 1)).toEqual([null, A, B, null]);
  expect(alike([A, null], [A, null])).toBe(true);
});

test('the next empty tile is looked for around the wall', () => {
  expect(nextEmpty([null, A, B, C], 2)).toBe(0);
  expect(nextEmpty([A, B, C, A], 2)).toBeNull();
});

test('arrows move by rows and columns and stop at the edge', () => {
  const wall = empty(9);
  expect([moved(4, 'ArrowLeft', wall), moved(4, 'ArrowRight', wall), moved(4, 'ArrowUp', wall), moved(4, 'ArrowDown', wall)]).toEqual([3, 5, 1, 7]);
  expect([moved(2, 'ArrowRight', wall), moved(0, 'ArrowUp', wall), moved(8, 'ArrowDown', wall), moved(3, 'ArrowLeft', wall)]).toEqual([2, 0, 8, 3]);
});
