// Recorded video of one camera in one player: fetched run by run, laid on the clock of capture, gaps stepped over and named.
import { getBytes } from '../api/client';
import { Problem } from '../api/problem';
import type { Why } from '../api/types';
import { inHand, overHole, standing } from './ahead';
import { BufferQueue, ranges } from './buffer';
import { frameLength, heard } from './cadence';
import type { Range } from './edge';
import { SiteGaps } from './sitegaps';
import { gapAt, nextRecorded, rangeEnd, type Gap, type Recorded } from './timeline';

const PIECE_MS = 30_000;
/** The first piece after a seek: of nine cameras six are fetched at a time, and the others wait for whole pieces of those. */
const FIRST_MS = 4000;
const TICK_MS = 200;
const AHEAD_S = 12;
/** Of keyframes alone, which are few: so much is fetched at once, and kept in hand. */
const KEYS_PIECE_MS = 300_000;
const KEYS_AHEAD_S = 150;
/** Faster than this a browser does not decode every picture of several cameras: keyframes alone are asked for. */
export const ALL_UP_TO = 4;
const KEEP_BEHIND_S = 40;

export class Playback {
  /** The moment shown, Unix ms. */
  at = $state(0);
  playing = $state(false);
  fetching = $state(false);
  problem = $state.raw<Problem | null>(null);
  unplayable = $state<string | null>(null);
  /** The gap that was just stepped over. */
  stepped = $state.raw<Gap | null>(null);
  record: Recorded;
  #camera: string;
  #why: Why;
  #video: HTMLVideoElement;
  #origin: number;
  #queue: BufferQueue;
  #url: string;
  #round = 0;
  #abort: AbortController | null = null;
  /** The end of what was asked for, Unix ms; the next piece begins here. */
  #asked: number | null = null;
  #steps: readonly number[] = [];
  /** Where it was sent to, in media time, until it stands there. */
  #target: number | null = null;
  #keys = false;
  #speed = 1;
  /** Nothing is here yet of where it was sent to. */
  #first = true;
  /** So many ticks nothing is asked for: the server had no place free. */
  #rest = 0;
  #siteGaps = new SiteGaps();
  #led: boolean;
  #timer: ReturnType<typeof setInterval>;

  /** `led`: somebody else says what is shown when, for several cameras at once; this one only has it in hand. */
  constructor(camera: string, why: Why, video: HTMLVideoElement, record: Recorded, { led = false } = {}) {
    this.#led = led;
    this.#camera = camera;
    this.#why = why;
    this.#video = video;
    this.record = record;
    this.#origin = record.from;
    const source = new MediaSource();
    this.#queue = new BufferQueue(source, (record.to - record.from) / 1000 + 1);
    this.#queue.onidle = () => this.#arrive();
    this.#queue.onproblem = (reason) => { this.unplayable = `This browser cannot play the recording: ${reason}.`; };
    this.#url = URL.createObjectURL(source);
    video.src = this.#url;
    video.muted = true;
    this.#timer = setInterval(() => void this.#tick(), TICK_MS);
    this.#learnFrames();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#abort?.abort();
    this.#round += 1;
    this.#video.removeAttribute('src');
    this.#video.load();
    URL.revokeObjectURL(this.#url);
  }

  /** Show the moment `at`, or the first recorded one after it. */
  async seek(at: number): Promise<void> {
    const target = nextRecorded(this.record, Math.max(at, this.record.from));
    this.stepped = target !== null && target > at ? gapAt(this.record, at) : null;
    if (target === null) return;
    this.at = target;
    this.unplayable = null;
    const media = (target - this.#origin) / 1000;
    this.#target = media;
    const have = ranges(this.#video.buffered).find((r) => r.start <= media && media < r.end);
    if (have === undefined) {
      this.#round += 1;
      this.#abort?.abort();
      this.#queue.clear();
      this.#asked = target;
      this.#first = true;
      this.#video.currentTime = media;
      await this.#fetch();
    } else {
      this.#video.currentTime = media;
    }
  }

  async play(): Promise<void> {
    this.playing = true;
    if (this.#asked === null) await this.seek(this.at || this.record.from);
    await this.#video.play().catch(() => {}); // Interrupted by a seek; the tick starts it again.
  }

  pause(): void {
    this.playing = false;
    this.#video.pause();
  }

  /** The moment of the picture that stands now, Unix ms. */
  get exact(): number {
    return this.#origin + this.#video.currentTime * 1000;
  }

  get frameMs(): number {
    return frameLength(this.#steps) * 1000;
  }

  /** Whether `at` and a little after it can be shown at once. */
  has(at: number): boolean {
    const media = (at - this.#origin) / 1000;
    const range = ranges(this.#video.buffered).find((r) => r.start <= media + 0.1 && media < r.end);
    if (range === undefined || this.#video.seeking || this.#video.readyState < 2) return false;
    return range.end - media > 0.3 * this.#speed || this.#asked === null || rangeEnd(this.record, at) - at < 600 * this.#speed;
  }

  /** Led: go on at this rate, or stand still. */
  drive(rate: number | null): void {
    this.playing = rate !== null;
    if (rate === null) {
      if (!this.#video.paused) this.#video.pause();
      return;
    }
    if (Math.abs(this.#video.playbackRate - rate) > 0.004 * rate) this.#video.playbackRate = rate;
    if (this.#video.paused) void this.#video.play().catch(() => {}); // Interrupted by a seek; the next beat starts it again.
  }

  /** So much faster than it was; above what a browser decodes, keyframes alone. */
  hurry(speed: number): void {
    const keys = speed > ALL_UP_TO;
    this.#speed = speed;
    if (keys === this.#keys) return;
    this.#keys = keys;
    this.#again(this.at || this.record.from);
  }

  #again(at: number): void {
    this.#round += 1;
    this.#abort?.abort();
    this.#queue.clear();
    this.#asked = at;
    this.#first = true;
    this.#rest = 0;
    void this.#fetch();
  }

  /** One frame on or back, from where the last step was sent to, or from the picture that stands: `at` may be a beat behind it. */
  step(frames: number): void {
    this.pause();
    const from = this.#target === null ? this.exact : this.#origin + this.#target * 1000;
    void this.seek(from + frames * this.frameMs);
  }

  async #fetch(): Promise<void> {
    if (this.fetching && !this.#abort?.signal.aborted) return;
    const from = this.#asked;
    if (from === null) return;
    const round = this.#round;
    const abort = new AbortController();
    this.#abort = abort;
    this.fetching = true;
    try {
      const response = await getBytes('/cameras/{camera_id}/video', {
        path: { camera_id: this.#camera },
        query: { pictures: this.#keys ? 'keyframes' : 'all', from: new Date(from).toISOString(), to: new Date(Math.min(from + this.#piece(), Math.max(rangeEnd(this.record, from), from + 1000))).toISOString() },
        why: this.#why, signal: abort.signal,
      });
      await this.#take(response, from, round);
      if (round === this.#round) this.#first = false;
      this.problem = null;
    } catch (error) {
      if (error instanceof Problem) this.#failed(error, from, round);
      else if (!(error instanceof DOMException)) throw error;
    } finally {
      if (this.#abort === abort) this.fetching = false;
    }
  }

  #piece(): number {
    if (this.#keys) return KEYS_PIECE_MS;
    return this.#first ? Math.min(PIECE_MS, FIRST_MS * Math.max(1, this.#speed)) : PIECE_MS;
  }

  async #take(response: Response, from: number, round: number): Promise<void> {
    const begins = new Date(response.headers.get('Wf-From') ?? from).getTime();
    const ends = new Date(response.headers.get('Wf-To') ?? from + PIECE_MS).getTime();
    const codec = /codecs="?([^"]+)"?/.exec(response.headers.get('Content-Type') ?? '')?.[1];
    const body = response.body;
    if (codec === undefined || body === null) {
      this.unplayable = 'The server sent a recording without naming its form.';
      return;
    }
    this.#queue.prepare(codec);
    let offset: number | null = (begins - this.#origin) / 1000;
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (round !== this.#round) return void reader.cancel();
      if (done) break;
      this.#queue.append(value, offset);
      offset = null;
    }
    // A piece that does not move on would be fetched for ever.
    this.#asked = Math.max(ends, from + 1000);
  }

  #failed(problem: Problem, from: number, round: number): void {
    if (round !== this.#round) return;
    const on = problem.reason === 'site_gap' ? this.#siteGaps.after(this.record, from) : null;
    if (on !== null) this.#asked = on;
    else if (problem.reason === 'gap') this.#asked = nextRecorded(this.record, from + 1000);
    else if (problem.reason === 'sites_full') this.#rest = ((problem.retryAfterS ?? 5) * 1000) / TICK_MS;
    else {
      this.problem = problem;
      this.playing = false;
    }
  }

  async #tick(): Promise<void> {
    this.#rest = Math.max(0, this.#rest - 1);
    const buffered = ranges(this.#video.buffered);
    const now = this.#video.currentTime;
    const here = standing(now, buffered);
    if (here !== null && this.#video.readyState >= 2) {
      this.at = this.#origin + now * 1000;
      this.#target = null;
    } else this.#arrive();
    if (this.stepped !== null && (this.at > this.stepped.to + 6000 || this.at < this.stepped.from - 1000)) this.stepped = null;
    this.#forget(now, buffered);
    if (!this.playing && !this.#led) return;
    if (inHand(now, buffered) < (this.#keys ? KEYS_AHEAD_S : AHEAD_S * Math.max(1, this.#speed)) && !this.fetching && this.#rest === 0 && this.problem === null && this.#mayAsk()) {
      // What was measured above is old when the piece is here: the next tick looks anew.
      await this.#fetch();
      return;
    }
    if (this.#led) return;
    const to = overHole(now, buffered, this.#video.readyState < 3);
    if (to !== null) {
      this.stepped = gapAt(this.record, this.#origin + to * 1000 - 500) ?? gapAt(this.record, this.#origin + now * 1000 + 500);
      this.#video.currentTime = to + 0.01;
    } else if (this.#video.readyState < 3 && inHand(now, buffered) < 0.25 && !this.fetching && !this.#mayAsk() && this.#queue.waiting === 0) {
      this.pause();
    } else if (this.#video.paused) void this.#video.play().catch(() => {});
  }

  /** Go where it was sent to as soon as that is here: what was set before the browser knew the medium may be lost. */
  #arrive(): void {
    if (this.#target === null || this.#video.readyState < 1) return;
    const buffered = ranges(this.#video.buffered);
    // Where there is a picture already it has arrived, and may have gone on since.
    if (this.#video.readyState >= 2 && !this.#video.seeking && standing(this.#video.currentTime, buffered) !== null) this.#target = null;
    else if (Math.abs(this.#video.currentTime - this.#target) > 1e-3 && standing(this.#target, buffered) !== null) this.#video.currentTime = this.#target;
  }

  #forget(now: number, buffered: readonly Range[]): void {
    if ((buffered[0]?.start ?? now) < now - KEEP_BEHIND_S * 2 && this.#queue.waiting === 0) this.#queue.remove(0, now - KEEP_BEHIND_S);
  }

  /** Whether something recorded is left to ask for; moves the mark over a gap. */
  #mayAsk(): boolean {
    if (this.#asked === null) return false;
    const next = nextRecorded(this.record, this.#asked);
    this.#asked = next;
    return next !== null && next < this.record.to - 200;
  }

  #learnFrames(): void {
    if (!('requestVideoFrameCallback' in this.#video)) return;
    let last = -1;
    const seen = (_: number, frame: VideoFrameCallbackMetadata) => {
      if (this.playing) this.#steps = heard(this.#steps, frame.mediaTime - last);
      last = frame.mediaTime;
      this.#video.requestVideoFrameCallback(seen);
    };
    this.#video.requestVideoFrameCallback(seen);
  }
}
