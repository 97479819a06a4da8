// What happened where a camera stands, in a span: asked for as the look at what it recorded is, once for each span.
import { get } from '../api/client';
import { Problem } from '../api/problem';
import type { Why } from '../api/types';
import { happenings, NOTHING, type Happenings } from './marks';

export class Happened {
  found = $state.raw<Happenings>(NOTHING);
  /** Why the marks are not there. */
  problem = $state.raw<Problem | null>(null);
  #asked = '';

  async of(camera: string, why: Why, span: { from: number; to: number }, { anew = false } = {}): Promise<void> {
    const asked = `${camera} ${span.from} ${span.to} ${why.purpose} ${why.case}`;
    if (asked === this.#asked && !anew) return;
    if (!anew) this.found = NOTHING;
    this.#asked = asked;
    try {
      const told = await get('/cameras/{camera_id}/marks', { path: { camera_id: camera }, query: { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() }, why });
      if (this.#asked !== asked) return;
      this.found = happenings(told);
      this.problem = null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (this.#asked === asked) this.problem = error; // Beside the record: without its marks the bar is still the bar.
    }
  }
}
