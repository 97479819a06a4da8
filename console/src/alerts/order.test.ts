import { describe, expect, it } from 'vitest';
import type { Alert, AlertState, StatusLevel } from '../api/types';
import { arrived, handedWords, heldBy, inQueueOrder, neighbour, wentUp, worst } from './order';

const alert = (id: string, level: StatusLevel, raised: string) => ({ id, level, raised_at: `2026-11-22T14:00:${raised}Z` }) as Alert;

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

  it('keeps an alert for whoever has it in hand, and after escalation for whoever comes first', () => {
    const of = (state: Alert['state'], holder: Alert['holder']) => ({ state, holder }) as Alert;
    expect(heldBy(of('waiting', null), 'per_me')).toBeNull();
    expect(heldBy(of('acknowledged', { id: 'per_me', name: 'A. Reyes' }), 'per_me')).toBeNull();
    expect(heldBy(of('in_review', { id: 'per_other', name: 'S. Penn' }), 'per_me')).toBe('S. Penn');
    expect(heldBy(of('escalated', { id: 'supervisor', name: 'Supervisor' }), 'per_me')).toBeNull();
  });

  it('announces what is new, and not everything on the first look', () => {
    const now = [alert('a', 'serious', '00'), alert('b', 'serious', '01')];
    expect(arrived(null, now)).toEqual([]);
    expect(arrived(new Map([['a', 'waiting']]), now).map((a) => a.id)).toEqual(['b']);
  });

  it('announces what has gone up once, and what is new as new', () => {
    const now = (['a', 'b', 'c'] as const).map((id) => ({ id, level: 'serious', state: 'escalated' }) as Alert);
    const before = new Map<string, AlertState>([['a', 'waiting'], ['b', 'escalated']]);
    expect(wentUp(null, now)).toEqual([]);
    expect(wentUp(before, now).map((a) => a.id)).toEqual(['a']);
    expect(arrived(before, now).map((a) => a.id)).toEqual(['c']);
    expect(wentUp(before, [{ ...now[0], state: 'in_review' } as Alert])).toEqual([]);
  });

  it('says what happened to one that has gone up, and by whom', () => {
    expect(handedWords({ title: 'Stolen vehicle', place: { text: 'N Broadway', lat: null, lon: null } })).toBe(
      'Nobody claimed it in its time, so the center handed it to you and every other supervisor: Stolen vehicle, N Broadway.',
    );
  });

  it('shows a group by its worst member', () => {
    expect(worst([alert('a', 'caution', '00'), alert('b', 'critical', '01'), alert('c', 'serious', '02')])).toBe('critical');
  });
});
