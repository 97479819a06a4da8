// How much of today was recorded, in words. Pure.
import type { Coverage } from '../api/types';
import { span } from '../kit/ages';
import { fromWall, hourMinute, timeOfDay, toWall } from '../kit/times';
import { counted } from '../kit/words';

/** Today so far, as the agency counts its days. */
export function today(now: Date): { from: string; to: string } {
  const from = fromWall(`${toWall(now).slice(0, 10)}T00:00`) ?? now;
  // A day that has just begun is no time yet; of the time to come there is nothing.
  return { from: from.toISOString(), to: new Date(Math.max(now.getTime(), from.getTime() + 1000)).toISOString() };
}

/** The part that was recorded, of 100; rounded down, so that only a whole day is 100. Null before there is anything of the day. */
export const percent = (c: Coverage): number | null => (c.expected_s === 0 ? null : Math.floor((100 * c.recorded_s) / c.expected_s));

export function coveredText(c: Coverage): string {
  const part = percent(c);
  if (part === null) return c.at_site_s > 0 ? 'kept at its site' : 'not there yet today';
  return c.gaps === 0 ? 'all of today' : `${part} % of today`;
}

/** "2 gaps, the longest 4 min: the camera did not answer." Null where there is none. */
export function gapsText(c: Coverage): string | null {
  const longest = c.longest_gap;
  if (longest === null) return null;
  const lasted = span(Date.parse(longest.to) - Date.parse(longest.from));
  const why = longest.reason.charAt(0).toLowerCase() + longest.reason.slice(1);
  return c.gaps === 1 ? `1 gap of ${lasted}: ${why}` : `${counted(c.gaps, 'gap')}, the longest ${lasted}: ${why}`;
}

/** What was missing and was fetched from the camera, the newest first: "09:12 to 09:26: filled from the camera at 14:05." */
export const filledLines = (c: Coverage): string[] => c.filled.toReversed().map(({ from, to, filled_at }) => {
  const [begin, end] = [new Date(from), new Date(to)];
  const time = end.getTime() - begin.getTime() < 120_000 ? timeOfDay : hourMinute;
  return `${time(begin)} to ${time(end)}: filled from the camera at ${hourMinute(new Date(filled_at))}.`;
});

/** Each gap, the newest first: "09:12 to 09:26, 14 min: The camera did not answer. Answers for it: the agency's technicians." To the second where it is short. */
export const gapLines = (c: Coverage): string[] => c.each.toReversed().map(({ from, to, reason, answers }) => {
  const [begin, end] = [new Date(from), new Date(to)];
  const lasted = end.getTime() - begin.getTime();
  const time = lasted < 120_000 ? timeOfDay : hourMinute;
  return `${time(begin)} to ${time(end)}, ${span(lasted)}: ${reason} Answers for it: ${answers}.`;
});
