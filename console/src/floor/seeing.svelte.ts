// The cameras that see the place of what is chosen, as the center picks them. An incident brings its own; this asks for the rest.
import { get } from '../api/client';
import { live } from '../api/live.svelte';
import { Problem } from '../api/problem';
import type { SeeingCamera } from '../api/types';

export const MOST = 4;

export class Seeing {
  all = $state.raw<readonly SeeingCamera[]>([]);

  /** Ask for a place, latitude and longitude with a space between; use as an effect. */
  follow(place: string | null): (() => void) | undefined {
    this.all = [];
    if (place === null || live.link.state === 'closed') return undefined;
    const [lat, lon] = place.split(' ').map(Number) as [number, number];
    let ended = false;
    void (async () => {
      try {
        const found = await get('/cameras/seeing', { query: { lat, lon, most: MOST } });
        if (!ended) this.all = found.cameras;
      } catch (error) {
        // Who may not see cameras has none offered, and a server that is away is said at the top.
        if (!(error instanceof Problem)) throw error;
      }
    })();
    return () => {
      ended = true;
    };
  }
}
