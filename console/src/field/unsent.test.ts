import { describe, expect, it } from 'vitest';
import { Problem, unreachable } from '../api/problem';
import { belongTo, Memory, type Act, type NewAct } from '../kit/shelf';
import { presumed, unsentText } from './presumed';
import { Unsent } from './unsent.svelte';

const step = (path: string, key = path): NewAct => ({
  key, kind: 'step', path: `/assignments/asg_1/${path}`, body: {}, text: path, made_at: '2026-11-22T20:00:00Z', assignment: 'asg_1', incident: 'inc_1', refused: null,
});
const position = (n: number): NewAct => ({ ...step('positions', `key-${n}`), kind: 'positions', path: '/units/unt_1/positions', body: { positions: [{ key: `p${n}` }] } });

/** A server that answers each try with the next of `answers`; what it was sent, and a link that can be cut. */
function world(shelf = new Memory()) {
  const sent: string[] = [];
  const answers: (Problem | 'hang')[] = [];
  let release: () => void = () => {};
  const waits: (() => void)[] = [];
  const server = {
    link: true, sent, answers, shelf, waits, release: () => release(),
    unsent: new Unsent({
      shelf: async () => shelf,
      send: async (act: Act) => {
        if (!server.link) throw unreachable();
        sent.push(act.key);
        const answer = answers.shift();
        if (answer === 'hang') await new Promise<void>((resolve) => { release = resolve; });
        else if (answer !== undefined) throw answer;
        return { path: act.path };
      },
      key: () => 'k',
      later: (_, act) => { waits.push(act); return () => {}; },
      alone: (act) => act(),
    }),
  };
  return server;
}
const refusal = (status = 409, reason = 'is_cleared') => new Problem(status, { kind: status === 403 ? 'refused' : 'conflict', reason, detail: '3142 is clear.' });
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('what is not sent yet', () => {
  it('is kept without a link, and goes out in its order, each once, when it is back', async () => {
    const w = world();
    w.link = false;
    for (const path of ['accept', 'en-route', 'on-scene']) await w.unsent.add(step(path));
    await settled();
    expect(w.sent).toEqual([]);
    expect(w.unsent.stuck).toBe(true);
    expect((await w.shelf.acts()).map((act) => act.key)).toEqual(['accept', 'en-route', 'on-scene']);
    w.link = true;
    w.unsent.hurry();
    await settled();
    expect(w.sent).toEqual(['accept', 'en-route', 'on-scene']);
    expect(w.unsent.acts).toEqual([]);
    expect(w.unsent.stuck).toBe(false);
    expect(await w.shelf.acts()).toEqual([]);
  });

  it('is taken up by the next page under the same key', async () => {
    const first = world();
    first.answers.push(unreachable());
    await first.unsent.add(step('accept', 'the-key'));
    await settled();
    const next = world(first.shelf);
    await next.unsent.open();
    expect([...first.sent, ...next.sent]).toEqual(['the-key', 'the-key']);
    expect(await next.shelf.acts()).toEqual([]);
  });

  it('shows a refusal until it is seen, sends what comes after, and forgets nothing by itself', async () => {
    const w = world();
    w.answers.push(refusal(), refusal(403, 'not_on_this_unit'));
    await w.unsent.add(step('en-route'));
    await w.unsent.add(step('on-scene'));
    await w.unsent.add(step('clear'));
    await settled();
    expect(w.sent).toEqual(['en-route', 'on-scene', 'clear']);
    expect(w.unsent.waiting).toEqual([]);
    expect(w.unsent.refused.map((act) => [act.text, act.refused?.detail])).toEqual([['en-route', '3142 is clear.'], ['on-scene', '3142 is clear.']]);
    const after = world(w.shelf);
    await after.unsent.open();
    expect(after.sent).toEqual([]);
    expect(after.unsent.refused).toHaveLength(2);
    for (const act of after.unsent.refused) await after.unsent.seen(act.n);
    expect(await w.shelf.acts()).toEqual([]);
  });

  it.each([
    ['no answer', unreachable()], ['a fallen server', new Problem(503, { kind: 'unavailable' })], ['a session that ended', new Problem(401, { kind: 'unauthenticated' })],
    ['too many', new Problem(429, { kind: 'too_many' })], ['a try still under way', new Problem(409, { kind: 'conflict', reason: 'in_progress' })],
  ])('waits on after %s, and nothing overtakes it', async (_, problem) => {
    const w = world();
    w.answers.push(problem);
    await w.unsent.add(step('accept'));
    await settled();
    w.link = false;
    await w.unsent.add(step('en-route'));
    await settled();
    expect(w.sent).toEqual(['accept']);
    expect(w.unsent.waiting).toHaveLength(2);
    expect(w.unsent.refused).toEqual([]);
    w.link = true;
    w.waits.at(-1)?.();
    await settled();
    expect(w.sent).toEqual(['accept', 'accept', 'en-route']);
  });

  it('is never neither waiting nor done', async () => {
    const w = world();
    let waited = 0;
    w.unsent.ontaken = () => { waited = w.unsent.waiting.length; };
    await w.unsent.add(step('clear'));
    await settled();
    expect([waited, w.unsent.waiting.length]).toEqual([1, 0]);
  });

  it('counts what was done and whose answer was lost as taken', async () => {
    const w = world();
    w.answers.push(refusal(409, 'answer_lost'));
    const taken: unknown[] = [];
    w.unsent.ontaken = (_, answer) => taken.push(answer);
    await w.unsent.add(step('accept'));
    await settled();
    expect([w.unsent.acts, taken]).toEqual([[], [null]]);
  });

  it('gathers positions while they wait, under a new key each time, and leaves alone what is on its way', async () => {
    const w = world();
    w.link = false;
    for (const n of [1, 2, 3]) {
      await w.unsent.position(position(n));
      await settled();
    }
    expect(w.unsent.waiting.map((act) => [act.key, act.body])).toEqual([['key-3', { positions: [{ key: 'p1' }, { key: 'p2' }, { key: 'p3' }] }]]);
    w.link = true;
    w.answers.push('hang');
    w.unsent.hurry();
    await settled();
    await w.unsent.position(position(4));
    expect(w.unsent.waiting).toHaveLength(2);
    w.release();
    await settled();
    expect(w.sent).toEqual(['key-3', 'key-4']);
    expect(w.unsent.acts).toEqual([]);
  });

  it('is sent also where the browser has no room to keep it, and then says so', async () => {
    class Full extends Memory { override add = (): Promise<number> => Promise.reject(new DOMException('full', 'QuotaExceededError')); }
    const w = world(new Full());
    w.link = false;
    await w.unsent.add(step('accept'));
    await w.unsent.add(step('en-route'));
    await settled();
    expect([w.unsent.lasting, w.unsent.waiting.map((act) => act.key)]).toEqual([false, ['accept', 'en-route']]);
    w.link = true;
    w.unsent.hurry();
    await settled();
    expect([w.sent, w.unsent.acts]).toEqual([['accept', 'en-route'], []]);
  });

  it('is erased when somebody else signs in, and says how much was lost', async () => {
    const w = world();
    w.link = false;
    expect(await belongTo(w.shelf, 'per_a')).toBe(0);
    await w.unsent.add(step('accept'));
    await w.shelf.set('picture:asg_1', 'bytes');
    expect(await belongTo(w.shelf, 'per_a')).toBe(0);
    expect(await w.shelf.acts()).toHaveLength(1);
    expect(await belongTo(w.shelf, 'per_b')).toBe(1);
    expect([await w.shelf.acts(), await w.shelf.names()]).toEqual([[], ['owner']]);
  });
});

describe('where an assignment will stand', () => {
  const act = (path: string, n: number): Act => ({ ...step(path), n });
  it('is what was pressed last, of this assignment alone', () => {
    expect(presumed('sent', 'asg_1', [act('accept', 1), act('en-route', 2)])).toBe('en_route');
    expect(presumed('sent', 'asg_2', [act('accept', 1)])).toBe('sent');
    expect(presumed('on_scene', 'asg_1', [])).toBe('on_scene');
  });
  it('is said with a count of what waits', () => {
    const batch: Act = { ...position(1), n: 9, body: { positions: [{}, {}] } };
    expect(unsentText([act('accept', 1)])).toBe('1 not sent yet');
    expect(unsentText([act('accept', 1), batch])).toBe('1 not sent yet, and 2 positions');
    expect(unsentText([{ ...batch, body: { positions: [{}] } }])).toBe('1 position not sent yet');
  });
});
