import { describe, expect, it } from 'vitest';
import { acrossOf, farCorner, fit, points, ringsOf, type LatLon } from './draw';

describe('a route on a small picture', () => {
  const line: LatLon[] = [[38.63, -90.2], [38.64, -90.2], [38.64, -90.19]];
  it('is whole in sight, north up and east to the right', () => {
    const put = fit(line, 358, 150, 20);
    for (const place of line) {
      const [x, y] = put(place);
      expect(x >= 20 && x <= 338 && y >= 20 && y <= 130).toBe(true);
    }
    expect(put([38.64, -90.2])[1]).toBeLessThan(put([38.63, -90.2])[1]);
    expect(put([38.64, -90.19])[0]).toBeGreaterThan(put([38.64, -90.2])[0]);
  });
  it('keeps its shape: a degree of longitude is narrower than one of latitude', () => {
    const put = fit(line, 400, 400, 0);
    const [x0, y0] = put(line[0] as LatLon);
    const [x2, y2] = put(line[2] as LatLon);
    expect((x2 - x0) / (y0 - y2)).toBeCloseTo(Math.cos((38.635 * Math.PI) / 180), 2);
  });
  it('of no length stands in the middle', () => {
    expect(points([[38.6, -90.2], [38.6, -90.2]], fit([[38.6, -90.2]], 100, 60, 10))).toBe('50,30 50,30');
  });
});

describe('where a sound came from, on a small picture', () => {
  it('is read with longitude first, and is none of what was kept before there was any', () => {
    expect(ringsOf([[[-90.2, 38.63], [-90.19, 38.63]]])).toEqual([[[38.63, -90.2], [38.63, -90.19]]]);
    expect(ringsOf(undefined)).toEqual([]);
  });
  it('is as many metres across as its longer side', () => {
    expect(acrossOf([[38.63, -90.2], [38.6302, -90.2]])).toBe(22);
    expect(acrossOf([])).toBe(0);
  });
  it('stands near to in the corner that is farthest from all else', () => {
    expect(farCorner([{ x: 20, y: 20 }, { x: 60, y: 120 }], 358, 148, 92, 4)).toEqual({ x: 262, y: 4 });
  });
});
