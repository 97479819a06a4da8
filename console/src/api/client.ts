// The one way to the server: same-origin, the session's cookie, JSON in and out, problems as `Problem`. It knows no view and keeps nothing.
// Paths, parameters, bodies and answers are those of the API's document: what it does not have does not compile.
import type { paths } from './generated/openapi';
import { Problem, fromResponse, unreachable } from './problem';
import type { Why } from './types';

export const BASE = '/api/v1';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Has<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];
/** The paths that take a method, as the document writes them, without the base. */
export type Path<M extends Method> = Short<Has<M>>;
type Short<P> = P extends `${typeof BASE}${infer Rest}` ? Rest : never;
type Operation<M extends Method, P extends string> = `${typeof BASE}${P}` extends infer F extends keyof paths ? paths[F][M] : never;

type Content<O> = O extends { responses: infer R } ? { [S in keyof R]: S extends 200 | 201 | 202 ? (R[S] extends { content: infer C } ? C : never) : never }[keyof R] : never;
export type Answer<M extends Method, P extends string> = Content<Operation<M, P>> extends { 'application/json': infer A } ? A : void;
type Nothing = { 'application/json': Record<string, never> };
// A body that may be left out is told as one that may be undefined; a route that takes none, as never.
type Taken<O> = O extends { requestBody?: infer R } ? ([NonNullable<R>] extends [never] ? Nothing : NonNullable<R> extends { content: infer C } ? C : Nothing) : Nothing;
export type Body<M extends Method, P extends string> = Taken<Operation<M, P>> extends { 'application/json': infer B } ? B : never;

type Parameters<O, K extends string> = O extends { parameters: { [Q in K]?: infer V } } ? NonNullable<V> : never;
type Header<O> = [Parameters<O, 'header'>] extends [never] ? never : Lowercase<keyof Parameters<O, 'header'> & string>;
type Query<O> = [Parameters<O, 'query'>] extends [never] ? unknown : { query?: { [K in keyof Parameters<O, 'query'>]?: Parameters<O, 'query'>[K] | undefined } };
type In<O> = [Parameters<O, 'path'>] extends [never] ? unknown : { path: Parameters<O, 'path'> };
/** What goes with an operation beside its body: what its path names, and only the headers that it reads. */
type Ask<M extends Method, P extends string> = In<Operation<M, P>> & Query<Operation<M, P>> & Pick<Said, 'signal' | Reads<Operation<M, P>>>;
type Reads<O> = ('wf-purpose' extends Header<O> ? 'why' : never) | ('if-match' extends Header<O> ? 'version' : never);
type Act<M extends Method, P extends string> = Ask<M, P> & Pick<Said, 'key'>;
type Given<T> = {} extends T ? [given?: T] : [given: T];

interface Said {
  path?: Record<string, string>;
  query?: Record<string, string | number | null | undefined>;
  why?: Why | null;
  signal?: AbortSignal;
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

/** The address of a path with its parameters. */
export function address(template: string, { path = {}, query = {} }: Pick<Said, 'path' | 'query'> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
  return BASE + filled + (text === '' ? '' : `?${text}`);
}

export function whyHeaders(why: Why | null | undefined): Record<string, string> {
  if (!why) return {};
  return why.case === null ? { 'Wf-Purpose': why.purpose } : { 'Wf-Purpose': why.purpose, 'Wf-Case': why.case };
}

export async function get<P extends Path<'get'>>(path: P, ...[ask]: Given<Ask<'get', P>>): Promise<Answer<'get', P>> {
  return (await answer('GET', path, {}, ask)).json() as Promise<Answer<'get', P>>;
}

/** The bytes of a picture or of video, with the headers that explain them. */
export async function getBytes<P extends Path<'get'>>(path: P, ...[ask]: Given<Ask<'get', P>>): Promise<Response> {
  return answer('GET', path, {}, ask);
}

export async function post<P extends Path<'post'>>(path: P, body: Body<'post', P>, ...[act]: Given<Act<'post', P>>): Promise<Answer<'post', P>> {
  return mutate('POST', path, JSON.stringify(body), 'application/json', act);
}

export async function put<P extends Path<'put'>>(path: P, body: Body<'put', P>, ...[act]: Given<Act<'put', P>>): Promise<Answer<'put', P>> {
  return mutate('PUT', path, JSON.stringify(body), 'application/json', act);
}

export async function patch<P extends Path<'patch'>>(path: P, body: Body<'patch', P>, ...[act]: Given<Act<'patch', P>>): Promise<Answer<'patch', P>> {
  return mutate('PATCH', path, JSON.stringify(body), 'application/json', act);
}

export async function remove<P extends Path<'delete'>>(path: P, ...[act]: Given<Act<'delete', P>>): Promise<void> {
  await mutate('DELETE', path, null, null, act);
}

/** A file as it is, of a kind that the path takes. */
export async function postFile<P extends Path<'post'>>(
  path: P, file: Blob, type: keyof Taken<Operation<'post', P>> & string, ...[act]: Given<Act<'post', P>>
): Promise<Answer<'post', P>> {
  return mutate('POST', path, file, type, act);
}

export async function putFile<P extends Path<'put'>>(
  path: P, file: Blob, type: keyof Taken<Operation<'put', P>> & string, ...[act]: Given<Act<'put', P>>
): Promise<Answer<'put', P>> {
  return mutate('PUT', path, file, type, act);
}

/** An act that was kept, perhaps by an earlier page: its path is filled in already, and whoever kept it knew its form. */
export async function postKept(path: string, body: Record<string, unknown>, key: string, signal: AbortSignal): Promise<unknown> {
  return mutate('POST', path, JSON.stringify(body), 'application/json', { key, signal });
}

async function mutate<T>(method: string, path: string, body: BodyInit | null, type: string | null, act: Said = {}): Promise<T> {
  const headers: Record<string, string> = { 'Idempotency-Key': act.key ?? crypto.randomUUID() };
  if (type !== null) headers['Content-Type'] = type;
  if (act.version !== undefined) headers['If-Match'] = `"${act.version}"`;
  const response = await answer(method, path, { headers, body }, act);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function answer(method: string, path: string, { headers, body }: { headers?: Record<string, string>; body?: BodyInit | null }, said: Said = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path, said), {
      method,
      headers: { Accept: 'application/json', ...headers, ...whyHeaders(said.why) },
      credentials: 'same-origin',
      cache: 'no-store',
      body: body ?? null,
      signal: said.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
  const date = response.headers.get('Date');
  if (date !== null) for (const listener of onServerTime) listener(new Date(date));
  if (response.ok) return response;
  const problem = await fromResponse(response);
  if (problem.kind === 'unauthenticated' && !path.startsWith('/session') && !path.startsWith('/invitations')) {
    for (const listener of onSignedOut) listener(problem);
  }
  throw problem;
}
