import { describe, expect, it } from 'vitest';
import { Captures, FragmentLength, keepEdge, spent } from './edge';

const FRAME = 1 / 15;
const at = (lag: number, rate = 1) => keepEdge(100 - lag - FRAME, rate, [{ start: 90, end: 100 }], FRAME);

describe('keeping to the edge', () => {
  it.each([[0.0, 1], [0.15, 1], [0.21, 1.1], [0.29, 1.1]])('%d s behind plays at %d', (lag, rate) => {
    expect(at(lag)).toEqual({ act: 'stay', rate });
  });

  it('jumps when more than 0.3 s behind, to just before the edge', () => {
    const move = at(0.31);
    expect(move.act).toBe('jump');
    expect(move.act === 'jump' && move.to).toBeCloseTo(100 - FRAME - 0.05, 6);
  });

  it('once hurrying, goes on until well caught up, so that the rate does not flutter', () => {
    expect(at(0.15, 1.1)).toEqual({ act: 'stay', rate: 1.1 });
    expect(at(0.09, 1.1)).toEqual({ act: 'stay', rate: 1 });
  });

  it('jumps over a hole rather than waiting in front of it', () => {
    expect(keepEdge(5, 1, [{ start: 0, end: 5.02 }, { start: 7, end: 7.4 }], FRAME)).toEqual({ act: 'jump', to: 7.4 - 0.05 });
  });

  it('goes to the picture when it stands before or behind everything buffered', () => {
    expect(keepEdge(0, 1, [{ start: 12, end: 12.02 }], FRAME)).toEqual({ act: 'jump', to: 12 });
    expect(keepEdge(50, 1, [{ start: 12, end: 13 }], FRAME)).toEqual({ act: 'jump', to: 12.95 });
  });

  it('does not jump for ever where fragments are as long as a group of pictures', () => {
    expect(keepEdge(8.1, 1, [{ start: 0, end: 10 }], 2)).toEqual({ act: 'stay', rate: 1 });
    expect(keepEdge(7.5, 1, [{ start: 0, end: 10 }], 2)).toMatchObject({ act: 'jump' });
  });

  it('waits when there is nothing yet', () => {
    expect(keepEdge(0, 1, [], FRAME)).toEqual({ act: 'stay', rate: 1 });
  });
});

describe('how old the shown frame is', () => {
  it('is told by the fragment it stands in, also across runs', () => {
    const captures = new Captures();
    expect(captures.of(1)).toBeNull();
    captures.add(0, 1_000);
    captures.add(1, 2_000);
    captures.add(2, 9_000);
    expect(captures.of(0.5)).toBe(1_500);
    expect(captures.of(1.25)).toBe(2_250);
    expect(captures.of(2.1)).toBeCloseTo(9_100);
    expect(captures.of(1.999_999_5)).toBeCloseTo(9_000, 2);
  });

  it('is forgotten with the run', () => {
    const captures = new Captures();
    captures.add(0, 1_000);
    captures.clear();
    expect(captures.of(0)).toBeNull();
  });
});

describe('the length of a fragment', () => {
  it('is the usual one: a pause in the stream does not count', () => {
    const length = new FragmentLength();
    for (const t of [0, 0.066, 0.133, 0.2, 40, 40.066]) length.begins(t);
    expect(length.s).toBeCloseTo(0.067, 2);
    expect(new FragmentLength().s).toBe(0);
  });
});

describe('the buffer', () => {
  it('keeps some seconds behind and lets the rest go in larger pieces', () => {
    expect(spent(10, [{ start: 0, end: 11 }])).toBeNull();
    expect(spent(17, [{ start: 0, end: 18 }])).toEqual({ start: 0, end: 9 });
    expect(spent(17, [])).toBeNull();
  });
});
