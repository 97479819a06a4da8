// Masks as they are drawn: corners in parts of the picture, to the right and down. Pure.

export type Corner = [number, number];
export interface Box { left: number; top: number; width: number; height: number }

export const LEAST_CORNERS = 3;
export const MOST_CORNERS = 16;
const SMALLEST = 0.01;
export const STEP = 0.01;
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

export function corners({ left, top, width, height }: Box): Corner[] {
  const [right, bottom] = [tidy(left + width), tidy(top + height)];
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

/** The box that just holds a shape. */
export function around(shape: readonly Corner[]): Box {
  const [xs, ys] = [shape.map(([x]) => x), shape.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left: tidy(left), top: tidy(top), width: tidy(Math.max(...xs) - left), height: tidy(Math.max(...ys) - top) };
}

/** The same shape in another box: moved, or made larger and smaller with all its corners. */
export function fitted(shape: readonly Corner[], box: Box): Corner[] {
  const [was, now] = [around(shape), boxed(box)];
  const part = (at: number, from: number, wide: number) => (wide === 0 ? 0.5 : (at - from) / wide);
  return shape.map(([x, y]) => [tidy(now.left + part(x, was.left, was.width) * now.width), tidy(now.top + part(y, was.top, was.height) * now.height)]);
}

const WAYS: Record<string, Corner> = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** What an arrow key makes of it: the shape moves, with Shift it grows and shrinks; of a chosen corner, that corner moves. */
export function nudged(shape: readonly Corner[], key: string, larger: boolean, corner: number | null = null): Corner[] | null {
  const way = WAYS[key];
  if (way === undefined) return null;
  if (corner !== null) return moved(shape, corner, [(shape[corner]?.[0] ?? 0) + way[0], (shape[corner]?.[1] ?? 0) + way[1]]);
  const box = around(shape);
  return fitted(shape, larger ? { ...box, width: box.width + way[0], height: box.height + way[1] } : { ...box, left: box.left + way[0], top: box.top + way[1] });
}

/** One corner elsewhere, within the picture. */
export function moved(shape: readonly Corner[], corner: number, [x, y]: Corner): Corner[] {
  return shape.map((each, number) => (number === corner ? [tidy(within(x, 0, 1)), tidy(within(y, 0, 1))] : each));
}

/** One corner more, half way to the one after it; the same where there is no room for more. */
export function withCorner(shape: readonly Corner[], after: number): Corner[] {
  const [here, next] = [shape[after], shape[(after + 1) % shape.length]];
  if (shape.length >= MOST_CORNERS || here === undefined || next === undefined) return [...shape];
  const middle: Corner = [tidy((here[0] + next[0]) / 2), tidy((here[1] + next[1]) / 2)];
  return [...shape.slice(0, after + 1), middle, ...shape.slice(after + 1)];
}

/** One corner less; a mask has three at least. */
export function withoutCorner(shape: readonly Corner[], corner: number): Corner[] {
  return shape.length <= LEAST_CORNERS ? [...shape] : shape.filter((_, number) => number !== corner);
}

/** Which corner is so near to a place in the picture that a pointer there means it. */
export function cornerAt(shape: readonly Corner[], [x, y]: Corner, near = 0.025): number | null {
  const away = shape.map(([a, b]) => Math.hypot(a - x, b - y));
  const least = Math.min(...away);
  return least <= near ? away.indexOf(least) : null;
}

/** Whether two of its sides cross: such a shape has no one meaning, and is not set. */
export function crosses(shape: readonly Corner[]): boolean {
  const sides = shape.map((corner, number) => [corner, shape[(number + 1) % shape.length] ?? corner] as const);
  return sides.some(([a, b], one) => sides.some(([c, d], other) => {
    const neighbours = (one + 1) % sides.length === other || (other + 1) % sides.length === one;
    return one < other && !neighbours && turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
  }));
}

const turn = ([ax, ay]: Corner, [bx, by]: Corner, [cx, cy]: Corner) => Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));

/** As the `points` of a polygon in a drawing that is 100 wide and high. */
export const points = (of: readonly (readonly number[])[]) => of.map(([x, y]) => `${(x ?? 0) * 100},${(y ?? 0) * 100}`).join(' ');

/** The next name of a kind: “Residential windows 3”. */
export function numbered(kind: string, known: readonly string[]): string {
  const taken = known.filter((name) => name.startsWith(`${kind} `)).map((name) => Number(name.slice(kind.length + 1)) || 0);
  return `${kind} ${Math.max(0, ...taken) + 1}`;
}
