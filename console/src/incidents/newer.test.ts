import { expect, it } from 'vitest';
import type { NewMessages } from '../api/types';
import { toldOf } from './newer';

const at = (id: string, count: number, call_sign = '3142'): NewMessages => ({ id, count, call_sign, at: '2026-11-28T20:00:00Z' });

it('tells of a message that came, not of those that were there or were read', () => {
  expect(toldOf(null, [at('inc_1', 2)])).toBe('');
  expect(toldOf(new Map([['inc_1', 2]]), [at('inc_1', 2)])).toBe('');
  expect(toldOf(new Map([['inc_1', 2]]), [at('inc_1', 1)])).toBe('');
  expect(toldOf(new Map([['inc_1', 2]]), [at('inc_1', 3), at('inc_2', 1, '3150')])).toBe('New message from 3142. New message from 3150.');
});
