import { describe, expect, it } from 'vitest';
import type { Alert, Level } from '../api/types';
import { arrived, inQueueOrder, neighbour } from './order';

const alert = (id: string, level: Level, raised: string) => ({ id, level, raised_at: `2026-11-22T14:00:${raised}Z` }) as Alert;

describe('the queue', () => {
  it('shows the worst first, and of those the one that has waited longest', () => {
    const queue = [alert('a', 'serious', '30'), alert('b', 'critical', '50'), alert('c', 'serious', '10'), alert('d', 'caution', '00')];
    expect([...queue].sort(inQueueOrder).map((a) => a.id)).toEqual(['b', 'c', 'a', 'd']);
  });

  it('moves along with J and K and stays at its ends', () => {
    expect(neighbour(['a', 'b', 'c'], 'a', 1)).toBe('b');
    expect(neighbour(['a', 'b', 'c'], 'c', 1)).toBe('c');
    expect(neighbour(['a', 'b', 'c'], 'a', -1)).toBe('a');
    expect(neighbour(['a', 'b', 'c'], null, 1)).toBe('a');
    expect(neighbour(['a', 'b'], 'gone', 1)).toBe('a');
    expect(neighbour([], 'a', 1)).toBeNull();
  });

  it('announces what is new, and not everything on the first look', () => {
    const now = [alert('a', 'serious', '00'), alert('b', 'serious', '01')];
    expect(arrived(null, now)).toEqual([]);
    expect(arrived(new Set(['a']), now).map((a) => a.id)).toEqual(['b']);
  });
});
