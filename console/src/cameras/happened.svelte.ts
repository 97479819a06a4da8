// What happened where cameras stand, in a span: asked for as the look at what it recorded is, once for each span.
import { get } from '../api/client';
import { Problem } from '../api/problem';
import type { Why } from '../api/types';
import { happenings, merged, NOTHING, type Happenings } from './marks';

export class Happened {
  found = $state.raw<Happenings>(NOTHING);
  /** Why the marks are not there. */
  problem = $state.raw<Problem | null>(null);
  #asked = '';

  async of(cameras: readonly string[], why: Why, span: { from: number; to: number }, { anew = false } = {}): Promise<void> {
    const asked = `${cameras.join()} ${span.from} ${span.to} ${why.purpose} ${why.case}`;
    if (asked === this.#asked && !anew) return;
    if (!anew) this.found = NOTHING;
    this.#asked = asked;
    const found: Happenings[] = [];
    await Promise.all(cameras.map(async (camera) => {
      const told = await near(camera, why, span);
      if (this.#asked !== asked) return;
      this.problem = told instanceof Problem ? told : null; // Beside the record: without its marks the bar is still the bar.
      if (told instanceof Problem) return;
      found.push(told);
      this.found = merged(found);
    }));
  }
}

async function near(camera: string, why: Why, span: { from: number; to: number }): Promise<Happenings | Problem> {
  try {
    return happenings(await get('/cameras/{camera_id}/marks', { path: { camera_id: camera }, query: { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() }, why }));
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
