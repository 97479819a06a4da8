// The open alerts, one list for the whole page: the queue draws it, the top bar counts it, the screen reader hears what is new.
import { get } from '../api/client';
import { LiveList } from '../api/live.svelte';
import type { Alert } from '../api/types';
import { inQueueOrder, isOpen } from './order';

export const queue = new LiveList('alerts', (part) => get('/alerts', { query: { state: 'open', ...part } }), inQueueOrder);

/** The open ones: a confirmed or dismissed alert may still be told once before it leaves the list. */
export const open = (): Alert[] => (queue.value ?? []).filter(isOpen);
