// The look of the map: a quiet ground from vector tiles named as in the Protomaps schema, and our own symbols over it. Pure; colours are given.
import type { DataDrivenPropertyValueSpecification, ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';
import { LADDER } from '../kit/ladder';
import type { Palette } from './palette';

/** What lies under everything: vector tiles of the city, or the imported streets alone (GeoJSON). */
export type Ground = { tiles: string } | { streets: string } | null;
/** The sources that the floor fills, each a list of things drawn. */
export const SOURCES = ['blind', 'areas', 'views', 'ways', 'trails', 'readers', 'cameras', 'units', 'events'] as const;
export type SourceName = (typeof SOURCES)[number];
/** The layers a pointer finds, those on top first. */
export const HIT_LAYERS = ['event', 'unit', 'cluster', 'camera', 'reader'] as const;

/** From here on views are drawn; up to here cameras are bundled. */
export const VIEWS_FROM = 15;
export const CLUSTERS_TO = 11;
const FONT = ['Inter Variable'];
type Colour = DataDrivenPropertyValueSpecification<string>;
type Width = ExpressionSpecification;

const by = (...stops: number[]): Width => ['interpolate', ['exponential', 1.6], ['zoom'], ...stops] as unknown as Width;
const is = (name: string, value: string | number): ExpressionSpecification => ['==', ['get', name], value];
const kinds = (...names: string[]): ExpressionSpecification => ['in', ['get', 'kind'], ['literal', names]];

export function styleOf(colours: Palette, under: Ground, origin: string): StyleSpecification {
  const sources: Record<string, SourceSpecification> = {};
  for (const name of SOURCES) {
    sources[name] = {
      type: 'geojson', data: { type: 'FeatureCollection', features: [] }, promoteId: 'id',
      ...(name === 'cameras' ? { cluster: true, clusterMaxZoom: CLUSTERS_TO, clusterRadius: 46, clusterProperties: { worst: ['max', ['get', 'rank']] } } : {}),
    };
  }
  if (under !== null && 'tiles' in under) sources['city'] = { type: 'vector', url: `pmtiles://${new URL(under.tiles, origin).href}` };
  if (under !== null && 'streets' in under) sources['city'] = { type: 'geojson', data: new URL(under.streets, origin).href, tolerance: 0.5, maxzoom: 16 };
  return { version: 8, sources, layers: [...city(colours, under), ...things(colours)] };
}

const ground = (c: Palette): LayerSpecification => ({ id: 'ground', type: 'background', paint: { 'background-color': c.land } });

function city(c: Palette, under: Ground): LayerSpecification[] {
  if (under === null) return [ground(c)];
  if ('tiles' in under) return [ground(c), ...surfaces(c), ...roads(c, 'roads'), roadNames(c, 'roads'), ...places(c)];
  return [ground(c), ...roads(c), roadNames(c)];
}

function surfaces(c: Palette): LayerSpecification[] {
  const from = { source: 'city' };
  return [
    { id: 'earth', type: 'fill', ...from, 'source-layer': 'earth', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': c.land } },
    { id: 'park', type: 'fill', ...from, 'source-layer': 'landuse', filter: kinds('park', 'nature_reserve', 'forest', 'wood', 'cemetery', 'golf_course', 'grass'), paint: { 'fill-color': c.park } },
    { id: 'water', type: 'fill', ...from, 'source-layer': 'water', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': c.water } },
    { id: 'stream', type: 'line', ...from, 'source-layer': 'water', filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': c.water, 'line-width': by(10, 0.6, 18, 8) } },
    { id: 'building', type: 'fill', ...from, 'source-layer': 'buildings', minzoom: 15, paint: { 'fill-color': c.building, 'fill-opacity': ['interpolate', ['linear'], ['zoom'], 15, 0, 15.6, 1] } },
    { id: 'district', type: 'line', ...from, 'source-layer': 'boundaries', filter: kinds('district', 'city', 'county'), paint: { 'line-color': c.border, 'line-width': ['match', ['get', 'kind'], 'district', 1, 1.6], 'line-dasharray': [4, 3] } },
  ];
}

/** The streets of a layer of tiles, or of the one list of lines. */
function roads(c: Palette, layer?: string): LayerSpecification[] {
  const from = { source: 'city', ...(layer === undefined ? {} : { 'source-layer': layer }) };
  const road = (id: string, kind: string[], colour: Colour, width: Width, more: { minzoom?: number; dash?: number[] } = {}): LayerSpecification => ({
    id, type: 'line', ...from, filter: kinds(...kind), ...(more.minzoom === undefined ? {} : { minzoom: more.minzoom }),
    layout: { 'line-cap': more.dash ? 'butt' : 'round', 'line-join': 'round' },
    paint: { 'line-color': colour, 'line-width': width, ...(more.dash ? { 'line-dasharray': more.dash } : {}) },
  });
  return [
    road('path', ['path'], c.path, by(15, 0.6, 18, 2), { minzoom: 15, dash: [2, 2] }),
    road('street', ['minor_road', 'other'], c.street, by(11, 0.4, 14, 1.4, 18, 12), { minzoom: 11 }),
    road('artery', ['major_road'], c.artery, by(9, 0.6, 13, 2.2, 18, 18)),
    road('highway-casing', ['highway'], c.highway, by(7, 1, 13, 4.4, 18, 26)),
    road('highway', ['highway'], c.casing, by(7, 0, 12, 1.4, 13, 2.2, 18, 21), { minzoom: 12 }),
  ];
}

const label = (c: Palette, colour: string) => ({ 'text-color': colour, 'text-halo-color': c.halo, 'text-halo-width': 1.4 });

function roadNames(c: Palette, layer?: string): LayerSpecification {
  return {
    id: 'road-name', type: 'symbol', source: 'city', ...(layer === undefined ? {} : { 'source-layer': layer }), minzoom: 13.5, filter: ['all', ['has', 'name'], kinds('highway', 'major_road', 'minor_road')],
    layout: { 'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': ['interpolate', ['linear'], ['zoom'], 13, 10, 17, 11.5], 'symbol-spacing': 320, 'text-max-angle': 30, 'text-padding': 8 },
    paint: label(c, c['road-name']),
  };
}

function places(c: Palette): LayerSpecification[] {
  return [
    {
      id: 'neighbourhood', type: 'symbol', source: 'city', 'source-layer': 'places', minzoom: 11.5, maxzoom: 16.5, filter: kinds('neighbourhood'),
      layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 10.5, 'text-transform': 'uppercase', 'text-letter-spacing': 0.12, 'text-max-width': 9, 'text-padding': 16 },
      paint: label(c, c.place),
    },
    {
      id: 'locality', type: 'symbol', source: 'city', 'source-layer': 'places', maxzoom: 12, filter: kinds('locality'),
      layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 13, 'text-padding': 16 }, paint: label(c, c.place),
    },
  ];
}

/** Symbols are drawn whatever lies under them, and take no name of the city away: what drives about would make names come and go. */
function things(c: Palette): LayerSpecification[] {
  return [...underneath(c), readers(c), ...cameras(c), units(c), ...events(c), trackWords(c)];
}

const laddered = (c: Palette, normal: string): Colour =>
  ['match', ['get', 'level'], 'critical', c.critical, 'serious', c.serious, 'caution', c.caution, 'standby', c.standby, 'off', c.off, normal] as Colour;
const chosen = (c: Palette, otherwise: Colour): Colour => ['case', ['!=', ['get', 'mark'], ''], c.accent, otherwise] as Colour;
/** A device in order takes the colour of the choice; one with trouble keeps its own. */
const device = (c: Palette): Colour => ['case', ['all', ['!=', ['get', 'mark'], ''], is('level', 'normal')], c.accent, laddered(c, c.camera)] as Colour;

function underneath(c: Palette): LayerSpecification[] {
  const blind = ['case', is('sees', 1), c.camera, c['unit-off']] as Colour;
  const mark = ['get', 'mark'] as ExpressionSpecification;
  return [
    { id: 'blind', type: 'fill', source: 'blind', paint: { 'fill-color': c.muted, 'fill-opacity': 0.28 } },
    { id: 'blind-edge', type: 'line', source: 'blind', paint: { 'line-color': c.muted, 'line-width': 1, 'line-dasharray': [3, 2] } },
    { id: 'area', type: 'fill', source: 'areas', paint: { 'fill-color': laddered(c, c.accent), 'fill-opacity': 0.12 } },
    { id: 'area-edge', type: 'line', source: 'areas', paint: { 'line-color': laddered(c, c.accent), 'line-width': 1.6 } },
    {
      id: 'view', type: 'fill', source: 'views', minzoom: VIEWS_FROM,
      paint: { 'fill-color': chosen(c, blind), 'fill-opacity': ['case', ['!=', mark, ''], 0.24, is('sees', 0), 0.05, is('assumed', 1), 0.09, 0.18] },
    },
    { id: 'view-edge', type: 'line', source: 'views', minzoom: VIEWS_FROM, filter: is('assumed', 0), paint: { 'line-color': chosen(c, blind), 'line-width': 1, 'line-opacity': 0.4 } },
    { id: 'view-assumed', type: 'line', source: 'views', minzoom: VIEWS_FROM, filter: is('assumed', 1), paint: { 'line-color': chosen(c, blind), 'line-width': 1, 'line-opacity': 0.45, 'line-dasharray': [2, 3] } },
    { id: 'way', type: 'line', source: 'ways', filter: is('how', 'road'), layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': c.accent, 'line-width': by(11, 2.4, 15, 4.4, 18, 8), 'line-opacity': 0.6 } },
    { id: 'way-straight', type: 'line', source: 'ways', filter: is('how', 'straight_line'), paint: { 'line-color': c.accent, 'line-width': 1.6, 'line-opacity': 0.8, 'line-dasharray': [5, 4] } },
    { id: 'other-way', type: 'line', source: 'ways', filter: is('how', 'other'), layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': c.place, 'line-width': by(11, 1.6, 15, 3, 18, 6), 'line-opacity': 0.45 } },
    { id: 'way-ahead', type: 'line', source: 'ways', filter: is('how', 'ahead'), layout: { 'line-join': 'round' }, paint: { 'line-color': c.accent, 'line-width': by(11, 1.6, 15, 2.6, 18, 5), 'line-opacity': 0.6, 'line-dasharray': [1, 1.6] } },
    { id: 'track', type: 'line', source: 'ways', filter: is('how', 'track'), layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': c.accent, 'line-width': by(11, 2.8, 15, 5, 18, 9) } },
    { id: 'track-unread', type: 'line', source: 'ways', filter: is('how', 'unread'), layout: { 'line-join': 'round' }, paint: { 'line-color': c.accent, 'line-width': by(11, 2.4, 15, 4, 18, 7), 'line-dasharray': [2.4, 1.6] } },
    { id: 'track-next', type: 'circle', source: 'ways', filter: is('how', 'next'), paint: { 'circle-radius': 11, 'circle-color': c.accent, 'circle-opacity': 0.12, 'circle-stroke-color': c.accent, 'circle-stroke-width': 1.4, 'circle-stroke-opacity': 0.8 } },
    { id: 'track-seen', type: 'circle', source: 'ways', filter: is('how', 'seen'), paint: { 'circle-radius': 10, 'circle-color': c.halo, 'circle-stroke-color': c.accent, 'circle-stroke-width': 2.4 } },
    { id: 'trail', type: 'line', source: 'trails', layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': c.accent, 'line-width': 2.4, 'line-dasharray': [0.1, 2.2] } },
  ];
}

/** When it was read there, or how probably it is next: over everything that stands at the same place. */
function trackWords(c: Palette): LayerSpecification {
  return {
    id: 'track-word', type: 'symbol', source: 'ways', filter: ['in', ['get', 'how'], ['literal', ['seen', 'next']]],
    layout: {
      'icon-allow-overlap': true, 'icon-ignore-placement': true, 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 12,
      'text-anchor': 'bottom', 'text-offset': [0, -1], 'text-allow-overlap': true, 'text-ignore-placement': true,
    },
    paint: { 'text-color': c.text2, 'text-halo-color': c.halo, 'text-halo-width': 1.8 },
  };
}

function readers(c: Palette): LayerSpecification {
  return {
    id: 'reader', type: 'symbol', source: 'readers', minzoom: 10,
    layout: {
      'icon-image': ['match', ['get', 'level'], ['critical', 'serious', 'caution'], ['get', 'level'], 'reader'] as unknown as ExpressionSpecification,
      'icon-size': ['interpolate', ['linear'], ['zoom'], 10, 0.37, 14, 0.48, 17, 0.6], 'icon-allow-overlap': true, 'icon-ignore-placement': true,
      'text-field': ['step', ['zoom'], '', 16, ['get', 'label']], 'text-font': FONT, 'text-size': 11, 'text-anchor': 'left', 'text-offset': [0.9, 0], 'text-optional': true,
    },
    paint: { 'icon-color': device(c), 'icon-halo-color': c.halo, 'icon-halo-width': 1.2, 'text-color': c.muted, 'text-halo-color': c.halo, 'text-halo-width': 1.4 },
  };
}

function cameras(c: Palette): LayerSpecification[] {
  const shape = ['match', ['get', 'worst'], ...LADDER.flatMap((level, rank) => [rank, level]), 'off'] as unknown as ExpressionSpecification;
  const colour = ['match', ['get', 'worst'], ...LADDER.flatMap((level, rank) => [rank, level === 'normal' ? c.camera : c[level]]), c.off] as unknown as Colour;
  return [
    {
      id: 'cluster', type: 'symbol', source: 'cameras', filter: ['has', 'point_count'],
      layout: {
        'icon-image': shape, 'icon-size': ['interpolate', ['linear'], ['get', 'point_count'], 2, 0.55, 200, 0.83], 'icon-allow-overlap': true, 'icon-ignore-placement': true,
        'text-field': ['get', 'point_count_abbreviated'], 'text-font': FONT, 'text-size': 11, 'text-anchor': 'left', 'text-offset': [1, 0], 'text-allow-overlap': true,
      },
      paint: { 'icon-color': colour, 'icon-halo-color': c.halo, 'icon-halo-width': 1.4, 'text-color': c.text2, 'text-halo-color': c.halo, 'text-halo-width': 1.6 },
    },
    {
      id: 'camera', type: 'symbol', source: 'cameras', filter: ['!', ['has', 'point_count']],
      layout: {
        'icon-image': ['get', 'level'], 'icon-size': ['interpolate', ['linear'], ['zoom'], 11, 0.28, 14, 0.39, 17, 0.55], 'icon-allow-overlap': true, 'icon-ignore-placement': true,
        'symbol-sort-key': ['get', 'rank'], 'text-field': ['step', ['zoom'], '', 16.3, ['get', 'label']], 'text-font': FONT, 'text-size': 11,
        'text-anchor': 'left', 'text-offset': [0.9, 0], 'text-optional': true,
      },
      paint: { 'icon-color': device(c), 'icon-halo-color': c.halo, 'icon-halo-width': 1.4, 'text-color': c.muted, 'text-halo-color': c.halo, 'text-halo-width': 1.4 },
    },
    ring('camera-ring', 'cameras', c, 0.97),
  ];
}

function units(c: Palette): LayerSpecification {
  const faint = ['any', is('state', 'off'), is('stale', 1)] as ExpressionSpecification;
  return {
    id: 'unit', type: 'symbol', source: 'units',
    layout: {
      'icon-image': ['get', 'icon'], 'icon-rotate': ['get', 'rotate'], 'icon-rotation-alignment': 'map', 'icon-allow-overlap': true, 'icon-ignore-placement': true,
      'icon-size': ['interpolate', ['linear'], ['zoom'], 10, 0.41, 14, 0.69, 17, 0.83],
      'text-field': ['step', ['zoom'], '', 12.5, ['get', 'label']], 'text-font': FONT, 'text-size': 12, 'text-anchor': 'left', 'text-offset': [1.1, 0], 'text-optional': true,
    },
    paint: {
      'icon-color': chosen(c, ['case', faint, c['unit-off'], is('state', 'assigned'), c.accent, c.unit] as Colour), 'icon-halo-color': c.halo, 'icon-halo-width': 1.4,
      'text-color': ['case', faint, c.muted, c.text2] as Colour, 'text-halo-color': c.halo, 'text-halo-width': 1.6,
    },
  };
}

function events(c: Palette): LayerSpecification[] {
  return [
    {
      id: 'incident-ring', type: 'symbol', source: 'events', filter: is('kind', 'incident'),
      layout: { 'icon-image': 'ring', 'icon-size': 1.15, 'icon-allow-overlap': true, 'icon-ignore-placement': true }, paint: { 'icon-color': laddered(c, c.normal), 'icon-halo-color': c.halo, 'icon-halo-width': 1 },
    },
    {
      id: 'event', type: 'symbol', source: 'events',
      layout: { 'icon-image': ['get', 'level'], 'icon-size': 0.83, 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'symbol-sort-key': ['get', 'rank'] },
      paint: { 'icon-color': laddered(c, c.normal), 'icon-halo-color': c.halo, 'icon-halo-width': 2 },
    },
    ring('event-ring', 'events', c, 1.52), ring('unit-ring', 'units', c, 1.29), ring('reader-ring', 'readers', c, 1.06),
  ];
}

/** Around what is chosen: a shape, so that colour does not carry it alone. */
function ring(id: string, source: SourceName, c: Palette, size: number): LayerSpecification {
  return {
    id, type: 'symbol', source, filter: is('mark', 'selected'),
    layout: { 'icon-image': 'ring', 'icon-size': size, 'icon-allow-overlap': true, 'icon-ignore-placement': true }, paint: { 'icon-color': c.accent, 'icon-halo-color': c.halo, 'icon-halo-width': 1 },
  };
}
