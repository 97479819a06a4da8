// What a look can be booked under besides incidents: open cases and open calls, as far as this person may see them.
import { get } from '../api/client';
import { all } from '../api/list';
import { session } from '../kit/session.svelte';

export interface OpenFile { case: string; text: string }

export async function openFiles(): Promise<OpenFile[]> {
  if (!session.may('cases.view')) return [];
  const [cases, calls] = await Promise.all([
    all((part) => get('/cases', { query: { state: 'open', ...part } })), all((part) => get('/calls', { query: { state: 'open', ...part } })),
  ]);
  return [
    ...calls.map((call) => ({ case: `call:${call.id}`, text: `Call ${call.number} · ${call.type}, ${call.place.text}` })),
    ...cases.map((file) => ({ case: `case:${file.id}`, text: `Case ${file.number} · ${file.title}` })),
  ];
}
