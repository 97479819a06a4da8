import { describe, expect, it } from 'vitest';
import { apartDeg, bearingDeg, boundsOf, distanceM, ellipseRing, metresPerPixel, moved, scaleBar, wedge, within, type Position } from './geo';

const HERE = { lat: 38.63, lon: -90.2 };
const spot = ([lon, lat]: Position) => ({ lat, lon });

describe('a wedge', () => {
  it('begins and ends at the camera, reaches as far as it sees and opens to both sides of its heading', () => {
    const ring = wedge(HERE, 90, 70, 60);
    expect(ring[0]).toEqual([HERE.lon, HERE.lat]);
    expect(ring.at(-1)).toEqual(ring[0]);
    for (const corner of ring.slice(1, -1)) {
      expect(distanceM(HERE, spot(corner))).toBeCloseTo(60, 0);
      expect(apartDeg(bearingDeg(HERE, spot(corner)), 90)).toBeLessThanOrEqual(35.1);
    }
    expect(bearingDeg(HERE, spot(ring[1] as Position))).toBeCloseTo(55, 0);
    expect(bearingDeg(HERE, spot(ring.at(-2) as Position))).toBeCloseTo(125, 0);
  });
  it('of a camera that sees all around is a circle without a tip', () => {
    const ring = wedge(HERE, 10, 360, 40);
    expect(ring.at(-1)).toEqual(ring[0]);
    expect(ring.every((corner) => Math.abs(distanceM(HERE, spot(corner)) - 40) < 0.5)).toBe(true);
  });
  it('may look across north', () => {
    const ring = wedge(HERE, 0, 40, 50);
    expect(bearingDeg(HERE, spot(ring[1] as Position))).toBeCloseTo(340, 0);
  });
});

describe('an ellipse', () => {
  it('is long along its bearing and short across it', () => {
    const ring = ellipseRing(HERE, { semi_major_m: 30, semi_minor_m: 10, bearing_deg: 60 });
    const far = ring.map((corner) => distanceM(HERE, spot(corner)));
    expect(Math.max(...far)).toBeCloseTo(30, 0);
    expect(Math.min(...far)).toBeCloseTo(10, 0);
    expect(bearingDeg(HERE, spot(ring[0] as Position))).toBeCloseTo(60, 0);
    expect(ring.at(-1)).toEqual(ring[0]);
  });
});

it('measures bearings the short way round', () => {
  expect(apartDeg(350, 10)).toBe(20);
  expect(apartDeg(10, 350)).toBe(20);
  expect(apartDeg(0, 180)).toBe(180);
  expect(bearingDeg(HERE, spot(moved(HERE, 222, 500)))).toBeCloseTo(222, 0);
});

it('puts a box around what there is, and some streets around a single thing', () => {
  expect(boundsOf([])).toBeNull();
  const one = boundsOf([HERE]);
  expect(one && distanceM({ lat: one[1], lon: one[0] }, { lat: one[1], lon: one[2] })).toBeCloseTo(1200, -1);
  const two = boundsOf([HERE, { lat: 38.7, lon: -90.3 }]);
  expect(two && within(two, HERE) && within(two, { lat: 38.7, lon: -90.3 }) && !within(two, { lat: 38.5, lon: -90.2 })).toBe(true);
});

it('draws a round length as its scale', () => {
  for (const zoom of [9, 12.3, 15, 17.8]) {
    const bar = scaleBar(metresPerPixel(38.63, zoom), 100);
    expect(String(bar.metres)).toMatch(/^[125]0*$/);
    expect(bar.px).toBeGreaterThan(35);
    expect(bar.px).toBeLessThanOrEqual(100);
  }
});
