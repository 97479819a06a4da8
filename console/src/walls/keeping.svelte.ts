// One wall: the tiles as they stand now, which the address holds, and the wall that is kept, if it is one.
import { get, patch, post, put, remove } from '../api/client';
import { all } from '../api/list';
import { Loaded } from '../api/live.svelte';
import type { Role, Wall } from '../api/types';
import { router } from '../kit/router.svelte';
import { session } from '../kit/session.svelte';
import { Submission } from '../kit/submission.svelte';
import { alike, empty, textOf, tilesOf, type Tiles } from './wall';

const FIRST_SIZE = 4;

export class Keeping {
  readonly id: string | null;
  readonly kept: Loaded<Wall>;
  readonly list = new Loaded(() => all((part) => get('/walls', { query: part })));
  readonly submission = new Submission();

  readonly tiles = $derived.by((): Tiles => tilesOf(router.query.get('show')) ?? this.kept.value?.tiles ?? empty(FIRST_SIZE));
  readonly changed = $derived.by(() => this.kept.value !== null && !alike(this.tiles, this.kept.value.tiles));
  readonly mine = $derived.by(() => this.kept.value !== null && this.kept.value.owner.id === session.current?.person.id);

  constructor(id: string | null) {
    this.id = id;
    this.kept = new Loaded(() => get('/walls/{wall_id}', { path: { wall_id: id ?? '' } }));
  }

  async begin(): Promise<void> {
    if (this.id !== null) void this.kept.reload();
    await this.list.reload();
    // Who comes without an address of their own begins with their role's wall.
    if (this.id !== null || router.path !== '/walls' || router.query.has('show')) return;
    const first = this.list.value?.find((wall) => wall.first_of.some((role) => session.current?.roles.includes(role)));
    if (first !== undefined) router.go(`/walls/${first.id}`, { replace: true });
  }

  put(tiles: Tiles): void {
    router.set({ show: this.kept.value !== null && alike(tiles, this.kept.value.tiles) ? null : textOf(tiles) });
  }

  /** Keep it as a new wall of one's own; whether it was. */
  async keepAs(name: string): Promise<boolean> {
    const body = { name, tiles: [...this.tiles] };
    const made = await this.submission.run(body, (key) => post('/walls', body, { key }));
    if (made !== null) router.go(`/walls/${made.id}`);
    return made !== null;
  }

  async change(name: string | null): Promise<boolean> {
    const wall = this.kept.value;
    if (wall === null) return false;
    const body = { name: name ?? wall.name, tiles: [...this.tiles] };
    return this.#took(await this.submission.run(body, (key) => patch('/walls/{wall_id}', body, { path: { wall_id: wall.id }, version: wall.version, key })), true);
  }

  async giveTo(roles: readonly Role[]): Promise<boolean> {
    const wall = this.kept.value;
    if (wall === null) return false;
    const body = { roles: [...roles] };
    return this.#took(await this.submission.run(body, (key) => put('/walls/{wall_id}/roles', body, { path: { wall_id: wall.id }, version: wall.version, key })), false);
  }

  async remove(): Promise<void> {
    const wall = this.kept.value;
    if (wall === null) return;
    const done = await this.submission.run({ remove: wall.id }, async (key) => { await remove('/walls/{wall_id}', { path: { wall_id: wall.id }, version: wall.version, key }); return true; });
    if (done) router.go(`/walls?show=${textOf(this.tiles)}`);
  }

  #took(wall: Wall | null, whole: boolean): boolean {
    if (wall === null) return false;
    this.kept.take(wall);
    if (whole) router.set({ show: null });
    void this.list.reload();
    return true;
  }
}
