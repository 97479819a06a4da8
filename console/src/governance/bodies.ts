// The approving bodies of a proposal, as typed and as sent. Pure.
import type { BodyOf } from '../api/types';
import { fromWall, toWall } from '../kit/times';

export interface BodyTyped { key: number; body: string; instrument: string; approved: string; hearing: string; comment: string }

let count = 0;
export const bodyNew = (body = ''): BodyTyped => ({ key: ++count, body, instrument: '', approved: '', hearing: '', comment: '' });

/** Days are sent as their noon in UTC, so that no zone makes them the day before. */
const noon = (day: string): string | null => (/^\d{4}-\d\d-\d\d$/.test(day) ? `${day}T12:00:00.000Z` : null);

/** A day that has begun is in no future, though its noon may be: then it is sent as its beginning. */
function given(day: string, now: Date): string | null {
  const at = noon(day);
  return at !== null && new Date(at) > now && day <= toWall(now).slice(0, 10) ? (fromWall(`${day}T00:00`) ?? now).toISOString() : at;
}

export const sent = (typed: BodyTyped, now: Date): BodyOf => ({
  body: typed.body.trim(), instrument: typed.instrument.trim(), approved_at: given(typed.approved, now), hearing_at: noon(typed.hearing), comment_until: noon(typed.comment),
});
