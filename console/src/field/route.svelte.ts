// The way there as it was told last: asked anew when this phone moved, when the link is back, and now and then.
import { live } from '../api/live.svelte';
import type { Route } from '../api/types';
import { distance, eta } from '../kit/ages';
import { position } from './position.svelte';
import { routeOf } from './work.svelte';

/** The unit's own locator moves it too, which this page is not told of. */
const AGAIN_MS = 30_000;

export class OwnRoute {
  told = $state.raw<Route | null>(null);
  /** "1:50 · 1.5 km by road" */
  readonly short = $derived.by(() => {
    const route = this.told;
    if (route === null || route.distance_m === null) return null;
    const far = distance(route.distance_m);
    return route.how === 'road' && route.eta_s !== null ? `${eta(route.eta_s)} · ${far} by road` : `${far} in a straight line`;
  });

  /** Follow until the returned function is called; use it inside `$effect`. */
  follow(assignment: string): () => void {
    void [position.said, live.state === 'up'];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const ask = async (): Promise<void> => {
      const found = await routeOf(assignment);
      if (over) return;
      this.told = found ?? this.told;
      timer = setTimeout(() => void ask(), AGAIN_MS);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }
}
