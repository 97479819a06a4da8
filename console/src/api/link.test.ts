import { beforeEach, describe, expect, it } from 'vitest';
import { Link, SILENCE_MS, type Socket, type Subscriber } from './link';

class FakeSocket implements Socket {
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((text: string) => void) | null = null;
  onclose: ((code: number) => void) | null = null;
  send(text: string) { this.sent.push(JSON.parse(text) as Record<string, unknown>); }
  close() { this.closed = true; }
  says(message: unknown) { this.onmessage?.(JSON.stringify(message)); }
}

class FakeWorld {
  sockets: FakeSocket[] = [];
  ms = 0;
  #timers: { at: number; act: () => void; off: boolean }[] = [];
  open() { const s = new FakeSocket(); this.sockets.push(s); return s; }
  now() { return this.ms; }
  random() { return 1; }
  later(ms: number, act: () => void) {
    const timer = { at: this.ms + ms, act, off: false };
    this.#timers.push(timer);
    return () => { timer.off = true; };
  }
  pass(ms: number) {
    const end = this.ms + ms;
    for (;;) {
      const next = this.#timers.filter((t) => !t.off && t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.ms = Math.max(this.ms, next.at);
      next.off = true;
      next.act();
    }
    this.ms = end;
  }
  get last() { return this.sockets[this.sockets.length - 1] as FakeSocket; }
}

let world: FakeWorld;
let link: Link;
let heard: unknown[];
const listener = (): Subscriber => ({
  snapshot: (items) => heard.push(['snapshot', items]),
  put: (item) => heard.push(['put', item]),
  delete: (key) => heard.push(['delete', key]),
  denied: (problem) => heard.push(['denied', problem.reason]),
});

beforeEach(() => {
  world = new FakeWorld();
  link = new Link(world);
  heard = [];
  link.start();
});

describe('a link that works', () => {
  it('takes many changes of one look in one message, and none of them twice', () => {
    link.subscribe('units', listener());
    world.last.onopen?.();
    world.last.says({ op: 'snapshot', id: 's1', epoch: 1, seq: 4, items: [] });
    const many = { op: 'many', id: 's1', messages: [{ op: 'put', epoch: 1, seq: 5, item: { id: 'a' } }, { op: 'delete', epoch: 1, seq: 6, key: 'b' }] };
    world.last.says(many);
    world.last.says(many);
    expect(heard.slice(1)).toEqual([['put', { id: 'a' }], ['delete', 'b']]);
    world.last.says({ op: 'many', id: 's9', messages: [{ op: 'put', epoch: 1, seq: 7, item: { id: 'c' } }] });
    expect(heard).toHaveLength(3);
  });

  it('asks for everything, then takes changes in order', () => {
    link.subscribe('alerts', listener());
    world.last.onopen?.();
    expect(world.last.sent).toEqual([{ op: 'sub', id: 's1', topic: 'alerts', after: null, together: true }]);
    world.last.says({ op: 'snapshot', id: 's1', epoch: 7, seq: 3, items: [{ id: 'a' }] });
    world.last.says({ op: 'put', id: 's1', epoch: 7, seq: 4, item: { id: 'b' } });
    world.last.says({ op: 'delete', id: 's1', epoch: 7, seq: 5, key: 'a' });
    expect(heard).toEqual([['snapshot', [{ id: 'a' }]], ['put', { id: 'b' }], ['delete', 'a']]);
  });

  it('does not take the same change twice', () => {
    link.subscribe('alerts', listener());
    world.last.onopen?.();
    world.last.says({ op: 'snapshot', id: 's1', epoch: 7, seq: 4, items: [] });
    world.last.says({ op: 'put', id: 's1', epoch: 7, seq: 4, item: { id: 'b' } });
    expect(heard).toEqual([['snapshot', []]]);
  });

  it('believes a new epoch even where its count is lower', () => {
    link.subscribe('alerts', listener());
    world.last.onopen?.();
    world.last.says({ op: 'snapshot', id: 's1', epoch: 7, seq: 400, items: [] });
    world.last.says({ op: 'put', id: 's1', epoch: 8, seq: 1, item: { id: 'b' } });
    expect(heard).toContainEqual(['put', { id: 'b' }]);
  });

  it('tells the subscriber that it was denied, and asks no more after that', () => {
    link.subscribe('alerts', listener());
    world.last.onopen?.();
    world.last.says({ op: 'denied', id: 's1', reason: 'role' });
    expect(heard).toEqual([['denied', 'role']]);
    world.last.onclose?.(1006);
    world.pass(20_000);
    world.last.onopen?.();
    expect(world.last.sent).toEqual([]);
  });

  it('asks anew, on a new socket, for what the server ended: another session may be there by now', () => {
    link.subscribe('alerts', listener());
    const first = world.last;
    first.onopen?.();
    first.says({ op: 'denied', id: 's1', reason: 'ended' });
    expect([first.closed, heard]).toEqual([true, []]);
    world.pass(1000);
    world.last.onopen?.();
    expect(world.last).not.toBe(first);
    expect(world.last.sent).toMatchObject([{ op: 'sub', id: 's1', topic: 'alerts' }]);
  });

  it('forgets a subscription that was ended and tells the server', () => {
    const end = link.subscribe('alerts', listener());
    world.last.onopen?.();
    end();
    expect(world.last.sent.at(-1)).toEqual({ op: 'unsub', id: 's1' });
    world.last.says({ op: 'put', id: 's1', epoch: 1, seq: 1, item: { id: 'b' } });
    expect(heard).toEqual([]);
  });

  it('is not disturbed by what it cannot read', () => {
    world.last.onopen?.();
    world.last.onmessage?.('not json');
    world.last.onmessage?.('[]');
    world.last.onmessage?.('null');
    expect(link.state).toBe('up');
  });
});

describe('a link that breaks', () => {
  it('resumes after the last change it heard', () => {
    link.subscribe('alerts', listener());
    world.last.onopen?.();
    world.last.says({ op: 'snapshot', id: 's1', epoch: 7, seq: 3, items: [] });
    world.last.says({ op: 'put', id: 's1', epoch: 7, seq: 9, item: { id: 'b' } });
    world.last.onclose?.(1006);
    expect(link.state).toBe('lost');
    world.pass(250);
    world.last.onopen?.();
    expect(link.state).toBe('up');
    expect(world.last.sent).toEqual([{ op: 'sub', id: 's1', topic: 'alerts', after: [7, 9], together: true }]);
  });

  it('notices a socket that has fallen silent', () => {
    world.last.onopen?.();
    world.pass(10_000);
    expect(link.state).toBe('up');
    world.last.says({ op: 'beat', at: '2026-11-22T14:00:00Z' });
    world.pass(SILENCE_MS);
    expect(link.state).toBe('up');
    const silent = world.last;
    world.pass(2_000);
    expect(silent.closed).toBe(true);
    expect(world.sockets.length).toBeGreaterThan(1);
  });

  it('waits longer each time, and does not hammer a server that accepts and closes', () => {
    const opened: number[] = [];
    for (let i = 0; i < 8; i++) {
      const before = world.sockets.length;
      world.last.onopen?.();
      world.last.onclose?.(1011);
      const from = world.ms;
      while (world.sockets.length === before) world.pass(50);
      opened.push(world.ms - from);
    }
    expect(opened[0]).toBeLessThanOrEqual(300);
    expect(opened.at(-1)).toBeGreaterThanOrEqual(9_000);
    for (let i = 1; i < opened.length; i++) expect(opened[i]).toBeGreaterThanOrEqual(opened[i - 1] as number);
  });

  it('does not come back by itself when the person is signed out', () => {
    let out = 0;
    link.onsignedout = () => { out += 1; };
    world.last.onopen?.();
    world.last.onclose?.(4001);
    world.pass(60_000);
    expect([link.state, out, world.sockets.length]).toEqual(['closed', 1, 1]);
  });

  it('stays stopped when it was stopped', () => {
    world.last.onopen?.();
    link.stop();
    world.pass(60_000);
    expect([link.state, world.sockets.length]).toEqual(['closed', 1]);
  });
});
