// How far the server's clock is from this computer's. Pure: both times are given.

const KEPT = 24;

export class Offset {
  ms = 0;
  fine = false;
  #samples: number[] = [];

  /** The server said `server` (ms), heard at `local` (ms). A message can only be late, so the largest difference of late is nearest to the truth. */
  heard(server: number, local: number): void {
    if (!this.fine) this.#samples = [];
    this.fine = true;
    this.#samples.push(server - local);
    if (this.#samples.length > KEPT) this.#samples.shift();
    this.ms = Math.max(...this.#samples);
  }

  /** A time in whole seconds, on average half a second old. Small differences are noise and are left alone. */
  roughly(server: number, local: number): void {
    const difference = server + 500 - local;
    this.ms = Math.abs(difference) < 1500 ? 0 : difference;
  }
}
