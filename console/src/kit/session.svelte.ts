// Who sits here, what their roles may use, and whether the screen is locked. The server decides; this only explains beforehand.
import { get, post, remove, whenSignedOut } from '../api/client';
import { live } from '../api/live.svelte';
import { Problem } from '../api/problem';
import type { List, Need, Session } from '../api/types';
import { clock } from './clock.svelte';
import { Idle } from './idle';
import { belongTo, shelf, type KeptSession } from './shelf';
import { rolesSentence } from './words';
import { setZone } from './times';

const TOUCH_TOLD_EVERY_MS = 5000;
const KEEP_WITHIN_MS = 1000;
/** Kept while somebody locked the screen or left, and the server has not said that it knows: a page that is read anew must not open it. */
const LOCKED = 'watchfloor.locked';

type Standing = 'asking' | 'out' | 'second-factor' | 'in' | 'locked';

class SessionStore {
  current = $state.raw<Session | null>(null);
  standing = $state<Standing>('asking');
  /** Why the screen is locked: chosen, or the session ended. */
  lockedBecause = $state<'asked' | 'idle' | 'ended'>('asked');
  /** How often the same person came back to a locked screen: what was held at the server is asked for again. */
  returned = $state(0);
  problem = $state.raw<Problem | null>(null);
  /** How many acts of whoever used this browser before were never sent and are erased; null when nobody need know. */
  lost = $state<number | null>(null);
  /** How many acts would be lost by signing out now, once that was asked for. */
  leaving = $state<number | null>(null);
  #unproved = false;
  #needs = $state.raw<Map<string, Need>>(new Map());
  #idle = new Idle({
    now: () => performance.now(),
    later: (ms, act) => {
      const id = setTimeout(act, ms);
      return () => clearTimeout(id);
    },
  });
  // A person's other windows: who works in one has not left the others.
  #touches = new BroadcastChannel('watchfloor.touched');
  #toldAt = -Infinity;
  // A browser has one session: its windows lock and open together.
  #windows = new BroadcastChannel('watchfloor.session');

  start(): void {
    for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel']) addEventListener(kind, () => this.#touched(), { passive: true, capture: true });
    this.#touches.onmessage = () => this.#idle.touched();
    this.#windows.onmessage = ({ data }) => {
      if (data === 'locked') this.ended();
      else if (this.standing === 'locked') void this.#join();
    };
    // A page that the browser kept would show the one who locked it to whoever goes back.
    addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
    whenSignedOut(() => this.ended());
    live.link.onsignedout = () => this.ended();
    // What was opened without a link is asked for once there is one.
    live.onup.add(() => { if (this.#unproved) void this.look(); });
    void (localStorage.getItem(LOCKED) === null ? this.look() : this.#stayLocked());
  }

  async look(): Promise<void> {
    this.problem = null;
    // Asked beside the session: both are wanted before anything is shown.
    const needs = this.#askNeeds();
    try {
      await this.take(await get('/session'), needs);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.kind === 'unauthenticated') {
        void this.#forget('session');
        if (this.#unproved) this.ended();
        else this.standing = 'out';
      } else if (error.status !== 0 || !(await this.#resume())) this.problem = error;
    }
  }

  /** Go on without a link as the person who was here, no longer than the server would: its session's end, or its idle time. */
  async #resume(): Promise<boolean> {
    if (this.#unproved) return true;
    const kept = await (await shelf()).get<KeptSession>('session');
    if (kept === null) return false;
    const until = Math.min(Date.parse(kept.session.ends_at), kept.heard_at + kept.session.idle_min * 60_000);
    if (clock.exact() > until) {
      await this.#forget('session', 'assignments', 'picture:', 'route:');
      return false;
    }
    this.#unproved = true;
    this.current = kept.session;
    setZone(kept.session.agency.time_zone);
    live.link.start();
    this.standing = 'in';
    this.#idle.watch(kept.session.lock_min * 60_000, () => void this.lock('idle'));
    return true;
  }

  /** A session was opened. Another person than before starts from a clean page, at the same floor if they see it: nothing of the former stays in memory. */
  async take(session: Session, needs: Promise<List<Need> | null> = this.#askNeeds()): Promise<void> {
    localStorage.removeItem(LOCKED);
    const before = this.current;
    if (before !== null && before.person.id !== session.person.id) {
      sessionStorage.clear();
      const floor = (await needs)?.items.find((need) => need.need === 'incidents.view');
      const sees = session.roles.some((role) => floor?.roles.includes(role));
      location.replace(sees && location.pathname === '/floor' ? location.pathname + location.search : '/');
      return;
    }
    const back = before !== null && this.standing === 'locked';
    this.#unproved = false;
    this.current = session;
    setZone(session.agency.time_zone);
    if (session.second_factor_required && !session.second_factor) {
      this.standing = 'second-factor';
      return;
    }
    // A browser that is slow to keep something keeps nobody waiting.
    await Promise.race([this.#keep(session), new Promise((resolve) => setTimeout(resolve, KEEP_WITHIN_MS))]);
    const list = await needs;
    if (list !== null) this.#needs = new Map(list.items.map((need) => [need.need, need]));
    live.link.start(); // Before any view stands: a view asks only while the link is meant to be there.
    this.standing = 'in';
    this.#idle.watch(session.lock_min * 60_000, () => void this.lock('idle'));
    if (back) this.returned += 1;
    this.#windows.postMessage('opened');
  }

  /** Another window of this browser was signed in at: its session is this one's too. */
  async #join(): Promise<void> {
    try {
      await this.take(await get('/session'));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // Over again already: it stays locked.
    }
  }

  /** The server was away when this screen was locked: the session may still hold, and is no way in. */
  async #stayLocked(): Promise<void> {
    await this.#close('locked');
    this.standing = 'out';
  }

  /** Whether live pictures of open incidents go on here while the screen is locked. */
  get looksStay(): boolean {
    return this.current !== null && this.current.workstation !== null && this.current.looks_stay_min > 0;
  }

  /** This browser was registered as a workstation, or is one no more. */
  registered(workstation: Session['workstation']): void {
    if (this.current !== null) this.current = { ...this.current, workstation };
  }

  /** The agency was named, here: the bar and the times follow at once. */
  named(agency: Session['agency']): void {
    if (this.current !== null) this.current = { ...this.current, agency };
    setZone(agency.time_zone);
  }

  /** An officer's session is known here without a link, too; what somebody else left is erased. */
  async #keep(session: Session): Promise<void> {
    try {
      const own = await shelf();
      const lost = await belongTo(own, session.person.id);
      if (lost > 0) this.lost = lost;
      if (session.roles.includes('officer')) await own.set('session', { session, heard_at: clock.exact() } satisfies KeptSession);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      // A browser that has no room to keep anything still works with a link.
    }
  }

  /** The server spoke: the idle time begins anew. */
  async heard(): Promise<void> {
    if (this.current !== null && this.standing === 'in' && !this.#unproved) await this.#keep(this.current);
  }

  async #forget(...prefixes: string[]): Promise<void> {
    const own = await shelf();
    for (const name of await own.names()) if (prefixes.some((prefix) => name.startsWith(prefix))) await own.remove(name);
  }

  ended(): void {
    void this.#forget('session');
    this.#unproved = false;
    if (this.standing !== 'in' && this.standing !== 'second-factor') return;
    this.#idle.stop();
    live.link.stop();
    this.lockedBecause = 'ended';
    this.standing = this.current === null ? 'out' : 'locked';
  }

  /** Lock at once: the screen first, the session right after, so that a dead link cannot keep a screen open. */
  async lock(because: 'asked' | 'idle' = 'asked'): Promise<void> {
    if (this.standing !== 'in') return;
    this.lockedBecause = because;
    this.standing = 'locked';
    localStorage.setItem(LOCKED, because);
    this.#windows.postMessage('locked');
    this.#idle.stop();
    live.link.stop();
    await this.#forget('session');
    await this.#close(because === 'idle' ? 'left_idle' : 'locked');
  }

  #touched(): void {
    this.#idle.touched();
    const now = performance.now();
    if (this.standing !== 'in' || now - this.#toldAt < TOUCH_TOLD_EVERY_MS) return;
    this.#toldAt = now;
    this.#touches.postMessage(null);
  }

  /** Sign out, and leave nothing here. What was not sent would be lost by it, so that is asked first. */
  async signOut(lose = false): Promise<void> {
    const own = await shelf();
    const unsent = (await own.acts()).filter((act) => act.refused === null).length;
    if (unsent > 0 && !lose) {
      this.leaving = unsent;
      return;
    }
    await own.clear();
    localStorage.setItem(LOCKED, 'signed_out');
    await this.#close('signed_out');
    sessionStorage.clear();
    location.assign('/');
  }

  /** Null when this person's roles may use the need; else the sentence why not. Unknown needs are left to the server. */
  whyNot(need: string): string | null {
    const known = this.#needs.get(need);
    if (known === undefined || this.current?.roles.some((role) => known.roles.includes(role))) return null;
    return `${rolesSentence(known.roles)} use this. Your role does not.`;
  }

  may(need: string): boolean {
    return this.whyNot(need) === null;
  }

  async #close(because: 'signed_out' | 'locked' | 'left_idle'): Promise<void> {
    try {
      await remove('/session', { query: { because } });
      localStorage.removeItem(LOCKED);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.kind === 'unauthenticated') localStorage.removeItem(LOCKED);
      // Already over, or the server is away: the cookie's session ends when the next one is opened here, or after its idle time.
    }
  }

  async #askNeeds(): Promise<List<Need> | null> {
    try {
      return await get('/needs');
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // Without the list nothing is greyed beforehand, and the server still refuses with its reason.
      return null;
    }
  }
}

export const session = new SessionStore();

export const signIn = (name: string, password: string, code: string | null): Promise<Session> => post('/session', { name, password, code });
