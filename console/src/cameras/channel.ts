// The playback socket: one for the page. Whoever has recorded pictures before them holds a look in it, reads through it, and hears at once
// when the look ends: what this browser still has in hand is not shown on. It draws nothing.
import { BASE } from '../api/client';
import { Problem } from '../api/problem';
import type { LeaveAsk, LookAsk, ReadAsk, Why } from '../api/types';
import { parseFrame, type Frame } from './frames';

type Bytes = Uint8Array<ArrayBuffer>;

/** What comes of a look. `read` is the number of what was asked for: what comes of an earlier one is old. */
export interface Heard {
  /** Nothing of it may be shown any more, or nothing might be. */
  over(problem: Problem): void;
  begins?(read: number, atMs: number, codec: string, init: Bytes): void;
  media?(read: number, media: Bytes): void;
  /** All of it came, up to `toMs`; or why not. */
  done?(read: number, toMs: number, problem: Problem | null): void;
}

const AWAY = new Problem(0, { kind: 'unreachable', detail: 'The server does not answer.', next_step: 'It is asked again by itself.', retry_after_s: 1 });
const WAITS_MS = [100, 250, 500, 1000, 2000, 4000];
/** After so many tries whoever waits for pictures is told. */
const SAY_AFTER = 3;

export class Look {
  readonly asked: LookAsk;
  readonly to: Heard;
  /** What is being read. */
  reading: ReadAsk | null = null;
  #channel: Channel;
  #reads = 0;

  constructor(channel: Channel, asked: LookAsk, to: Heard) {
    this.#channel = channel;
    this.asked = asked;
    this.to = to;
  }

  /** Ask for the pictures of a time; what was being read before is read no further. */
  read(from: number, to: number, pictures: 'all' | 'keyframes'): number {
    this.#reads += 1;
    this.reading = { op: 'read', look: this.asked.look, read: this.#reads, from: iso(from), to: iso(to), pictures };
    this.#channel.say(this.reading);
    return this.#reads;
  }

  leave(): void {
    this.#channel.leave(this);
  }
}

export class Channel {
  #open: () => WebSocket;
  #socket: WebSocket | null = null;
  #looks = new Map<number, Look>();
  #count = 0;
  #tries = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(open: () => WebSocket) {
    this.#open = open;
  }

  /** Hold a look at what a camera recorded at that moment. */
  look(camera: string, why: Why, at: number, to: Heard): Look {
    clearTimeout(this.#idle);
    this.#count += 1;
    const made = new Look(this, { op: 'look', look: this.#count, camera, at: iso(at), purpose: why.purpose, case: why.case }, to);
    this.#looks.set(this.#count, made);
    if (this.#socket === null) this.#connect();
    else this.say(made.asked);
    return made;
  }

  leave(look: Look): void {
    if (!this.#looks.delete(look.asked.look)) return;
    this.say({ op: 'leave', look: look.asked.look });
    if (this.#looks.size > 0) return;
    clearTimeout(this.#idle);
    // A span that is left for another is two looks, one right after the other; whoever comes next at this desk has a socket of their own.
    this.#idle = setTimeout(() => this.#close(), 0);
  }

  /** To nobody while there is no socket: a new one is told all of it. */
  say(message: LookAsk | ReadAsk | LeaveAsk): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #connect(): void {
    clearTimeout(this.#again);
    const socket = this.#open();
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onopen = () => {
      for (const look of this.#looks.values()) {
        this.say(look.asked);
        if (look.reading !== null) this.say(look.reading);
      }
    };
    socket.onmessage = (event) => { if (event.data instanceof ArrayBuffer) this.#hear(parseFrame(event.data)); };
    socket.onclose = () => { if (this.#socket === socket) this.#lost(); };
  }

  #hear(frame: Frame): void {
    this.#tries = 0;
    if (!('run' in frame)) return;
    const look = this.#looks.get(frame.run);
    if (look === undefined) return;
    switch (frame.kind) {
      case 'init': return look.to.begins?.(frame.seq, frame.capturedMs, frame.codec, frame.init);
      case 'fragment': return look.to.media?.(frame.seq, frame.media);
      case 'piece':
        if (look.reading?.read === frame.seq) look.reading = null;
        return look.to.done?.(frame.seq, frame.toMs ?? 0, frame.problem);
      case 'end':
        this.#looks.delete(frame.run);
        look.to.over(new Problem(0, { kind: frame.refused ? 'refused' : 'ended', reason: frame.reason, detail: frame.detail, next_step: frame.nextStep }));
    }
  }

  #lost(): void {
    this.#socket = null;
    if (this.#looks.size === 0) return;
    const wait = WAITS_MS[Math.min(this.#tries, WAITS_MS.length - 1)] as number;
    this.#tries += 1;
    this.#again = setTimeout(() => this.#connect(), wait);
    if (this.#tries < SAY_AFTER) return;
    for (const look of this.#looks.values()) {
      if (look.reading === null) continue;
      const { read } = look.reading;
      look.reading = null;
      look.to.done?.(read, 0, AWAY);
    }
  }

  #close(): void {
    clearTimeout(this.#again);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** That of this page. */
export const channel = new Channel(() => new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${BASE}/playback`));
