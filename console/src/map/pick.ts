// Which of the things near the pointer is meant. Pure.

export interface Hit {
  kind: 'alert' | 'incident' | 'unit' | 'camera' | 'reader' | 'cluster';
  id: string; lat: number; lon: number; /** On the screen. */ x: number; y: number;
  cluster?: number; count?: number;
}

/** What asks for attention lies over what merely is there: a nearer camera beats a unit by this many pixels, not less. */
const LEAD: Record<Hit['kind'], number> = { alert: 8, incident: 8, unit: 4, camera: 1, cluster: 0, reader: 0 };

export function nearest(hits: readonly Hit[], point: { x: number; y: number }): Hit | null {
  let best: Hit | null = null;
  let least = Infinity;
  for (const hit of hits) {
    const away = Math.hypot(hit.x - point.x, hit.y - point.y) - LEAD[hit.kind];
    if (away < least) [best, least] = [hit, away];
  }
  return best;
}
