import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { groundOf } from './ground';
import type { Palette } from './palette';
import { styleOf } from './style';

const ORIGIN = 'https://center.example';
const palette = new Proxy({}, { get: () => '#123456' }) as Palette;
const tiles = { url: '/api/v1/map/basemap.pmtiles?v=1', attribution: 'Survey', max_zoom: 15, sha256: '' };
const streets = { url: '/api/v1/map/streets.geojson?v=2', attribution: 'Survey', sha256: '' };

describe('the ground of the map', () => {
  it('is the basemap, without one the streets, without those the bare land', () => {
    expect(groundOf({ basemap: tiles, streets, bounds: null })).toEqual({ tiles: tiles.url });
    expect(groundOf({ basemap: null, streets, bounds: null })).toEqual({ streets: streets.url });
    expect(groundOf({ basemap: null, streets: null, bounds: null })).toBeNull();
    expect(groundOf(null)).toBeNull();
  });

  it.each([['tiles', { tiles: tiles.url }], ['streets', { streets: streets.url }], ['nothing', null]] as const)('of %s makes a style that the map takes', (_, ground) => {
    expect(validateStyleMin(styleOf(palette, ground, ORIGIN)).map((error) => error.message)).toEqual([]);
  });

  it('draws imported streets with their names, and no surface that nobody imported', () => {
    const style = styleOf(palette, { streets: streets.url }, ORIGIN);
    expect(style.sources['city']).toMatchObject({ type: 'geojson', data: `${ORIGIN}${streets.url}` });
    const drawn = style.layers.filter((layer) => 'source' in layer && layer.source === 'city');
    expect(drawn.map((layer) => layer.id)).toEqual(['path', 'street', 'artery', 'highway-casing', 'highway', 'road-name']);
    expect(drawn.some((layer) => 'source-layer' in layer)).toBe(false);
  });

  it('keeps the names of the city whatever stands or drives over them', () => {
    const symbols = styleOf(palette, { tiles: tiles.url }, ORIGIN).layers.filter((layer) => layer.type === 'symbol' && layer.source !== 'city');
    expect(symbols.length).toBeGreaterThan(5);
    for (const layer of symbols) expect(layer.layout, layer.id).toMatchObject({ 'icon-allow-overlap': true, 'icon-ignore-placement': true });
  });

  it('draws views from near by, clusters of cameras from afar with the worst of them, and where an alert may be at 12 %', () => {
    const style = styleOf(palette, null, ORIGIN);
    const layer = (id: string) => style.layers.find((one) => one.id === id);
    expect(style.sources['cameras']).toMatchObject({ cluster: true, clusterMaxZoom: 11, clusterProperties: { worst: ['max', ['get', 'rank']] } });
    expect(JSON.stringify(layer('cluster')?.layout)).toContain('["get","worst"]');
    for (const id of ['view', 'view-edge', 'view-assumed']) expect(layer(id), id).toMatchObject({ minzoom: 15 });
    expect(layer('area')?.paint).toMatchObject({ 'fill-opacity': 0.12 });
  });
});
