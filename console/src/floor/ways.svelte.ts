// The ways of the units that were sent to the chosen incident and are not there yet, for the map. Asked for now and then: they drive.
import { get } from '../api/client';
import { live } from '../api/live.svelte';
import { Problem } from '../api/problem';
import type { IncidentDetail, Way } from '../api/types';

const EVERY_MS = 15_000;
const UNDER_WAY: readonly string[] = ['sent', 'accepted', 'en_route'];

/** What the ways are asked for: the incident and who is under way to it, or null when nobody is. Another text is another ask. */
export function underWay(incident: IncidentDetail | null): string | null {
  const going = incident?.assignments.filter((one) => UNDER_WAY.includes(one.state)).map((one) => one.id) ?? [];
  return incident === null || going.length === 0 ? null : [incident.id, ...going].join(' ');
}

export class Ways {
  all = $state.raw<readonly Way[]>([]);

  /** Ask for the ways, and again while units drive; use as an effect. */
  follow(under: string | null): (() => void) | undefined {
    this.all = [];
    const id = under?.split(' ')[0];
    if (id === undefined) return undefined;
    let ended = false;
    const ask = async () => {
      if (live.link.state === 'closed') return; // Locked: whoever is not there asks nothing.
      try {
        const found = await get('/incidents/{incident_id}/ways', { path: { incident_id: id } });
        if (!ended) this.all = found.ways;
      } catch (error) {
        // What is wrong with the incident its panel says; a map without the way is still a map.
        if (!(error instanceof Problem)) throw error;
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => {
      ended = true;
      clearInterval(timer);
    };
  }
}
