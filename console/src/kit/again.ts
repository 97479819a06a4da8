// Asking again what somebody works on: each ask is in the log, so rarer each time, and not while nobody sees the page.
export const PACES_MS = [3_000, 5_000, 10_000, 20_000, 30_000] as const;

type Seen = Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>;

/** Ask after each of the paces, and at the last of them from then on, until the returned function is called; use it as the return of `$effect`. */
export function again(ask: () => Promise<void>, page: Seen = document): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  let due = false;
  let ended = false;
  const wait = () => {
    timer = setTimeout(() => { due = true; act(); }, PACES_MS[Math.min(asked, PACES_MS.length - 1)]);
  };
  const act = () => {
    if (!due || ended || page.visibilityState !== 'visible') return;
    due = false;
    asked += 1;
    void ask().finally(() => { if (!ended) wait(); });
  };
  page.addEventListener('visibilitychange', act);
  wait();
  return () => {
    ended = true;
    clearTimeout(timer);
    page.removeEventListener('visibilitychange', act);
  };
}
