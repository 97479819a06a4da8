// One live picture: socket to MediaSource to video element, kept at the edge, with the truth about its age and state.
import { BASE } from '../api/client';
import type { StatusLevel, Why } from '../api/types';
import { clock } from '../kit/clock.svelte';
import { BufferQueue, ranges } from './buffer';
import { Captures, FragmentLength, keepEdge, spent } from './edge';
import { BadFrame, parseFrame, type Frame, type Stream } from './frames';
import { decodeTime, timescale } from './mp4';

export type Picture =
  | { now: 'connecting' }
  | { now: 'live' }
  | { now: 'stalled'; sinceMs: number }
  | { now: 'lost'; tries: number }
  | { now: 'ended'; detail: string; nextStep: string | null }
  | { now: 'refused'; detail: string; nextStep: string | null }
  /** What comes cannot be played here, and the camera's other stream is being opened. */
  | { now: 'turning'; detail: string }
  | { now: 'unplayable'; detail: string };

const STALL_MS = 3000;
const SAY_SLOW_MS = 6000;
const TURN_WITHIN_MS = 20_000;
const WAITS_MS = [250, 500, 1000, 2000, 4000];

export class LivePicture {
  picture = $state.raw<Picture>({ now: 'connecting' });
  /** Age of the shown frame in ms; null until one is shown. */
  ageMs = $state<number | null>(null);
  /** What the server last said of the camera. */
  said = $state.raw<{ level: StatusLevel; word: string; reason: string } | null>(null);
  dropped = $state(0);
  /** Until when (ms of the page) it is said that pictures were left out. */
  #saidUntil = 0;
  /** Whether pictures were left out for this viewer just now: the connection, or this browser, is too slow. */
  slow = $state(false);
  #camera: string;
  #why: Why;
  #wanted: Stream;
  #hasSub = false;
  #video: HTMLVideoElement;
  #socket: WebSocket | null = null;
  #queue: BufferQueue | null = null;
  #url = '';
  #run = -1;
  #offset: number | null = null;
  #timescale: number | null = null;
  #latest = 0;
  #needsKey = true;
  #starting = true;
  #captures = new Captures();
  #length = new FragmentLength();
  #shown: number | null = null;
  #heardAt = 0;
  #tries = 0;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #edge: ReturnType<typeof setInterval> | undefined;
  #held = false;

  constructor(camera: string, why: Why, video: HTMLVideoElement, stream: Stream) {
    this.#camera = camera;
    this.#why = why;
    this.#wanted = stream;
    this.#video = video;
  }

  open(): void {
    this.#prepare();
    this.#connect();
    this.#edge = setInterval(() => this.#tick(), 250);
  }

  close(): void {
    clearInterval(this.#edge);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.#disconnect();
    this.#video.removeAttribute('src');
    this.#video.load();
    URL.revokeObjectURL(this.#url);
  }

  /** When the picture that is shown was captured; null while there is none. */
  get shownMs(): number | null {
    return this.#shown;
  }

  /** From now on that stream of the camera, in the same look. */
  turn(stream: Stream): void {
    if (stream === this.#wanted) return;
    this.#wanted = stream;
    this.#say({ stream });
  }

  /** The screen is locked, and this stays: it cannot be opened again before somebody signs in. */
  hold(): void {
    this.#held = true;
  }

  /** Another try, asked for by a person. */
  again(): void {
    this.#disconnect();
    this.#tries = 0;
    this.picture = { now: 'connecting' };
    this.#prepare();
    this.#connect();
  }

  #prepare(): void {
    URL.revokeObjectURL(this.#url);
    const source = new MediaSource();
    this.#queue = new BufferQueue(source);
    this.#queue.onidle = () => this.#caughtUp();
    this.#queue.onproblem = (reason) => this.#unplayable(`This browser cannot play the picture: ${reason}.`);
    this.#url = URL.createObjectURL(source);
    this.#video.src = this.#url;
    this.#video.muted = true;
    this.#run = -1;
    this.#latest = 0;
    this.#needsKey = true;
    this.#starting = true;
    this.#captures.clear();
    this.#shown = null;
  }

  #connect(): void {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${BASE}/live/${encodeURIComponent(this.#camera)}`);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#heardAt = performance.now();
    socket.onopen = () => socket.send(JSON.stringify({ purpose: this.#why.purpose, case: this.#why.case, stream: this.#wanted }));
    socket.onmessage = (event) => {
      if (event.data instanceof ArrayBuffer) this.#hear(event.data);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (this.picture.now === 'refused' || this.picture.now === 'ended' || this.picture.now === 'unplayable') return;
      if (this.#held) {
        this.picture = { now: 'ended', detail: 'Its link was lost while the screen was locked.', nextStep: 'Sign in.' };
        return;
      }
      const wait = WAITS_MS[Math.min(this.#tries, WAITS_MS.length - 1)] as number;
      this.#tries += 1;
      this.picture = { now: 'lost', tries: this.#tries };
      this.#timers = [setTimeout(() => this.#connect(), wait)];
    };
  }

  #say(message: { stream: Stream }): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #disconnect(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  #hear(buffer: ArrayBuffer): void {
    let frame: Frame;
    try {
      frame = parseFrame(buffer);
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      this.#unplayable('The server and this page do not understand each other. Load the page again.');
      return;
    }
    switch (frame.kind) {
      case 'stream':
        this.#hasSub = frame.hasSub;
        return;
      case 'init': return this.#begin(frame);
      case 'fragment': return this.#fragment(frame);
      case 'drop':
        this.dropped += frame.dropped;
        this.#saidUntil = performance.now() + SAY_SLOW_MS;
        this.slow = true;
        this.#needsKey = true;
        return;
      case 'state':
        this.said = { level: frame.level as StatusLevel, word: frame.word, reason: frame.reason };
        return;
      case 'end':
        this.picture = { now: frame.refused ? 'refused' : 'ended', detail: frame.detail, nextStep: frame.nextStep };
        this.#disconnect();
    }
  }

  #begin(frame: Extract<Frame, { kind: 'init' }>): void {
    if (!MediaSource.isTypeSupported(`video/mp4; codecs="${frame.codec}"`)) {
      this.#cannot(frame.codec);
      return;
    }
    if (this.picture.now === 'turning') this.picture = { now: 'connecting' };
    this.#timescale = timescale(frame.init);
    this.#run = frame.run;
    this.#offset = null;
    this.#needsKey = true;
    this.#starting = true;
    this.#queue?.prepare(frame.codec);
    this.#queue?.append(frame.init);
  }

  #fragment(frame: Extract<Frame, { kind: 'fragment' }>): void {
    if (frame.run !== this.#run || (this.#needsKey && !frame.key)) return;
    const decode = decodeTime(frame.media);
    if (decode === null || this.#timescale === null || this.#timescale === 0) {
      this.#unplayable('The server sent a picture without its time.');
      return;
    }
    const time = decode / this.#timescale;
    let offset: number | null = null;
    if (this.#offset === null) {
      // Each run goes on where the last ended: media time never runs back, and a gap of hours leaves no hole to fall into.
      this.#offset = Math.max(this.#end(), this.#latest + this.#length.s) - time;
      offset = this.#offset;
    }
    this.#needsKey = false;
    this.#heardAt = performance.now();
    this.#tries = 0;
    this.#latest = time + this.#offset;
    this.#captures.add(this.#latest, frame.capturedMs);
    this.#length.begins(this.#latest);
    this.#queue?.append(frame.media, offset);
  }

  /**
   * What came first is a group of pictures up to a second old, at once: begin at its newest, without showing the way there, and look again
   * after each append until the edge is reached. Only then the four looks a second suffice.
   */
  #caughtUp(): void {
    if (!this.#starting && !this.#video.paused) return;
    const buffered = ranges(this.#video.buffered);
    if (buffered.length === 0 || this.#video.seeking) return;
    const move = keepEdge(this.#video.currentTime, 1, buffered, this.#length.s);
    if (move.act === 'jump') this.#video.currentTime = move.to;
    else if (this.#video.readyState >= 2) this.#starting = false;
    if (this.#video.paused) void this.#video.play().catch(() => {}); // Muted video may always play; a closed element is no news.
    this.#judge();
  }

  #end(): number {
    const buffered = this.#video.buffered;
    return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1);
  }

  #tick(): void {
    const buffered = ranges(this.#video.buffered);
    const move = keepEdge(this.#video.currentTime, this.#video.playbackRate, buffered, this.#length.s);
    if (move.act === 'jump') this.#video.currentTime = move.to;
    else if (this.#video.playbackRate !== move.rate) this.#video.playbackRate = move.rate;
    const old = spent(this.#video.currentTime, buffered);
    if (old !== null && this.#queue?.waiting === 0) this.#queue.remove(old.start, old.end);
    if (this.slow && performance.now() > this.#saidUntil) this.slow = false;
    this.#judge();
  }

  #judge(): void {
    // While the player seeks or starves, what it shows is the frame it showed before, and that one grows older.
    if (this.#video.readyState >= 2) this.#shown = this.#captures.of(this.#video.currentTime) ?? this.#shown;
    this.ageMs = this.#shown === null ? null : clock.exact() - this.#shown;
    if (this.#socket === null || this.picture.now === 'unplayable' || this.picture.now === 'turning') return;
    const silent = performance.now() - this.#heardAt;
    if (silent > STALL_MS) this.picture = { now: 'stalled', sinceMs: silent };
    else if (this.ageMs !== null) this.picture = { now: 'live' };
  }

  /** This stream cannot be played here. The smaller one may be, once it comes; else it is said in words. */
  #cannot(codec: string): void {
    const form = /^(hvc1|hev1)/.test(codec) ? 'H.265' : codec;
    this.#run = -1;
    if (!this.#hasSub) return this.#unplayable(`The camera sends ${form}, which this browser cannot play, and it has no sub stream in H.264. A technician can enter one on its page. It is recorded all the same.`);
    this.#wanted = 'sub';
    this.#say({ stream: 'sub' });
    this.picture = { now: 'turning', detail: `The camera sends ${form}, which this browser cannot play. Its sub stream is being opened.` };
    this.#timers.push(setTimeout(() => {
      if (this.picture.now === 'turning') this.#unplayable(`The camera sends ${form}, which this browser cannot play, and its sub stream gives no picture in H.264 either. It is recorded all the same.`);
    }, TURN_WITHIN_MS));
  }

  #unplayable(detail: string): void {
    this.picture = { now: 'unplayable', detail };
    this.#disconnect();
  }
}
