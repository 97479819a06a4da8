// Cameras, units and incidents by name, for the palette of a view that has none at hand. Asked for when somebody searches, once an opening.
import { get } from '../api/client';
import { all, type Read } from '../api/list';
import { Problem } from '../api/problem';
import type { Command } from '../kit/commands';
import { router } from '../kit/router.svelte';
import { session } from '../kit/session.svelte';
import { capital, UNIT_STATES } from '../kit/words';

export async function things(): Promise<Command[]> {
  const [incidents, units, cameras] = await Promise.all([
    asked('incidents.view', (part) => get('/incidents', { query: { state: 'open', ...part } })), asked('units.view', (part) => get('/units', { query: part })), asked('cameras.view', (part) => get('/cameras', { query: part })),
  ]);
  return [
    ...incidents.map((one): Command => ({ id: one.id, text: capital(one.title), kind: 'incident', more: `${one.number} · ${one.place.text}`, run: () => router.go(`/floor?incident=${one.id}`) })),
    ...units.map((one): Command => ({ id: one.id, text: one.call_sign, kind: 'unit', more: UNIT_STATES[one.state], run: () => router.go(`/floor?unit=${one.id}`) })),
    ...cameras.map((one): Command => ({ id: one.id, text: one.name, kind: 'camera', more: `${one.place.text} · ${one.state.word}`, run: () => router.go(session.may('incidents.view') ? `/floor?camera=${one.id}` : `/cameras/${one.id}`) })),
  ];
}

async function asked<T>(need: string, read: Read<T>): Promise<T[]> {
  if (!session.may(need)) return [];
  try {
    return await all(read);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return []; // What does not answer is not found by name; the rest is.
  }
}
