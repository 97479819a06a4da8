// The purpose and case under which this person is looking now. They come from the selected incident, stay visible, and end with it.
import { get } from '../api/client';
import { Problem } from '../api/problem';
import type { Incident, Why } from '../api/types';

export interface Reason extends Why {
  /** What the case is called: "Incident 26-00012 · Stolen vehicle, N Broadway". */
  label: string;
  incident: string | null;
}

const STORED = 'watchfloor.why';

class Reasons {
  current = $state.raw<Reason | null>(read());

  choose(reason: Reason): void {
    this.current = reason;
    sessionStorage.setItem(STORED, JSON.stringify(reason));
  }

  fromIncident(incident: Pick<Incident, 'id' | 'number' | 'title' | 'purpose' | 'case'>): void {
    this.choose({ purpose: incident.purpose, case: incident.case, label: `Incident ${incident.number} · ${incident.title}`, incident: incident.id });
  }

  end(): void {
    this.current = null;
    sessionStorage.removeItem(STORED);
  }

  /** A reason taken from an incident ends when the incident does. */
  async check(): Promise<void> {
    const incident = this.current?.incident;
    if (!incident) return;
    try {
      const found = await get('/incidents/{incident_id}', { path: { incident_id: incident } });
      if (found.state === 'closed' && this.current?.incident === incident) this.end();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.kind === 'not_found' && this.current?.incident === incident) this.end();
    }
  }
}

// In this window only: a reason is not handed to a colleague with a link, and does not outlive the window.
function read(): Reason | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(STORED) ?? 'null');
    return value !== null && typeof value === 'object' && typeof (value as Reason).purpose === 'string' ? (value as Reason) : null;
  } catch {
    return null;
  }
}

export const reasons = new Reasons();
