import { describe, expect, it } from 'vitest';
import { all, type Part, type Read } from './list';
import { LiveList } from './live.svelte';
import { Pages } from './pages.svelte';
import { Problem } from './problem';

/** A server's list of so many numbers, whose cursor is the last of them; it tells what was asked of it. */
function server(count: number): { read: Read<number>; asked: Part[]; add: (n: number) => void; fail: boolean } {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const one = {
    asked: [] as Part[],
    fail: false,
    add: (n: number) => { numbers.push(n); numbers.sort((a, b) => a - b); },
    read: async (part: Part) => {
      one.asked.push(part);
      if (one.fail) throw new Problem(503, { kind: 'unavailable', detail: 'Away.' });
      const rest = numbers.filter((n) => part.after === null || n > Number(part.after));
      const items = rest.slice(0, part.limit);
      return { items, next: rest.length > items.length ? String(items.at(-1)) : null };
    },
  };
  return one;
}

it('a list that must not lack an item is read to its end', async () => {
  for (const count of [0, 1, 500, 501, 1730]) {
    const { read, asked } = server(count);
    expect((await all(read)).length).toBe(count);
    expect(asked.length).toBe(Math.max(1, Math.ceil(count / 500)));
  }
});

it('a list that is followed is whole without the socket too', async () => {
  const { read } = server(1201);
  const queue = new LiveList('alerts', async (part) => {
    const page = await read(part);
    return { items: page.items.map((n) => ({ id: String(n) }) as never), next: page.next };
  });
  await queue.reload();
  expect(queue.value?.length).toBe(1201);
});

describe('a list shown page by page', () => {
  it('shows more when asked, until all is shown, and keeps what was opened when it is read anew', async () => {
    const { read, add } = server(230);
    const pages = new Pages(read);
    await pages.reload();
    expect([pages.items.length, pages.foot.ended]).toEqual([100, false]);
    await pages.more();
    expect(pages.items.length).toBe(200);
    add(-1);
    await pages.reload();
    expect([pages.items.length, pages.items[0], pages.foot.ended]).toEqual([200, -1, false]);
    await pages.more();
    expect([pages.items.length, pages.foot.ended]).toEqual([231, true]);
    expect(new Set(pages.items).size).toBe(231);
    await pages.more();
    expect(pages.items.length).toBe(231);
  });

  it('begins anew with its first page for another question', async () => {
    const { read, asked } = server(230);
    const pages = new Pages(read, 50);
    await pages.reload();
    await pages.more();
    await pages.begin();
    expect(pages.items.length).toBe(50);
    expect(asked.at(-1)).toEqual({ limit: 50, after: null });
  });

  it('says why the next page did not come, and keeps what it has', async () => {
    const one = server(230);
    const pages = new Pages(one.read);
    await pages.reload();
    one.fail = true;
    await pages.more();
    expect([pages.items.length, pages.foot.problem?.kind, pages.foot.ended]).toEqual([100, 'unavailable', false]);
    one.fail = false;
    await pages.more();
    expect([pages.items.length, pages.foot.problem]).toEqual([200, null]);
  });

  it('puts no page below a list that was read anew meanwhile', async () => {
    const one = server(230);
    const pages = new Pages(one.read);
    await pages.reload();
    const more = pages.more();
    one.add(-1);
    await pages.reload();
    await more;
    expect([pages.items[0], pages.items.length, new Set(pages.items).size]).toEqual([-1, 200, 200]);
  });
});
