import { expect, test } from 'vitest';
import type { Trailer, TrailerFigure, TrailerPlacement } from '../api/types';
import { aboard, asCsv, battery, counted, daysOf, link } from './told';

const figure = (period: TrailerFigure['period'], kind: string, count: number): TrailerFigure => ({
  period, what: 'call', kind, count, from: '2026-11-01T00:00:00Z', to: '2026-11-29T00:00:00Z', days: 28, radius_m: 300, counted_at: '2026-11-29T00:00:00Z',
});
const placement = (figures: TrailerFigure[], text = 'Mill St'): TrailerPlacement => ({
  id: 'plc_1', place: { text, lat: 38.6, lon: -90.2 }, heading_deg: 0, reason: 'why', placed_at: '2026-11-29T00:00:00Z', placed_by: { id: 'per_1', name: 'A' },
  authorisation: null, ended_at: null, ended_by: null, ended_how: null, figures,
});

test('a period that has not begun is no zero, and a class without calls in a counted period is', () => {
  const rows = counted(placement([figure('before', 'all', 3), figure('before', 'burglary_theft', 3), figure('during', 'all', 0)]));
  expect(rows.map((row) => [row.whole, row.counts])).toEqual([
    [true, { before: 3, during: 0, after: null }], [false, { before: 3, during: 0, after: null }],
  ]);
  expect(daysOf(placement([figure('before', 'all', 3)]), 'after')).toBeNull();
});

test('no cell of a copied table is a formula', () => {
  const csv = asCsv('Trailer "2"', [placement([figure('before', 'all', 3)], '=HYPERLINK("x")')]);
  expect(csv).toContain('"Trailer ""2""","\'=HYPERLINK(""x"")"');
});

test('what a trailer did not say is said not to be said', () => {
  const silent = { battery_pct: null, solar_w: null, signal_dbm: null, carrier: null, cameras: [], readers: [] } as unknown as Trailer;
  expect([battery(silent), link(silent), aboard(silent)]).toEqual(['not said', 'not said', 'nothing yet']);
  const said = { ...silent, battery_pct: 81.6, solar_w: 140, signal_dbm: -84, carrier: 'River Mobile', cameras: [{}, {}], readers: [{}] } as unknown as Trailer;
  expect([battery(said), link(said), aboard(said)]).toEqual(['82 %, sun 140 W', '-84 dBm, River Mobile', '2 cameras, 1 reader']);
});
