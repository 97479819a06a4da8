// Lets alerts be heard. Of the windows of one browser one sounds, so that nothing is heard twice.
import { TONES, volumeOf, type Tone } from './sound';

const STORED = 'watchfloor.volume';
/** A note comes and goes softly: a hard edge is a click. */
const EDGE_S = 0.012;

class Sounds {
  volume = $state(volumeOf(localStorage.getItem(STORED)));
  /** The browser lets no page be heard in which nobody has pressed anything yet. */
  blocked = $state(false);
  #context: AudioContext | null = null;
  #ours = false;

  /** Be the window that sounds, once no other is. */
  start(): void {
    if (!('locks' in navigator)) {
      this.#ours = true;
      return;
    }
    void navigator.locks.request('watchfloor.sound', () => {
      this.#ours = true;
      return new Promise<never>(() => {}); // Until this window goes.
    });
  }

  turn(volume: number): void {
    this.volume = volume;
    localStorage.setItem(STORED, String(volume));
  }

  /** Let it be heard, unless another window does; as a part of the volume where it is no alert. */
  ring(tone: Tone, part = 1): void {
    if (this.#ours) void this.play(tone, part);
  }

  /** Let it be heard here. */
  async play(tone: Tone, part = 1): Promise<void> {
    if (this.volume === 0) return;
    const context = (this.#context ??= new AudioContext());
    if (context.state !== 'running') {
      this.blocked = true;
      this.#wake(context);
      // Allowed, it runs at once. Else nothing is kept for later: an old tone would say something new.
      await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 200))]);
      if ((context.state as AudioContextState) !== 'running') return;
    }
    this.blocked = false;
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

  #wake(context: AudioContext): void {
    const wake = () => void context.resume().then(() => { this.blocked = false; });
    for (const pressed of ['pointerdown', 'keydown']) addEventListener(pressed, wake, { once: true });
  }
}

export const sounds = new Sounds();
