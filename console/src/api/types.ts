// The forms of the API, as its document says them, and the few things that it does not say. Types only: no value, no call.
import type { Place, Topics } from './generated/openapi';

export type * from './generated/openapi';

/** A list, or a part of one. */
export interface List<T> { items: T[]; next: string | null }

/** Why somebody looks: a purpose's word, and `kind:id` of the case it serves. */
export interface Why { purpose: string; case: string | null }

/** What is followed as a list of the events socket, and may be asked for as one: hands may not. */
export type ListTopic = Exclude<keyof Topics, 'incident' | 'hands'>;

/** A place that may have been located with an error, which the map draws. No kind of alert has one yet. */
export interface Located extends Place { ellipse?: { semi_major_m: number; semi_minor_m: number; bearing_deg: number } | null }
