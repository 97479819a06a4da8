// What a site turns out not to have of a time that it may have: passed over in growing steps, and given up after some of them.
import { nextRecorded, rangeEnd, type Recorded } from './timeline';

const FIRST_MS = 1000;
/** So often it is asked on: steps that double are 17 minutes then. */
const MOST = 10;

export class SiteGaps {
  #from = 0;
  #next = -1;
  #found = 0;

  /**
   * Where to ask next when the site had nothing at `from`: never farther on than was found empty before it, and never past what is
   * recorded here. Null when it is time to say so.
   */
  after(record: Recorded, from: number): number | null {
    if (from < this.#from || from > this.#next) {
      this.#from = from;
      this.#found = 0;
    }
    this.#found += 1;
    if (this.#found > MOST) return null;
    const end = Math.max(rangeEnd(record, from), from + FIRST_MS);
    const next = nextRecorded(record, Math.min(from + FIRST_MS * 2 ** (this.#found - 1), end));
    this.#next = next ?? record.to;
    return next;
  }
}
