import { describe, expect, it } from 'vitest';
import type { Hand } from '../api/types';
import { byThing, initials, SILENT_MS } from './hands';

const T0 = Date.parse('2026-03-03T04:00:00Z');
const at = (ms: number): string => new Date(T0 + ms).toISOString();
const hand = (id: string, name: string, has: Record<string, string>, heardMs = 0): Hand => ({ id, name, has, heard_at: at(heardMs) });

describe('initials', () => {
  it.each([['A. Lyst', 'AL'], ['Reed', 'RE'], ['Guest (analyst)', 'GA'], ['Dana van der Berg', 'DB'], ['Émile Ørn-Dahl', 'ÉD'], ['  ', '?'], ['李', '李'], ['Q', 'Q']])('of %s are %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});

describe('who has a thing', () => {
  it('is everybody but oneself, the first of them in front', () => {
    const hands = [hand('p2', 'B. Bee', { 'alert:1': at(5000) }), hand('p1', 'A. Lyst', { 'alert:1': at(1000), 'camera:9': at(0) }), hand('me', 'M. Self', { 'alert:1': at(0) })];
    const found = byThing(hands, 'me', T0 + 6000);
    expect(found.get('alert:1')?.map((held) => held.initials)).toEqual(['AL', 'BB']);
    expect(found.get('camera:9')?.map((held) => held.name)).toEqual(['A. Lyst']);
  });

  it('is nobody who was not heard for a while', () => {
    const hands = [hand('p1', 'A. Lyst', { 'alert:1': at(0) })];
    expect(byThing(hands, undefined, T0 + SILENT_MS).get('alert:1')).toHaveLength(1);
    expect(byThing(hands, undefined, T0 + SILENT_MS + 1).size).toBe(0);
  });
});
