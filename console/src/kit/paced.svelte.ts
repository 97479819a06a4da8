// A value that is taken over at once after a rest, and then so often at the most: for what is dear to draw and may change many times a second.

/** What was last taken over. Made while a component is, whose effects it uses; `read` is reactive. */
export class Paced<T> {
  #current = $state.raw<T>() as T;
  #takenAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(read: () => T, every_ms: number) {
    this.#current = read();
    const take = () => {
      this.#timer = undefined;
      this.#takenAt = performance.now();
      this.#current = read();
    };
    $effect(() => {
      void read();
      if (this.#timer !== undefined) return;
      const rest = this.#takenAt + every_ms - performance.now();
      if (rest <= 0) take();
      else this.#timer = setTimeout(take, rest);
    });
    $effect(() => () => clearTimeout(this.#timer));
  }

  get current(): T {
    return this.#current;
  }
}
