// This console's hands, said to the colleagues', and theirs, shown here. Nothing of it is kept, here or at the server.
import { untrack } from 'svelte';
import { live } from '../api/live.svelte';
import { clock } from '../kit/clock.svelte';
import { session } from '../kit/session.svelte';
import type { Hand } from '../api/types';
import { byThing, type Held } from './hands';

const SAY_EVERY_MS = 4000;
const NOBODY: readonly Held[] = [];

class Hands {
  #mine: readonly string[] = [];
  #heard = $state.raw<ReadonlyMap<string, Hand>>(new Map());
  // A lost link tells nothing: then nobody is shown, whatever was heard last.
  readonly #things = $derived(live.state === 'up' ? byThing(this.#heard.values(), session.current?.person.id, clock.now.getTime()) : new Map<string, Held[]>());

  /** The colleagues who have this (`kind:id`) open. */
  of(thing: string): readonly Held[] {
    return this.#things.get(thing) ?? NOBODY;
  }

  /** Hear the colleagues', and say every few seconds what is in one's own; use as an effect. */
  follow(): () => void {
    const set = (change: (hands: Map<string, Hand>) => void) => {
      const hands = new Map(this.#heard);
      change(hands);
      this.#heard = hands;
    };
    const end = untrack(() => live.link.subscribe('hands', {
      snapshot: (items) => {
        this.#heard = new Map((items as Hand[]).map((hand) => [hand.id, hand]));
        this.#tell(); // Who follows may show; before, the server would not have taken it.
      },
      put: (item) => set((hands) => hands.set((item as Hand).id, item as Hand)),
      delete: (key) => set((hands) => hands.delete(key)),
      denied: () => { this.#heard = new Map(); },
    }));
    const timer = setInterval(() => this.#tell(), SAY_EVERY_MS);
    return () => {
      clearInterval(timer);
      this.say([]);
      end();
    };
  }

  /** What is in hand from now, each as `kind:id`. */
  say(things: readonly string[]): void {
    this.#mine = things;
    this.#tell();
  }

  #tell(): void {
    live.link.say({ op: 'hands', has: [...this.#mine] });
  }
}

export const hands = new Hands();
