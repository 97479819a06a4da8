// Where a read was taken and which way the vehicle went, as the small map draws it and as words say it. Pure.
import type { FoundRead } from '../api/types';
import type { Drawn } from '../map/diff';
import { moved, type Spot } from '../map/geo';
import { spotOf } from '../map/scene';

const WINDS = ['north', 'north-east', 'east', 'south-east', 'south', 'south-west', 'west', 'north-west'] as const;
/** How far before the reader the vehicle is drawn, so that neither covers the other. */
const AHEAD_M = 45;

/** "heading south-east, 120°" */
export const headingWords = (deg: number): string => `heading ${WINDS[Math.round(deg / 45) % 8] ?? ''}, ${Math.round(deg) % 360}°`;

export interface Where { start: Spot & { zoom: number }; scene: { readers: Drawn[]; units: Drawn[]; ways: Drawn[] } }

/** The reader, and before it the vehicle with its heading where the reader told one; null where the place has no coordinates. */
export function whereOf(read: Pick<FoundRead, 'id' | 'plate' | 'reader' | 'place' | 'heading_deg'>): Where | null {
  const spot = spotOf(read);
  if (spot === null) return null;
  const reader: Drawn = { id: read.reader.id, shape: { type: 'Point', coordinates: [spot.lon, spot.lat] }, facts: { kind: 'reader', level: 'normal', label: read.reader.name, mark: 'selected' } };
  const start = { ...spot, zoom: 16 };
  if (read.heading_deg === null) return { start, scene: { readers: [reader], units: [], ways: [] } };
  const ahead = moved(spot, read.heading_deg, AHEAD_M);
  return {
    start,
    scene: {
      readers: [reader],
      units: [{ id: read.id, shape: { type: 'Point', coordinates: ahead }, facts: { kind: 'unit', state: 'assigned', stale: 0, label: read.plate, icon: 'unit', rotate: Math.round(read.heading_deg), mark: '' } }],
      ways: [{ id: read.id, shape: { type: 'LineString', coordinates: [[spot.lon, spot.lat], ahead] }, facts: { how: 'straight_line', label: read.plate } }],
    },
  };
}
