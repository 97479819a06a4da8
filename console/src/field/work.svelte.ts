// The officer's acts and what this phone keeps of the current assignment: wired to the server, the shelf and the link.
import { get, getBytes, postKept } from '../api/client';
import { live } from '../api/live.svelte';
import { Problem } from '../api/problem';
import type { OwnAssignment, Result, Route } from '../api/types';
import { clock } from '../kit/clock.svelte';
import { shelf, type Act, type Body, type Cleared, type NewAct } from '../kit/shelf';
import { saidOf, type Said } from './steps';
import { Unsent } from './unsent.svelte';

/** A link that swallows what is sent is no link. */
const ANSWER_WITHIN_MS = 20_000;

export const unsent = new Unsent({
  shelf,
  send: (act: Act) => postKept(act.path, act.body, act.key, AbortSignal.timeout(ANSWER_WITHIN_MS)),
  key: () => crypto.randomUUID(),
  later: (ms, act) => {
    const id = setTimeout(act, ms);
    return () => clearTimeout(id);
  },
  alone: async (act) => {
    if (!('locks' in navigator)) return act();
    await navigator.locks.request('watchfloor.unsent', { ifAvailable: true }, async (lock) => { if (lock !== null) await act(); });
  },
});

let begun = false;
/** Take up what an earlier page left, and try again whenever a link may be back. */
export async function begin(): Promise<void> {
  if (begun) return unsent.flush();
  begun = true;
  live.onup.add(() => unsent.hurry());
  addEventListener('online', () => unsent.hurry());
  await unsent.open();
}

/** Somebody pressed or wrote something: kept, then sent. Its time goes with it. */
export function does(assignment: Pick<OwnAssignment, 'id' | 'incident_id'>, kind: NewAct['kind'], path: string, body: Body, text: string): Promise<void> {
  const made_at = new Date(clock.exact()).toISOString();
  const said = kind === 'positions' ? body : { ...body, said_at: made_at };
  const act: NewAct = { key: crypto.randomUUID(), kind, path, body: said, text, made_at, assignment: assignment.id, incident: assignment.incident_id, refused: null };
  return kind === 'positions' ? unsent.position(act) : unsent.add(act);
}

interface KeptAssignments { items: OwnAssignment[]; heard_at: number }

export const keptAssignments = async (): Promise<KeptAssignments | null> => (await shelf()).get<KeptAssignments>('assignments');

/** Keep the current assignments, and nothing of those that are over: no picture, no route. */
export async function keepAssignments(items: OwnAssignment[], heard_at: number): Promise<void> {
  const own = await shelf();
  await own.set('assignments', { items, heard_at } satisfies KeptAssignments);
  const open = new Set(items.map((item) => item.id));
  for (const name of await own.names()) {
    const [kind, id] = name.split(':');
    if ((kind === 'picture' || kind === 'route') && !open.has(id ?? '')) await own.remove(name);
  }
}

/** The picture of an assignment: from the server, else as it was kept; null when there is none any more. */
export async function pictureOf(assignment: OwnAssignment): Promise<Blob | null> {
  if (assignment.picture === null) return null;
  const own = await shelf();
  const name = `picture:${assignment.id}`;
  const kept = await own.get<Blob>(name);
  if (kept !== null) return kept;
  const found = await (await getBytes('/assignments/{assignment_id}/picture', { path: { assignment_id: assignment.id } })).blob();
  await own.set(name, found);
  return found;
}

/** The route of an assignment, fresh or as it was kept. */
export async function routeOf(assignment: string): Promise<Route | null> {
  const own = await shelf();
  try {
    const found = await get('/assignments/{assignment_id}/route', { path: { assignment_id: assignment } });
    await own.set(`route:${assignment}`, found);
    return found;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.definite ? null : own.get<Route>(`route:${assignment}`);
  }
}

/** What was cleared here and still wants its outcome; it outlives the page, without anything of evidence. */
class Asking {
  cleared = $state.raw<Cleared | null>(null);
  /** What was said here of which incident, sent or not. */
  said = $state.raw<readonly Said[]>([]);

  async open(): Promise<void> {
    const own = await shelf();
    this.cleared = await own.get<Cleared>('cleared');
    this.said = saidOf(await own.get('said'));
  }
  async ask(assignment: OwnAssignment): Promise<void> {
    if (this.of(assignment.incident_id) !== null) return;
    const { id, incident_id, incident, unit } = assignment;
    this.cleared = { assignment: id, incident: incident_id, number: incident.number, title: incident.title, call_sign: unit.call_sign };
    await (await shelf()).set('cleared', this.cleared);
  }
  of(incident: string): Said | null {
    return this.said.find((one) => one.incident === incident) ?? null;
  }
  async answered(incident: string, results: readonly Result[]): Promise<void> {
    this.said = [...this.said.slice(-9), { incident, results: [...results] }]; // Plain: the shelf keeps no state of a view.
    const own = await shelf();
    await own.set('said', [...this.said]);
    await this.leave();
  }
  /** It was refused: it may be said again. */
  async unsay(incident: string): Promise<void> {
    this.said = this.said.filter((one) => one.incident !== incident);
    await (await shelf()).set('said', [...this.said]);
  }
  /** Said, or left to the desk. */
  async leave(): Promise<void> {
    this.cleared = null;
    await (await shelf()).remove('cleared');
  }
}
export const asking = new Asking();
