// Whether the tour is shown, and to whom it was offered: kept in this browser, by person, so that another computer offers it once more.
import { session } from '../kit/session.svelte';
import { tourOf } from './steps';

const STORED = 'watchfloor.tour-offered';

class Tour {
  open = $state(false);
  /** It is offered now: the first time that this person is at this browser. */
  offered = $state(false);
  readonly steps = $derived(tourOf(session.current?.roles ?? []));
  /** The demo's accounts are guests; its people play stories. */
  readonly demo = $derived(session.current?.person.name.startsWith('guest-') ?? false);

  /** Offer it if it never was; from now it was. */
  offer(person: string): void {
    const before = read();
    if (this.steps.length === 0 || before.includes(person)) return;
    this.offered = true;
    localStorage.setItem(STORED, JSON.stringify([...before, person].slice(-200)));
  }

  take(): void {
    this.offered = false;
    this.open = true;
  }
}

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export const tour = new Tour();
