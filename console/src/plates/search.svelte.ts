// One search of plate reads in this window: what was asked, what came, under which purpose. It ends with the purpose.
import { get, getBytes, post, type Body } from '../api/client';
import { Problem } from '../api/problem';
import type { FoundRead, PlateSearch as Searched, Why } from '../api/types';
import { clock } from '../kit/clock.svelte';
import { Submission } from '../kit/submission.svelte';
import type { Span } from './span';
import type { Place } from './where';

/** Each picture in sight is a look of its own: no more than a screen or two at once. */
const PAGE = 25;

type Ask = (body: Body<'post', '/plate-searches'>, key: string) => Promise<Answer>;
type Again = (search: string, why: Why) => Promise<Searched>;
export type Answer = Pick<Searched, 'items' | 'next'> & Partial<Searched>;

export interface Sought { plate: string; match: string; span: Span; why: Why; where?: Place | null; colour?: string | null; make?: string | null }

export class PlateSearch {
  /** What is typed; it stays in memory, and in no address. */
  plate = $state('');
  where = $state.raw<Place | null>(null);
  colour = $state('');
  make = $state('');
  sought = $state.raw<Sought | null>(null);
  /** With the first page: its id, what was found in all, how far back it was looked. */
  whole = $state.raw<Answer | null>(null);
  found = $state.raw<FoundRead[]>([]);
  next = $state<string | null>(null);
  foundAt = $state<number | null>(null);
  readonly asking = new Submission();
  readonly #going = new Submission();
  readonly #post: Ask;

  readonly #again: Again;

  constructor(ask: Ask, again: Again = () => Promise.reject(new Error('no search to open'))) {
    this.#post = ask;
    this.#again = again;
  }

  /** A search that a link names, made again for one's own reason. */
  async open(id: string, why: Why): Promise<void> {
    const page = await this.#opening(id, why);
    if (page === null) return;
    const { plate, match, since, until, where, colour, make } = page.sought;
    this.plate = plate ?? '';
    this.where = where as Place | null;
    this.colour = colour ?? '';
    this.make = make ?? '';
    this.#shown({ plate: plate ?? '', match, span: { from: since, to: until }, why, where: where as Place | null, colour, make }, page, null);
  }

  #opening(id: string, why: Why): Promise<Searched | null> {
    return this.asking.run({ id, why }, () => this.#again(id, why));
  }

  /** What lies before the time to which a search that was cut short looked back. */
  async further(): Promise<void> {
    const [sought, back] = [this.sought, this.whole?.looked_back_to];
    const last = this.found.at(-1)?.at;
    const to = (this.whole?.tally?.reads ?? 0) >= 5000 ? last : back;
    if (sought !== null && to !== undefined && to > sought.span.from) await this.search({ ...sought, span: { ...sought.span, to } });
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
    this.whole = null;
    this.where = null;
    this.next = null;
    this.foundAt = null;
    this.asking.problem = this.#going.problem = null;
  }

  async #ask(submission: Submission, sought: Sought, after: string | null): Promise<boolean> {
    const { plate, match, span, why, where, colour, make } = sought;
    const body = {
      plate: plate === '' ? null : plate, match, from: span.from, to: span.to, where: where ?? null, colour: colour || null, make: make || null,
      purpose: why.purpose, case: why.case, limit: PAGE, after,
    };
    const page = await submission.run(body, (key) => this.#post(body, key));
    // What came for a search that is not shown any more belongs to none.
    if (page === null || (after !== null && this.sought !== sought)) return false;
    this.#shown(sought, page, after);
    return true;
  }

  #shown(sought: Sought, page: Answer, after: string | null): void {
    this.sought = sought;
    if (after === null) this.whole = page;
    this.found = after === null ? page.items : [...this.found, ...page.items];
    this.next = page.next;
    this.foundAt = clock.exact();
  }
}

export const plateSearch = new PlateSearch(
  (body, key) => post('/plate-searches', body, { key }),
  (search, why) => get('/plate-searches/{search_id}', { path: { search_id: search }, query: { limit: PAGE }, why }),
);

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
