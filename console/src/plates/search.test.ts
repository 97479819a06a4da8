import { describe, expect, it } from 'vitest';
import { Problem } from '../api/problem';
import type { FoundRead } from '../api/types';
import { PlateSearch, type Sought } from './search.svelte';

const WHY = { purpose: 'stolen_vehicle', case: 'case:case_1' };
const sought = (plate: string): Sought => ({ plate, match: 'alike', span: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }, why: WHY });

/** A server with 60 reads of every plate, 25 a page; it remembers the cursors, and answers when it is let. */
function server() {
  const one = {
    asked: [] as (string | null)[], fails: false, hold: null as Promise<void> | null,
    ask: async (body: { plate?: string | null; limit?: number; after?: string | null }) => {
      const after = body.after ?? null;
      one.asked.push(after);
      if (one.hold !== null) await one.hold;
      if (one.fails) throw new Problem(503, { kind: 'unavailable', detail: 'Away.' });
      const from = Number(after ?? 0);
      const to = Math.min(60, from + (body.limit ?? 100));
      const items = Array.from({ length: to - from }, (_, i) => ({ id: `${body.plate} ${from + i}` }) as FoundRead);
      return { items, next: to < 60 ? String(to) : null };
    },
  };
  return one;
}

describe('a search of plate reads', () => {
  it('shows the next page below what is shown, until all is', async () => {
    const { ask, asked } = server();
    const search = new PlateSearch(ask);
    await search.search(sought('QZ-4401'));
    expect([search.foot.shown, search.foot.ended]).toEqual([25, false]);
    await search.foot.onmore();
    await search.foot.onmore();
    expect([search.foot.shown, search.foot.ended]).toEqual([60, true]);
    expect(new Set(search.found.map((read) => read.id)).size).toBe(60);
    expect(asked).toEqual([null, '25', '50']);
  });

  it('says at its foot why the next page did not come, keeps what it has, and tries again', async () => {
    const one = server();
    const search = new PlateSearch(one.ask);
    await search.search(sought('QZ-4401'));
    one.fails = true;
    await search.foot.onmore();
    expect([search.foot.shown, search.foot.problem?.detail, search.asking.problem]).toEqual([25, 'Away.', null]);
    one.fails = false;
    await search.foot.onmore();
    expect([search.foot.shown, search.foot.problem]).toEqual([50, null]);
  });

  it('puts no page of an earlier search below another', async () => {
    const one = server();
    const search = new PlateSearch(one.ask);
    await search.search(sought('QZ-4401'));
    let answer = () => {};
    one.hold = new Promise((resolve) => { answer = resolve; });
    const late = search.foot.onmore();
    one.hold = null;
    await search.search(sought('QZ-4402'));
    answer();
    await late;
    expect(search.found.map((read) => read.id.slice(0, 7))).toEqual(Array.from({ length: 25 }, () => 'QZ-4402'));
  });

  it('ends with its purpose', async () => {
    const search = new PlateSearch(server().ask);
    await search.search(sought('QZ-4401'));
    search.endUnless({ ...WHY });
    expect(search.foot.shown).toBe(25);
    search.endUnless({ ...WHY, case: null });
    expect([search.sought, search.foot.shown, search.foot.ended]).toEqual([null, 0, true]);
  });
});
