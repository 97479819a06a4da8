import { describe, expect, it } from 'vitest';
import { gathered, Loaded, LiveList, placed } from './live.svelte';
import { Problem } from './problem';
import type { Camera } from './types';

const refused = () => new Problem(403, { kind: 'refused', detail: 'No longer.' });
const away = () => new Problem(503, { kind: 'unavailable', detail: 'Away.' });

describe('what a view shows', () => {
  it('stays when it merely cannot be refreshed, and goes when it may not be seen any more', async () => {
    const answers: (() => string)[] = [() => 'first', () => { throw away(); }, () => { throw refused(); }];
    const data = new Loaded(async () => (answers.shift() as () => string)());
    expect(data.status).toBe('loading');
    await data.reload();
    expect([data.status, data.value]).toEqual(['ready', 'first']);
    await data.reload();
    expect([data.status, data.value, data.problem?.kind]).toEqual(['ready', 'first', 'unavailable']);
    expect(data.settled).toBe(false);
    await data.reload();
    expect([data.status, data.value, data.problem?.kind]).toEqual(['failed', null, 'refused']);
    expect(data.settled).toBe(true);
  });

  it('is the answer of the last ask, also when an earlier one comes late', async () => {
    const waiting: ((value: string) => void)[] = [];
    const data = new Loaded(() => new Promise<string>((resolve) => waiting.push(resolve)));
    const first = data.reload();
    const second = data.reload();
    waiting[1]?.('new');
    await second;
    waiting[0]?.('old');
    await first;
    expect(data.value).toBe('new');
  });

  it('is what was told meanwhile, and not the answer to an ask from before that', async () => {
    const waiting: ((value: string) => void)[] = [];
    const data = new Loaded(() => new Promise<string>((resolve) => waiting.push(resolve)));
    const asked = data.reload();
    data.take('told');
    waiting[0]?.('older');
    await asked;
    expect(data.value).toBe('told');
    const again = data.reload();
    waiting[1]?.('newer');
    await again;
    expect(data.value).toBe('newer');
  });

  it('keeps a list in its order when an item comes, changes or is put again', async () => {
    const camera = (id: string, version: number) => ({ id, version }) as Camera;
    const list = new LiveList('cameras', async () => ({ items: [camera('a', 2), camera('b', 1)], next: null }), (x, y) => x.version - y.version);
    await list.reload();
    const ids = () => list.value?.map((item) => item.id);
    expect(ids()).toEqual(['b', 'a']);
    list.put(camera('c', 0));
    expect(ids()).toEqual(['c', 'b', 'a']);
    list.put(camera('c', 9));
    expect(ids()).toEqual(['b', 'a', 'c']);
  });
});

describe('one item of a list', () => {
  const order = (a: { id: string; at: number }, b: { id: string; at: number }) => a.at - b.at;
  const list = [{ id: 'a', at: 1 }, { id: 'b', at: 2 }, { id: 'c', at: 3 }];
  const ids = (items: { id: string }[]) => items.map((item) => item.id).join('');

  it.each([
    [{ id: 'd', at: 0 }, 'dabc'], [{ id: 'd', at: 2 }, 'abdc'], [{ id: 'd', at: 9 }, 'abcd'], [{ id: 'a', at: 9 }, 'bca'], [{ id: 'c', at: 0 }, 'cab'], [{ id: 'b', at: 2 }, 'abc'],
  ])('%j goes to its place: %s', (item, wanted) => {
    expect(ids(placed(list, item, order))).toBe(wanted);
  });

  it('keeps its place where the list has no order of its own, and leaves the others as they are', () => {
    const put = placed(list, { id: 'b', at: 9 }, null);
    expect(ids(put)).toBe('abc');
    expect(put[0]).toBe(list[0]);
    expect(ids(placed(list, { id: 'd', at: 0 }, null))).toBe('abcd');
  });
});

it('takes many changes of a list at once, each item in its place', () => {
  const items = [{ id: 'a', n: 1 }, { id: 'b', n: 1 }, { id: 'c', n: 1 }];
  expect(gathered(items, new Map([['b', { id: 'b', n: 2 }], ['a', null], ['d', { id: 'd', n: 1 }]]))).toEqual([{ id: 'b', n: 2 }, { id: 'c', n: 1 }, { id: 'd', n: 1 }]);
  expect(items).toHaveLength(3);
});
