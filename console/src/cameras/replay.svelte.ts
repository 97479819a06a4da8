// The recorded minutes of one camera and the player that shows them: read, begun at a moment, read anew up to now.
import { get } from '../api/client';
import { Loaded } from '../api/live.svelte';
import type { Why } from '../api/types';
import { clock } from '../kit/clock.svelte';
import { Happened } from './happened.svelte';
import { Playback } from './playback.svelte';
import { AtSite } from './site.svelte';
import { Thumbs } from './thumbs.svelte';
import { lastRecorded, nextRecorded, recorded, type Recorded } from './timeline';

export class Replay {
  minutes = $state(10);
  player = $state.raw<Playback | null>(null);
  readonly record: Loaded<Recorded> = new Loaded(() => this.#read());
  /** What happened there meanwhile, read with the record. */
  readonly happened = new Happened();
  readonly thumbs: Thumbs;
  /** What its site has of it, where it keeps anything. */
  readonly site = new AtSite();
  /** The record as it is shown. */
  readonly shown = $derived.by(() => (this.record.value === null ? null : (this.site.record ?? this.record.value)));
  readonly camera: string;
  #why: Why;

  constructor(camera: string, why: Why, minutes = 10) {
    this.camera = camera;
    this.#why = why;
    this.thumbs = new Thumbs(camera, why);
    this.minutes = minutes;
  }

  choose(minutes: number): void {
    this.minutes = minutes;
    void this.record.reload();
  }

  /** Show the record in `video`, from the moment `at` or the first recorded one after it. */
  begin(video: HTMLVideoElement, record: Recorded, at: number): Playback {
    const made = new Playback(this.camera, this.#why, video, this.site.record ?? record);
    this.player = made;
    // What began less than that ago is shown from its beginning.
    const start = lastRecorded(record, at) ?? nextRecorded(record, at);
    if (start !== null) made.seek(start);
    return made;
  }

  end(): void {
    this.player?.close();
    this.player = null;
  }

  /** Done with it for good. */
  close(): void {
    this.end();
    this.thumbs.close();
  }

  toggle(): void {
    if (this.player?.playing) this.player.pause();
    else this.player?.play();
  }

  jump(ms: number): void {
    this.player?.seek(this.player.at + ms);
  }

  /** Read what happened anew: somebody marked something. */
  again(): void {
    const record = this.record.value;
    if (record !== null) void this.happened.of([this.camera], this.#why, record, { anew: true });
  }

  async #read(): Promise<Recorded> {
    const to = clock.exact();
    void this.happened.of([this.camera], this.#why, { from: to - this.minutes * 60_000, to });
    const record = recorded(await get('/cameras/{camera_id}/timeline', {
      path: { camera_id: this.camera }, query: { from: new Date(to - this.minutes * 60_000).toISOString(), to: new Date(to).toISOString() }, why: this.#why,
    }));
    void this.site.ask(this.camera, this.#why, record).then((known) => { if (known !== null && this.player !== null) this.player.record = known; });
    return record;
  }
}
