// How the live player keeps to the edge, and how old what it shows is. Pure: the player asks, four times a second.

export interface Range { start: number; end: number }
export type Move = { act: 'stay'; rate: number } | { act: 'jump'; to: number };

const JUMP_LAG_S = 0.3;
const HURRY_LAG_S = 0.2;
const EASE_LAG_S = 0.1;
const JUMP_SHORT_S = 0.05;
const HURRY_RATE = 1.1;

/**
 * What to do at media time `current` with these buffered `ranges` (seconds, in order). `fragment` is the length of a usual fragment: one can
 * never be nearer to the edge than that, so it is allowed on top. A hole in front is jumped over, never waited for.
 */
export function keepEdge(current: number, rate: number, ranges: readonly Range[], fragment: number): Move {
  const last = ranges.at(-1);
  if (last === undefined) return { act: 'stay', rate: 1 };
  const inside = ranges.find((range) => range.start <= current && current <= range.end);
  if (inside !== last) return { act: 'jump', to: Math.max(last.start, last.end - JUMP_SHORT_S) };
  const lag = last.end - current - fragment;
  if (lag > JUMP_LAG_S) return { act: 'jump', to: Math.max(last.start, last.end - fragment - JUMP_SHORT_S) };
  if (lag > HURRY_LAG_S) return { act: 'stay', rate: HURRY_RATE };
  if (lag > EASE_LAG_S && rate > 1) return { act: 'stay', rate: HURRY_RATE };
  return { act: 'stay', rate: 1 };
}

/** Where fragments began in media time, and when their first frames were captured. */
export class Captures {
  #marks: { at: number; capturedMs: number }[] = [];

  add(at: number, capturedMs: number): void {
    this.#marks.push({ at, capturedMs });
    if (this.#marks.length > 400) this.#marks.splice(0, 100);
  }

  /** When the frame at media time `current` was captured, in Unix ms; null before the first fragment. */
  of(current: number): number | null {
    for (let i = this.#marks.length - 1; i >= 0; i--) {
      const mark = this.#marks[i];
      // A microsecond of slack: media times are rounded to their timescale.
      if (mark && mark.at <= current + 1e-6) return mark.capturedMs + (current - mark.at) * 1000;
    }
    return null;
  }

  clear(): void {
    this.#marks = [];
  }
}

/** A running guess at the usual length of a fragment, from where they begin; long enough for the slow ones, not for a pause. */
export class FragmentLength {
  #recent: number[] = [];
  #last: number | null = null;

  begins(at: number): void {
    if (this.#last !== null && at > this.#last && at - this.#last < 5) {
      this.#recent.push(at - this.#last);
      if (this.#recent.length > 15) this.#recent.shift();
    }
    this.#last = at;
  }

  get s(): number {
    if (this.#recent.length === 0) return 0;
    const ordered = [...this.#recent].sort((a, b) => a - b);
    return ordered[Math.floor(ordered.length / 2)] as number;
  }
}

/** What may be thrown out of the buffer so that twelve hours of looking need no more memory than ten seconds; null when it is not worth it. */
export function spent(current: number, ranges: readonly Range[], keep = 8): Range | null {
  const first = ranges[0];
  if (first === undefined || current - first.start < keep * 2) return null;
  return { start: first.start, end: current - keep };
}
