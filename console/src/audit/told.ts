// How an entry of the log is shown: its answer, and who it names. Pure.
import type { Entry, StatusLevel } from '../api/types';
import { capital, plain } from '../kit/words';

/** Only a decision has an answer; an end or an effect is neither good nor bad. */
export function answerLevel(entry: Pick<Entry, 'result'>): StatusLevel | null {
  if (entry.result === 'allowed') return 'normal';
  return entry.result === 'refused' ? 'caution' : null;
}

export function actorName(actor: Entry['actor'], names: ReadonlyMap<string, string>): string {
  return actor.name ?? names.get(actor.id) ?? (actor.kind === 'person' ? 'A person' : capital(plain(actor.kind)));
}
