// One search of plate reads in this window: what was asked, what came, under which purpose. It ends with the purpose.
import { getBytes, post, type Body } from '../api/client';
import { Problem } from '../api/problem';
import type { FoundRead, List, Why } from '../api/types';
import { clock } from '../kit/clock.svelte';
import { Submission } from '../kit/submission.svelte';
import type { Span } from './span';

/** Each picture in sight is a look of its own: no more than a screen or two at once. */
const PAGE = 25;

type Ask = (body: Body<'post', '/plate-searches'>, key: string) => Promise<List<FoundRead>>;

export interface Sought { plate: string; match: string; span: Span; why: Why }

export class PlateSearch {
  /** What is typed; it stays in memory, and in no address. */
  plate = $state('');
  sought = $state.raw<Sought | null>(null);
  found = $state.raw<FoundRead[]>([]);
  next = $state<string | null>(null);
  foundAt = $state<number | null>(null);
  readonly asking = new Submission();
  readonly #going = new Submission();
  readonly #post: Ask;

  constructor(ask: Ask) {
    this.#post = ask;
  }

  async search(sought: Sought): Promise<void> {
    if (await this.#ask(this.asking, sought, null)) this.#going.problem = null;
  }

  /** What the foot of the list shows. */
  get foot(): { shown: number; ended: boolean; problem: Problem | null; onmore: () => Promise<void> } {
    return { shown: this.found.length, ended: this.next === null, problem: this.#going.problem, onmore: () => this.#more() };
  }

  async #more(): Promise<void> {
    if (this.sought !== null && this.next !== null) await this.#ask(this.#going, this.sought, this.next);
  }

  /** What was found belongs to the purpose it was looked for under. */
  endUnless(why: Why | null): void {
    if (this.sought === null || (why !== null && this.sought.why.purpose === why.purpose && this.sought.why.case === why.case)) return;
    this.sought = null;
    this.found = [];
    this.next = null;
    this.foundAt = null;
    this.asking.problem = this.#going.problem = null;
  }

  async #ask(submission: Submission, sought: Sought, after: string | null): Promise<boolean> {
    const { plate, match, span, why } = sought;
    const body = { plate, match, from: span.from, to: span.to, purpose: why.purpose, case: why.case, limit: PAGE, after };
    const page = await submission.run(body, (key) => this.#post(body, key));
    // What came for a search that is not shown any more belongs to none.
    if (page === null || (after !== null && this.sought !== sought)) return false;
    this.sought = sought;
    this.found = after === null ? page.items : [...this.found, ...page.items];
    this.next = page.next;
    this.foundAt = clock.exact();
    return true;
  }
}

export const plateSearch = new PlateSearch((body, key) => post('/plate-searches', body, { key }));

/** The address of a read's picture in this window, until `free`; or why there is none. Asked for with the purpose, so that the log knows why. */
export async function pictureOf(read: string, why: Why, signal: AbortSignal): Promise<string | Problem> {
  try {
    const response = await getBytes('/plate-reads/{read_id}/picture', { path: { read_id: read }, why, signal });
    return URL.createObjectURL(await response.blob());
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error;
  }
}
