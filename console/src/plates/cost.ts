// What a threshold would have cost last week: alerts, false ones, right ones that it would have kept back.
import type { WeekBin } from '../api/types';

export interface Cost { alerts: number; wrong: number; missed: number }
export interface ListCost extends Cost { list: string; name: string }

/** The cost of these bins at a threshold. */
export function costOf(bins: readonly WeekBin[], threshold: number): Cost {
  const cost = { alerts: 0, wrong: 0, missed: 0 };
  for (const bin of bins) {
    if (bin.probability >= threshold) {
      cost.alerts += bin.alerts;
      cost.wrong += bin.wrong;
    } else cost.missed += bin.alerts - bin.wrong;
  }
  return cost;
}

/** The same list by list, the most alerts first. */
export function costByList(bins: readonly WeekBin[], threshold: number): ListCost[] {
  const lists = new Map<string, WeekBin[]>();
  for (const bin of bins) lists.set(bin.hot_list, [...(lists.get(bin.hot_list) ?? []), bin]);
  return [...lists].map(([list, some]) => ({ list, name: some[0]?.name ?? '', ...costOf(some, threshold) }))
    .sort((a, b) => b.alerts - a.alerts || a.name.localeCompare(b.name));
}

/** Rows as CSV; a text with a comma, a quote or a line of its own is quoted. */
export const csvOf = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => row.map((cell) => (/[",\n]/.test(`${cell}`) ? `"${`${cell}`.replaceAll('"', '""')}"` : `${cell}`)).join(',')).join('\r\n');
