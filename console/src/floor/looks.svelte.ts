// Which pictures are open in the dock, and under which purpose. A look is opened only when a person asks, or stays at an incident of theirs.
import type { Why } from '../api/types';

/** What pictures may be opened for: the purpose and case of what is chosen, and which cameras. */
export interface Offer {
  key: string;
  why: Why;
  label: string;
  /** Opened by themselves once a person stays here: an incident's, never an unreviewed alert's. */
  byThemselves: boolean;
}

export const STAY_MS = 700;
/** So long before it happened what was recorded begins. */
export const BEFORE_MS = 60_000;
/** So long after it happened what plays beside the live pictures ends, and its looks with it. */
export const BESIDE_AFTER_MS = 30_000;
const STORED = 'watchfloor.minute-before';

class Looks {
  /** The offer whose pictures are open. */
  open = $state<string | null>(null);
  /** The camera shown large. */
  large = $state<string | null>(null);
  /** What was recorded since a minute before it happened, in place of what is live. */
  before = $state(false);
  /** Beside an incident's live pictures what was recorded from a minute before plays by itself: as this person chose in this browser. */
  beside = $state(localStorage.getItem(STORED) !== 'off');
  /** The recorded moment that one is at, where a camera of it is shown large. */
  at: number | null = null;

  show(offer: Offer): void {
    this.open = offer.key;
  }

  turn(before: boolean): void {
    this.before = before;
    this.at = null;
  }

  chooseBeside(on: boolean): void {
    this.beside = on;
    if (on) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, 'off');
  }

  end(): void {
    this.open = null;
    this.large = null;
    this.turn(false);
  }
}

export const looks = new Looks();
