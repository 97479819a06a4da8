import { describe, expect, it } from 'vitest';
import { fromSite, gapAt, lastRecorded, nextRecorded, onBar, rangeEnd, recorded, recordedMs, withSite } from './timeline';

const t = (s: number) => new Date(Date.UTC(2026, 10, 22, 14, 0, s)).toISOString();
const ms = (s: number) => new Date(t(s)).getTime();
const record = recorded({
  from: t(0), to: t(100),
  ranges: [{ from: t(60), to: t(95), run: 2 }, { from: t(10), to: t(40), run: 1 }],
  gaps: [{ from: t(40), to: t(60), reason: 'The camera did not answer.' }],
});

describe('what was recorded', () => {
  it('is found from any moment: inside, in a gap, before, behind', () => {
    expect(nextRecorded(record, ms(20))).toBe(ms(20));
    expect(nextRecorded(record, ms(40))).toBe(ms(60));
    expect(nextRecorded(record, ms(0))).toBe(ms(10));
    expect(nextRecorded(record, ms(95))).toBeNull();
    expect(lastRecorded(record, ms(50))).toBe(ms(40) - 1);
    expect(lastRecorded(record, ms(99))).toBe(ms(95) - 1);
    expect(lastRecorded(record, ms(5))).toBeNull();
  });

  it('begins at the first millisecond inside it, not at the one before', () => {
    const from = (text: string) => recorded({ from: t(0), to: t(100), ranges: [{ from: text, to: t(95), run: 1 }], gaps: [] }).ranges[0]?.from;
    expect(from('2026-11-22T14:00:45.787044Z')).toBe(new Date('2026-11-22T14:00:45.788Z').getTime());
    expect(from('2026-11-22T14:00:45.787000Z')).toBe(new Date('2026-11-22T14:00:45.787Z').getTime());
    expect(from('2026-11-22T14:00:45Z')).toBe(new Date('2026-11-22T14:00:45Z').getTime());
  });

  it('ends where its run ends', () => {
    expect(rangeEnd(record, ms(10))).toBe(ms(40));
    expect(rangeEnd(record, ms(50))).toBe(ms(50));
  });

  it('says why a moment is missing', () => {
    expect(gapAt(record, ms(40))?.reason).toBe('The camera did not answer.');
    expect(gapAt(record, ms(60))).toBeNull();
  });

  it('is drawn within the bar, and a short gap is never invisible', () => {
    expect(onBar(record, { from: ms(10), to: ms(40) })).toEqual({ left: 10, width: 30 });
    expect(onBar(record, { from: ms(-50), to: ms(400) })).toEqual({ left: 0, width: 100 });
    expect(onBar({ from: ms(0), to: ms(100_000) }, { from: ms(500), to: ms(501) }).width).toBe(0.25);
  });

  it('adds up', () => expect(recordedMs(record)).toBe(65_000));
});

describe('what a site has', () => {
  const striped = recorded({
    from: t(0), to: t(100), gaps: [],
    ranges: [{ from: t(0), to: t(40), run: 0, at_site: true }, { from: t(40), to: t(60), run: 3 }, { from: t(60), to: t(100), run: 0, at_site: true }],
  });
  const gap = { from: t(10), to: t(30), reason: 'Not kept at the site: Depot has nothing of this time, and answers for it.' };

  it('is sure where the site says so, a gap where not, and neither of the newest seconds', () => {
    const known = withSite(striped, { site: 'Depot', tells: true, said: null, ranges: [{ from: t(0), to: t(10) }, { from: t(30), to: t(90) }], gaps: [gap] });
    expect(known.ranges.map((r) => [(r.from - ms(0)) / 1000, (r.to - ms(0)) / 1000, r.sure === true])).toEqual([
      [0, 10, true], [30, 40, true], [40, 60, false], [60, 90, true], [90, 100, false],
    ]);
    expect(gapAt(known, ms(20))?.reason).toBe(gap.reason);
    expect(nextRecorded(known, ms(12))).toBe(ms(30));
    expect([5, 35, 50, 95, 120].map((s) => fromSite(known, ms(s)))).toEqual([true, true, false, true, false]);
  });

  it('stays as it was where the site cannot tell, with its word', () => {
    const known = withSite(striped, { site: 'Depot', tells: false, said: 'It does not say.', ranges: [], gaps: [] });
    expect(known.ranges).toEqual(striped.ranges);
    expect(known.word).toEqual({ site: 'Depot', tells: false, said: 'It does not say.' });
    expect(withSite(striped, { site: null, tells: true, said: null, ranges: [], gaps: [] })).toBe(striped);
  });
});
