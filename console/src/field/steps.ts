// The four buttons of the officer's screen: always the same four in the same places, one of them next, the others with their reason. Pure.
import type { AssignmentState, Result } from '../api/types';
import { RESULTS } from '../kit/words';

export interface Step { path: 'accept' | 'en-route' | 'on-scene' | 'clear'; text: string; why: string | null; first: boolean; done: boolean }

const ORDER: readonly AssignmentState[] = ['sent', 'accepted', 'en_route', 'on_scene'];
const STEPS: readonly { path: Step['path']; text: string; leads: AssignmentState; done: string }[] = [
  { path: 'accept', text: 'Accept', leads: 'accepted', done: 'Accepted already.' },
  { path: 'en-route', text: 'En route', leads: 'en_route', done: 'En route already.' },
  { path: 'on-scene', text: 'On scene', leads: 'on_scene', done: 'On scene already.' },
  { path: 'clear', text: 'Clear', leads: 'cleared', done: 'Cleared already.' },
];

/** Once it is accepted, a crew may say at once that it is there, or that it is clear: nobody presses three buttons in a street. */
export function steps(state: AssignmentState): Step[] {
  const at = ORDER.indexOf(state);
  return STEPS.map((step, n) => {
    const done = at >= 0 && n < at;
    const why = at < 0 ? 'It is over.' : done ? step.done : at === 0 && n > 0 ? 'First “Accept”.' : null;
    return { path: step.path, text: step.text, why, first: n === at, done };
  });
}

/** What was said of an incident's outcome on this phone. */
export interface Said { incident: string; results: readonly Result[] }

/** As this phone kept it; an earlier version kept the incidents alone. */
export const saidOf = (kept: unknown): Said[] => (Array.isArray(kept) ? kept.map((one: string | Said) => (typeof one === 'string' ? { incident: one, results: [] } : one)) : []);

/** "vehicle recovered, arrest" */
export const outcomeWords = ({ results }: Said): string => results.map((result) => RESULTS[result].toLowerCase()).join(', ');
