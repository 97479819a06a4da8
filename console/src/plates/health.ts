// How a reader does, in words and as bars of a week. Pure.
import type { ReaderHealth, ReaderHour, VideoCounts, VideoReading } from '../api/types';

/** "41 of 38 usual" */
export const paceWords = (health: ReaderHealth): string =>
  health.usual_an_hour === null ? `${health.last_hour}` : `${health.last_hour} of ${Math.round(health.usual_an_hour)} usual`;

/** "0.3 s behind", "12 s ahead, +4 s a day" */
export function clockWords(health: ReaderHealth): string {
  if (health.clock_off_ms === null) return 'not told';
  const seconds = Math.abs(health.clock_off_ms) / 1000;
  const off = seconds < 0.05 ? 'right' : `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s ${health.clock_off_ms > 0 ? 'ahead' : 'behind'}`;
  const drift = health.clock_drift_ms_a_day;
  return drift === null || Math.abs(drift) < 500 ? off : `${off}, ${drift > 0 ? '+' : '−'}${(Math.abs(drift) / 1000).toFixed(1)} s a day`;
}

/** "2 %", "none", or that too little came to say */
export function shareWords(share: number | null): string {
  if (share === null) return 'too few to say';
  return share === 0 ? 'none' : share < 0.01 ? 'under 1 %' : `${Math.round(share * 100)} %`;
}

/** "up to date", "8 min late" */
export function lateWords(health: ReaderHealth): string {
  if (health.late_s === null) return 'not told';
  return health.late_s < 60 ? 'up to date' : `${Math.round(health.late_s / 60)} min late`;
}

export interface VideoRow { what: string; meaning: string; lately: string; day: string }

const OUTCOMES: readonly [keyof VideoCounts, string, string][] = [
  ['looked', 'Read', 'something moved, and it was looked at for plates'],
  ['busy', 'Dropped: busy', 'the processor was at others; a newer one took its place'],
  ['failed', 'Dropped: failed', 'a network failed on it'],
  ['no_leave', 'Dropped: no leave', 'the authorisation had ended when its turn came'],
  ['still', 'Still', 'nothing moved on it'],
  ['masked', 'Masked', 'all of it is covered'],
  ['undecodable', 'Not decoded', 'the stream broke'],
];

/** Each cause with how often it was in two hours and in a day; those that never were are left out, but for the first two. */
export function videoRows(video: VideoReading): VideoRow[] {
  const rows = OUTCOMES.filter(([of], at) => at < 2 || video.day[of] !== 0)
    .map(([of, what, meaning]) => ({ what, meaning, lately: String(video.two_hours[of]), day: String(video.day[of]) }));
  const cpu = (counts: VideoCounts): string => (counts.looked === 0 ? '' : `${(counts.cpu_s / counts.looked).toFixed(2)} s`);
  return [...rows, { what: 'Processor', meaning: 'seconds for each picture that was read', lately: cpu(video.two_hours), day: cpu(video.day) }];
}

/** Of moving pictures those that were read, 0 to 1; null where nothing moved. */
export const shareOf = (counts: VideoCounts): number | null => (counts.moving === 0 ? null : counts.looked / counts.moving);

export interface Bar { hour: string; reads: number; usual: number | null; rejected: number; height: number; mark: number | null }

/** Every hour of the last week in its order, those without a row empty; heights from 0 to 1 of the highest. */
export function barsOf(hours: readonly ReaderHour[], now: Date): Bar[] {
  const of = new Map(hours.map((one) => [Date.parse(one.hour), one]));
  const most = Math.max(1, ...hours.map((one) => Math.max(one.reads, one.usual ?? 0)));
  const last = Math.floor(now.getTime() / 3_600_000) * 3_600_000;
  return Array.from({ length: 168 }, (_, at) => {
    const time = last - (167 - at) * 3_600_000;
    const one = of.get(time);
    const usual = one?.usual ?? null;
    return { hour: new Date(time).toISOString(), reads: one?.reads ?? 0, usual, rejected: one?.rejected ?? 0, height: (one?.reads ?? 0) / most, mark: usual === null ? null : usual / most };
  });
}
