import { expect, test } from 'vitest';
import { alsoRead, blank, drawn, sceneOf, took, typedOf, unordered, type Scene, type Typed } from './scenes';

const typed: Typed = { lat: '38.64', lon: '-90.19', within: '300', from: '2026-11-20T10:00', to: '2026-11-20T11:00' };

test('a scene is a place, a width and a time of a day at most; what lacks is said', () => {
  expect((sceneOf(typed) as Scene).where).toEqual({ kind: 'near', points: [{ lat: 38.64, lon: -90.19 }], within_m: 300 });
  for (const [change, said] of [
    [{ lat: '' }, 'Set the place'], [{ lat: '91' }, 'Set the place'], [{ within: '0' }, 'Around the place'], [{ within: '10001' }, 'Around the place'],
    [{ from: '' }, 'from when'], [{ to: typed.from }, 'after it begins'], [{ to: '2026-11-21T11:00' }, '24 hours'],
  ] as const) expect(sceneOf({ ...typed, ...change })).toContain(said);
});

test('the second is after the first', () => {
  const first = sceneOf(typed) as Scene;
  expect(unordered(first, first)).toBeNull();
  expect(unordered(first, sceneOf({ ...typed, from: '2026-11-20T08:00', to: '2026-11-20T09:00' }) as Scene)).toContain('after the first');
});

test('a search of before is typed again, and none of another kind of place', () => {
  const scene = sceneOf(typed) as Scene;
  expect(typedOf({ since: scene.from, until: scene.to, where: scene.where })).toEqual(typed);
  expect(typedOf({ since: scene.from, until: scene.to, where: { ...scene.where, kind: 'area' } })).toBeNull();
});

test('both places are drawn as far as they are set', () => {
  const { areas, cameras } = drawn([typed, blank(new Date(), 2)]);
  expect([areas.length, cameras.map((one) => one.facts['label'])]).toEqual([1, ['A']]);
});

test('how long it took is the shortest between its reads, and other readings are named', () => {
  const at = (minute: number) => ({ at: `2026-11-20T10:${String(minute).padStart(2, '0')}:00Z` });
  expect(took([at(0), at(5)], [at(3), at(12)])).toBe('3 min from one to the other');
  expect(took([at(5)], [at(3)])).toBe('');
  expect([alsoRead(['AB0123']), alsoRead(['AB0123', 'ABO123'])]).toEqual([null, 'also read as ABO123']);
});
