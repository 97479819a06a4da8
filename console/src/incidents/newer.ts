// What a screen reader should hear of new messages. Pure.
import type { NewMessages } from '../api/types';

/** How many were new at the last look, by incident. */
export type Before = ReadonlyMap<string, number>;

/** "New message from 3142." Nothing on the first look, nor when somebody read one. */
export function toldOf(before: Before | null, now: readonly NewMessages[]): string {
  if (before === null) return '';
  return now.filter((one) => one.count > (before.get(one.id) ?? 0)).map((one) => `New message from ${one.call_sign}.`).join(' ');
}
