import { describe, expect, it } from 'vitest';
import type { AssignmentState } from '../api/types';
import { steps } from './steps';

describe('the officer’s buttons', () => {
  it.each([['sent', 'accept'], ['accepted', 'en-route'], ['en_route', 'on-scene'], ['on_scene', 'clear']] as [AssignmentState, string][])(
    'when %s, exactly one may be pressed: %s',
    (state, path) => {
      const all = steps(state);
      expect(all).toHaveLength(3);
      expect(all.filter((s) => s.why === null).map((s) => s.path)).toEqual([path]);
      expect(all.filter((s) => s.first).map((s) => s.path)).toEqual([path]);
    },
  );

  it('when it is over, none may be pressed and each says so', () => {
    for (const state of ['cleared', 'cancelled'] as const) expect(steps(state).every((s) => s.why === 'It is over.')).toBe(true);
  });

  it('says what comes first, and what was done', () => {
    expect(steps('sent').find((s) => s.path === 'on-scene')?.why).toBe('First “Accept”.');
    expect(steps('on_scene').find((s) => s.path === 'en-route')?.why).toBe('En route already.');
  });
});
