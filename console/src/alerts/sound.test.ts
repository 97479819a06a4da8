import { describe, expect, it } from 'vitest';
import type { SoundSource } from '../api/types';
import { heardAreas, soundAreas } from '../map/scene';
import { afterFirst, countText, fireText, ringsView, roundsText, versionsOf, versionText, viewOf } from './sound';

const RING: [number, number][] = [[-90.2, 38.62], [-90.198, 38.62], [-90.198, 38.622], [-90.2, 38.62]];
const COUNT = { percent: 89, low: 3, high: 4, fire: 'burst' as const, fire_percent: 81, per_s: 2.2 };
const source = (more: Partial<SoundSource> = {}): SoundSource => ({
  version: 1, fallen: false, lat: 38.621, lon: -90.199, area: [RING], heard: [], missed: [],
  rounds: ['2026-11-29T03:14:15.200000Z', '2026-11-29T03:14:15.600000Z', '2026-11-29T03:14:16.100000Z'],
  ellipses: { half: { major_m: 6, minor_m: 4, bearing_deg: 30 }, most: { major_m: 12, minor_m: 8, bearing_deg: 30 }, half_area: [RING] },
  kind: 'gunfire', percent: 71, count: COUNT, air: null, ...more,
});

describe('a sound in words', () => {
  it('says how many rounds, over how long, and how evenly', () => {
    expect(roundsText({ rounds: 3, sources: [source()] })).toBe('3 rounds in 0.9 s, 0.40 to 0.50 s apart');
    expect(roundsText({ rounds: 1, sources: [source({ rounds: ['2026-11-29T03:14:15Z'] })] })).toBe('1 round');
    expect(afterFirst(source().rounds)).toEqual(['first', '+0.40 s', '+0.90 s']);
  });
  it('says how sure the number is, and how they were fired', () => {
    expect(countText(COUNT, 3)).toBe('89\u00a0% that it was 3; in nine of ten cases 3 to 4');
    expect(countText({ ...COUNT, high: 3 }, 3)).toBe('89\u00a0% that it was 3');
    expect(fireText(COUNT)).toBe('a burst by one finger, 2.2 a second (81\u00a0%), if it was a weapon');
  });
  it('says what a version changed', () => {
    const version = { source: 0, version: 2, at: '2026-11-29T03:14:19Z', fallen: false, rounds: 3, heard: 9, where: '', kind: 'gunfire' as const, percent: 71, moved_m: 4.2 };
    expect(versionText(version)).toBe('3 rounds, heard by 9, gunfire 71\u00a0%, moved by 4 m');
    expect(versionText({ ...version, moved_m: 0.4 })).toBe('3 rounds, heard by 9, gunfire 71\u00a0%, the same place');
    expect(versionText({ ...version, kind: null, percent: null })).toBe('3 rounds, heard by 9, moved by 4 m');
    expect(versionText({ ...version, fallen: true })).toBe('nothing is located there any more');
    expect(versionsOf({ sources: [source(), source({ version: 3, fallen: true })] })).toBe('1, 3 fallen');
  });
});

describe('a sound on a map', () => {
  it('is drawn with both ellipses, an area alone with one, and not once it has fallen', () => {
    const heard = (...sources: SoundSource[]) => soundAreas([{ id: 'alt_1', level: 'critical', sound: { kind: 'unknown_impulsive', percent: null, sentence: '', likely: [], reasons: [], cannot: '', rounds: 3, at: '', until: '', where: '', surest: 0, sources } }]);
    expect(heard(source())).toHaveLength(2);
    expect(heard(source({ ellipses: null, lat: null, lon: null }))).toHaveLength(1);
    expect(heard(source({ fallen: true }))).toEqual([]);
    expect(soundAreas([{ id: 'alt_2', level: 'serious', sound: null }])).toEqual([]);
  });
  it('begins where all of it is seen', () => {
    const view = viewOf({ sources: [source()] });
    expect(view?.lat).toBeCloseTo(38.621);
    expect(view?.zoom).toBeGreaterThan(14);
    expect(viewOf({ sources: [] })).toBeNull();
    expect(ringsView([RING])).toEqual(view);
  });
  it('is drawn of an incident as it is located now', () => {
    const sound = { rounds: 3, where: '', area: [RING], half_area: [RING] };
    expect(heardAreas([{ id: 'inc_1', level: 'critical', sound }, { id: 'inc_2', level: 'critical', sound: null }])).toHaveLength(2);
  });
});
