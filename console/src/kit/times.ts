// Times as the agency reads them: 24 h, in its zone, with the zone's name. UTC stays in the data.

let zone = 'UTC';

export function setZone(name: string): void {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    zone = name;
  } catch {
    zone = 'UTC'; // A zone this browser does not know: UTC, named as such, is at least unambiguous.
  }
}

const parts = (at: Date, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options }).format(at);

/** "14:03:27" */
export const timeOfDay = (at: Date): string => parts(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** "14:03" */
export const hourMinute = (at: Date): string => parts(at, { hour: '2-digit', minute: '2-digit' });

/** "22 Nov 2026" */
export const day = (at: Date): string => parts(at, { day: 'numeric', month: 'short', year: 'numeric' });

/** "22 Nov 2026, 14:03:27 CST": what hover shows; the zone makes the repeated hour of November unambiguous. */
export const absolute = (at: Date): string => `${day(at)}, ${timeOfDay(at)} ${zoneName(at)}`;

export function zoneName(at: Date): string {
  const named = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' }).formatToParts(at).find((p) => p.type === 'timeZoneName');
  return named?.value ?? zone;
}

/** The agency's wall time "2026-11-22T14:03" (from a datetime-local field) as an instant. */
export function fromWall(text: string): Date | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text)) return null;
  const asUtc = new Date(`${text}:00Z`);
  if (Number.isNaN(asUtc.getTime())) return null;
  // Two rounds settle the offset also across a change of summer time.
  let guess = asUtc;
  for (let i = 0; i < 2; i++) guess = new Date(guess.getTime() + (asUtc.getTime() - wallAsUtc(guess)));
  return guess;
}

/** The value of a datetime-local field for an instant. */
export function toWall(at: Date): string {
  return new Date(wallAsUtc(at)).toISOString().slice(0, 16);
}

function wallAsUtc(at: Date): number {
  const p = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  }).formatToParts(at);
  const get = (type: string) => Number(p.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
}
