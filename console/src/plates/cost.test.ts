import { expect, test } from 'vitest';
import type { WeekBin } from '../api/types';
import { costByList, costOf, csvOf } from './cost';

const bin = (hot_list: string, probability: number, alerts: number, wrong: number): WeekBin => ({ priority: 'usual', hot_list, name: `List ${hot_list}`, probability, alerts, wrong });
const WEEK = [bin('a', 0.95, 10, 1), bin('a', 0.3, 20, 15), bin('b', 0.6, 4, 1.5)];

test('what a threshold costs: what lies over it alerts, what was right beneath it is missed', () => {
  expect(costOf(WEEK, 0)).toEqual({ alerts: 34, wrong: 17.5, missed: 0 });
  expect(costOf(WEEK, 0.5)).toEqual({ alerts: 14, wrong: 2.5, missed: 5 });
  expect(costOf(WEEK, 1)).toEqual({ alerts: 0, wrong: 0, missed: 16.5 });
});

test('list by list, the most alerts first', () => {
  expect(costByList(WEEK, 0.5).map((one) => [one.name, one.alerts, one.missed])).toEqual([['List a', 10, 5], ['List b', 4, 0]]);
  expect(costByList([], 0.5)).toEqual([]);
});

test('a table as CSV keeps its cells apart', () => {
  expect(csvOf([['of', 'right'], ['MO, all', 3], ['"x"', 1.5]])).toBe('of,right\r\n"MO, all",3\r\n"""x""",1.5');
});
