// What the floor shows, kept fresh together: incidents, cameras, units, readers, and the map's ground. Long lists are taken once a second.
import { get } from '../api/client';
import { all } from '../api/list';
import { LiveList, Loaded } from '../api/live.svelte';
import { Problem } from '../api/problem';
import type { Map as Ground } from '../api/types';
import { rank } from '../alerts/order';
import { queue } from '../alerts/queue.svelte';
import { session } from '../kit/session.svelte';

const PACE_MS = 1000;
/** Readers have no topic of their own: their states are asked for, not so often that the log is full of it. */
const READERS_EVERY_MS = 60_000;

export class FloorData {
  readonly incidents = new LiveList(
    'incidents', (part) => get('/incidents', { query: { state: 'open', ...part } }), (a, b) => rank(a.level) - rank(b.level) || (a.opened_at < b.opened_at ? 1 : -1),
  );
  readonly cameras = new LiveList('cameras', (part) => get('/cameras', { query: part }), null, PACE_MS);
  readonly units = new LiveList('units', (part) => get('/units', { query: part }), null, PACE_MS);
  readonly readers = new Loaded(() => all((part) => get('/readers', { query: part })));
  readonly ground = new Loaded<Ground>(ground);

  /** Follow what this person may see; use as the return of `$effect`. */
  follow(): () => void {
    const ends: (() => void)[] = [];
    // The top bar follows the queue for whoever may see it; for the others nothing asks.
    if (session.may('incidents.view')) ends.push(this.incidents.follow());
    if (session.may('cameras.view')) ends.push(this.cameras.follow());
    if (session.may('units.view')) ends.push(this.units.follow());
    if (session.may('readers.view')) {
      void this.readers.reload();
      const timer = setInterval(() => void this.readers.reload(), READERS_EVERY_MS);
      ends.push(() => clearInterval(timer));
    }
    void this.ground.reload();
    return () => { for (const end of ends) end(); };
  }

  /** Whether everything that has a place was asked for and answered, one way or the other. */
  get placed(): boolean {
    const answered = (need: string, data: { status: string }) => !session.may(need) || data.status !== 'loading';
    return this.ground.status !== 'loading' && answered('cameras.view', this.cameras) && answered('units.view', this.units)
      && answered('incidents.view', this.incidents) && answered('alerts.view', queue);
  }
}

async function ground(): Promise<Ground> {
  try {
    return await get('/map');
  } catch (error) {
    // A center that knows no map still has places to show.
    if (error instanceof Problem && error.kind === 'not_found') return { basemap: null, streets: null, bounds: null };
    throw error;
  }
}
