import { describe, expect, it } from 'vitest';
import { byId, change, type Drawn } from './diff';

const at = (id: string, lon: number, facts: Drawn['facts'] = {}): Drawn => ({ id, shape: { type: 'Point', coordinates: [lon, 38] }, facts });

describe('the change of a source', () => {
  it('is nothing when nothing changed, also when all was made anew', () => {
    expect(change(byId([at('a', 1, { level: 'off' })]), byId([at('a', 1, { level: 'off' })]))).toBeNull();
  });
  it('names what came, what went and what moved, and of the moved only what is new', () => {
    const was = byId([at('a', 1, { label: '3142', rotate: 10 }), at('b', 2), at('c', 3)]);
    const now = byId([at('a', 1.5, { label: '3142', rotate: 20 }), at('c', 3), at('d', 4, { label: 'new' })]);
    expect(change(was, now)).toEqual({
      remove: ['b'],
      add: [{ type: 'Feature', id: 'd', geometry: { type: 'Point', coordinates: [4, 38] }, properties: { label: 'new', id: 'd' } }],
      update: [{ id: 'a', newGeometry: { type: 'Point', coordinates: [1.5, 38] }, addOrUpdateProperties: [{ key: 'rotate', value: 20 }] }],
    });
  });
  it('takes away a fact that is no more', () => {
    expect(change(byId([at('a', 1, { mark: 'docked' })]), byId([at('a', 1)]))?.update).toEqual([{ id: 'a', removeProperties: ['mark'] }]);
  });
  it('sees that an area changed its outline', () => {
    const area = (x: number): Drawn => ({ id: 'w', shape: { type: 'Polygon', coordinates: [[[0, 0], [x, 0], [0, 1], [0, 0]]] }, facts: {} });
    expect(change(byId([area(1)]), byId([area(1)]))).toBeNull();
    expect(change(byId([area(1)]), byId([area(2)]))?.update[0]?.newGeometry?.type).toBe('Polygon');
  });
});
