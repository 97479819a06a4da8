// The one selection of the floor and the map's view, as the address holds them. Pure.

export type Kind = 'alert' | 'incident' | 'camera' | 'unit' | 'reader';
export interface Chosen { kind: Kind; id: string }
/** `about` is the alert or incident one works on; `thing` a camera, unit or reader looked at beside it. */
export interface Selection { about: Chosen | null; thing: Chosen | null }
export interface View { lat: number; lon: number; zoom: number }

const ABOUT: readonly Kind[] = ['incident', 'alert'];
const THING: readonly Kind[] = ['camera', 'unit', 'reader'];

export function selectionOf(query: URLSearchParams): Selection {
  const first = (kinds: readonly Kind[]): Chosen | null => {
    for (const kind of kinds) {
      const id = query.get(kind);
      if (id !== null && id !== '') return { kind, id };
    }
    return null;
  };
  return { about: first(ABOUT), thing: first(THING) };
}

/** What is chosen in the end: the thing looked at, else what one works on. */
export const focus = (selection: Selection): Chosen | null => selection.thing ?? selection.about;

/** The change of the address when something is chosen. A thing keeps what one works on; a card begins anew. */
export function choosing(chosen: Chosen): Record<string, string | null> {
  const cleared: Record<string, string | null> = Object.fromEntries(THING.map((kind) => [kind, null]));
  if (ABOUT.includes(chosen.kind)) for (const kind of ABOUT) cleared[kind] = null;
  return { ...cleared, [chosen.kind]: chosen.id };
}

/** One step back: from the thing to what one works on, and from there to nothing. */
export function stepBack(selection: Selection): Record<string, string | null> {
  const kinds = selection.thing !== null ? THING : ABOUT;
  return Object.fromEntries(kinds.map((kind) => [kind, null]));
}

/** "38.63010,-90.20400,14.2" */
export const viewText = (view: View): string => `${view.lat.toFixed(5)},${view.lon.toFixed(5)},${Number(view.zoom.toFixed(2))}`;

/** The view an address names; null when it names none, or none that can be. */
export function viewOf(text: string | null): View | null {
  const parts = (text ?? '').split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [lat, lon, zoom] = parts;
  if (parts.length !== 3 || lat === undefined || lon === undefined || zoom === undefined) return null;
  return Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && zoom >= 0 && zoom <= 22 ? { lat, lon, zoom } : null;
}
