// A wall's tiles: how they stand in an address, where a camera goes, where a key leads. Pure.

export const SIZES = [1, 4, 9, 16] as const;
export type Tiles = readonly (string | null)[];
export type Way = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

const CAMERA = /^cam_[0-9A-HJKMNP-TV-Z]{26}$/;

export const empty = (size: number): Tiles => Array.from({ length: size }, () => null);
export const sideOf = (tiles: Tiles): number => Math.round(Math.sqrt(tiles.length));
export const shownOn = (tiles: Tiles): string[] => tiles.filter((tile) => tile !== null);

/** "cam_a,,cam_b,": the tiles of an address, row by row; what is no camera, or stands there twice, is an empty tile. Null where it says nothing. */
export function tilesOf(text: string | null): Tiles | null {
  if (text === null || text === '') return null;
  const said = text.split(',').slice(0, 16);
  const size = SIZES.find((one) => one >= said.length) as number;
  return empty(size).map((_, i) => { const one = said[i] ?? ''; return CAMERA.test(one) && said.indexOf(one) === i ? one : null; });
}

export const textOf = (tiles: Tiles): string => tiles.map((tile) => tile ?? '').join(',');
export const alike = (a: Tiles, b: Tiles): boolean => textOf(a) === textOf(b);

/** With so many tiles; in a smaller wall the cameras move together. Null where they are more than the tiles. */
export function resized(tiles: Tiles, size: number): Tiles | null {
  const shown = shownOn(tiles);
  if (shown.length > size) return null;
  const from = size >= tiles.length ? tiles : shown;
  return empty(size).map((_, i) => from[i] ?? null);
}

/** The camera in that tile; one that stood elsewhere changes places with what was there. */
export function placed(tiles: Tiles, at: number, camera: string): Tiles {
  const before = tiles.indexOf(camera);
  return tiles.map((tile, i) => (i === at ? camera : i === before ? (tiles[at] ?? null) : tile));
}

export const taken = (tiles: Tiles, at: number): Tiles => tiles.map((tile, i) => (i === at ? null : tile));
export const swapped = (tiles: Tiles, a: number, b: number): Tiles => tiles.map((tile, i) => (i === a ? (tiles[b] ?? null) : i === b ? (tiles[a] ?? null) : tile));

/** The empty tile to fill next, from `at` on and around; null when the wall is full. */
export function nextEmpty(tiles: Tiles, at: number): number | null {
  for (let step = 0; step < tiles.length; step++) {
    const i = (at + step) % tiles.length;
    if (tiles[i] === null) return i;
  }
  return null;
}

/** The tile that an arrow leads to; at an edge it stays. */
export function moved(at: number, way: Way, tiles: Tiles): number {
  const side = sideOf(tiles);
  const [row, column] = [Math.floor(at / side), at % side];
  switch (way) {
    case 'ArrowLeft': return column > 0 ? at - 1 : at;
    case 'ArrowRight': return column < side - 1 ? at + 1 : at;
    case 'ArrowUp': return row > 0 ? at - side : at;
    case 'ArrowDown': return row < side - 1 ? at + side : at;
  }
}
