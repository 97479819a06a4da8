// Several cameras' recordings under one clock: whoever has nothing to show yet holds all of them, whoever has a gap is passed over.
import { get } from '../api/client';
import { Loaded } from '../api/live.svelte';
import type { Why } from '../api/types';
import { Playback } from '../cameras/playback.svelte';
import { AtSite } from '../cameras/site.svelte';
import { clock } from '../kit/clock.svelte';
import { gapAt, nextRecorded, recorded, type Gap, type Recorded } from '../cameras/timeline';
import { beat } from './step';

const BEAT_MS = 50;
/** So long one camera that brings nothing holds the others; then they go on, and it is said. */
const HOLD_MS = 8000;
const SOON_MS = 4000;
/** What was recorded so lately may not be told of yet: it is asked for again, until then. */
const YOUNG_MS = 60_000;
const AGAIN_MS = 5000;

export type Shown = { now: 'shown' } | { now: 'waiting' } | { now: 'gap'; gap: Gap | null; next: number | null };

/** One camera of those that are played together. */
export class Track {
  readonly camera: string;
  readonly record: Loaded<Recorded>;
  readonly site = new AtSite();
  player = $state.raw<Playback | null>(null);
  shown = $state.raw<Shown>({ now: 'waiting' });
  #why: Why;

  constructor(camera: string, why: Why, span: { from: number; to: number }) {
    this.camera = camera;
    this.#why = why;
    this.record = new Loaded(async () => {
      const record = recorded(await get('/cameras/{camera_id}/timeline', {
        path: { camera_id: camera }, query: { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() }, why,
      }));
      if (this.player !== null) this.player.record = this.site.record ?? record;
      void this.site.ask(camera, why, record).then((known) => { if (known !== null && this.player !== null) this.player.record = known; });
      return record;
    });
  }

  /** The record as the camera's site has it too. */
  get known(): Recorded | null {
    return this.record.value === null ? null : (this.site.record ?? this.record.value);
  }

  begin(video: HTMLVideoElement, record: Recorded): void {
    this.player = new Playback(this.camera, this.#why, video, this.site.record ?? record, { led: true });
  }

  end(): void {
    this.player?.close();
    this.player = null;
  }

  /** What there is of that moment: shown, or which gap it falls into. */
  at(moment: number): Shown {
    const record = this.known;
    if (record === null) return { now: 'waiting' };
    const next = nextRecorded(record, moment);
    return next === moment ? { now: 'shown' } : { now: 'gap', gap: gapAt(record, moment), next };
  }
}

export class Together {
  readonly span: { from: number; to: number };
  readonly tracks: readonly Track[];
  at = $state(0);
  playing = $state(false);
  speed = $state(1);
  /** Names nobody: the cameras that hold the others, by id. */
  held = $state.raw<readonly string[]>([]);
  /** The span ends so lately that more of it may come. */
  young = $state(true);
  #base = 0;
  #since = 0;
  #heldSince: number | null = null;
  #asked = performance.now();
  #late = new Set<Track>();
  #timer: ReturnType<typeof setInterval>;

  constructor(cameras: readonly string[], why: Why, span: { from: number; to: number }, at: number) {
    this.span = span;
    this.at = Math.min(span.to, Math.max(span.from, at));
    this.tracks = cameras.map((camera) => new Track(camera, why, span));
    for (const track of this.tracks) void track.record.reload();
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const track of this.tracks) track.end();
  }

  begin(track: Track, video: HTMLVideoElement, record: Recorded): void {
    track.begin(video, record);
    track.player?.hurry(this.speed);
    this.#put(track, this.at);
  }

  /** Somebody wants to see it again, where the look at it has ended. */
  again(track: Track): void {
    track.player?.seek(this.at);
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (this.at >= this.span.to - 300) this.seek(this.span.from);
    this.playing = true;
    this.#late.clear();
    this.#rebase();
  }

  pause(): void {
    this.playing = false;
    this.held = [];
    for (const track of this.tracks) track.player?.drive(null);
    // All of them stand at the one moment, not each where it came to.
    this.#all(this.at);
  }

  seek(at: number): void {
    this.at = Math.min(this.span.to, Math.max(this.span.from, at));
    this.#late.clear();
    this.#rebase();
    this.#all(this.at);
  }

  /** One picture on or back, of the camera with the most of them. */
  step(by: number): void {
    if (this.playing) this.pause();
    const frame = Math.min(...this.tracks.flatMap((track) => (track.player === null ? [] : [track.player.frameMs])), 1000);
    this.seek(this.at + by * frame);
  }

  choose(speed: number): void {
    this.speed = speed;
    for (const track of this.tracks) track.player?.hurry(speed);
    this.#rebase();
  }

  #rebase(): void {
    this.#base = this.at;
    this.#since = performance.now();
  }

  #all(at: number): void {
    for (const track of this.tracks) this.#put(track, at);
  }

  #put(track: Track, at: number): void {
    track.shown = track.at(at);
    const to = track.shown.now === 'gap' ? track.shown.next : at;
    // Who may see nothing of it any more asks again when a person does.
    if (track.player?.dark === true) return;
    if (track.shown.now !== 'waiting' && to !== null && (track.shown.now === 'shown' || to - at < SOON_MS)) track.player?.seek(to);
  }

  /** A moment that nothing is told of, at the end of a span that has hardly ended, is asked for anew: the recorder tells of it soon. */
  #renew(now: number): void {
    this.young = clock.exact() - this.span.to < YOUNG_MS;
    if (!this.young || now - this.#asked < AGAIN_MS) return;
    this.#asked = now;
    for (const track of this.tracks) {
      const { shown } = track;
      if (track.record.value === null || shown.now !== 'gap' || shown.gap !== null || shown.next !== null) continue;
      void track.record.reload().then(() => this.#put(track, this.at));
    }
  }

  #beat(): void {
    const now = performance.now();
    this.#renew(now);
    if (!this.playing) return;
    const target = this.#base + (now - this.#since) * this.speed;
    if (target >= this.span.to - 200) {
      this.at = this.span.to - 200;
      this.pause();
      return;
    }
    const due = this.tracks.filter((track) => track.player !== null && !track.player.dark && track.at(target).now === 'shown');
    const waited = due.filter((track) => !this.#late.has(track) && !track.player?.has(target));
    if (waited.length > 0 && now - (this.#heldSince ?? now) < HOLD_MS) {
      this.#heldSince ??= now;
      this.#hold(due, waited);
      return;
    }
    for (const track of waited) this.#late.add(track);
    this.#heldSince = null;
    this.held = [...this.#late].map((track) => track.camera);
    this.at = target;
    for (const track of this.tracks) this.#lead(track, target);
  }

  #hold(due: readonly Track[], waited: readonly Track[]): void {
    this.held = waited.map((track) => track.camera);
    this.#rebase();
    for (const track of due) track.player?.drive(null);
    // One that stands elsewhere brings nothing by waiting.
    for (const track of waited) if (track.player !== null && !track.player.fetching && Math.abs(track.player.exact - this.at) > 1000 * Math.max(1, this.speed)) this.#put(track, this.at);
  }

  #lead(track: Track, target: number): void {
    const player = track.player;
    if (player === null || player.dark) return;
    const was = track.shown.now;
    const shown = track.at(target);
    if (shown.now !== was || shown.now === 'gap') track.shown = shown;
    if (shown.now !== 'shown') {
      player.drive(null);
      if (shown.now === 'gap' && shown.next !== null && shown.next - target < SOON_MS * this.speed && Math.abs(player.exact - shown.next) > 500) player.seek(shown.next);
      return;
    }
    if (this.#late.has(track) && player.has(target)) this.#late.delete(track);
    const next = beat(player.exact - target, this.speed);
    // What its site does not have is asked for again when a person seeks.
    if (next.do === 'set' && player.problem?.reason !== 'site_gap') player.seek(target);
    player.drive(next.do === 'rate' ? next.rate : this.speed);
  }
}
