// Where the words of a tour stand: beside what they speak of, never over it where there is room. Pure.

export interface Box { left: number; top: number; width: number; height: number }
export interface Size { width: number; height: number }

const GAP = 14;
const EDGE = 12;

/** The corner of the card: right of the thing, else left, below, above; else over its lower end, in the middle. */
export function placed(thing: Box | null, card: Size, screen: Size): { left: number; top: number } {
  const [mostLeft, mostTop] = [Math.max(EDGE, screen.width - card.width - EDGE), Math.max(EDGE, screen.height - card.height - EDGE)];
  const within = (left: number, top: number) => ({ left: clamp(left, EDGE, mostLeft), top: clamp(top, EDGE, mostTop) });
  if (thing === null) return within((screen.width - card.width) / 2, (screen.height - card.height) / 2);
  const [right, bottom] = [thing.left + thing.width, thing.top + thing.height];
  const [across, down] = [thing.left + (thing.width - card.width) / 2, thing.top + (thing.height - card.height) / 2];
  if (right + GAP + card.width + EDGE <= screen.width) return within(right + GAP, down);
  if (thing.left - GAP - card.width >= EDGE) return within(thing.left - GAP - card.width, down);
  if (bottom + GAP + card.height + EDGE <= screen.height) return within(across, bottom + GAP);
  if (thing.top - GAP - card.height >= EDGE) return within(across, thing.top - GAP - card.height);
  return within(across, bottom - card.height - GAP);
}

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));
