// How fresh a hot list is: a copy that nobody renews goes on wanting cars that were found. Pure.
import type { HotList, StatusLevel } from '../api/types';
import { counted } from '../kit/words';

const DAY_MS = 86_400_000;

export interface Freshness { level: StatusLevel; word: string }

/** A list is fresh until its source should have been heard again; one that is kept by hand says what ends soon. */
export function freshness(list: Pick<HotList, 'source' | 'entries' | 'expiring' | 'imported_at' | 'due_at' | 'refresh_hours'>, now: Date): Freshness {
  if (list.imported_at === null || list.entries === 0) return { level: 'off', word: 'empty: nothing of it can match' };
  if (list.source === 'manual') {
    const ending = list.expiring ?? 0;
    return ending === 0 ? { level: 'normal', word: 'kept by hand' } : { level: 'caution', word: `${counted(ending, 'entry', 'entries')} ${ending === 1 ? 'ends' : 'end'} within a week` };
  }
  return list.due_at !== null && new Date(list.due_at) <= now
    ? { level: 'serious', word: `stale: due every ${counted(list.refresh_hours ?? 0, 'hour')}` }
    : { level: 'normal', word: 'fresh' };
}

/** When the last entry of a list from files ends by itself, where its file named no ends. */
export const endsAt = (list: Pick<HotList, 'source' | 'default_days' | 'imported_at'>): string | null =>
  list.source !== 'imported' || list.imported_at === null ? null : new Date(new Date(list.imported_at).getTime() + list.default_days * DAY_MS).toISOString();
