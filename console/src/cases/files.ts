// What a look can be booked under besides incidents: open cases and open calls, as far as this person may see them.
import { get } from '../api/client';
import { session } from '../kit/session.svelte';

export interface OpenFile { case: string; text: string }

export async function openFiles(): Promise<OpenFile[]> {
  if (!session.may('cases.view')) return [];
  const [cases, calls] = await Promise.all([get('/cases'), get('/calls')]);
  return [
    ...calls.items.filter((call) => call.state === 'open').map((call) => ({ case: `call:${call.id}`, text: `Call ${call.number} · ${call.type}, ${call.place.text}` })),
    ...cases.items.filter((file) => file.state === 'open').map((file) => ({ case: `case:${file.id}`, text: `Case ${file.number} · ${file.title}` })),
  ];
}
