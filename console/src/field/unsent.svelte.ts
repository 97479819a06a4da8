// What an officer did and the server has not taken yet: kept first, sent in order, each once; a refusal stays until it was seen.
import { Problem } from '../api/problem';
import type { Act, NewAct, Shelf } from '../kit/shelf';

export interface World {
  shelf(): Promise<Shelf>;
  send(act: Act): Promise<unknown>;
  key(): string;
  later(ms: number, act: () => void): () => void;
  /** Run `act` unless another window of this browser is sending at this moment. */
  alone(act: () => Promise<void>): Promise<void>;
}
type Told = (act: Act, answer: unknown) => void;

const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 30_000;
/** As many as the server takes at once. */
export const MOST_POSITIONS = 500;

/** Whether asking again under the same key may yet be answered otherwise: nobody knows, or nobody is signed in, or it is too much just now. */
function goesOnWaiting(problem: Problem): boolean {
  return !problem.definite || problem.kind === 'unauthenticated' || problem.kind === 'too_many';
}

export class Unsent {
  acts = $state.raw<readonly Act[]>([]);
  /** Whether the last try did not get through: what waits is then said to be not sent yet. */
  stuck = $state(false);
  /** Whether it is kept beyond this page. */
  lasting = $state(true);
  readonly waiting = $derived(this.acts.filter((act) => act.refused === null));
  readonly refused = $derived(this.acts.filter((act) => act.refused !== null));
  ontaken: Told = () => {};
  #world: World;
  #busy = false;
  #last = 0;
  #flying: number | null = null;
  #wait_ms = FIRST_WAIT_MS;
  #cancel: (() => void) | null = null;
  #adding: Promise<unknown> = Promise.resolve();

  constructor(world: World) {
    this.#world = world;
  }

  /** Take up what an earlier page left. */
  async open(): Promise<void> {
    const shelf = await this.#world.shelf();
    this.lasting = shelf.lasting;
    this.acts = await shelf.acts();
    await this.flush();
  }

  /** Keep an act, then try to send it. */
  async add(act: NewAct): Promise<void> {
    await this.#inOrder(async (shelf) => {
      const n = await shelf.add(act).catch(() => this.#loose());
      this.acts = [...this.acts, { ...act, n }];
    });
    void this.flush();
  }

  /** Keep a position: beside those that wait, since each has a key of its own and they may come in any order. */
  async position(act: NewAct): Promise<void> {
    const [position] = act.body['positions'] as unknown[];
    let added = false;
    await this.#inOrder(async (shelf) => {
      const last = this.acts.findLast((one) => one.kind === 'positions' && one.refused === null && one.path === act.path && one.n !== this.#flying);
      const known = (last?.body['positions'] ?? []) as unknown[];
      if (last === undefined || known.length >= MOST_POSITIONS) return;
      // Another body is another request, so it has another key.
      const more: Act = { ...last, key: act.key, body: { positions: [...known, position] } };
      if (more.n > 0) await shelf.replace(more);
      this.acts = this.acts.map((one) => (one.n === more.n ? more : one));
      added = true;
    });
    if (added) void this.flush();
    else await this.add(act);
  }

  /** A refusal was seen: it need not be kept any more. */
  async seen(n: number): Promise<void> {
    await this.#inOrder((shelf) => this.#drop(shelf, n));
  }

  /** Send what waits, in its order, until one does not get through. */
  async flush(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#cancel?.();
    this.#cancel = null;
    try {
      await this.#world.alone(async () => {
        const shelf = await this.#world.shelf();
        // Another window may have sent some meanwhile, or added to them.
        await this.#inOrder(async () => { this.acts = [...(await shelf.acts()), ...this.acts.filter((act) => act.n < 0)]; });
        while (await this.#sendNext(shelf));
      });
    } finally {
      this.#busy = false;
      this.#flying = null;
    }
    if (this.waiting.length === 0) {
      this.stuck = false;
      this.#wait_ms = FIRST_WAIT_MS;
    } else {
      this.#cancel ??= this.#world.later(this.#wait_ms, () => void this.flush());
      this.#wait_ms = Math.min(LONGEST_WAIT_MS, this.#wait_ms * 2);
    }
  }

  /** The link is back: do not wait for the next try. */
  hurry(): void {
    this.#wait_ms = FIRST_WAIT_MS;
    void this.flush();
  }

  /** Whether there is one more to send after this one. */
  async #sendNext(shelf: Shelf): Promise<boolean> {
    const act = this.acts.find((one) => one.refused === null);
    if (act === undefined) return false;
    this.#flying = act.n;
    try {
      const answer = await this.#world.send(act);
      this.stuck = false;
      // Told before it is dropped: at no moment is it neither waiting nor done.
      this.ontaken(act, answer);
      await this.#inOrder(() => this.#drop(shelf, act.n));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.reason === 'answer_lost') {
        // It was done, and what came of it shows when the page reads anew.
        this.ontaken(act, null);
        await this.#inOrder(() => this.#drop(shelf, act.n));
      } else if (goesOnWaiting(error)) {
        this.stuck = true;
        return false;
      } else {
        const refused: Act = { ...act, refused: { detail: error.detail, nextStep: error.nextStep, requestId: error.requestId } };
        await this.#inOrder(async () => {
          if (act.n > 0) await shelf.replace(refused);
          this.acts = this.acts.map((one) => (one.n === act.n ? refused : one));
        });
      }
    }
    return true;
  }

  /** The number of an act that the browser had no room for: it is sent all the same, and said to be lost with the page. */
  #loose(): number {
    this.lasting = false;
    return --this.#last;
  }

  async #drop(shelf: Shelf, n: number): Promise<void> {
    if (n > 0) await shelf.drop(n);
    this.acts = this.acts.filter((one) => one.n !== n);
  }

  /** One change of the shelf after the other, so that what is shown and what is kept are the same. */
  #inOrder(change: (shelf: Shelf) => Promise<void>): Promise<void> {
    const next = this.#adding.then(async () => change(await this.#world.shelf()));
    this.#adding = next.catch(() => {});
    return next;
  }
}
