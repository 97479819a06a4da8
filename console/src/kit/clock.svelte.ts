// The server's time as this console best knows it, ticking. Views read `clock.now`; nobody else asks the machine.
import { whenServerTime } from '../api/client';
import { Offset } from './offset';

class ServerClock {
  #offset = new Offset();
  #ms = $state(Date.now());
  /** Whether the server has told its time at all. */
  known = $state(false);

  /** The server's time, moved on once a second. */
  get now(): Date {
    return new Date(this.#ms);
  }

  /** The server's time this instant, for what must be right to a tenth of a second. Not reactive. */
  exact(): number {
    return Date.now() + this.#offset.ms;
  }

  /** The server said `at` in a heartbeat. */
  heard(at: Date): void {
    this.#offset.heard(at.getTime(), Date.now());
    this.known = true;
  }

  /** A `Date` header: whole seconds, so it only counts until a heartbeat was heard. */
  heardRoughly(at: Date): void {
    if (!this.#offset.fine) this.#offset.roughly(at.getTime(), Date.now());
    this.known = true;
  }

  start(): void {
    const tick = () => {
      this.#ms = this.exact();
      setTimeout(tick, 1000 - (this.#ms % 1000));
    };
    tick();
    whenServerTime((at) => this.heardRoughly(at));
  }
}

export const clock = new ServerClock();
