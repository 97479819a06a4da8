// How several recorded pictures are kept in step: what each does at a beat of the one clock they follow. Pure.

export const SPEEDS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16] as const;

/** Farther off than this (ms at usual speed) a picture is set anew; nearer it is hurried or eased. */
const SET_ANEW_MS = 300;
const GENTLE = 0.05;
const FIRM = 0.25;
/** Faster than this no browser plays: it throws instead. A picture behind at that speed catches up by being set anew. */
const MOST_RATE = 16;

export type Beat = { do: 'rate'; rate: number } | { do: 'set' };

/** `drift` is how far the picture is ahead of the clock, in ms of what was recorded. */
export function beat(drift: number, speed: number): Beat {
  const real = drift / Math.max(1, speed);
  if (Math.abs(real) > SET_ANEW_MS) return { do: 'set' };
  const most = Math.abs(real) > 60 ? FIRM : GENTLE;
  return { do: 'rate', rate: Math.min(MOST_RATE, speed * (1 - Math.min(most, Math.max(-most, real / 400)))) };
}

/** The speed beside this one, `by` steps on. */
export function beside(speed: number, by: number): number {
  const at = SPEEDS.indexOf(speed as (typeof SPEEDS)[number]);
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (at < 0 ? SPEEDS.indexOf(1) : at) + by))] as number;
}

export function speedText(speed: number): string {
  return speed < 1 ? `1/${Math.round(1 / speed)}×` : `${speed}×`;
}

/** The span around a moment, not past now; so long that the moment lies a third into it. */
export function around(at: number, minutes: number, now: number): { from: number; to: number } {
  const length = minutes * 60_000;
  const to = Math.min(now, at + (length * 2) / 3);
  return { from: Math.round(to - length), to: Math.round(to) };
}
