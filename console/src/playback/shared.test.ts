import { describe, expect, it } from 'vitest';
import type { Recorded } from '../cameras/timeline';
import { shared } from './shared';

const span = { from: 0, to: 100 };
const record = (ranges: [number, number][], gaps: [number, number][], more: object = {}): Recorded => ({
  ...span, ranges: ranges.map(([from, to], run) => ({ from, to, run, ...more })), gaps: gaps.map(([from, to]) => ({ from, to, reason: 'It was silent.' })),
});
const parts = (found: ReturnType<typeof shared>) => found?.record.ranges.map((one) => [one.from, one.to, one.some === true]);

describe('the bar of several cameras', () => {
  const quay = { name: 'Quay', record: record([[0, 40], [60, 90]], [[40, 60]]) };
  const yard = { name: 'Yard', record: record([[20, 50]], [[0, 20], [50, 90]]) };

  it('has what any of them has, and tells where not all have it', () => {
    expect(parts(shared(span, [quay, yard]))).toEqual([[0, 20, true], [20, 40, false], [40, 50, true], [60, 90, true]]);
  });

  it('misses what none has, and lists the gaps of each by its name', () => {
    const found = shared(span, [quay, yard]);
    expect(found?.record.gaps).toEqual([{ from: 50, to: 60, reason: 'None of the cameras has anything.' }]);
    expect(found?.each.map((one) => [one.of, one.from, one.to])).toEqual([['Yard', 0, 20], ['Quay', 40, 60], ['Yard', 50, 90]]);
  });

  it('calls nothing a gap of which one of them has not told yet', () => {
    const off = { name: 'Off', record: record([[0, 50]], [[50, 100]]) };
    expect(shared(span, [off, { name: 'Late', record: record([[0, 95]], []) }])?.record.gaps).toEqual([]);
    expect(shared(span, [off, { name: 'New', record: record([], []) }])?.record.gaps).toHaveLength(1);
  });

  it('is there though the first is refused, and not where nothing is known', () => {
    const refused = { name: 'Refused', record: null };
    expect(parts(shared(span, [refused, yard]))).toEqual([[20, 50, false]]);
    expect(shared(span, [refused, yard])?.record.gaps).toEqual([{ from: 0, to: 20, reason: 'It was silent.' }, { from: 50, to: 90, reason: 'It was silent.' }]);
    expect(shared(span, [refused])).toBeNull();
  });

  it('of runs that meet is one range, and what a site alone has stays told as that', () => {
    expect(parts(shared(span, [{ name: 'Quay', record: record([[0, 40], [40, 100]], []) }]))).toEqual([[0, 100, false]]);
    const there = { name: 'Depot', record: record([[0, 100]], [], { at_site: true, sure: true }) };
    expect(shared(span, [there, yard])?.record.ranges.map((one) => [one.from, one.to, one.at_site, one.sure])).toEqual([[0, 20, true, true], [20, 50, false, false], [50, 100, true, true]]);
  });
});
