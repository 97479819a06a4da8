// How a request for evidence stands, in a word and on the status ladder. Pure.
import type { EvidenceRequest, StatusLevel } from '../api/types';

export const STATES: Readonly<Record<EvidenceRequest['state'], readonly [StatusLevel, string]>> = {
  asked: ['standby', 'asked'], seen: ['standby', 'seen'], declined: ['off', 'declined'], received: ['normal', 'received'],
  withdrawn: ['off', 'withdrawn'], lapsed: ['off', 'no answer'],
};

/** “12.4 MB” */
export const megabytes = (bytes: number): string => (bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`);
