// How wide the floor's panels are. Pure; kept per person's browser by `panels.svelte.ts`.

export type Panel = 'queue' | 'details' | 'dock';
export type Part = 'queue' | 'map' | 'details' | 'video';
/** On a narrow screen one at a time. */
export const PARTS: readonly (readonly [Part, string])[] = [['queue', 'Queue'], ['map', 'Map'], ['details', 'Details'], ['video', 'Video']];
/** The part that an address names; the queue where it names none that there is. */
export const partOf = (text: string | null): Part => PARTS.find(([part]) => part === text)?.[0] ?? 'queue';
export interface Size { px: number; open: boolean }
export type Layout = Record<Panel, Size>;

export const LIMITS: Record<Panel, { least: number; most: number; usual: number }> = {
  queue: { least: 240, most: 520, usual: 312 },
  details: { least: 300, most: 640, usual: 384 },
  dock: { least: 120, most: 480, usual: 212 },
};
/** What the map keeps whatever the panels want. */
const MAP_LEAST = { width: 320, height: 200 };

export const usual = (): Layout => ({
  queue: { px: LIMITS.queue.usual, open: true }, details: { px: LIMITS.details.usual, open: true }, dock: { px: LIMITS.dock.usual, open: true },
});

/** A panel at `px`: within its limits and leaving the map its least in a room of that size. */
export function resized(layout: Layout, panel: Panel, px: number, room: { width: number; height: number }): Layout {
  const { least, most } = LIMITS[panel];
  const other = panel === 'queue' ? taken(layout.details) : panel === 'details' ? taken(layout.queue) : 0;
  const free = panel === 'dock' ? room.height - MAP_LEAST.height : room.width - other - MAP_LEAST.width;
  return { ...layout, [panel]: { px: Math.round(Math.max(least, Math.min(px, most, free))), open: true } };
}

export const turned = (layout: Layout, panel: Panel): Layout => ({ ...layout, [panel]: { ...layout[panel], open: !layout[panel].open } });

const taken = (size: Size) => (size.open ? size.px : 0);

/** What was kept, where it can be; the usual for the rest. */
export function read(text: string | null): Layout {
  const layout = usual();
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? 'null');
  } catch {
    return layout;
  }
  if (kept === null || typeof kept !== 'object') return layout;
  for (const panel of Object.keys(layout) as Panel[]) {
    const size = (kept as Record<string, Partial<Size> | undefined>)[panel];
    if (typeof size?.px === 'number' && Number.isFinite(size.px)) layout[panel] = { px: Math.max(LIMITS[panel].least, Math.min(LIMITS[panel].most, size.px)), open: size.open !== false };
  }
  return layout;
}
