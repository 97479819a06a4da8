// Recorded video of one camera in one player: read run by run, laid on the clock of capture, gaps stepped over and named. When the look ends
// it is dark at once, whatever it still has in hand.
import type { Problem } from '../api/problem';
import type { Why } from '../api/types';
import { inHand, overHole, standing } from './ahead';
import { BufferQueue, ranges } from './buffer';
import { frameLength, heard } from './cadence';
import { channel, type Look } from './channel';
import type { Range } from './edge';
import { SiteGaps } from './sitegaps';
import { fromSite, gapAt, nextRecorded, rangeEnd, type Gap, type Recorded } from './timeline';

const PIECE_MS = 30_000;
/** The first piece of what is played: of nine cameras all come at once, and none should wait for whole pieces of the others. */
const FIRST_MS = 4000;
/** The first of what stands still, where the pictures of one moment are wanted: its group of pictures comes, and seldom another. A decoder
 * shows no picture before it has some of those after it. */
const STILL_MS = 300;
/** So many ticks later it has as much in hand as whoever steps on or plays wants at once, and as any decoder waits for. */
const STOOD_TICKS = 2;
const STILL_AHEAD_S = 2;
/** The keyframe is shown on the way to a moment that is so much later (s): the pictures between are decoded first. */
const KEY_FIRST_S = 1;
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
  #queue!: BufferQueue;
  #url = '';
  #look: Look | null = null;
  /** The number of what is being read, and where that begins. */
  #reading: number | null = null;
  #from = 0;
  /** The end of what was asked for, Unix ms; the next piece begins here. */
  #asked: number | null = null;
  #steps: readonly number[] = [];
  /** Where it was sent to, in media time, until it stands there. */
  #target: number | null = null;
  /** The keyframe before it, until that was shown. */
  #key: number | null = null;
  #keys = false;
  #speed = 1;
  /** Nothing is here yet of where it was sent to. */
  #first = true;
  /** So many ticks ago the first of where it was sent to was here. */
  #stood = 0;
  /** So many ticks nothing is asked for: the server had no place free. */
  #rest = 0;
  #siteGaps = new SiteGaps();
  /** What was asked for last is asked for again, also while it stands. */
  #retry = false;
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
    video.muted = true;
    this.#prepare();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    video.addEventListener('seeked', this.#arrived);
    this.#learnFrames();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#video.removeEventListener('seeked', this.#arrived);
    this.#look?.leave();
    this.#reading = null;
    this.#blank();
  }

  /** No picture may be shown: the look has ended, or was refused. `problem` says why. */
  get dark(): boolean {
    return this.#url === '';
  }

  #prepare(): void {
    const source = new MediaSource();
    this.#queue = new BufferQueue(source, (this.record.to - this.record.from) / 1000 + 1);
    this.#queue.onmore = () => this.#arrive();
    this.#queue.onproblem = (reason) => { this.unplayable = `This browser cannot play the recording: ${reason}.`; };
    this.#url = URL.createObjectURL(source);
    this.#video.src = this.#url;
  }

  /** An element that has no source any more shows nothing; one whose buffer was emptied, its last picture. */
  #blank(): void {
    this.#queue.close();
    this.#video.removeAttribute('src');
    this.#video.load();
    URL.revokeObjectURL(this.#url);
    this.#url = '';
  }

  /** Show the moment `at`, or the first recorded one after it. */
  seek(at: number): void {
    const target = nextRecorded(this.record, Math.max(at, this.record.from));
    this.stepped = target !== null && target > at ? gapAt(this.record, at) : null;
    if (target === null) return;
    this.at = target;
    this.unplayable = null;
    if (this.dark) this.#prepare();
    const media = (target - this.#origin) / 1000;
    this.#target = media;
    this.#key = null;
    this.#stood = 0;
    const have = ranges(this.#video.buffered).find((r) => r.start <= media && media < r.end);
    this.#video.currentTime = media;
    if (have === undefined) this.#anew(target);
  }

  play(): void {
    this.playing = true;
    if (this.#asked === null) this.seek(this.at || this.record.from);
    void this.#video.play().catch(() => {}); // Interrupted by a seek; the tick starts it again.
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
    if (!this.dark) this.#anew(this.at || this.record.from);
  }

  /** Nothing in hand is of use: read from there. */
  #anew(at: number): void {
    this.#queue.clear();
    this.#asked = at;
    this.#first = true;
    this.#retry = false;
    this.#rest = 0;
    this.#reading = null;
    this.#fetch();
  }

  /** One frame on or back, from where the last step was sent to, or from the picture that stands: `at` may be a beat behind it. */
  step(frames: number): void {
    this.pause();
    const from = this.#target === null ? this.exact : this.#origin + this.#target * 1000;
    this.seek(from + frames * this.frameMs);
  }

  #fetch(): void {
    const from = this.#asked;
    if (this.#reading !== null || from === null) return;
    this.fetching = true;
    this.#look ??= channel.look(this.#camera, this.#why, from, {
      over: (problem) => this.#over(problem),
      begins: (read, at, codec, init) => { if (read === this.#reading) this.#begins(at, codec, init); },
      media: (read, media) => { if (read === this.#reading) this.#queue.append(media); },
      done: (read, to, problem) => { if (read === this.#reading) this.#done(to, problem); },
    });
    this.#from = from;
    this.#reading = this.#look.read(from, Math.min(from + this.#piece(), Math.max(rangeEnd(this.record, from), from + 1000)), this.#keys ? 'keyframes' : 'all');
  }

  /** Seconds that should be in hand. */
  #ahead(): number {
    if (this.#keys) return KEYS_AHEAD_S;
    return (this.playing ? AHEAD_S : STILL_AHEAD_S) * Math.max(1, this.#speed);
  }

  #piece(): number {
    if (this.#keys) return KEYS_PIECE_MS;
    if (this.playing && !this.#first) return PIECE_MS;
    // Of a site each reading is a session with a slow device, of which it has few: one has all that is wanted.
    const more = this.playing || !this.#first || fromSite(this.record, this.#asked ?? 0);
    return Math.min(PIECE_MS, (more ? FIRST_MS : STILL_MS) * Math.max(1, this.#speed));
  }

  #begins(at: number, codec: string, init: Uint8Array<ArrayBuffer>): void {
    const begins = (at - this.#origin) / 1000;
    if (this.#first && this.#target !== null && !this.playing && !this.#keys && begins >= 0 && this.#target - begins > KEY_FIRST_S) this.#key = begins;
    this.#queue.prepare(codec);
    this.#queue.append(init, begins);
  }

  #done(to: number, problem: Problem | null): void {
    this.#retry = false;
    this.#reading = null;
    this.fetching = false;
    if (problem !== null) return this.#failed(problem, this.#from);
    this.#first = false;
    this.problem = null;
    // A piece that does not move on would be fetched for ever.
    this.#asked = to > this.#from ? to : this.#from + 1000;
  }

  #over(problem: Problem): void {
    this.#look = null;
    this.#reading = this.#asked = this.#target = this.#key = null;
    this.fetching = this.playing = false;
    this.problem = problem;
    this.#blank();
  }

  #failed(problem: Problem, from: number): void {
    const on = problem.reason === 'site_gap' ? this.#siteGaps.after(this.record, from) : null;
    if (on !== null || problem.reason === 'gap') {
      this.#asked = on ?? nextRecorded(this.record, from + 1000);
      if (this.#first && this.#mayAsk()) this.#fetch();
    } else if (problem.retryAfterS !== null) {
      // It is said, but for a place that will be free in a moment; and it is asked for again.
      this.#retry = true;
      this.#rest = (problem.retryAfterS * 1000) / TICK_MS;
      this.problem = problem.reason === 'sites_full' ? null : problem;
    } else {
      this.problem = problem;
      this.playing = false;
    }
  }

  #tick(): void {
    if (this.dark) return;
    this.#rest = Math.max(0, this.#rest - 1);
    if (!this.#first) this.#stood += 1;
    const buffered = ranges(this.#video.buffered);
    const now = this.#video.currentTime;
    const here = standing(now, buffered);
    if (this.#key === null && here !== null && this.#video.readyState >= 2) {
      this.at = this.#origin + now * 1000;
      this.#target = null;
    } else this.#arrive();
    if (this.stepped !== null && (this.at > this.stepped.to + 6000 || this.at < this.stepped.from - 1000)) this.stepped = null;
    this.#forget(now, buffered);
    // Of what stands still little is fetched, and not at once: nine cameras' half minutes would hold up the pictures themselves.
    if (!this.playing && !this.#retry && this.#stood < STOOD_TICKS) return;
    if (inHand(now, buffered) < this.#ahead() && !this.fetching && this.#rest === 0 && (this.#retry || this.problem === null) && this.#mayAsk()) {
      // What was measured above is old when the piece is here: the next tick looks anew.
      this.#fetch();
      return;
    }
    if (this.#led || !this.playing) return;
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
    if (this.#key !== null) {
      const there = standing(this.#key, buffered);
      if (there === null) return;
      const key = Math.max(this.#key, there.start);
      const stands = Math.abs(this.#video.currentTime - key) < 0.05;
      if (!stands) this.#video.currentTime = key;
      if (!stands || this.#video.seeking || this.#video.readyState < 2) return;
      this.#key = null;
      this.#video.currentTime = this.#target;
      return;
    }
    // Where there is a picture already it has arrived, and may have gone on since.
    if (this.#video.readyState >= 2 && !this.#video.seeking && standing(this.#video.currentTime, buffered) !== null) this.#target = null;
    else if (Math.abs(this.#video.currentTime - this.#target) > 1e-3 && standing(this.#target, buffered) !== null) this.#video.currentTime = this.#target;
  }

  #arrived = (): void => this.#arrive();

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
