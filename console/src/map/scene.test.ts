import { describe, expect, it } from 'vitest';
import type { Camera, Unit, Way } from '../api/types';
import { WORST_FIRST, worst } from '../kit/ladder';
import { apart, blindAreas, cameraPoints, cameraViews, eventAreas, rankOf, trailLines, unitPoints, wayLines } from './scene';
import { field, SYMBOLS, symbolOf, SIZE } from './icons';
import { nearest, type Hit } from './pick';
import { inView, type Placed } from './inview';

const camera = (id: string, more: Partial<Camera> = {}): Camera => ({
  id, name: id, technology: 'fixed_camera', place: { text: '', lat: 38.63, lon: -90.2 }, heading_deg: 90, field_deg: 60, range_m: 40, enabled: true,
  state: { level: 'normal', word: 'live', reason: '', since: '', last_frame_at: null }, recording: true, has_login: false, has_sub_stream: false, transport: 'tcp', has_certificate: false, has_pin: false, width: null, height: null, codec: null, clock_off_ms: null, authorisation: null, authorised_until: null, carried_by: null, stands_since: null, version: 1,
  kind: 'municipal', mount: null, height_m: null, night: 'unknown', owner_text: '', network_switch: null, power_feed: null, footage_kept: 'here', external_id: null, site: null, channel: null, ...more,
});
const NONE = new Map<string, 'selected' | 'docked'>();

describe('what cameras see of the ground', () => {
  it('is the area that buildings leave, where it is known', () => {
    const area: [number, number][] = [[-90.2, 38.63], [-90.199, 38.631], [-90.199, 38.63], [-90.2, 38.63]];
    const [first, second] = cameraViews([camera('a'), camera('b')], NONE, new Map([['a', area]]));
    expect(first?.shape).toEqual({ type: 'Polygon', coordinates: [area] });
    expect(second?.shape).not.toEqual(first?.shape);
  });

  it('leaves out what no camera sees, hole by hole', () => {
    const rings = [[[0, 0], [0, 1], [1, 1], [0, 0]], [[0.2, 0.2], [0.2, 0.3], [0.3, 0.3], [0.2, 0.2]]];
    expect(blindAreas([rings]).map((one) => [one.id, one.shape])).toEqual([['blind 0', { type: 'Polygon', coordinates: rings }]]);
  });
});

describe('what is drawn of cameras', () => {
  it('is a view only where somebody knows where it looks, assumed where nobody said how far or wide', () => {
    const views = cameraViews([camera('a'), camera('b', { heading_deg: null }), camera('c', { range_m: null })], NONE);
    expect(views.map((view) => [view.id, view.facts['assumed']])).toEqual([['a', 0], ['c', 1]]);
  });
  it('says of a dark camera that it does not see', () => {
    const dark = camera('a', { state: { level: 'serious', word: 'no picture', reason: '', since: '', last_frame_at: null } });
    expect(cameraViews([dark], NONE)[0]?.facts['sees']).toBe(0);
  });
  it('carries level, rank and mark, and nothing that ticks', () => {
    const facts = cameraPoints([camera('a')], new Map([['a', 'docked']]))[0]?.facts;
    expect(facts).toEqual({ kind: 'camera', level: 'normal', rank: 2, label: 'a', mark: 'docked' });
  });
  it('leaves out what has no place', () => {
    expect(cameraPoints([camera('a', { place: { text: '', lat: null, lon: null } })], NONE)).toEqual([]);
  });
});

it('a cluster shows its worst member: the rank orders the ladder', () => {
  const ladder = ['off', 'standby', 'normal', 'caution', 'serious', 'critical'] as const;
  expect(ladder.map(rankOf)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(worst(['normal', 'serious', 'off'])).toBe('serious');
  expect(worst(['normal', 'off'])).toBe('normal');
  expect(worst([])).toBe('off');
  expect(WORST_FIRST).toEqual(['critical', 'serious', 'caution', 'normal', 'standby', 'off']);
  for (const level of ladder) expect(symbolOf(rankOf(level))).toBe(level);
});

it('a unit is an arrow where its heading is known, and says when its place is old', () => {
  const unit = (more: Partial<Unit>): Unit => ({ id: 'u', call_sign: '3142', state: 'free', place: { text: '', lat: 1, lon: 2 }, position_at: null, position_stale: null, heading_deg: 12.4, speed_mps: 6, crew: [], version: 1, ...more });
  expect(unitPoints([unit({})], NONE)[0]?.facts).toMatchObject({ icon: 'unit', rotate: 12, stale: 0, label: '3142' });
  expect(unitPoints([unit({ heading_deg: null, position_stale: true })], NONE)[0]?.facts).toMatchObject({ icon: 'unit-still', stale: 1 });
  expect(unitPoints([unit({ place: null })], NONE)).toEqual([]);
});

it('an area is drawn where there is an error to draw, a trail where there are two places', () => {
  const event = { id: 'e', level: 'critical' as const, title: '', place: { text: '', lat: 38.63, lon: -90.2 } };
  expect(eventAreas([event])).toEqual([]);
  expect(eventAreas([{ ...event, place: { ...event.place, ellipse: { semi_major_m: 12, semi_minor_m: 5, bearing_deg: 30 } } }])[0]?.shape.type).toBe('Polygon');
  expect(trailLines(new Map([['u', [{ lat: 1, lon: 2 }]]]))).toEqual([]);
  expect(trailLines(new Map([['u', [{ lat: 1, lon: 2 }, { lat: 1.1, lon: 2 }]]]))).toHaveLength(1);
});

it('things on one spot are set apart, the first staying where it is', () => {
  const [a, b, c] = apart(cameraPoints([camera('a'), camera('b'), camera('c')], NONE));
  expect(a?.shape.coordinates).toEqual([-90.2, 38.63]);
  expect(new Set([a, b, c].map((one) => JSON.stringify(one?.shape.coordinates))).size).toBe(3);
});

it('the way of a unit is a line from where it is to the incident; of one that nobody knows there is none', () => {
  const way = (id: string, how: Way['how'], line: Way['line']): Way => ({ id, unit: { id: 'u', call_sign: '3142' }, how, eta_s: null, distance_m: null, sentence: '', position_stale: false, line });
  const drawn = wayLines([way('a', 'road', [[38.6, -90.2], [38.61, -90.19]]), way('b', 'unknown', [])]);
  expect(drawn).toEqual([{ id: 'a', shape: { type: 'LineString', coordinates: [[-90.2, 38.6], [-90.19, 38.61]] }, facts: { how: 'road', label: '3142' } }]);
});

describe('the symbols', () => {
  const alpha = (name: string, x: number, y: number) => field(SYMBOLS[name] as (x: number, y: number) => number).data[((y + SIZE / 2) * SIZE + x + SIZE / 2) * 4 + 3] as number;
  it('are inside where they should be and outside elsewhere', () => {
    expect(alpha('normal', 0, 0)).toBeGreaterThan(192);
    expect(alpha('off', 0, 0)).toBeLessThan(192);
    expect(alpha('standby', 0, 0)).toBeGreaterThan(192);
    for (const name of Object.keys(SYMBOLS)) expect(alpha(name, -15, -15)).toBeLessThan(192);
  });
  it('differ by shape alone, each level from each', () => {
    const pixels = ['off', 'standby', 'normal', 'caution', 'serious', 'critical'].map((name) => field(SYMBOLS[name] as (x: number, y: number) => number).data.join());
    expect(new Set(pixels).size).toBe(6);
  });
});

it('a fat pointer takes the nearest, and what asks for attention before what lies under it', () => {
  const hit = (kind: Hit['kind'], x: number): Hit => ({ kind, id: `${kind}${x}`, lat: 0, lon: 0, x, y: 0 });
  expect(nearest([hit('camera', 3), hit('camera', 1)], { x: 0, y: 0 })?.x).toBe(1);
  expect(nearest([hit('camera', 0), hit('alert', 5)], { x: 0, y: 0 })?.kind).toBe('alert');
  expect(nearest([hit('camera', 0), hit('unit', 9)], { x: 0, y: 0 })?.kind).toBe('camera');
  expect(nearest([], { x: 0, y: 0 })).toBeNull();
});

it('what is in view is listed by what asks first, then by nearness to the middle', () => {
  const thing = (kind: Placed['kind'], id: string, lon: number): Placed => ({ kind, id, name: id, level: 'normal', word: '', spot: { lat: 0, lon } });
  const list = inView([thing('camera', 'far', 0.9), thing('camera', 'near', 0.1), thing('unit', 'u', 0.8), thing('incident', 'i', 0.5), thing('camera', 'out', 1.5)], [-1, -1, 1, 1]);
  expect(list.map((one) => one.id)).toEqual(['i', 'u', 'near', 'far']);
});
