// Which view an address names. Pure; `router.svelte.ts` moves the browser.

export interface Match<V extends string> { view: V; params: Record<string, string> }

/** The first pattern ("/cameras/:id") that the path fits. */
export function match<V extends string>(patterns: readonly (readonly [string, V])[], path: string): Match<V> | null {
  const given = segments(path);
  for (const [pattern, view] of patterns) {
    const wanted = segments(pattern);
    if (wanted.length !== given.length) continue;
    const params: Record<string, string> = {};
    const fits = wanted.every((part, i) => {
      const actual = given[i] as string;
      if (!part.startsWith(':')) return part === actual;
      try {
        params[part.slice(1)] = decodeURIComponent(actual);
        return true;
      } catch {
        return false;
      }
    });
    if (fits) return { view, params };
  }
  return null;
}

/** `query` with `changes` laid over it; null or '' takes a name out. Names keep their order, so the same state is the same address. */
export function withQuery(query: URLSearchParams, changes: Record<string, string | null>): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return text === '' ? '' : `?${text}`;
}

function segments(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}
