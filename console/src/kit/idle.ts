// Notices that nobody has touched a key or a pointer for a while. Time is given to it; it locks nothing itself.

export interface World {
  /** Monotonic milliseconds. */
  now(): number;
  later(ms: number, act: () => void): () => void;
}

export class Idle {
  #world: World;
  #touchedAt = 0;
  #cancel: (() => void) | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  /** Call `left` once nobody touched anything for `ms`; 0 is never. */
  watch(ms: number, left: () => void): void {
    this.stop();
    this.touched();
    if (ms <= 0) return;
    const look = () => {
      const rest = this.#touchedAt + ms - this.#world.now();
      if (rest > 0) this.#cancel = this.#world.later(rest, look);
      else left();
    };
    look();
  }

  touched(): void {
    this.#touchedAt = this.#world.now();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
