// How an entry of the log is shown: its answer, and who it names. Pure.
import type { Entry, StatusLevel, Thing } from '../api/types';
import { hourMinute } from '../kit/times';
import { capital, plain } from '../kit/words';

/** Only a decision has an answer; an end or an effect is neither good nor bad. */
export function answerLevel(entry: Pick<Entry, 'result'>): StatusLevel | null {
  if (entry.result === 'allowed') return 'normal';
  return entry.result === 'refused' ? 'caution' : null;
}

export function actorName(actor: Entry['actor'], names: ReadonlyMap<string, string>): string {
  return actor.name ?? names.get(actor.id) ?? (actor.kind === 'person' ? 'A person' : capital(plain(actor.kind)));
}

/** "Camera" of "camera:cam_…"; nothing of nothing. */
export function thingKind(about: string | null): string {
  const kind = (about ?? '').split(':')[0] ?? '';
  return kind === 'reader' ? 'Plate reader' : capital(plain(kind));
}

/** What begins as it was typed stands first, then what has it in its name, then what has it beside its name. */
export function likeliest(things: readonly Thing[], typed: string): Thing[] {
  const rank = (thing: Thing) => { const at = thing.text.toLowerCase().indexOf(typed.toLowerCase()); return at === 0 ? 0 : at > 0 ? 1 : 2; };
  return [...things].sort((a, b) => rank(a) - rank(b));
}

/** Whether a text is `kind:id` as links have it. */
export const isRaw = (text: string): boolean => /^[a-z_]+:[a-z]+_[0-9A-HJKMNP-TV-Z]{26}$/.test(text.trim());

/** A case by kind and name: "Incident 26-00012 Stolen vehicle"; of one whose name is not known, the kind and the end of its id. */
export function caseWords(one: Pick<Entry, 'case' | 'case_name'>): string {
  if (one.case === null) return '';
  return `${thingKind(one.case)} ${one.case_name ?? `…${one.case.slice(-6)}`}`;
}

/** In what way a camera's picture is seen, by the need that is asked for. */
export const WAYS: Readonly<Record<string, string>> = {
  'camera.live': 'Watch live', 'camera.playback': 'Play what was recorded', 'camera.snapshot': 'Save a picture', 'camera.aiming_picture': 'See it coarsely', 'camera.lent': 'Record it in another center', 'camera.record': 'Record it',
};

/** "14:03 to 15:20"; one moment is said once. */
export function clockHours(since: string, until: string): string {
  const [from, to] = [hourMinute(new Date(since)), hourMinute(new Date(until))];
  return from === to ? from : `${from} to ${to}`;
}

/** The hours of a day in which something held; of a day that is not over, until now. */
export function hours(one: { since: string; until: string }, day: { since: string; until: string }): string {
  const over = hourMinute(new Date(day.until)) === '00:00';
  const [from, atEnd] = [hourMinute(new Date(one.since)), one.until === day.until];
  if (over && atEnd && one.since === day.since) return 'the whole day';
  return `${from} ${atEnd ? (over ? 'to the day’s end' : 'until now') : `to ${hourMinute(new Date(one.until))}`}`;
}
