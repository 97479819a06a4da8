// How an export stands, in a word and on the status ladder.
import type { Export } from '../api/types';
import type { StatusLevel } from '../api/types';

export const STATES: Record<Export['state'], readonly [StatusLevel, string]> = {
  asked: ['caution', 'Waits for a second person'], refused: ['off', 'Refused'], lapsed: ['off', 'Lapsed'], waiting: ['standby', 'Approved, waits'],
  cutting: ['standby', 'Being made'], ready: ['normal', 'Ready'], stopped: ['serious', 'Stopped'], failed: ['serious', 'Failed'],
  cancelled: ['off', 'Cancelled'], forgotten: ['off', 'Forgotten'],
};

export const RUNNING: readonly Export['state'][] = ['waiting', 'cutting'];
export const CANCELLABLE: readonly Export['state'][] = ['asked', ...RUNNING];
