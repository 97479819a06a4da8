// The four buttons of the officer's screen: always the same four in the same places, one of them next, the others with their reason. Pure.
import type { AssignmentState } from '../api/types';

export interface Step { path: 'accept' | 'en-route' | 'on-scene' | 'clear'; text: string; why: string | null; first: boolean }

const ORDER: readonly { path: Step['path']; text: string; from: AssignmentState; done: string }[] = [
  { path: 'accept', text: 'Accept', from: 'sent', done: 'Accepted already.' },
  { path: 'en-route', text: 'En route', from: 'accepted', done: 'En route already.' },
  { path: 'on-scene', text: 'On scene', from: 'en_route', done: 'On scene already.' },
  { path: 'clear', text: 'Clear', from: 'on_scene', done: 'Cleared already.' },
];

/** Three status buttons beside the outcome; Accept makes room for Clear once it is done. */
export function steps(state: AssignmentState): Step[] {
  const next = ORDER.findIndex((step) => step.from === state);
  const shown = next === 0 ? ORDER.slice(0, 3) : ORDER.slice(1);
  return shown.map((step) => {
    const at = ORDER.indexOf(step);
    const why = next < 0 ? 'It is over.' : at < next ? step.done : at > next ? `First “${ORDER[next]?.text}”.` : null;
    return { path: step.path, text: step.text, why, first: at === next };
  });
}
