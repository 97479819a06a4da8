// What this browser keeps for one person so that the phone page works without a link: acts not sent yet, and the current assignment.
// IndexedDB; memory where a browser has none, and then it says so. It knows no view; it is emptied when the person signs out.
import type { Session } from '../api/types';

/** What a refusal says, so that it can be shown after a reload. */
export interface Refusal { detail: string; nextStep: string | null; requestId: string | null }

export type Body = Record<string, unknown>;
/** One thing a person did. `key` is its idempotency key: the same for every try. */
export interface Act {
  n: number; key: string; kind: 'step' | 'outcome' | 'message' | 'positions'; path: string; body: Body; text: string; made_at: string;
  /** The assignment and the incident it belongs to. */
  assignment: string; incident: string; refused: Refusal | null;
}
export type NewAct = Omit<Act, 'n'>;

/** An assignment that was cleared here and whose outcome is still to be said. Nothing of what it rests on is kept with it. */
export interface Cleared { assignment: string; incident: string; number: string; title: string; call_sign: string }
export interface KeptSession { session: Session; heard_at: number }

export interface Shelf {
  /** False when everything is lost with the page. */
  readonly lasting: boolean;
  acts(): Promise<Act[]>;
  /** Keep an act; its number, which rises. */
  add(act: NewAct): Promise<number>;
  replace(act: Act): Promise<void>;
  drop(n: number): Promise<void>;
  get<T>(name: string): Promise<T | null>;
  set(name: string, value: unknown): Promise<void>;
  remove(name: string): Promise<void>;
  names(): Promise<string[]>;
  clear(): Promise<void>;
}

const DATABASE = 'watchfloor';
const VERSION = 1;
const PATIENCE_MS = 10_000;

export class Memory implements Shelf {
  readonly lasting = false;
  #acts = new Map<number, Act>();
  #kept = new Map<string, unknown>();
  #n = 0;

  acts = async (): Promise<Act[]> => [...this.#acts.values()];
  add = async (act: NewAct): Promise<number> => { this.#acts.set(++this.#n, { ...act, n: this.#n }); return this.#n; };
  replace = async (act: Act): Promise<void> => { this.#acts.set(act.n, act); };
  drop = async (n: number): Promise<void> => { this.#acts.delete(n); };
  get = async <T>(name: string): Promise<T | null> => (this.#kept.get(name) as T | undefined) ?? null;
  set = async (name: string, value: unknown): Promise<void> => { this.#kept.set(name, value); };
  remove = async (name: string): Promise<void> => { this.#kept.delete(name); };
  names = async (): Promise<string[]> => [...this.#kept.keys()];
  clear = async (): Promise<void> => { this.#acts.clear(); this.#kept.clear(); };
}

class Indexed implements Shelf {
  readonly lasting = true;
  #db: IDBDatabase;

  constructor(db: IDBDatabase) {
    this.#db = db;
    // Another window, of a newer console, changes the form: let go, rather than keep it waiting.
    db.onversionchange = () => db.close();
  }

  acts = (): Promise<Act[]> => this.#ask('acts', 'readonly', (store) => store.getAll() as IDBRequest<Act[]>);
  add = async (act: NewAct): Promise<number> => Number(await this.#ask('acts', 'readwrite', (store) => store.add(act)));
  replace = async (act: Act): Promise<void> => { await this.#ask('acts', 'readwrite', (store) => store.put(act)); };
  drop = async (n: number): Promise<void> => { await this.#ask('acts', 'readwrite', (store) => store.delete(n)); };
  get = async <T>(name: string): Promise<T | null> => ((await this.#ask('kept', 'readonly', (store) => store.get(name))) as T | undefined) ?? null;
  set = async (name: string, value: unknown): Promise<void> => { await this.#ask('kept', 'readwrite', (store) => store.put(value, name)); };
  remove = async (name: string): Promise<void> => { await this.#ask('kept', 'readwrite', (store) => store.delete(name)); };
  names = async (): Promise<string[]> => (await this.#ask('kept', 'readonly', (store) => store.getAllKeys())).map(String);
  clear = async (): Promise<void> => {
    await this.#ask('acts', 'readwrite', (store) => store.clear());
    await this.#ask('kept', 'readwrite', (store) => store.clear());
  };

  /** The answer of one request, once its transaction is done: what was kept is on the disk by then. */
  #ask<T>(name: 'acts' | 'kept', mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const transaction = this.#db.transaction(name, mode);
      const request = act(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new DOMException('the browser could not keep it', 'AbortError'));
    });
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('acts', { keyPath: 'n', autoIncrement: true });
      request.result.createObjectStore('kept');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error ?? new Error('the store is blocked'));
    // Some browsers never answer in a private window.
    setTimeout(() => reject(new Error('the store does not open')), PATIENCE_MS);
  });
}

let opened: Promise<Shelf> | null = null;

/** The one shelf of this page. */
export function shelf(): Promise<Shelf> {
  opened ??= (typeof indexedDB === 'undefined' ? Promise.reject(new Error('no store')) : open()).then((db) => new Indexed(db), () => new Memory());
  return opened;
}

const OWNER = 'owner';

/** From now the shelf is this person's. What another left there is erased; how many of their acts were never sent. */
export async function belongTo(to: Shelf, person: string): Promise<number> {
  const owner = await to.get<string>(OWNER);
  if (owner === person) return 0;
  const lost = owner === null ? 0 : (await to.acts()).length;
  await to.clear();
  await to.set(OWNER, person);
  return lost;
}
