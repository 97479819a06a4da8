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

class Looks {
  /** The offer whose pictures are open. */
  open = $state<string | null>(null);
  /** The camera shown large. */
  large = $state<string | null>(null);

  show(offer: Offer): void {
    this.open = offer.key;
  }

  end(): void {
    this.open = null;
    this.large = null;
  }
}

export const looks = new Looks();
