// Data that keeps itself fresh: read once by HTTP, then by the events socket, and every two seconds while the socket is away.
import { untrack } from 'svelte';
import { clock } from '../kit/clock.svelte';
import { BASE, get } from './client';
import { Link, type LinkState, type Socket, type Subscriber } from './link';
import { all, type Read } from './list';
import { Problem } from './problem';
import type { IncidentDetail, ListTopic, Topics } from './types';

const POLL_MS = 2000;
/** How long a view waits for the socket's first word before it asks by HTTP. */
const PATIENCE_MS = 700;

class LiveLink {
  /** Called each time the link is there (again). */
  readonly onup = new Set<() => void>();
  state = $state<LinkState>('closed');
  /** When the link was last up; null when it never was. */
  lostAt = $state<number | null>(null);
  readonly link = new Link({
    open: openSocket,
    now: () => performance.now(),
    later: (ms, act) => {
      const id = setTimeout(act, ms);
      return () => clearTimeout(id);
    },
    random: () => Math.random(),
  });

  constructor() {
    this.link.onstate = (state) => {
      if (state === 'lost' && this.state === 'up') this.lostAt = clock.exact();
      if (state === 'up') this.lostAt = null;
      this.state = state;
      if (state === 'up') for (const listener of this.onup) listener();
    };
    this.link.onbeat = (at) => clock.heard(at);
  }
}

export const live = new LiveLink();

function openSocket(): Socket {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${BASE}/events`);
  const given: Socket = {
    send: (text) => { if (socket.readyState === WebSocket.OPEN) socket.send(text); },
    close: () => socket.close(),
    onopen: null, onmessage: null, onclose: null,
  };
  socket.onopen = () => given.onopen?.();
  socket.onmessage = (event) => { if (typeof event.data === 'string') given.onmessage?.(event.data); };
  socket.onclose = (event) => given.onclose?.(event.code);
  return given;
}

/** What every view has: loading, ready, failed (with the problem), and whether what it shows is fresh. */
export interface Loadable {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly problem: Problem | null;
  readonly heardAt: number | null;
  reload(): Promise<void>;
}

/** One thing, read when asked. */
export class Loaded<T> implements Loadable {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  heardAt = $state<number | null>(null);
  #read: () => Promise<T>;
  #round = 0;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  get status(): 'loading' | 'ready' | 'failed' {
    if (this.value !== null) return 'ready';
    return this.problem === null ? 'loading' : 'failed';
  }

  /** Changes whenever something was asked or taken. */
  protected get round(): number {
    return this.#round;
  }

  /** Whether the server said something that asking again will not change. */
  get settled(): boolean {
    return this.problem !== null && ['refused', 'not_found', 'expired', 'invalid'].includes(this.problem.kind);
  }

  async reload(): Promise<void> {
    const round = ++this.#round;
    try {
      const value = await this.#read();
      if (round !== this.#round) return;
      this.take(value);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (round !== this.#round) return;
      this.problem = error;
      // What may not be seen any more must not stay on the screen; what merely cannot be refreshed stays, and greys.
      if (error.kind === 'refused' || error.kind === 'not_found') this.value = null;
    }
  }

  /** What is known now. An answer to what was asked before this is older, and is passed over when it comes. */
  take(value: T): void {
    this.#round += 1;
    this.value = value;
    this.problem = null;
    this.heardAt = clock.exact();
  }
}

/** The whole list of a topic, by id, in the server's order, or in `order`. */
export class LiveList<K extends ListTopic, T extends Topics[K] = Topics[K]> extends Loaded<T[]> {
  #topic: K;
  #order: ((a: T, b: T) => number) | null;
  #pace_ms: number;
  #waiting = new Map<string, T | null>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** With a pace, what the socket tells is gathered and taken at most that often: for long lists that never rest. */
  constructor(topic: K, read: Read<T>, order: ((a: T, b: T) => number) | null = null, pace_ms = 0) {
    super(async () => {
      const items = await all(read);
      return order ? items.sort(order) : items;
    });
    this.#topic = topic;
    this.#order = order;
    this.#pace_ms = pace_ms;
  }

  /** Follow until the returned function is called; use it as the return of `$effect`. */
  follow(): () => void {
    return follow(this, this.#topic, {
      snapshot: (items) => this.#set(items as T[]),
      put: (item) => { if (!this.#gather((item as T).id, item as T)) this.put(item as T); },
      delete: (key) => { if (!this.#gather(key, null)) this.#set((this.value ?? []).filter((item) => item.id !== key)); },
    });
  }

  /** Put one item in its place: what an act answered, or what the socket told. */
  put(item: T): void {
    this.take(placed(this.value ?? [], item, this.#order));
  }

  #gather(id: string, item: T | null): boolean {
    if (this.#pace_ms === 0) return false;
    this.#waiting.set(id, item);
    this.#timer ??= setTimeout(() => this.#flush(), this.#pace_ms);
    return true;
  }

  #flush(): void {
    this.#timer = undefined;
    const items = gathered(this.value ?? [], this.#waiting);
    this.#waiting.clear();
    this.take(this.#order ? items.sort(this.#order) : items);
  }

  #set(items: T[]): void {
    this.#waiting.clear();
    this.take(this.#order ? [...items].sort(this.#order) : items);
  }
}

/** The list with the item in its place, put in or in the stead of its former self; the rest is not looked at again. */
export function placed<T extends { id: string }>(items: readonly T[], item: T, order: ((a: T, b: T) => number) | null): T[] {
  const at = items.findIndex((other) => other.id === item.id);
  if (order === null) return at < 0 ? [...items, item] : items.with(at, item);
  const others = at < 0 ? [...items] : items.toSpliced(at, 1);
  let low = 0;
  let high = others.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(others[middle] as T, item) <= 0) low = middle + 1;
    else high = middle;
  }
  others.splice(low, 0, item);
  return others;
}

/** The list with many changes at once: null takes an item out. */
export function gathered<T extends { id: string }>(items: readonly T[], changes: ReadonlyMap<string, T | null>): T[] {
  const all = new Map(items.map((item) => [item.id, item]));
  for (const [id, item] of changes) {
    if (item === null) all.delete(id);
    else all.set(id, item);
  }
  return [...all.values()];
}

/** One incident, whole, that keeps itself fresh. */
export class LiveIncident extends Loaded<IncidentDetail> {
  #id: string;

  constructor(id: string) {
    super(() => get('/incidents/{incident_id}', { path: { incident_id: id } }));
    this.#id = id;
  }

  follow(): () => void {
    return follow(this, `incident:${this.#id}`, {
      snapshot: (items) => { if (items.length > 0) this.take(items[0] as IncidentDetail); },
      put: (item) => this.take(item as IncidentDetail),
      delete: () => void this.reload(),
    });
  }
}

type Told = Omit<Subscriber, 'denied'>;

function follow(data: Loaded<unknown>, topic: string, told: Told): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  let denied = false;
  let asking = false;
  const poll = async () => {
    if (asking) return;
    clearTimeout(timer);
    // Closed: locked or signed out. Whoever is not there asks nothing.
    const needed = denied || live.link.state !== 'up' || data.value === null;
    if (needed && live.link.state !== 'closed') {
      asking = true;
      await data.reload();
      asking = false;
    }
    // A no is an answer: asking it again every two seconds would only fill the log.
    if (!ended && !data.settled) timer = setTimeout(() => void poll(), POLL_MS);
  };
  // Untracked: an effect that follows must not be run again by what it hears.
  const end = untrack(() => {
    // A socket that stands, or is about to, brings the list itself: asking twice would be two entries in the log.
    if (live.link.state === 'up' || live.link.state === 'connecting') timer = setTimeout(() => void poll(), PATIENCE_MS);
    else void poll();
    return live.link.subscribe(topic, {
      ...told,
      denied: () => {
        // HTTP says in full why something is denied, and serves where only the subscription is not known.
        denied = true;
        void poll();
      },
    });
  });
  return () => {
    ended = true;
    clearTimeout(timer);
    end();
  };
}
