// Where a playback begins that was asked for about an alert or an incident: its cameras, half a minute before it (a sound: a minute), under its
// purpose and case.
import { get } from '../api/client';
import { all } from '../api/list';
import type { Alert, Incident } from '../api/types';
import { reasons } from '../kit/why.svelte';
import { spotOf } from '../map/scene';

export const BEFORE_MS = 30_000;
export const BEFORE_SOUND_MS = 60_000;
const MOST = 4;

export const MOST_CAMERAS = 9;

export interface Begun { cameras: string[]; at: number; mark: number }

/** The address of what was recorded half a minute before it. */
export const before = (kind: 'alert' | 'incident', id: string): string => `/playback?for=${kind}:${id}`;

/** What `for` names; null where it is not there any more. The reason is that person's own look-up of it. */
export async function begun(about: string): Promise<Begun | null> {
  const [kind, id = ''] = about.split(':');
  if (kind === 'incident') {
    const found = await get('/incidents/{incident_id}', { path: { incident_id: id } });
    if (found.state !== 'closed') reasons.fromIncident(found);
    return at(found, found.cameras.map((camera) => camera.id));
  }
  const alert = (await all((part) => get('/alerts', { query: part }))).find((one) => one.id === id);
  if (alert === undefined) return null;
  reasons.choose({ purpose: alert.purpose, case: `alert:${alert.id}`, label: `${alert.title}, not confirmed`, incident: null });
  const spot = spotOf(alert);
  const seeing = spot === null ? [] : (await get('/cameras/seeing', { query: { lat: spot.lat, lon: spot.lon, most: MOST } })).cameras;
  return at(alert, seeing.map((camera) => camera.id));
}

function at(one: Pick<Alert | Incident, 'at' | 'kind'>, cameras: string[]): Begun {
  const mark = new Date(one.at).getTime();
  return { cameras: cameras.slice(0, MOST), at: mark - beforeMs(one.kind), mark };
}

/** Who came to where a sound was fired came some time before it. */
export const beforeMs = (kind: string): number => (kind === 'impulse' ? BEFORE_SOUND_MS : BEFORE_MS);
