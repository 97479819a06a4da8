// Which rows of a long table are drawn: those in sight and some around them; the rest is space of the same height. Pure.

export interface Window { from: number; to: number; /** Pixels of what is left out. */ before: number; after: number }

/** `heights` of all rows; `top` is how far the table's first row is above the edge of what is seen, which is `seen` high. */
export function windowOf(heights: readonly number[], top: number, seen: number, around = 600): Window {
  let from = 0;
  let before = 0;
  while (from < heights.length && before + (heights[from] as number) < top - around) before += heights[from++] as number;
  let to = from;
  let drawn = before;
  while (to < heights.length && drawn < top + seen + around) drawn += heights[to++] as number;
  let after = 0;
  for (let i = to; i < heights.length; i++) after += heights[i] as number;
  return { from, to, before, after };
}
