// The one way to the server: same-origin, the session's cookie, JSON in and out, problems as `Problem`. It knows no view and keeps nothing.
import { Problem, fromResponse, unreachable } from './problem';
import type { Why } from './types';

export const BASE = '/api/v1';

export interface Ask {
  query?: Record<string, string | number | null | undefined>;
  why?: Why | null;
  signal?: AbortSignal;
}
export interface Act extends Ask {
  /** The idempotency key: the same for every try of one act. */
  key?: string;
  version?: number;
}

type Listener<T> = (value: T) => void;
const onSignedOut = new Set<Listener<Problem>>();
const onServerTime = new Set<Listener<Date>>();

/** Called when the server says that nobody is signed in (any more). */
export function whenSignedOut(listener: Listener<Problem>): void {
  onSignedOut.add(listener);
}

/** Called with the time each answer was sent, in whole seconds. */
export function whenServerTime(listener: Listener<Date>): void {
  onServerTime.add(listener);
}

export function path(template: string, query?: Ask['query']): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return BASE + template + (text === '' ? '' : `?${text}`);
}

export function whyHeaders(why: Why | null | undefined): Record<string, string> {
  if (!why) return {};
  return why.case === null ? { 'Wf-Purpose': why.purpose } : { 'Wf-Purpose': why.purpose, 'Wf-Case': why.case };
}

export async function get<T>(template: string, ask: Ask = {}): Promise<T> {
  return (await answer('GET', template, undefined, {}, ask)).json() as Promise<T>;
}

/** The bytes of a picture or of video, with the headers that explain them. */
export async function fetchBytes(template: string, ask: Ask = {}): Promise<Response> {
  return answer('GET', template, undefined, {}, ask);
}

export async function post<T>(template: string, body: unknown, act: Act = {}): Promise<T> {
  return mutate<T>('POST', template, JSON.stringify(body), 'application/json', act);
}

export async function put<T>(template: string, body: unknown, act: Act = {}): Promise<T> {
  return mutate<T>('PUT', template, JSON.stringify(body), 'application/json', act);
}

export async function patch<T>(template: string, body: unknown, act: Act = {}): Promise<T> {
  return mutate<T>('PATCH', template, JSON.stringify(body), 'application/json', act);
}

export async function remove(template: string, act: Act = {}): Promise<void> {
  await mutate<void>('DELETE', template, null, null, act);
}

export async function postFile<T>(template: string, file: Blob, type: string, act: Act = {}): Promise<T> {
  return mutate<T>('POST', template, file, type, act);
}

async function mutate<T>(method: string, template: string, body: BodyInit | null, type: string | null, act: Act): Promise<T> {
  const headers: Record<string, string> = { 'Idempotency-Key': act.key ?? crypto.randomUUID() };
  if (type !== null) headers['Content-Type'] = type;
  if (act.version !== undefined) headers['If-Match'] = `"${act.version}"`;
  const response = await answer(method, template, body ?? undefined, headers, act);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function answer(method: string, template: string, body: BodyInit | undefined, headers: Record<string, string>, ask: Ask): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path(template, ask.query), {
      method,
      headers: { Accept: 'application/json', ...headers, ...whyHeaders(ask.why) },
      credentials: 'same-origin',
      cache: 'no-store',
      ...(body === undefined ? {} : { body }),
      ...(ask.signal ? { signal: ask.signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
  const date = response.headers.get('Date');
  if (date !== null) for (const listener of onServerTime) listener(new Date(date));
  if (response.ok) return response;
  const problem = await fromResponse(response);
  if (problem.kind === 'unauthenticated' && !template.startsWith('/session') && !template.startsWith('/invitations')) {
    for (const listener of onSignedOut) listener(problem);
  }
  throw problem;
}
