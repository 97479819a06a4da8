// What the chosen camera sees of the ground, and what no live camera sees around the chosen incident: asked of the center, which knows the buildings.
import { get } from '../api/client';
import { live } from '../api/live.svelte';
import { Problem } from '../api/problem';
import type { BlindArea } from '../api/types';
import type { Area } from '../map/scene';

/** Cameras come and go: what nobody sees is asked for again. */
const EVERY_MS = 30_000;
export const RADIUS_M = 250;

export class Sights {
  /** The visible areas of cameras that were chosen, by id. Only the last is kept: a view may be changed meanwhile. */
  areas = $state.raw<ReadonlyMap<string, Area>>(new Map());
  blind = $state.raw<BlindArea | null>(null);

  /** Ask for one camera's area; use as an effect. */
  followCamera(camera: string | null): (() => void) | undefined {
    this.areas = new Map();
    if (camera === null || live.link.state === 'closed') return undefined;
    let ended = false;
    void asked(get('/cameras/{camera_id}/visible-area', { path: { camera_id: camera } })).then((found) => {
      if (!ended && found !== null) this.areas = new Map([[camera, found.area as Area]]);
    });
    return () => { ended = true; };
  }

  /** Ask for what nobody sees around a place, latitude and longitude with a space between; use as an effect. */
  followPlace(place: string | null): (() => void) | undefined {
    this.blind = null;
    if (place === null) return undefined;
    const [lat, lon] = place.split(' ').map(Number) as [number, number];
    let ended = false;
    const ask = async () => {
      if (live.link.state === 'closed') return; // Locked: whoever is not there asks nothing.
      const found = await asked(get('/cameras/blind-area', { query: { lat, lon, radius_m: RADIUS_M } }));
      if (!ended && found !== null) this.blind = found;
    };
    void ask();
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => { ended = true; clearInterval(timer); };
  }
}

/** A map without it is still a map: the wedge is drawn as people entered it, and nothing is shaded. */
async function asked<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return null;
  }
}
