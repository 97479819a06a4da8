// The colours of the map, read from the tokens of the theme that holds now.

const NAMES = [
  'land', 'park', 'water', 'building', 'path', 'street', 'artery', 'highway', 'casing', 'border', 'place', 'road-name', 'halo', 'camera', 'unit', 'unit-off',
] as const;
const SHARED = ['text', 'text2', 'muted', 'accent', 'critical', 'serious', 'caution', 'normal', 'standby', 'off', 's1'] as const;
export type Palette = Record<(typeof NAMES)[number] | (typeof SHARED)[number], string>;

export function palette(of: HTMLElement): Palette {
  const style = getComputedStyle(of);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return Object.fromEntries([...NAMES.map((name) => [name, read(`--map-${name}`)]), ...SHARED.map((name) => [name, read(`--${name}`)])]) as Palette;
}
