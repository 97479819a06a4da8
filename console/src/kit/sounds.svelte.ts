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
  /** Whether this window holds the sound of its browser. */
  #ours = false;
  readonly #changed = new EventTarget();

  /** Hear what another window sets. */
  start(): void {
    addEventListener('storage', (event) => { if (event.key === STORED) this.volume = volumeOf(event.newValue); });
  }

  /** Be the window that sounds, while it may and no other is; use as an effect of what rings. A browser allows it once somebody has pressed something. */
  claim(): () => void {
    const gone = new AbortController();
    const wake = () => { if (this.volume > 0) void this.#wake(); };
    for (const pressed of ['pointerdown', 'keydown']) addEventListener(pressed, wake, { capture: true, passive: true, signal: gone.signal });
    void this.#hold(gone.signal);
    return () => gone.abort();
  }

  async #hold(gone: AbortSignal): Promise<void> {
    const ours = async () => {
      this.#ours = true;
      await this.#until(false, gone);
      this.#ours = false;
    };
    while (!gone.aborted) {
      await this.#until(true, gone);
      if (gone.aborted) return;
      if (!('locks' in navigator)) await ours();
      else await navigator.locks.request(LOCK, { signal: gone }, ours).catch(() => {}); // Gone while it waited.
    }
  }

  /** Until it can be heard here, or no more, or nobody asks. */
  #until(heard: boolean, gone: AbortSignal): Promise<void> {
    return new Promise((done) => {
      const look = () => {
        if (!gone.aborted && (this.#context?.state === 'running') !== heard) return;
        this.#changed.removeEventListener('change', look);
        done();
      };
      this.#changed.addEventListener('change', look);
      gone.addEventListener('abort', look, { once: true });
      look();
    });
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
    const context = (this.#context ??= this.#made());
    if (context.state !== 'running') await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 200))]);
    if ((context.state as AudioContextState) === 'running') this.blocked = false;
    return context;
  }

  #made(): AudioContext {
    const context = new AudioContext();
    context.onstatechange = () => this.#changed.dispatchEvent(new Event('change'));
    return context;
  }
}

export const sounds = new Sounds();
