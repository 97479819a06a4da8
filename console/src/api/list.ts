// Lists come in pages; this is the one way to read them. It knows no path.
import type { List } from './types';

/** What part of a list is asked for: how many items, from where on (`next` of the page before). */
export interface Part { limit: number; after: string | null }
export type Read<T> = (part: Part) => Promise<List<T>>;

/** The most that the server gives at once. */
export const MOST = 500;

/** A list from its beginning, page by page, until at least so many items are there or nothing follows. */
export async function upTo<T>(read: Read<T>, least: number, limit: number): Promise<List<T>> {
  const items: T[] = [];
  let after: string | null = null;
  do {
    const page: List<T> = await read({ limit, after });
    items.push(...page.items);
    after = page.next;
  } while (after !== null && items.length < least);
  return { items, next: after };
}

/** Every item of a list: nothing is left out, however long it is. */
export async function all<T>(read: Read<T>): Promise<T[]> {
  return (await upTo(read, Infinity, MOST)).items;
}
