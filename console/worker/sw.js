// Keeps the console's own files so that the officer's page opens without a link. It never keeps an answer of the API: what the page needs
// of those it keeps itself, and erases. `console/worker/shell.ts` writes VERSION, ENTRY and SHELL at build.
const VERSION = '__VERSION__';
const ENTRY = '__ENTRY__';
const SHELL = __SHELL__;
const PREFIX = 'watchfloor-shell-';
const CACHE = PREFIX + VERSION;

// All of a version or nothing of it: what is served to a page is of one build.
self.addEventListener('install', (event) => event.waitUntil(take()));

async function take() {
  const cache = await caches.open(CACHE);
  try {
    await cache.addAll(SHELL.map((path) => new Request(path, { cache: 'reload' })));
    // The server may have been renewed while we fetched.
    if (!(await (await cache.match('/')).text()).includes(ENTRY)) throw new Error('another version is being served');
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
  await self.skipWaiting();
}

// A page that is open goes on with the files of its own version, so the one before is kept beside ours.
self.addEventListener('activate', (event) => event.waitUntil(settle()));

async function settle() {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  for (const name of others.slice(0, -1)) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith('/api/')) return;
  if (request.mode === 'navigate') event.respondWith(ours('/', request));
  else if (url.pathname.startsWith('/assets/')) event.respondWith(any(request));
  else if (SHELL.includes(url.pathname)) event.respondWith(ours(url.pathname, request));
});

/** A file by its name is of our version. */
async function ours(path, request) {
  const kept = await (await caches.open(CACHE)).match(path);
  return kept ?? fetch(request);
}

/** A name under /assets/ has the content's hash in it: it is the same in every version that has it. */
async function any(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
