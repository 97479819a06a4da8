// What a camera's site has of minutes that are not recorded here: asked beside the record, which need not wait for it.
import { get } from '../api/client';
import { Problem } from '../api/problem';
import type { Why } from '../api/types';
import { withSite, type Recorded } from './timeline';

export class AtSite {
  /** The record as the site's word has it; null until it was asked, or where nothing is kept there. */
  record = $state.raw<Recorded | null>(null);
  asking = $state(false);
  #round = 0;

  async ask(camera: string, why: Why, record: Recorded): Promise<Recorded | null> {
    const round = ++this.#round;
    this.record = null;
    if (!record.ranges.some((range) => range.at_site)) return null;
    this.asking = true;
    try {
      const said = await get('/cameras/{camera_id}/timeline/at-site', {
        path: { camera_id: camera }, query: { from: new Date(record.from).toISOString(), to: new Date(record.to).toISOString() }, why,
      });
      if (round === this.#round) this.record = withSite(record, said);
    } catch (error) {
      // It stays striped: whoever plays it is told why.
      if (!(error instanceof Problem)) throw error;
    } finally {
      if (round === this.#round) this.asking = false;
    }
    return round === this.#round ? this.record : null;
  }
}
