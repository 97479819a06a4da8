// The approving bodies of a proposal, as typed and as sent. Pure.
import type { BodyOf } from '../api/types';

export interface BodyTyped { key: number; body: string; instrument: string; approved: string; hearing: string; comment: string }

let count = 0;
export const bodyNew = (): BodyTyped => ({ key: ++count, body: '', instrument: '', approved: '', hearing: '', comment: '' });

/** Days are sent as their noon in UTC, so that no zone makes them the day before. */
const noon = (day: string): string | null => (/^\d{4}-\d\d-\d\d$/.test(day) ? `${day}T12:00:00.000Z` : null);

export const sent = (typed: BodyTyped): BodyOf => ({
  body: typed.body.trim(), instrument: typed.instrument.trim(), approved_at: noon(typed.approved), hearing_at: noon(typed.hearing), comment_until: noon(typed.comment),
});
