// Messages of crews that are new to this person: one list for the whole page; the top bar says them, rail and cards count them.
import { get } from '../api/client';
import { LiveList } from '../api/live.svelte';
import type { NewMessages } from '../api/types';
import { session } from '../kit/session.svelte';

export const newMessages = new LiveList('new_messages', (part) => get('/new-messages', { query: part }));

/** They are written to the room: whoever sits at the floor, and may answer. */
export const inTheRoom = (): boolean => session.may('alerts.view') && session.may('message.send');

export const newAt = (incident: string): number => newMessages.value?.find((one) => one.id === incident)?.count ?? 0;
export const newInAll = (): number => (newMessages.value ?? []).reduce((sum, one) => sum + one.count, 0);
export const newest = (): NewMessages | null => (newMessages.value ?? []).reduce<NewMessages | null>((found, one) => (found === null || one.at > found.at ? one : found), null);
