// Masks as they are drawn: corners in parts of the picture, to the right and down. Pure.

export type Corner = [number, number];
export interface Box { left: number; top: number; width: number; height: number }

const SMALLEST = 0.01;
const STEP = 0.01;
const within = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);
/** Without the crumbs of arithmetic: a mask is exact to a ten-thousandth of the picture. */
const tidy = (value: number) => Math.round(value * 10_000) / 10_000;

/** A box that lies in the picture. */
export function boxed(box: Box): Box {
  const width = within(box.width, SMALLEST, 1);
  const height = within(box.height, SMALLEST, 1);
  return { left: tidy(within(box.left, 0, 1 - width)), top: tidy(within(box.top, 0, 1 - height)), width: tidy(width), height: tidy(height) };
}

/** The box between two corners, wherever the pointer was drawn. */
export function between([x, y]: Corner, [a, b]: Corner): Box {
  const [left, top] = [within(Math.min(x, a), 0, 1), within(Math.min(y, b), 0, 1)];
  return boxed({ left, top, width: within(Math.max(x, a), 0, 1) - left, height: within(Math.max(y, b), 0, 1) - top });
}

/** What an arrow key makes of it: it moves, with Shift it grows and shrinks. */
export function nudged(box: Box, key: string, larger: boolean): Box | null {
  const ways: Record<string, Corner> = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  const way = ways[key];
  if (way === undefined) return null;
  return larger ? boxed({ ...box, width: box.width + way[0], height: box.height + way[1] }) : boxed({ ...box, left: box.left + way[0], top: box.top + way[1] });
}

export function corners({ left, top, width, height }: Box): Corner[] {
  const [right, bottom] = [tidy(left + width), tidy(top + height)];
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

/** As the `points` of a polygon in a drawing that is 100 wide and high. */
export const points = (of: readonly (readonly number[])[]) => of.map(([x, y]) => `${(x ?? 0) * 100},${(y ?? 0) * 100}`).join(' ');

/** The next name of a kind: “Residential windows 3”. */
export function numbered(kind: string, known: readonly string[]): string {
  const taken = known.filter((name) => name.startsWith(`${kind} `)).map((name) => Number(name.slice(kind.length + 1)) || 0);
  return `${kind} ${Math.max(0, ...taken) + 1}`;
}
