// What a camera sees, as somebody types it: what may be kept, and what is drawn meanwhile. Pure.
import type { Camera } from '../api/types';

export interface ViewText { heading: string; field: string; range: string }
export interface ViewEntry { heading_deg: number | null; field_deg: number | null; range_m: number | null }

const FARTHEST_M = 2000;
const shown = (value: number | null): string => (value === null ? '' : String(Math.round(value * 10) / 10));
const number = (text: string): number | null => (text.trim() === '' ? null : Number(text.replace(',', '.')));

export const textOf = (camera: Pick<Camera, 'heading_deg' | 'field_deg' | 'range_m'>): ViewText => ({
  heading: shown(camera.heading_deg), field: shown(camera.field_deg), range: shown(camera.range_m),
});

/** The entry and, for each field, what is wrong with it; a heading may go full circle and is brought back into it. */
export function entryOf(text: ViewText): { entry: ViewEntry; wrong: Partial<Record<keyof ViewText, string>> } {
  const [heading, field, range] = [number(text.heading), number(text.field), number(text.range)];
  const wrong: Partial<Record<keyof ViewText, string>> = {};
  if (heading !== null && !(heading >= -360 && heading <= 360)) wrong.heading = 'Degrees clockwise from north, 0 to 360.';
  if (field !== null && !(field > 0 && field <= 360)) wrong.field = 'More than 0 and at most 360 degrees.';
  if (range !== null && !(range > 0 && range <= FARTHEST_M)) wrong.range = `More than 0 and at most ${FARTHEST_M} metres.`;
  if (heading === null && (field !== null || range !== null)) wrong.heading = 'Width and distance say nothing without a direction.';
  return { entry: { heading_deg: heading === null ? null : ((heading % 360) + 360) % 360, field_deg: field, range_m: range }, wrong };
}

/** The camera with this view, as the map draws it before it is kept; what is wrong is left as it was. */
export function previewed(camera: Camera, text: ViewText): Camera {
  const { entry, wrong } = entryOf(text);
  return {
    ...camera, heading_deg: wrong.heading === undefined ? entry.heading_deg : camera.heading_deg, field_deg: wrong.field === undefined ? entry.field_deg : camera.field_deg,
    range_m: wrong.range === undefined ? entry.range_m : camera.range_m,
  };
}
