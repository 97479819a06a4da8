import { describe, expect, it } from 'vitest';
import type { Follow, IncidentDetail, SeeingCamera } from '../api/types';
import { comes, followed, momentAt, momentNow, percent, rightNow, waited } from './ahead';
import { trackOf } from './drawn';

const next = { place: 1, probability: 0.6, p10_s: 20, p50_s: 40, p90_s: 90 };
const moment = (elapsed_s: number) => ({ elapsed_s, next: [next], none: 0.2, stopped: 0.1, missed: 0 });
const follow = { sightings: [{ at: '2026-11-22T02:00:00Z' }], ahead: [moment(0), moment(30), moment(60)] } as unknown as Follow;

describe('a followed vehicle', () => {
  it('is asked for anew with each word of the timeline on it, and not where nothing was followed', () => {
    const incident = { id: 'inc_1', state: 'open', timeline: [{ kind: 'opened' }] } as unknown as IncidentDetail;
    expect(followed(null)).toBeNull();
    expect(followed(incident)).toBeNull();
    const keys = [1, 2].map((n) => followed({ ...incident, timeline: Array.from({ length: n }, () => ({ kind: n === 1 ? 'follow' : 'sighting' })) } as unknown as IncidentDetail));
    expect(new Set(keys).size).toBe(2);
  });

  it('has waited since its last sighting, and what holds is the last moment that has begun', () => {
    expect(waited(follow, new Date('2026-11-22T02:00:45Z'))).toBe(45);
    expect(waited({ ...follow, sightings: [] }, new Date())).toBeNull();
    expect([0, 29, 30, 59, 600].map((seconds) => momentAt(follow, seconds)?.elapsed_s)).toEqual([0, 0, 30, 30, 60]);
    expect(momentAt({ ...follow, ahead: [] }, 5)).toBeNull();
    const at = (seconds: number) => momentNow(follow, new Date(Date.parse('2026-11-22T02:00:00Z') + seconds * 1000));
    expect(at(31)).toBe(at(59));
    expect(momentNow(null, new Date())).toBeNull();
  });

  it('has the cameras ahead of it first, each once, and no more than fit', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ id }) as SeeingCamera) as [SeeingCamera, SeeingCamera, SeeingCamera];
    const ahead = { ...follow, cameras: [{ camera: c }, { camera: b }] } as unknown as Follow;
    expect(rightNow([a, b], ahead, false, 4)).toEqual([c, b, a]);
    expect(rightNow([a, b], ahead, false, 2)).toEqual([c, b]);
    expect(rightNow([a, b], null, false, 4)).toEqual([a, b]);
    // Of a minute before, wherever it is by now: the same with each sighting.
    expect(rightNow([a, b], ahead, true, 4)).toEqual([a, b]);
  });

  it('comes to the next reader in a time that counts down, and at last is there by now', () => {
    expect(comes(next, moment(0), 0)).toContain('in ');
    expect(comes(next, moment(0), 50)).toMatch(/^any moment/);
    expect(comes(next, moment(0), 95)).toBe('by now');
  });

  it('is drawn solid where it is sure and dashed where it is unread, with when it was read and how probably it is next', () => {
    const line = [[38.6, -90.2], [38.61, -90.19]];
    const place = (lat: number) => ({ text: '', lat, lon: -90.2 });
    const it = {
      ...follow,
      sightings: [38.6, 38.61, 38.6].map((lat, n) => ({ at: `2026-11-22T02:0${n}:00Z`, place: place(lat) })),
      legs: [{ alternatives: [{ line }], stretches: [{ line, unread: false }, { line, unread: true }, { line: [], unread: true }] }],
      places: [{ key: 1, line, place: place(38.7) }, { key: 2, line: [], place: place(38.8) }],
    } as unknown as Follow;
    const drawn = trackOf(it, moment(0));
    expect(drawn.map((one) => one.facts['how'])).toEqual(['other', 'ahead', 'track', 'unread', 'seen', 'seen', 'next']);
    expect(drawn.at(-1)?.facts['label']).toBe('60 %');
    expect(new Set(drawn.map((one) => one.id)).size).toBe(drawn.length);
    expect(trackOf(it, null).some((one) => one.facts['how'] === 'next')).toBe(false);
    expect(trackOf(null, null)).toEqual([]);
  });

  it('says a chance in whole percent, and none as nothing', () => {
    expect([0, 0.004, 0.126, 1].map(percent)).toEqual(['0 %', 'under 1 %', '13 %', '100 %']);
  });
});
