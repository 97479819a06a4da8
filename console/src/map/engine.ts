// The one place that knows the map library: draws what it is given, says what was pointed at, and never moves by itself. Loaded when a map is wanted.
import { addProtocol, Map as Library, setWorkerUrl, type AddProtocolAction, type AllPaintProperties, type GeoJSONSource, type MapGeoJSONFeature, type PointLike } from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { Protocol } from 'pmtiles';
import './map.css';
import { byId, change, type Drawn } from './diff';
import type { Bounds, Spot } from './geo';
import { field, SYMBOLS } from './icons';
import type { Palette } from './palette';
import { nearest, type Hit } from './pick';
import { HIT_LAYERS, SOURCES, styleOf, type Ground, type SourceName } from './style';

export interface View { lat: number; lon: number; zoom: number }
export interface Told {
  /** Pressed: the thing, or null for the ground. */
  picked(hit: Hit | null): void;
  hovered(hit: Hit | null, x: number, y: number): void;
  /** The view changed; `by` says whether a person did it. */
  moved(view: View, bounds: Bounds, by: 'person' | 'us'): void;
  /** Everything that was to be shown is drawn, for the first time. */
  drawn(): void;
  failed(reason: string): void;
}
interface Begin { palette: Palette; ground: Ground; view: View | Bounds; told: Told }

setWorkerUrl(worker);
// Of the two libraries one writes `undefined` where the other leaves a field out; both mean the same.
addProtocol('pmtiles', new Protocol().tilev4 as AddProtocolAction);

/** How near a pointer must come, in pixels: more for a finger. */
const FAT = { mouse: 9, touch: 18 };

export class Engine {
  #map: Library;
  #told: Told;
  #shown = new Map<SourceName, Map<string, Drawn>>();
  #ready = false;
  #waiting = new Map<SourceName, readonly Drawn[]>();
  #hovering = 0;
  #repaint: (() => void) | null = null;

  /** Throws where there is no WebGL. */
  constructor(container: HTMLElement, { palette, ground, view, told }: Begin) {
    this.#told = told;
    const start = Array.isArray(view) ? { bounds: view, fitBoundsOptions: { padding: 48, maxZoom: 15 } } : { center: [view.lon, view.lat] as [number, number], zoom: view.zoom };
    this.#map = new Library({
      container, style: styleOf(palette, ground, location.origin), ...start, attributionControl: false, pitchWithRotate: false, dragRotate: false, touchPitch: false, maxPitch: 0,
      fadeDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 120, minZoom: 8, maxZoom: 20, refreshExpiredTiles: false,
      locale: { 'Map.Title': 'Drawing of the city: arrow keys move it, plus and minus come nearer and go farther. What is on it is in the list of objects in view.' },
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#listen();
  }

  /** Show these and no others of a source. What is the same is not told again. */
  show(source: SourceName, drawn: readonly Drawn[]): void {
    if (!this.#ready) {
      this.#waiting.set(source, drawn);
      return;
    }
    const next = byId(drawn);
    const difference = change(this.#shown.get(source) ?? new Map(), next);
    this.#shown.set(source, next);
    if (difference !== null) void this.#map.getSource<GeoJSONSource>(source)?.updateData(difference);
  }

  /** Asked for by a person. */
  go(to: Spot, zoom: number | null = null): void {
    const target = { center: [to.lon, to.lat] as [number, number], zoom: zoom ?? Math.max(this.#map.getZoom(), 15.6) };
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) this.#map.jumpTo(target, { byPerson: true });
    else this.#map.easeTo({ ...target, duration: 500 }, { byPerson: true });
  }

  zoom(by: number): void {
    this.#map.easeTo({ zoom: this.#map.getZoom() + by, duration: 180 }, { byPerson: true });
  }

  /** Another theme: every colour anew, nothing else. */
  paint(palette: Palette, ground: Ground): void {
    if (!this.#ready) {
      this.#repaint = () => this.paint(palette, ground);
      return;
    }
    for (const layer of styleOf(palette, ground, location.origin).layers) {
      for (const [name, value] of Object.entries('paint' in layer ? (layer.paint ?? {}) : {})) this.#map.setPaintProperty(layer.id, name as keyof AllPaintProperties, value);
    }
  }

  resize(): void {
    this.#map.resize();
  }

  close(): void {
    cancelAnimationFrame(this.#hovering);
    this.#map.remove();
  }

  #listen(): void {
    const map = this.#map;
    map.on('load', () => {
      for (const [name, shape] of Object.entries(SYMBOLS)) map.addImage(name, field(shape), { sdf: true });
      this.#ready = true;
      this.#repaint?.();
      for (const source of SOURCES) this.show(source, this.#waiting.get(source) ?? []);
      this.#waiting.clear();
      this.#moved('us');
      map.once('idle', () => this.#told.drawn());
    });
    map.on('moveend', (event) => this.#moved(event.originalEvent !== undefined || ('byPerson' in event && event.byPerson === true) ? 'person' : 'us'));
    map.on('click', (event) => this.#pick(event.point, event.originalEvent instanceof PointerEvent && event.originalEvent.pointerType === 'touch' ? FAT.touch : FAT.mouse));
    map.on('mousemove', (event) => {
      cancelAnimationFrame(this.#hovering);
      this.#hovering = requestAnimationFrame(() => {
        const hit = this.#at(event.point, FAT.mouse);
        map.getCanvas().style.cursor = hit === null ? '' : 'pointer';
        this.#told.hovered(hit, event.point.x, event.point.y);
      });
    });
    map.on('mouseout', () => {
      cancelAnimationFrame(this.#hovering);
      this.#told.hovered(null, 0, 0);
    });
    map.on('error', (event) => {
      // A tile that did not come leaves a hole in the ground, and no more.
      if (!this.#ready) this.#told.failed(event.error?.message ?? 'The map could not be drawn.');
    });
    map.on('webglcontextlost', () => this.#told.failed('This computer took the graphics away from the page.'));
  }

  #pick(point: { x: number; y: number }, fat: number): void {
    const hit = this.#at(point, fat);
    if (hit?.kind === 'cluster') {
      const next = this.#map.getSource<GeoJSONSource>('cameras')?.getClusterExpansionZoom(hit.cluster as number);
      void next?.then((zoom) => this.go({ lat: hit.lat, lon: hit.lon }, zoom + 0.2));
    } else this.#told.picked(hit);
  }

  #at(point: { x: number; y: number }, fat: number): Hit | null {
    if (!this.#ready) return null;
    const box: [PointLike, PointLike] = [[point.x - fat, point.y - fat], [point.x + fat, point.y + fat]];
    const found = this.#map.queryRenderedFeatures(box, { layers: [...HIT_LAYERS] });
    return nearest(found.map((one) => this.#hit(one)).filter((hit) => hit !== null), point);
  }

  #hit(found: MapGeoJSONFeature): Hit | null {
    if (found.geometry.type !== 'Point') return null;
    const [lon, lat] = found.geometry.coordinates as [number, number];
    const { x, y } = this.#map.project([lon, lat]);
    const cluster = found.properties['cluster_id'] as number | undefined;
    if (cluster !== undefined) return { kind: 'cluster', id: String(cluster), lat, lon, x, y, cluster, count: found.properties['point_count'] as number };
    return { kind: found.properties['kind'] as Hit['kind'], id: String(found.properties['id']), lat, lon, x, y };
  }

  #moved(by: 'person' | 'us'): void {
    const { lat, lng } = this.#map.getCenter();
    const bounds = this.#map.getBounds();
    this.#told.moved({ lat, lon: lng, zoom: this.#map.getZoom() }, [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], by);
  }
}

