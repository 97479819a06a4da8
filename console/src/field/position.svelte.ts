// Where this phone is, said to the center while an assignment is open and only if the officer turned it on here.
import { clock } from '../kit/clock.svelte';
import type { OwnAssignment } from '../api/types';
import { does } from './work.svelte';

const STORED = 'watchfloor.position';
const LEAST_M = 25;
const LEAST_MS = 15_000;

class Position {
  on = $state(localStorage.getItem(STORED) === 'on');
  trouble = $state<string | null>(null);
  /** Rises with each position that was said: the route is asked anew. */
  said = $state(0);
  #last: { at: number; lat: number; lon: number } | null = null;

  turn(on: boolean): void {
    this.on = on;
    this.trouble = null;
    if (on) localStorage.setItem(STORED, 'on');
    else localStorage.removeItem(STORED);
  }

  /** Say it for this assignment until the returned function is called; use it as the return of `$effect`. */
  follow(assignment: OwnAssignment): () => void {
    if (!('geolocation' in navigator)) {
      this.trouble = 'This browser does not know where it is.';
      return () => {};
    }
    const id = navigator.geolocation.watchPosition((found) => this.#found(assignment, found), (error) => { this.trouble = sentence(error); }, { enableHighAccuracy: true, maximumAge: 5000 });
    return () => navigator.geolocation.clearWatch(id);
  }

  #found(assignment: OwnAssignment, found: GeolocationPosition): void {
    const { latitude: lat, longitude: lon, accuracy, speed, heading } = found.coords;
    const now = clock.exact();
    this.trouble = null;
    if (this.#last !== null && now - this.#last.at < LEAST_MS && metres(this.#last, { lat, lon }) < LEAST_M) return;
    this.#last = { at: now, lat, lon };
    const position = {
      lat, lon, at: new Date(now).toISOString(), accuracy_m: accuracy, key: crypto.randomUUID(),
      ...(speed === null ? {} : { speed_mps: speed }), ...(heading === null || Number.isNaN(heading) ? {} : { heading_deg: heading }),
    };
    void does(assignment, 'positions', `/units/${assignment.unit.id}/positions`, { positions: [position] }, 'Position').then(() => { this.said += 1; });
  }
}
export const position = new Position();

function sentence(error: GeolocationPositionError): string {
  if (error.code === error.PERMISSION_DENIED) return 'This browser may not say where it is: allow it in the settings of the page.';
  return 'Where this phone is is not known at this moment.';
}

function metres(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const narrow = Math.cos((a.lat * Math.PI) / 180);
  return Math.hypot(a.lat - b.lat, (a.lon - b.lon) * narrow) * 111_195;
}
