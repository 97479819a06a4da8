// Names for ids, where this person may see the list of people: read once, when first asked for.
import { get } from '../api/client';
import { all } from '../api/list';
import { Problem } from '../api/problem';
import { session } from '../kit/session.svelte';

class Names {
  known = $state.raw<ReadonlyMap<string, string>>(new Map());
  #asked = false;

  async load(): Promise<void> {
    if (this.#asked || !session.may('people.view')) return;
    this.#asked = true;
    try {
      const people = await all((part) => get('/people', { query: part }));
      this.known = new Map(people.map((person) => [person.id, person.full_name]));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#asked = false; // Without names the ids' kind is shown; asked again by the next view.
    }
  }
}

export const names = new Names();
