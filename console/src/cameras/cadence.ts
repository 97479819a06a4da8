// How long one frame of recorded video lasts, from the frames that were shown. Pure.

/** Until anything is known. */
const USUAL_S = 1 / 15;
const REMEMBERED = 15;

/** The media times from one shown frame to the next, the latest last; what cannot be one frame's is left out. */
export function heard(steps: readonly number[], step: number): readonly number[] {
  return step > 0.005 && step < 0.5 ? [...steps, step].slice(-REMEMBERED) : steps;
}

/** Seconds of one frame: the shortest of the last steps, since a step over a frame that a busy browser left out is a longer one. */
export function frameLength(steps: readonly number[]): number {
  return steps.length === 0 ? USUAL_S : Math.min(...steps);
}
