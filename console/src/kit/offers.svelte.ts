// Who offers commands to the palette. A view offers what is on it while it stands.
import { untrack } from 'svelte';
import type { Command } from './commands';

type Offer = () => Command[];

class Offers {
  all = $state.raw<Offer[]>([]);

  /** Offer these while the returned function was not called; use as the return of `$effect`. Asked when the palette is open. */
  add(offer: Offer): () => void {
    this.all = [...untrack(() => this.all), offer];
    return () => {
      this.all = untrack(() => this.all).filter((other) => other !== offer);
    };
  }
}

export const offers = new Offers();
