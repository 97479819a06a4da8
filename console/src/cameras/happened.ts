// What happened where a camera stands, in a span: the marks on its time bar. Each kind is asked for only by whoever may see it elsewhere.
import { get } from '../api/client';
import { all } from '../api/list';
import { Problem } from '../api/problem';
import type { Camera, Happened } from '../api/types';
import { session } from '../kit/session.svelte';
import { capital } from '../kit/words';

export interface Mark { at: number; text: string; href: string }

const NEAR_M = 150;

export async function happenedAt(camera: Pick<Camera, 'place' | 'range_m'>, span: { from: number; to: number }): Promise<Mark[]> {
  const { lat, lon } = camera.place;
  if (lat === null || lon === null) return [];
  const query = { lat, lon, within_m: Math.min(1000, camera.range_m ?? NEAR_M), from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() };
  const [alerts, incidents] = await Promise.all([
    session.may('alerts.view') ? asked(() => all((part) => get('/alerts/around', { query: { ...query, ...part } }))) : [],
    session.may('incidents.view') ? asked(() => all((part) => get('/incidents/around', { query: { ...query, ...part } }))) : [],
  ]);
  return [...alerts, ...incidents].map(mark).sort((a, b) => a.at - b.at);
}

function mark(one: Happened): Mark {
  const href = one.kind === 'alert' ? `/floor?alert=${one.id}` : `/incidents/${one.id}`;
  return { at: new Date(one.at).getTime(), text: `${capital(one.kind)}: ${one.title}`, href };
}

async function asked(read: () => Promise<Happened[]>): Promise<Happened[]> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return []; // Beside the record: without its marks the bar is still the bar.
  }
}
