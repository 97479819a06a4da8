// The events socket: one for the page, many subscriptions, resumed where each left off. It draws nothing; socket and time are given to it.
import type { EventsBeat, EventsDelete, EventsDenied, EventsHands, EventsMany, EventsPut, EventsSnapshot, EventsSubscribe, EventsUnsubscribe } from './types';

export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((text: string) => void) | null;
  onclose: ((code: number) => void) | null;
}
export interface World {
  open(): Socket;
  /** Monotonic milliseconds. */
  now(): number;
  later(ms: number, act: () => void): () => void;
  /** 0 <= x < 1, to spread reconnections. */
  random(): number;
}
export interface Subscriber {
  snapshot(items: unknown[]): void;
  put(item: unknown): void;
  delete(key: string): void;
  denied(problem: Pick<EventsDenied, 'reason' | 'detail' | 'next_step'>): void;
}
export type LinkState = 'connecting' | 'up' | 'lost' | 'closed';

type After = [epoch: number, seq: number];
interface Subscription { topic: string; after: After | null; to: Subscriber }
type Change = EventsMany['messages'][number];
type Message = EventsSnapshot | EventsPut | EventsDelete | EventsMany | EventsDenied | EventsBeat;

/** Two beats missed and some patience: after this the link counts as lost. */
export const SILENCE_MS = 12_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
const SIGNED_OUT = 4001;

export class Link {
  state: LinkState = 'closed';
  onstate: (state: LinkState) => void = () => {};
  onbeat: (at: Date) => void = () => {};
  onsignedout: () => void = () => {};
  #world: World;
  #socket: Socket | null = null;
  #subscriptions = new Map<string, Subscription>();
  #count = 0;
  #tries = 0;
  #heardAt = 0;
  #cancelRetry: (() => void) | null = null;
  #cancelWatch: (() => void) | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  start(): void {
    if (this.#socket !== null || this.#cancelRetry !== null) return;
    this.#connect();
  }

  stop(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#drop();
    this.#become('closed');
  }

  subscribe(topic: string, to: Subscriber): () => void {
    const id = `s${++this.#count}`;
    this.#subscriptions.set(id, { topic, after: null, to });
    if (this.state === 'up') this.#ask(id);
    return () => {
      if (this.#subscriptions.delete(id) && this.state === 'up') this.#socket?.send(JSON.stringify({ op: 'unsub', id } satisfies EventsUnsubscribe));
    };
  }

  /** Say something that is no subscription; false when there is nobody to hear it. */
  say(message: EventsHands): boolean {
    if (this.state !== 'up') return false;
    this.#socket?.send(JSON.stringify(message));
    return true;
  }

  #connect(): void {
    this.#cancelRetry = null;
    if (this.state !== 'lost') this.#become('connecting');
    const socket = this.#world.open();
    this.#socket = socket;
    this.#heardAt = this.#world.now();
    socket.onopen = () => {
      this.#heardAt = this.#world.now();
      this.#become('up');
      for (const id of this.#subscriptions.keys()) this.#ask(id);
    };
    socket.onmessage = (text) => this.#hear(text);
    socket.onclose = (code) => {
      if (this.#socket === socket) this.#closed(code);
    };
    this.#watch();
  }

  #closed(code: number): void {
    this.#drop();
    if (code === SIGNED_OUT) {
      this.#become('closed');
      this.onsignedout();
      return;
    }
    this.#become('lost');
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#tries++);
    this.#cancelRetry = this.#world.later(wait * (0.5 + this.#world.random() / 2), () => this.#connect());
  }

  #watch(): void {
    this.#cancelWatch = this.#world.later(1000, () => {
      if (this.#world.now() - this.#heardAt > SILENCE_MS) {
        // A socket that says nothing may be dead for minutes before the browser notices.
        this.#closed(1006);
      } else {
        this.#watch();
      }
    });
  }

  #drop(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #ask(id: string): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription) this.#socket?.send(JSON.stringify({ op: 'sub', id, topic: subscription.topic, after: subscription.after, together: true } satisfies EventsSubscribe));
  }

  #hear(text: string): void {
    this.#heardAt = this.#world.now();
    const message = parsed(text);
    if (message === null) return;
    this.#tries = 0; // Only a server that speaks counts as recovered: one that accepts and closes must not be hammered.
    if (message.op === 'beat') {
      this.onbeat(new Date(message.at));
      return;
    }
    const id = message.id ?? '';
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return;
    switch (message.op) {
      case 'snapshot':
        subscription.after = [message.epoch, message.seq];
        subscription.to.snapshot(message.items);
        break;
      case 'put':
      case 'delete':
        change(subscription, message);
        break;
      case 'many':
        // What one look of the server found, in one message: a thousand units a second would otherwise be a thousand tasks of this page.
        for (const one of message.messages) change(subscription, one);
        break;
      case 'denied':
        if (message.reason === 'ended') {
          // The leave is over, perhaps with a session in whose place is another: a new socket asks as whoever is there now.
          this.#closed(1006);
          break;
        }
        this.#subscriptions.delete(id);
        subscription.to.denied(message);
        break;
    }
  }

  #become(state: LinkState): void {
    if (this.state === state) return;
    this.state = state;
    this.onstate(state);
  }
}

function parsed(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && typeof (value as Message).op === 'string' ? (value as Message) : null;
  } catch {
    return null;
  }
}

/** A resumed stream may repeat what was already told; that is no news. Another epoch always is. */
function change(subscription: Subscription, message: Change): void {
  const { after, to } = subscription;
  if (after !== null && message.epoch === after[0] && message.seq <= after[1]) return;
  subscription.after = [message.epoch, message.seq];
  if (message.op === 'put') to.put(message.item);
  else to.delete(message.key);
}
