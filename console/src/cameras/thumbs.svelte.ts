// Small pictures of what was recorded, asked for one at a time as somebody points at the time bar. The server keeps each, but
// of what a camera's site alone has; this, a few, and none once the look at them has ended.
import { getBytes } from '../api/client';
import { Problem } from '../api/problem';
import type { Why } from '../api/types';
import { channel, type Look } from './channel';

export interface Thumb { url: string; at: number }

const MOST = 160;

export class Thumbs {
  /** Why none is shown: once it is refused it is not asked for again. */
  refused = $state.raw<Problem | null>(null);
  #camera: string;
  #why: Why;
  #known = new Map<number, Promise<Thumb | null>>();
  #urls: string[] = [];
  #look: Look | null = null;
  #closed = false;

  constructor(camera: string, why: Why) {
    this.#camera = camera;
    this.#why = why;
  }

  close(): void {
    this.#closed = true;
    this.#look?.leave();
    this.#drop();
  }

  #drop(): void {
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
    this.#known.clear();
  }

  #over(problem: Problem): void {
    this.#look = null;
    this.refused = problem;
    this.#drop();
  }

  /** The picture of that moment, null where there is none; of moments within `step` ms there is one. */
  at(moment: number, step: number): Promise<Thumb | null> {
    const key = Math.floor(moment / step) * step;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const asked = this.#ask(Math.max(key, moment), () => this.#known.delete(key));
    this.#known.set(key, asked);
    return asked;
  }

  /** `later`: it may be had in a moment, for whoever points there again. */
  async #ask(moment: number, later: () => void): Promise<Thumb | null> {
    if (this.refused !== null || this.#closed) return null;
    this.#look ??= channel.look(this.#camera, this.#why, moment, { over: (problem) => this.#over(problem) });
    try {
      const response = await getBytes('/cameras/{camera_id}/thumbnail', { path: { camera_id: this.#camera }, query: { at: new Date(moment).toISOString() }, why: this.#why });
      const url = URL.createObjectURL(await response.blob());
      if (this.#closed || this.refused !== null) {
        URL.revokeObjectURL(url);
        return null;
      }
      this.#urls.push(url);
      if (this.#urls.length > MOST) this.#forget();
      return { url, at: new Date(response.headers.get('Wf-At') ?? moment).getTime() };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.kind === 'refused') this.#over(error);
      if (error.retryAfterS !== null) later();
      return null;
    }
  }

  /** The oldest ones go; whoever points there again asks again. */
  #forget(): void {
    for (const url of this.#urls.splice(0, MOST / 2)) URL.revokeObjectURL(url);
    for (const key of [...this.#known.keys()].slice(0, MOST / 2)) this.#known.delete(key);
  }
}
