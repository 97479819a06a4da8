// The service worker's own file, run with caches and a server in memory: what it keeps, what it serves, and that versions never mix.
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';

const TEMPLATE = readFileSync(new URL('./sw.js', import.meta.url), 'utf8');
const SHELL = ['/', '/theme.js', '/assets/index-A.js'];
type Answered = { respondWith(answer: Promise<Response>): void; waitUntil(done: Promise<unknown>): void; request: { method: string; url: string; mode: string } };

/** Caches and the server of one browser; each version's worker is begun over them. */
class Browser {
  caches = new Map<string, Map<string, string>>();
  server = new Map<string, string>();
  fetched: string[] = [];

  begin(version: string, shell = SHELL, entry = `assets/index-${version}.js`) {
    const on = new Map<string, (event: Answered) => void>();
    const self = { location: { origin: 'https://center.test' }, addEventListener: (name: string, act: (event: Answered) => void) => on.set(name, act), skipWaiting: async () => {}, clients: { claim: async () => {} } };
    const fetch = async (request: string | { url: string }): Promise<Response> => {
      const path = typeof request === 'string' ? request : new URL(request.url, 'https://center.test').pathname;
      this.fetched.push(path);
      const found = this.server.get(path);
      if (found === undefined) throw new TypeError('no link');
      return new Response(found);
    };
    const open = async (name: string) => {
      const kept = this.caches.get(name) ?? new Map<string, string>();
      this.caches.set(name, kept);
      return {
        match: async (path: string) => (kept.has(path) ? new Response(kept.get(path)) : undefined),
        addAll: async (requests: Request[]) => { for (const request of requests) kept.set(new URL(request.url).pathname, await (await fetch(request)).text()); },
      };
    };
    const caches = {
      open, keys: async () => [...this.caches.keys()], delete: async (name: string) => this.caches.delete(name),
      match: async (request: { url: string }) => {
        const path = new URL(request.url).pathname;
        for (const kept of this.caches.values()) if (kept.has(path)) return new Response(kept.get(path));
        return undefined;
      },
    };
    class Asked extends Request {
      constructor(path: string, init: RequestInit) { super(new URL(path, 'https://center.test'), init); }
    }
    const code = TEMPLATE.replace('__VERSION__', version).replace('__ENTRY__', entry).replace('__SHELL__', JSON.stringify(shell));
    new Function('self', 'caches', 'fetch', 'Request', code)(self, caches, fetch, Asked);
    const life = async (name: string) => { let done: Promise<unknown> = Promise.resolve(); on.get(name)?.({ waitUntil: (d: Promise<unknown>) => { done = d; } } as Answered); await done; };
    const asks = async (path: string, mode = 'no-cors', method = 'GET'): Promise<string | null> => {
      let answer: Promise<Response> | null = null;
      on.get('fetch')?.({ respondWith: (a: Promise<Response>) => { answer = a; }, waitUntil: () => {}, request: { method, mode, url: `https://center.test${path}` } });
      return answer === null ? null : (await (answer as Promise<Response>)).text();
    };
    return { install: () => life('install'), activate: () => life('activate'), asks };
  }
  serve(version: string): void {
    this.server = new Map([['/', `page of ${version}: assets/index-${version}.js`], ['/theme.js', `theme of ${version}`], [`/assets/index-${version}.js`, `program of ${version}`]]);
  }
}
const shell = (version: string) => ['/', '/theme.js', `/assets/index-${version}.js`];

describe('the service worker', () => {
  let browser: Browser;
  beforeEach(() => { browser = new Browser(); browser.serve('A'); });

  it('opens every page of the console without a link, from one version', async () => {
    const worker = browser.begin('A');
    await worker.install();
    await worker.activate();
    browser.server.clear();
    expect(await worker.asks('/field', 'navigate')).toContain('page of A');
    expect(await worker.asks('/theme.js')).toBe('theme of A');
    expect(await worker.asks('/assets/index-A.js')).toBe('program of A');
  });

  it('leaves the API, other sites and everything that is no look alone', async () => {
    const worker = browser.begin('A');
    await worker.install();
    expect(await worker.asks('/api/v1/assignments/mine')).toBeNull();
    expect(await worker.asks('/api/v1/assignments/x/picture', 'navigate')).toBeNull();
    expect(await worker.asks('/field', 'navigate', 'POST')).toBeNull();
    expect([...browser.caches.values()].flatMap((kept) => [...kept.keys()])).toEqual(SHELL);
  });

  it('takes a new version whole, and a page of the one before still finds its files', async () => {
    await browser.begin('A').install();
    browser.serve('B');
    const next = browser.begin('B', shell('B'));
    await next.install();
    await next.activate();
    browser.server.clear();
    expect(await next.asks('/field', 'navigate')).toContain('page of B');
    expect(await next.asks('/theme.js')).toBe('theme of B');
    expect(await next.asks('/assets/index-A.js')).toBe('program of A');
    browser.serve('C');
    const last = browser.begin('C', shell('C'));
    await last.install();
    await last.activate();
    expect([...browser.caches.keys()]).toEqual(['watchfloor-shell-B', 'watchfloor-shell-C']);
  });

  it('takes nothing of a version that is not whole, or that changed meanwhile', async () => {
    browser.server.delete('/theme.js');
    await expect(browser.begin('A').install()).rejects.toThrow('no link');
    browser.serve('A');
    browser.server.set('/', 'page of B: assets/index-B.js');
    await expect(browser.begin('A').install()).rejects.toThrow('another version');
    expect([...browser.caches.keys()]).toEqual([]);
  });
});
