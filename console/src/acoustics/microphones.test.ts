import { describe, expect, it } from 'vitest';
import type { Microphone, StatusLevel } from '../api/types';
import { BLANK, bodyOf, clockOff, squares, typedOf, usual, versionOf, viewOf, within } from './microphones';

function microphone(id: string, south: number, level: StatusLevel, retired = false): Microphone {
  return {
    id: `mic_${id}`, name: id, square: { south, west: -90.2, north: south + 0.005, east: -90.195 }, error_m: 3, clock_bound_ms: 0.5, noise_db: null,
    state: { level, word: '', reason: '', since: null }, heard_at: null, last_pulse_at: null, clock_off_ms: null, clutter_per_min: null, pulses: { kept: 0, doubled: 0, late: 0, refused: 0 }, retired, authorised: false, authorisation: null, authorised_until: null, version: 1,
  };
}

describe('squares', () => {
  it('draws each square once, as bad as the worst in it, and none of what is out of service', () => {
    const drawn = squares([microphone('1', 38.62, 'normal'), microphone('2', 38.62, 'serious'), microphone('3', 38.62, 'standby'), microphone('4', 38.64, 'off', true)]);
    expect(drawn).toHaveLength(1);
    expect(drawn[0]?.facts).toEqual({ level: 'serious' });
    expect(drawn[0]?.shape).toEqual({ type: 'Polygon', coordinates: [[[-90.2, 38.62], [-90.195, 38.62], [-90.195, 38.625], [-90.2, 38.625], [-90.2, 38.62]]] });
  });
  it('begins the map where all of them are, no nearer than has one square whole, and farther on a phone', () => {
    expect(viewOf([])).toBeNull();
    const one = viewOf([microphone('1', 38.62, 'normal').square]);
    const all = viewOf([microphone('1', 38.62, 'normal').square, microphone('2', 38.7, 'normal').square]);
    expect(one?.zoom).toBe(14);
    expect(all?.lat).toBeCloseTo(38.6625);
    expect(all?.zoom).toBeLessThan(13);
    const wide = [microphone('1', 38.62, 'normal').square, { south: 38.62, north: 38.625, west: -90.1, east: -90.095 }];
    expect(viewOf(wide, 350)?.zoom).toBeCloseTo((viewOf(wide)?.zoom ?? 0) - 1);
  });
});

describe('what is typed', () => {
  it('is sent as numbers, a comma as well as a point, and what is left empty as unknown', () => {
    const body = bodyOf({ ...BLANK, name: ' 12 ', lat: '38,6213', lon: '-90.1987', height: '', noise: '54.5', mount: ' roof ' });
    expect(body).toEqual({ name: '12', lat: 38.6213, lon: -90.1987, height_m: null, error_m: 3, clock_bound_ms: 1, noise_db: 54.5, mount: 'roof' });
    expect(bodyOf({ ...BLANK, lat: 'north' }).lat).toBeNaN();
  });
  it('begins with what is registered', () => {
    const one = microphone('12', 38.62, 'normal');
    const typed = typedOf(one, { id: one.id, lat: 38.6213, lon: -90.1987, height_m: null, error_m: 3, mount: 'roof', version: 1 });
    expect(bodyOf(typed)).toMatchObject({ name: '12', lat: 38.6213, height_m: null, clock_bound_ms: 0.5, noise_db: null, mount: 'roof' });
  });
  it('is of the older of what was read apart', () => {
    expect([versionOf({ version: 3 }, { version: 4 }), versionOf({ version: 4 }, { version: 3 })]).toEqual([3, 3]);
  });
  it('says how much it reports anyway once that is learnt, and how its clock goes', () => {
    expect(usual({ heard_at: null, clutter_per_min: null })).toBe('');
    expect(usual({ heard_at: '2026-11-29T03:00:00Z', clutter_per_min: null })).toBe('not learnt yet');
    expect(usual({ heard_at: '2026-11-29T03:00:00Z', clutter_per_min: 4.21 })).toBe('4.2 a minute');
    expect([clockOff(null), clockOff(-20), clockOff(-240), clockOff(1300)]).toEqual(['not told', 'right', '0.2 s behind, its way here included', '1.3 s ahead']);
  });
  it('is said with what it may be off by', () => {
    expect(within(3, 'm')).toBe('± 3 m');
    expect(within(0.30000001192092896, 'ms')).toBe('± 0.3 ms');
  });
});
