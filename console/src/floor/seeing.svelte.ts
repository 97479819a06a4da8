// The cameras that see the place of what is chosen, as the center picks them. An incident brings its own; this asks for the rest.
import { get } from '../api/client';
import { live } from '../api/live.svelte';
import { Problem } from '../api/problem';
import type { SeeingCamera } from '../api/types';

export const MOST = 4;

export class Seeing {
  all = $state.raw<readonly SeeingCamera[]>([]);
  /** Whether it is not known yet, or why it is not known. */
  asking = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** Raised to ask the same once more. */
  #again = $state(0);

  /** Ask for a place, latitude and longitude with a space between; use as an effect. */
  follow(place: string | null): (() => void) | undefined {
    void this.#again;
    this.all = [];
    this.problem = null;
    this.asking = false;
    if (place === null || live.link.state === 'closed') return undefined;
    const [lat, lon] = place.split(' ').map(Number) as [number, number];
    let ended = false;
    this.asking = true;
    void (async () => {
      try {
        const found = await get('/cameras/seeing', { query: { lat, lon, most: MOST } });
        if (!ended) this.all = found.cameras;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (!ended) this.problem = error;
      } finally {
        if (!ended) this.asking = false;
      }
    })();
    return () => {
      ended = true;
    };
  }

  again(): void {
    this.#again += 1;
  }
}
