// How many reads were when, as bars: by the hour, or by as many hours as leave a hundred bars at most. Pure.
const HOUR_MS = 3_600_000;
const MOST = 100;
const WIDTHS = [1, 2, 3, 6, 12, 24, 48];

export interface Bar { at: Date; hours: number; reads: number }

/** Bars from the hour in which `from` lies to that of `to`, those without a read among them. */
export function bars(byHour: readonly { at: string; reads: number }[], from: Date, to: Date): Bar[] {
  const first = Math.floor(from.getTime() / HOUR_MS);
  const count = Math.max(1, Math.ceil(to.getTime() / HOUR_MS) - first);
  const hours = WIDTHS.find((width) => Math.ceil(count / width) <= MOST) ?? Math.ceil(count / MOST);
  const made = Array.from({ length: Math.ceil(count / hours) }, (_, n) => ({ at: new Date((first + n * hours) * HOUR_MS), hours, reads: 0 }));
  for (const one of byHour) {
    const bar = made[Math.floor((new Date(one.at).getTime() / HOUR_MS - first) / hours)];
    if (bar !== undefined) bar.reads += one.reads;
  }
  return made;
}

/** "most in the hour of 14:00 on 29 Nov: 4" is for who cannot see the bars. */
export const tallest = (all: readonly Bar[]): Bar | null =>
  all.reduce<Bar | null>((best, bar) => (bar.reads > 0 && (best === null || bar.reads > best.reads) ? bar : best), null);
