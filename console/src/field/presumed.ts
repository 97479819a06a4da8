// Where an assignment stands once what waits has been taken. It is shown as not sent yet: nothing here pretends. Pure.
import type { AssignmentState } from '../api/types';
import type { Act } from '../kit/shelf';

const TO: Readonly<Record<string, AssignmentState>> = { accept: 'accepted', 'en-route': 'en_route', 'on-scene': 'on_scene', clear: 'cleared' };

/** The step that an act presses, by the end of its path; null for what is no step of this assignment. */
export function stepOf(act: Act, assignment: string): string | null {
  return act.kind === 'step' && act.assignment === assignment ? (act.path.split('/').at(-1) ?? null) : null;
}

export function presumed(state: AssignmentState, assignment: string, waiting: readonly Act[]): AssignmentState {
  let found = state;
  for (const act of waiting) {
    const step = stepOf(act, assignment);
    if (step !== null) found = TO[step] ?? found;
  }
  return found;
}

/** How many things wait: each position of a batch counts. */
export function howMany(waiting: readonly Act[]): { acts: number; positions: number } {
  const batches = waiting.filter((act) => act.kind === 'positions');
  const positions = batches.reduce((sum, act) => sum + (act.body['positions'] as unknown[]).length, 0);
  return { acts: waiting.length - batches.length, positions };
}

/** "2 not sent yet and 14 positions" */
export function unsentText(waiting: readonly Act[]): string {
  const { acts, positions } = howMany(waiting);
  const places = positions === 0 ? '' : positions === 1 ? '1 position' : `${positions} positions`;
  if (acts === 0) return `${places} not sent yet`;
  return `${acts} not sent yet${places === '' ? '' : `, and ${places}`}`;
}
