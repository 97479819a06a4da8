// What is followed under one incident, as last asked: anew with each sighting, never by the clock.
import { get } from '../api/client';
import { Problem } from '../api/problem';
import type { Follow, IncidentDetail } from '../api/types';
import { session } from '../kit/session.svelte';
import { followed } from './ahead';

const AGAIN_MS = 5_000;

export class Followed {
  value = $state.raw<Follow | null>(null);
  problem = $state.raw<Problem | null>(null);
  #id: string | null = null;

  /** What is to be asked for the incident; use with `keep` as an effect. */
  key(incident: IncidentDetail | null): string | null {
    return session.may('follow.view') ? followed(incident) : null;
  }

  /** What the center answered to an act. */
  put(incident: string, value: Follow): void {
    this.#id = incident;
    this.value = value;
    this.problem = null;
  }

  /** Ask once for this key. Another incident begins with nothing. */
  keep(key: string | null): (() => void) | undefined {
    const id = key?.split(' ')[0] ?? null;
    if (id !== this.#id) {
      this.value = null;
      this.problem = null;
      this.#id = id;
    }
    if (id === null) return undefined;
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const found = await get('/incidents/{incident_id}/follow', { path: { incident_id: id } });
        if (ended) return;
        this.value = found;
        this.problem = null;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (ended) return;
        this.problem = error;
        // Who may not see it any more sees nothing of before; with the center away it stands, and is asked for again.
        if (error.definite) this.value = null;
        else timer = setTimeout(() => void ask(), AGAIN_MS);
      }
    };
    void ask();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }
}
