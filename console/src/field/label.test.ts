import { describe, expect, it } from 'vitest';
import type { LatLon } from './draw';
import { joined, labels, type Picture, type Street } from './label';

/** Places are pixels here: [y, x], south down. */
const picture = (more: Partial<Picture> = {}): Picture => ({ width: 358, height: 150, put: ([y = 0, x = 0]) => [x, y], taken: [], way: [], ...more });
const street = (name: string | null, ...line: LatLon[]): Street => ({ name, line });

describe('the names of streets on a small picture', () => {
  it('lie along their street, upright, in sight', () => {
    const found = labels([street('Broadway', [75, 0], [75, 358]), street('Mill St', [150, 100], [0, 100])], picture(), []);
    expect(found.map(({ text, turn }) => [text, turn])).toEqual([['Broadway', 0], ['Mill St', -90]]);
    for (const { text, x, y, turn } of found) {
      const half = (text.length * 6.72) / 2;
      const [east, south] = [Math.abs(Math.cos((turn * Math.PI) / 180)) * half, Math.abs(Math.sin((turn * Math.PI) / 180)) * half];
      expect(x - east >= 0 && x + east <= 358 && y - south >= 0 && y + south <= 150, text).toBe(true);
    }
  });

  it('are put once a street, however many blocks it has, and not where it bends', () => {
    const blocks = Array.from({ length: 12 }, (_, i) => street('Long Avenue', [40, 30 * i], [40, 30 * (i + 1)]));
    expect(labels(blocks, picture(), []).map(({ text, y }) => [text, y])).toEqual([['Long Avenue', 40]]);
    expect(labels([street('Crooked Lane', [40, 40], [80, 60], [40, 80], [80, 100])], picture(), [])).toEqual([]);
  });

  it('lie over none another and over nothing that is marked', () => {
    const close = Array.from({ length: 12 }, (_, i) => street(`Street ${i}`, [20 + 4 * i, 0], [20 + 4 * i, 358]));
    const found = labels(close, picture(), []);
    expect(found.length).toBeGreaterThan(2);
    for (const [n, one] of found.entries()) for (const other of found.slice(n + 1)) expect(Math.abs(one.y - other.y) >= 12 || Math.abs(one.x - other.x) > 55, `${one.text} and ${other.text}`).toBe(true);
    const [beside] = labels([street('Broadway', [75, 0], [75, 358])], picture({ taken: [{ x: 179, y: 75 }] }), []);
    expect(Math.abs((beside?.x ?? 179) - 179)).toBeGreaterThan(12);
  });

  it('stand beside the way where it goes along their street, and cover it nowhere', () => {
    const way: LatLon[] = [[75, 20], [75, 200], [140, 200]];
    const streets = [street('Broadway', [75, 0], [75, 358]), street('Mill St', [0, 200], [150, 200]), street('Oak St', [110, 100], [110, 358])];
    const found = new Map(labels(streets, picture({ way }), ['Broadway', 'Mill St']).map((one) => [one.text, one]));
    expect(Math.abs((found.get('Broadway')?.y ?? 75) - 75)).toBe(12);
    expect(Math.abs((found.get('Mill St')?.x ?? 200) - 200)).toBe(12);
    expect(Math.abs((found.get('Oak St')?.x ?? 200) - 200)).toBeGreaterThan(30);
  });

  it('of the way come before longer ones, at most nine in all', () => {
    const many = Array.from({ length: 30 }, (_, i) => street(`N ${i}`, [10 + i * 20, 0], [10 + i * 20, 600 - i]));
    const found = labels(many, picture({ width: 600, height: 700 }), ['N 29', 'N 7']);
    expect([found.length, found[0]?.text, found[1]?.text]).toEqual([9, 'N 29', 'N 7']);
  });

  it('are not put where there is no room, and a street without a name has none', () => {
    expect(labels([street('A very long boulevard', [75, 100], [75, 160]), street(null, [20, 0], [20, 358]), street('Dot', [75, 75])], picture(), [])).toEqual([]);
  });
});

it('pieces of a street are joined at either end, in either direction', () => {
  const [line, ...others] = joined([[[30, 0], [20, 0]], [[0, 0], [10, 0]], [[20, 0], [10, 0]], [[30, 0], [40, 0]]]);
  expect(others).toEqual([]);
  expect([line?.map(([x]) => x)].map((xs) => (xs?.[0] === 0 ? xs : xs?.toReversed()))).toEqual([[0, 10, 20, 30, 40]]);
  expect(joined([[[0, 0], [10, 0]], [[50, 0], [60, 0]]]).length).toBe(2);
});
