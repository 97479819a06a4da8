import { describe, expect, it } from 'vitest';
import { areaDrawn, areaText, askedOf } from './area';

describe('the area of a canvass', () => {
  it('is a circle or corners in an address', () => {
    expect(askedOf(new URLSearchParams('lat=38.6&lon=-90.2&radius=200'))).toEqual({ circle: { centre: { lat: 38.6, lon: -90.2 }, radius_m: 200 }, corners: [] });
    const corners = [{ lat: 38.6, lon: -90.2 }, { lat: 38.61, lon: -90.2 }, { lat: 38.61, lon: -90.21 }];
    expect(askedOf(new URLSearchParams({ area: areaText(corners) })).corners).toEqual(corners);
    expect(askedOf(new URLSearchParams('lat=here&area=1,2;x;3'))).toEqual({ circle: null, corners: [{ lat: 1, lon: 2 }] });
  });

  it('is drawn as a closed ring, and not at all before it is known', () => {
    expect(areaDrawn({ circle: null, corners: [{ lat: 1, lon: 2 }] })).toEqual([]);
    const [round] = areaDrawn({ circle: { centre: { lat: 38.6, lon: -90.2 }, radius_m: 100 }, corners: [] });
    const ring = round?.shape.type === 'Polygon' ? (round.shape.coordinates[0] ?? []) : [];
    expect(ring).toHaveLength(49);
    expect(ring[0]).toEqual(ring[48]);
  });
});
