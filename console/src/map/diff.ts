// What changed between what a source of the map shows and what it shall show. Pure: the map is told the difference and nothing else.

export type Shape =
  | { type: 'Point'; coordinates: [number, number] }
  | { type: 'LineString'; coordinates: [number, number][] }
  | { type: 'Polygon'; coordinates: [number, number][][] };
export type Facts = Record<string, string | number>;
/** One thing on the map. `id` is its own in its source. */
export interface Drawn { id: string; shape: Shape; facts: Facts }

export interface Feature { type: 'Feature'; id: string; geometry: Shape; properties: Facts }
export interface Change {
  remove: string[];
  add: Feature[];
  update: { id: string; newGeometry?: Shape; removeProperties?: string[]; addOrUpdateProperties?: { key: string; value: string | number }[] }[];
}

export const feature = (drawn: Drawn): Feature => ({ type: 'Feature', id: drawn.id, geometry: drawn.shape, properties: { ...drawn.facts, id: drawn.id } });

/** The change from `before` to `next`; null when there is none. */
export function change(before: ReadonlyMap<string, Drawn>, next: ReadonlyMap<string, Drawn>): Change | null {
  const made: Change = { remove: [], add: [], update: [] };
  for (const id of before.keys()) if (!next.has(id)) made.remove.push(id);
  for (const [id, now] of next) {
    const was = before.get(id);
    if (was === undefined) made.add.push(feature(now));
    else if (was !== now) {
      const moved = !sameShape(was.shape, now.shape);
      const facts = changedFacts(was.facts, now.facts);
      const gone = Object.keys(was.facts).filter((key) => !(key in now.facts));
      if (!moved && facts.length === 0 && gone.length === 0) continue;
      made.update.push({
        id, ...(moved ? { newGeometry: now.shape } : {}), ...(gone.length > 0 ? { removeProperties: gone } : {}), ...(facts.length > 0 ? { addOrUpdateProperties: facts } : {}),
      });
    }
  }
  return made.remove.length + made.add.length + made.update.length === 0 ? null : made;
}

export const byId = (drawn: readonly Drawn[]): Map<string, Drawn> => new Map(drawn.map((one) => [one.id, one]));

function changedFacts(was: Facts, now: Facts): { key: string; value: string | number }[] {
  const changed: { key: string; value: string | number }[] = [];
  for (const key in now) if (was[key] !== now[key]) changed.push({ key, value: now[key] as string | number });
  return changed;
}

function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.type !== b.type) return false;
  if (a.type === 'Point' && b.type === 'Point') return a.coordinates[0] === b.coordinates[0] && a.coordinates[1] === b.coordinates[1];
  return JSON.stringify(a.coordinates) === JSON.stringify(b.coordinates);
}
