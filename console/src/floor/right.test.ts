import { describe, expect, it } from 'vitest';
import type { Camera } from '../api/types';
import { moved } from '../map/geo';
import { rightCameras } from './right';

const PLACE = { lat: 38.63, lon: -90.2 };
/** A camera so many metres off in that direction, looking there. */
function camera(id: string, bearing: number, metres: number, heading: number | null, more: Partial<Camera> = {}): Camera {
  const [lon, lat] = moved(PLACE, bearing, metres);
  return {
    id, name: id, technology: 'fixed_camera', place: { text: '', lat, lon }, heading_deg: heading, field_deg: null, range_m: null, enabled: true,
    state: { level: 'normal', word: 'live', reason: '', since: '', last_frame_at: null }, recording: true, has_login: false, width: null, height: null, codec: null, clock_off_ms: null, authorisation: null, authorised_until: null, version: 1, ...more,
  };
}

describe('the right cameras', () => {
  it('are the nearest four that look there, the nearest first', () => {
    const found = rightCameras([camera('far', 0, 700, 180), camera('near', 90, 40, 270), camera('c', 180, 300, 0), camera('d', 270, 200, 90), camera('e', 45, 500, 225)], PLACE);
    expect(found.map((c) => [c.id, c.distance_m])).toEqual([['near', 40], ['d', 200], ['c', 300], ['e', 500]]);
  });
  it('are not those that look away, unless they stand right there or nobody knows where they look', () => {
    const found = rightCameras([camera('away', 0, 100, 0), camera('beside', 0, 100, 95), camera('here', 0, 20, 0), camera('unknown', 0, 120, null)], PLACE);
    expect(found.map((c) => c.id)).toEqual(['here', 'beside', 'unknown']);
  });
  it('are not those that are too far, switched off, or without a place', () => {
    expect(rightCameras([camera('far', 0, 801, 180), camera('off', 0, 50, 180, { enabled: false }), camera('lost', 0, 50, 180, { place: { text: '', lat: null, lon: null } })], PLACE)).toEqual([]);
  });
  it('say how a dark one is, instead of leaving it out', () => {
    const dark = camera('dark', 0, 50, 180, { state: { level: 'serious', word: 'no picture', reason: 'x', since: '', last_frame_at: null } });
    expect(rightCameras([dark], PLACE)[0]?.level).toBe('serious');
  });
});
