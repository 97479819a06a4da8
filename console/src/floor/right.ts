// The right cameras for a place: the nearest that look there, as the center picks them for an incident. Pure.
import type { Camera, StatusLevel } from '../api/types';
import { apartDeg, bearingDeg, distanceM, type Spot } from '../map/geo';

export interface RightCamera { id: string; name: string; distance_m: number; level: StatusLevel }

export const MOST = 4;
const WITHIN_M = 800;
/** A camera that looks farther away than this from the place does not see it, unless it stands right there. */
const AWAY_DEG = 90;
const RIGHT_THERE_M = 30;

export function rightCameras(cameras: readonly Camera[], place: Spot): RightCamera[] {
  const seeing: RightCamera[] = [];
  for (const camera of cameras) {
    if (camera.place.lat === null || camera.place.lon === null || !camera.enabled) continue;
    const at = { lat: camera.place.lat, lon: camera.place.lon };
    const away = distanceM(at, place);
    if (away <= WITHIN_M && sees(camera, at, place, away)) seeing.push({ id: camera.id, name: camera.name, distance_m: Math.round(away), level: camera.state.level });
  }
  return seeing.sort((a, b) => a.distance_m - b.distance_m || (a.id < b.id ? -1 : 1)).slice(0, MOST);
}

function sees(camera: Camera, at: Spot, place: Spot, away: number): boolean {
  if (camera.heading_deg === null || away <= RIGHT_THERE_M) return true;
  return apartDeg(bearingDeg(at, place), camera.heading_deg) <= AWAY_DEG;
}
