// The scene of the map and the list of what is on it, derived from the floor's data and its one selection.
import { open } from '../alerts/queue.svelte';
import type { Alert, Assignment, Follow, Incident, StatusLevel, Unit, Way } from '../api/types';
import { momentNow } from '../follow/ahead';
import { trackOf } from '../follow/drawn';
import { clock } from '../kit/clock.svelte';
import { Paced } from '../kit/paced.svelte';
import { capital, UNIT_STATES } from '../kit/words';
import type { Spot } from '../map/geo';
import type { Placed } from '../map/inview';
import * as draw from '../map/scene';
import type { FloorData } from './data.svelte';
import { focus, type Selection } from './selection';
import type { Sights } from './sights.svelte';

export const UNIT_LEVELS: Record<Unit['state'], StatusLevel> = { free: 'normal', assigned: 'standby', off: 'off' };
type Thing = Omit<Placed, 'spot'> & { spot: Spot | null };

const TRAIL_MOST = 120;
/** A new alert is on the map at once; of several in a second the map is drawn once, as each drawing of it costs as much as all the cards. */
const DRAWN_EVERY_MS = 1000;

export class World {
  #data: FloorData;
  #selection: () => Selection;
  #docked: () => readonly string[];
  #sent: () => readonly Assignment[];
  #ways: () => readonly Way[];
  #sights: Sights;
  #followed: () => Follow | null;
  #trails = new Map<string, Spot[]>();
  #happened: Paced<{ alerts: Alert[]; incidents: Incident[] }>;

  constructor(data: FloorData, selection: () => Selection, docked: () => readonly string[], sent: () => readonly Assignment[], ways: () => readonly Way[], sights: Sights, followed: () => Follow | null) {
    this.#data = data;
    this.#selection = selection;
    this.#docked = docked;
    this.#sent = sent;
    this.#ways = ways;
    this.#sights = sights;
    this.#followed = followed;
    this.#happened = new Paced(() => ({ alerts: open(), incidents: data.incidents.value ?? [] }), DRAWN_EVERY_MS);
  }

  readonly marks = $derived.by((): draw.Marks => {
    const marks = new Map<string, 'selected' | 'docked'>(this.#docked().map((id) => [id, 'docked']));
    const { about, thing } = this.#selection();
    for (const chosen of [about, thing]) if (chosen !== null) marks.set(chosen.id, 'selected');
    return marks;
  });
  readonly cameras = $derived.by(() => draw.apart(draw.cameraPoints(this.#data.cameras.value ?? [], this.marks)));
  readonly views = $derived.by(() => draw.cameraViews(this.#data.cameras.value ?? [], this.marks, this.#sights.areas));
  readonly blind = $derived.by(() => draw.blindAreas(this.#sights.blind?.unseen ?? []));
  readonly readers = $derived.by(() => draw.apart(draw.readerPoints(this.#data.readers.value ?? [], this.marks)));
  readonly units = $derived.by(() => draw.unitPoints(this.#data.units.value ?? [], this.marks));
  readonly events = $derived.by(() => draw.apart(draw.eventPoints(this.#happened.current.alerts, this.#happened.current.incidents, this.marks), 18));
  readonly areas = $derived.by(() => [...draw.eventAreas([...this.#happened.current.alerts, ...this.#happened.current.incidents]), ...draw.soundAreas(this.#happened.current.alerts), ...draw.heardAreas(this.#happened.current.incidents)]);
  readonly #moment = $derived.by(() => momentNow(this.#followed(), clock.now));
  readonly ways = $derived.by(() => [...draw.wayLines(this.#ways()), ...trackOf(this.#followed(), this.#moment)]);
  readonly trails = $derived.by(() => {
    const sent = new Set(this.#sent().filter((a) => a.state !== 'cleared' && a.state !== 'cancelled').map((a) => a.unit.id));
    for (const id of this.#trails.keys()) if (!sent.has(id)) this.#trails.delete(id);
    for (const unit of this.#data.units.value ?? []) {
      const spot = draw.spotOf(unit);
      if (!sent.has(unit.id) || spot === null) continue;
      const trail = this.#trails.get(unit.id) ?? [];
      const last = trail.at(-1);
      if (last?.lat !== spot.lat || last.lon !== spot.lon) this.#trails.set(unit.id, [...trail.slice(1 - TRAIL_MOST), spot]);
    }
    return draw.trailLines(this.#trails);
  });

  readonly #alerts = $derived.by(() => open().map((alert): Thing => named('alert', alert, alert.title, alert.level, alert.place.text)));
  readonly #incidents = $derived.by(() => (this.#data.incidents.value ?? []).map((one): Thing => named('incident', one, capital(one.title), one.level, one.place.text)));
  readonly #units = $derived.by(() => (this.#data.units.value ?? []).map((unit): Thing => named('unit', unit, unit.call_sign, UNIT_LEVELS[unit.state], UNIT_STATES[unit.state])));
  readonly #cameras = $derived.by(() => (this.#data.cameras.value ?? []).map((camera): Thing => named('camera', camera, camera.name, camera.state.level, camera.state.word)));
  readonly #readers = $derived.by(() => (this.#data.readers.value ?? []).map((reader): Thing => named('reader', reader, reader.name, reader.state.level, reader.state.word)));
  /** Everything by name, also what has no place. Kind by kind, so that driving units make nothing else anew. */
  readonly things = $derived([...this.#alerts, ...this.#incidents, ...this.#units, ...this.#cameras, ...this.#readers]);
  readonly placed = $derived(this.things.filter((thing): thing is Placed => thing.spot !== null));

  /** Where the chosen thing is, when it has a place. */
  readonly spot = $derived.by((): Spot | null => {
    const chosen = focus(this.#selection());
    return chosen === null ? null : (this.placed.find((thing) => thing.id === chosen.id)?.spot ?? null);
  });
}

function named(kind: Placed['kind'], thing: { id: string; place: { lat: number | null; lon: number | null } | null }, name: string, level: StatusLevel, word: string): Thing {
  return { kind, id: thing.id, name, level, word, spot: draw.spotOf(thing) };
}
