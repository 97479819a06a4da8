// Lets alerts be heard. Of the windows of one browser that follow alerts and may sound, one does, so that nothing is heard twice.
import { TONES, volumeOf, type Tone } from './sound';

const STORED = 'watchfloor.volume';
const LOCK = 'watchfloor.sound';
/** A note comes and goes softly: a hard edge is a click. */
const EDGE_S = 0.012;

class Sounds {
  volume = $state(volumeOf(localStorage.getItem(STORED)));
  /** The browser lets no page be heard in which nobody has pressed anything yet. */
  blocked = $state(false);
  #context: AudioContext | null = null;
  #ours = false;
  /** What waits until this window may sound: a browser allows it once somebody has pressed something in it. */
  #allow = (): void => {};
  readonly #allowed = new Promise<void>((done) => { this.#allow = done; });

  /** Hear the first press, and what another window sets. */
  start(): void {
    for (const pressed of ['pointerdown', 'keydown']) addEventListener(pressed, () => void this.#wake(), { capture: true, passive: true });
    addEventListener('storage', (event) => { if (event.key === STORED) this.volume = volumeOf(event.newValue); });
  }

  /** Be the window that sounds as soon as it may and no other is; use as an effect of what rings. */
  claim(): () => void {
    const gone = new AbortController();
    void this.#allowed.then(async () => {
      if (gone.signal.aborted) return;
      const until = new Promise<void>((done) => { gone.signal.addEventListener('abort', () => done()); });
      const ours = () => {
        this.#ours = true;
        this.blocked = false;
        return until;
      };
      if (!('locks' in navigator)) await ours();
      else await navigator.locks.request(LOCK, { signal: gone.signal }, ours).catch(() => {});
    });
    return () => {
      this.#ours = false;
      gone.abort();
    };
  }

  turn(volume: number): void {
    this.volume = volume;
    localStorage.setItem(STORED, String(volume));
  }

  /** Let it be heard, unless another window does; as a part of the volume where it is no alert. */
  ring(tone: Tone, part = 1): void {
    void this.#others().then((sound) => (sound ? undefined : this.play(tone, part)));
  }

  /** Whether another window sounds. While none does each tries, and says so if it may not. */
  async #others(): Promise<boolean> {
    if (this.#ours || !('locks' in navigator)) return false;
    return ((await navigator.locks.query()).held ?? []).some((lock) => lock.name === LOCK);
  }

  /** Let it be heard here. */
  async play(tone: Tone, part = 1): Promise<void> {
    if (this.volume === 0) return;
    const context = await this.#wake();
    // Nothing is kept for later: an old tone would say something new.
    if (context.state !== 'running') {
      this.blocked = true;
      return;
    }
    for (const note of TONES[tone]) this.#sound(context, note.hz, context.currentTime + note.at, note.lasts, part);
  }

  #sound(context: AudioContext, hz: number, at: number, lasts: number, part: number): void {
    const [voice, gain] = [context.createOscillator(), context.createGain()];
    voice.frequency.value = hz;
    // The ear hears loudness by powers, not by parts.
    const loud = ((this.volume * part) / 100) ** 2 * 0.5;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(loud, at + EDGE_S);
    gain.gain.setValueAtTime(loud, at + lasts - EDGE_S);
    gain.gain.linearRampToValueAtTime(0, at + lasts);
    voice.connect(gain).connect(context.destination);
    voice.start(at);
    voice.stop(at + lasts);
  }

  /** Let it run, if the browser does: allowed, it does so at once. */
  async #wake(): Promise<AudioContext> {
    const context = (this.#context ??= new AudioContext());
    if (context.state !== 'running') await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 200))]);
    if ((context.state as AudioContextState) === 'running') {
      this.blocked = false;
      this.#allow();
    }
    return context;
  }
}

export const sounds = new Sounds();
