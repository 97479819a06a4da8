// Press and hold: a move begins at the press, is said again while it is held, and ends at the release. It knows no view.

export interface Move { pan: number; tilt: number; zoom: number }

/** A move stops by itself after five seconds, whatever becomes of the link: said again before that. */
export const AGAIN_MS = 4000;
const SPEED = 0.5;

export const MOVES = {
  left: { pan: -SPEED, tilt: 0, zoom: 0 }, right: { pan: SPEED, tilt: 0, zoom: 0 }, up: { pan: 0, tilt: SPEED, zoom: 0 }, down: { pan: 0, tilt: -SPEED, zoom: 0 },
  nearer: { pan: 0, tilt: 0, zoom: SPEED }, wider: { pan: 0, tilt: 0, zoom: -SPEED },
} as const satisfies Record<string, Move>;
export type Way = keyof typeof MOVES;

const KEYS: Readonly<Record<string, Way>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down', '+': 'nearer', '=': 'nearer', '-': 'wider' };
/** The way that a key turns to, if it does. */
export const wayOf = (key: string): Way | null => KEYS[key] ?? null;

/** The preset that a digit goes to: the first nine, in the order of the buttons. */
export const presetOf = <P>(key: string, presets: readonly P[]): P | null => (/^[1-9]$/.test(key) ? (presets[Number(key) - 1] ?? null) : null);

interface Parts { move: (how: Move) => Promise<unknown>; stop: () => Promise<unknown>; every: (ms: number, act: () => void) => () => void }

/** One hand on the controls. A stop is said after the move that it ends, however late that is answered. */
export class Hold {
  #way: Way | null = null;
  #end: (() => void) | null = null;
  #last: Promise<unknown> = Promise.resolve();
  constructor(private readonly parts: Parts) {}

  get way(): Way | null {
    return this.#way;
  }

  press(way: Way): void {
    if (this.#way === way) return;
    this.#end?.();
    this.#way = way;
    const say = () => { this.#last = this.#last.then(() => (this.#way === way ? this.parts.move(MOVES[way]) : undefined)); };
    say();
    this.#end = this.parts.every(AGAIN_MS, say);
  }

  release(): void {
    if (this.#way === null) return;
    this.#way = null;
    this.#end?.();
    this.#end = null;
    this.#last = this.#last.then(() => (this.#way === null ? this.parts.stop() : undefined));
  }
}
