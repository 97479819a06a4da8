// How old things are, in words of one steady width. Pure: `now` is always given.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "0:38", "12:04", "3 h 05", "2 d": a running age, the way the queue shows it. A time ahead of ours reads 0:00. */
export function running(at: Date, now: Date): string {
  const ms = Math.max(0, now.getTime() - at.getTime());
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}:${pad(Math.floor((ms % MINUTE) / SECOND))}`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ${pad(Math.floor((ms % HOUR) / MINUTE))}`;
  return `${Math.floor(ms / DAY)} d`;
}

/** "just now", "12 s ago", "4 min ago", "3 h ago", "2 d ago". */
export function ago(at: Date, now: Date): string {
  const ms = now.getTime() - at.getTime();
  if (ms < 2 * SECOND) return 'just now';
  return `${span(ms)} ago`;
}

/** "in 4 min", "in 89 days", or "over" when it has passed. */
export function until(at: Date, now: Date): string {
  const ms = at.getTime() - now.getTime();
  return ms <= 0 ? 'over' : `in ${span(ms)}`;
}

/** A length in one unit: "12 s", "4 min", "3 h", "2 days". Rounded down, so that nothing looks longer than it is. */
export function span(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} days`;
}

/** "1:50" from seconds: how long a unit needs. */
export function eta(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${pad(whole % 60)}`;
}

/** "0.3 s behind": how old a shown frame is. Below zero means the clocks disagree, and then it says so. */
export function behind(ms: number): string {
  if (ms < -1000) return 'clocks disagree';
  const s = Math.max(0, ms) / SECOND;
  return s < 10 ? `${s.toFixed(1)} s behind` : `${span(ms)} behind`;
}

/** "1.2 km", "380 m". */
export function distance(m: number): string {
  return m < 1000 ? `${Math.round(m / 10) * 10} m` : `${(m / 1000).toFixed(1)} km`;
}

/** The countdown ladder of an authorisation: warns at 90, 30, 7 and 1 days. */
export function expiryLevel(expires: Date, now: Date): 'critical' | 'serious' | 'caution' | 'normal' {
  const days = (expires.getTime() - now.getTime()) / DAY;
  if (days <= 1) return 'critical';
  if (days <= 7) return 'serious';
  if (days <= 30) return 'caution';
  return 'normal';
}

function pad(n: number): string {
  return String(n).padStart(2, '0');
}
