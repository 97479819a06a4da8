import { describe, expect, it } from 'vitest';
import type { AssignmentState } from '../api/types';
import { outcomeWords, saidOf, steps } from './steps';

describe('the officer’s buttons', () => {
  it.each([
    ['sent', 'accept', ['accept']], ['accepted', 'en-route', ['en-route', 'on-scene', 'clear']], ['en_route', 'on-scene', ['on-scene', 'clear']], ['on_scene', 'clear', ['clear']],
  ] as [AssignmentState, string, string[]][])('when %s, %s comes next, and of the four only %j may be pressed', (state, next, open) => {
    const all = steps(state);
    expect(all.map((s) => s.path)).toEqual(['accept', 'en-route', 'on-scene', 'clear']);
    expect(all.filter((s) => s.first).map((s) => s.path)).toEqual([next]);
    expect(all.filter((s) => s.why === null).map((s) => s.path)).toEqual(open);
  });

  it('when it is over, none may be pressed and each says so', () => {
    for (const state of ['cleared', 'cancelled'] as const) expect(steps(state).every((s) => s.why === 'It is over.')).toBe(true);
  });

  it('says what comes first, and what was done', () => {
    expect(steps('sent').find((s) => s.path === 'on-scene')?.why).toBe('First “Accept”.');
    expect(steps('on_scene').find((s) => s.path === 'en-route')).toMatchObject({ why: 'En route already.', done: true });
  });
});

it('says which outcome was recorded, and reads what an earlier version kept', () => {
  expect(outcomeWords({ incident: 'inc_1', results: ['vehicle_recovered', 'arrest'] })).toBe('vehicle recovered, arrest');
  expect(saidOf(['inc_1', { incident: 'inc_2', results: ['arrest'] }])).toEqual([{ incident: 'inc_1', results: [] }, { incident: 'inc_2', results: ['arrest'] }]);
  expect([saidOf(null), outcomeWords({ incident: 'inc_1', results: [] })]).toEqual([[], '']);
});
