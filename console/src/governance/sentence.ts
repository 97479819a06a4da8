// An authorisation as a plain sentence that a council member would accept. Pure.
import type { Authorisation, StatusLevel } from '../api/types';
import { capital, counted, DATA_CLASSES, listed, plain, PURPOSES, rolesSentence, technologyWord } from '../kit/words';

type State = Authorisation['state'];
/** What is told, also of one that is still being typed. */
type Told = Pick<Authorisation, 'roles' | 'area' | 'area_text' | 'keep_for_days' | 'keep_by_class' | 'keep_minutes' | 'audio'> & { technology: string; purposes: readonly string[]; state?: State };

/** Only what is in force allows anything: of another authorisation the sentence says so. */
const WHEN: Partial<Record<State, string>> = { waiting: 'Once this is in force', not_yet: 'Once this is in force', suspended: 'Until this was suspended', expired: 'Until this expired' };

/** "Fixed cameras may be used by analysts and supervisors for stolen vehicle and shots fired, in the whole jurisdiction. What …" */
export function authorisationSentence(a: Told): string {
  const roles = rolesSentence(a.roles);
  const who = roles === 'No person' ? '' : ` by ${roles.charAt(0).toLowerCase()}${roles.slice(1)}`;
  const purposes = a.purposes.length === 0 ? 'no purpose' : listed(a.purposes.map((p) => (PURPOSES[p] ?? p).toLowerCase()));
  const when = a.state === undefined ? undefined : WHEN[a.state];
  const what = technologyWord(a.technology);
  const may = when === undefined ? `${what} may` : `${when}, ${what.charAt(0).toLowerCase()}${what.slice(1)} ${when.startsWith('Until') ? 'could' : 'may'}`;
  const where = a.area.length === 0 ? 'in the whole jurisdiction' : inArea(a.area_text);
  return `${may} be used${who} for ${purposes}, ${where}. What is taken is kept ${keptSentence(a)}. Sound is ${a.audio ? 'taken too' : 'not taken'}.`;
}

type Lengths = { keep_by_class: Record<string, number>; keep_minutes: Record<string, number> };
/** The length of each class that a technology keeps: as typed, in minutes or days, else `days`; a picture goes no later than its read. As governance/keep.py. */
export function lengths(classes: readonly string[], days: number, typed: Record<string, number>, minutes: Record<string, number>): Lengths {
  const read = minutes.plate_read;
  const own = (name: string) => typed[name] ?? (name === 'plate_picture' ? Math.min(days, typed.plate_read ?? days) : days);
  const inMinutes: Record<string, number> = { ...minutes, ...(read !== undefined && classes.includes('plate_picture') && typed.plate_picture === undefined && minutes.plate_picture === undefined ? { plate_picture: read } : {}) };
  return { keep_by_class: Object.fromEntries(classes.filter((name) => inMinutes[name] === undefined).map((name) => [name, own(name)])), keep_minutes: inMinutes };
}

/** "30 days; plate reads are matched and never stored; hits … 365 days": the whole, then each class that differs. */
export function keptSentence(a: Pick<Told, 'keep_for_days' | 'keep_by_class' | 'keep_minutes'>): string {
  const other = Object.entries(a.keep_by_class).filter(([, days]) => days !== a.keep_for_days);
  const brief = Object.entries(a.keep_minutes).map(([name, minutes]) => `${called(name)} ${counted(minutes, 'minute')}`);
  return [counted(a.keep_for_days, 'day'), ...brief, ...other.map(([name, days]) => `${called(name)} ${keptWords(days)}`)].join('; ');
}
/** One line a class, as approved; one line for all where the technology names none. */
export function keptLines(a: Pick<Told, 'keep_for_days' | 'keep_by_class' | 'keep_minutes'>): string[] {
  const brief = Object.entries(a.keep_minutes).map(([name, minutes]) => `${capital(called(name))}: ${counted(minutes, 'minute')}`);
  const classes = Object.entries(a.keep_by_class).map(([name, days]) => `${capital(called(name))}: ${days === 0 ? 'never stored' : counted(days, 'day')}`);
  return brief.length + classes.length === 0 ? [counted(a.keep_for_days, 'day')] : [...brief, ...classes];
}
const called = (name: string) => DATA_CLASSES[name] ?? plain(name);
const keptWords = (days: number) => (days === 0 ? 'are matched and never stored' : counted(days, 'day'));

const inArea = (text: string) => (text === '' ? 'in the area drawn' : /^in /i.test(text) ? text : `in ${text}`);

export const STATE_LEVELS: Record<Authorisation['state'], StatusLevel> = { in_force: 'normal', waiting: 'standby', not_yet: 'standby', suspended: 'caution', expired: 'off' };

/** Corners typed one a line, "38.63, -90.20". Null and the line's number when one cannot be read. */
export function areaOf(text: string): { area: [number, number][]; badLine: number | null } {
  const area: [number, number][] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const found = /^\s*(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(line);
    const lat = Number(found?.[1]);
    const lon = Number(found?.[2]);
    if (found === null || Math.abs(lat) > 90 || Math.abs(lon) > 180) return { area: [], badLine: i + 1 };
    area.push([lat, lon]);
  }
  return { area, badLine: null };
}
