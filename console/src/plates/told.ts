// What a read says, in words. Pure.
import type { ReaderRecord, ReadHit, SeenVehicle } from '../api/types';
import { capital } from '../kit/words';

/** "97 %, by the reader’s own count" */
export const readerSure = (confidence: number | null): string =>
  confidence === null ? 'The reader did not say.' : `${Math.round(confidence * 100)} %, by the reader’s own count`;

/** "Grey Honda Civic, hatchback"; null when the reader said nothing of it. */
export function vehicleWords({ colour, make, model, body }: SeenVehicle): string | null {
  const name = [colour, make, model].filter((word) => word !== null).join(' ');
  const words = [name, body ?? ''].filter((word) => word !== '').join(', ');
  return words === '' ? null : capital(words);
}

/** "87 %" */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

const KINDS: Readonly<Record<ReadHit['kind'], string>> = {
  exact: 'letter by letter', confusable: 'when characters that look alike count as one', substitution: 'but for one character that the reader doubted',
  missing: 'but for one character that the reader may have missed', extra: 'but for one character that the reader may have seen too many',
};

/** How the texts agree, and how likely it is that the entry's own car passed; and what else it would be. */
export function oddsWords({ kind, odds }: Pick<ReadHit, 'kind' | 'odds'>): string {
  const agree = `The plates agree ${KINDS[kind]}.`;
  if (odds === null) return agree;
  const share = Math.min(0.99, odds.probability);
  const near = odds.near === 0 ? '' : ` ${odds.near} other ${odds.near === 1 ? 'entry is' : 'entries are'} one character from what was read.`;
  return `${agree} Likely right: ${percent(share)} (misread ${percent(odds.misread)}, the same plate of another state ${percent(odds.wrong_state)}).${near}${odds.pooled ? ' Pooled: by the record of all readers.' : ''}`;
}

/** "41 of 52 alerts right in 90 days; the true share lies likely between 66 % and 88 %." */
export function recordWords({ all, days }: Pick<ReaderRecord, 'all' | 'days'>): string {
  const stale = all.stale_entry === 0 ? '' : ` ${all.stale_entry} more had an entry that no longer held, which is not the reader’s doing.`;
  if (all.judged === 0) return `None of its alerts was right or wrong by its doing in ${days} days.${stale}`;
  return `${all.right} of ${all.judged} alerts right in ${days} days; the true share lies likely between ${percent(all.low)} and ${percent(all.high)}. Misread ${all.misread}, wrong state ${all.wrong_state}.${stale}`;
}
