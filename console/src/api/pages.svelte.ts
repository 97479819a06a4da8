// A list of which as much is shown as somebody asked to see.
import { MOST, upTo, type Read } from './list';
import { Loaded } from './live.svelte';
import { Problem } from './problem';
import type { List } from './types';

const A_PAGE = 100;

export class Pages<T> extends Loaded<List<T>> {
  /** Why the next page did not come. */
  fault = $state.raw<Problem | null>(null);
  #read: Read<T>;
  #a_page: number;
  #wanted: number;

  constructor(read: Read<T>, a_page = A_PAGE) {
    super(async () => {
      // Read anew it is as long as it was: what somebody opened, before or meanwhile, does not close by itself.
      for (;;) {
        const wanted = this.#wanted;
        const list = await upTo(read, wanted, Math.min(MOST, wanted));
        if (this.#wanted <= wanted || list.next === null) return list;
      }
    });
    this.#read = read;
    this.#a_page = a_page;
    this.#wanted = a_page;
  }

  get items(): readonly T[] {
    return this.value?.items ?? [];
  }

  /** What the foot of the list shows: `<More {...pages.foot} one="case" />`. */
  get foot(): { shown: number; ended: boolean; problem: Problem | null; onmore: () => Promise<void> } {
    return { shown: this.items.length, ended: this.value?.next == null, problem: this.fault, onmore: () => this.more() };
  }

  /** The next page, below what is shown. */
  async more(): Promise<void> {
    const shown = this.value;
    const { round } = this;
    if (shown?.next == null) return;
    try {
      const page = await this.#read({ limit: this.#a_page, after: shown.next });
      this.fault = null;
      this.#wanted = shown.items.length + page.items.length;
      if (this.round === round) this.take({ items: [...shown.items, ...page.items], next: page.next });
      else await this.reload(); // Read anew, or being so: the page belongs below another list.
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.fault = error;
    }
  }

  /** Another question from now on: its first page alone. */
  begin(): Promise<void> {
    this.#wanted = this.#a_page;
    this.fault = null;
    return this.reload();
  }
}
