// A queue in front of a SourceBuffer, which takes one thing at a time. It plays nothing and decides nothing.

type Bytes = Uint8Array<ArrayBuffer>;
type Step = { append: Bytes; offset: number | null } | { remove: [number, number] } | { codec: string };

/** As much is appended at once: each append is a trip to the media thread and back, whatever its size. */
const TOGETHER_BYTES = 4 * 1024 * 1024;

export class BufferQueue {
  onproblem: (reason: string) => void = () => {};
  /** Something more is in the buffer. */
  onmore: () => void = () => {};
  /** Everything that was given is in the buffer. */
  onidle: () => void = () => {};
  #source: MediaSource;
  #buffer: SourceBuffer | null = null;
  #steps: Step[] = [];
  #open: boolean;

  /** `length` (seconds) where the whole of it is known: a player is not sent beyond the end of what it has, however soon the rest comes. */
  constructor(source: MediaSource, length: number | null = null) {
    this.#source = source;
    this.#open = source.readyState === 'open';
    source.addEventListener('sourceopen', () => {
      // It is told late: whoever gave it may have taken it away meanwhile, and then it has no length to be set.
      if (source.readyState !== 'open') return;
      this.#open = true;
      if (length !== null) source.duration = length;
      this.#next();
    });
  }

  /** Ready for segments of this codec; a change of codec in mid-stream takes its turn in the queue. */
  prepare(codec: string): void {
    this.#steps.push({ codec });
    this.#next();
  }

  /** Append, first setting where media time 0 of it lies when `offset` (seconds) is given. */
  append(bytes: Bytes, offset: number | null = null): void {
    this.#steps.push({ append: bytes, offset });
    this.#next();
  }

  remove(start: number, end: number): void {
    this.#steps.push({ remove: [start, end] });
    this.#next();
  }

  get waiting(): number {
    return this.#steps.length;
  }

  /** Forget what was not yet appended, and everything that was. */
  clear(): void {
    this.#steps = [];
    if (this.#buffer !== null && this.#open) {
      try {
        this.#buffer.abort();
        this.remove(0, Infinity);
      } catch {
        // Closed meanwhile: then there is nothing to forget.
      }
    }
  }

  /** Whoever gave it is done with the source. */
  close(): void {
    this.#steps = [];
    this.#open = false;
  }

  #next(): void {
    if (!this.#open || this.#source.readyState !== 'open' || this.#buffer?.updating) return;
    const step = this.#steps.shift();
    if (step === undefined) return;
    try {
      this.#do(step);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'QuotaExceededError') {
        this.#steps.unshift(step);
        this.#makeRoom();
        return;
      }
      this.onproblem(error instanceof Error ? error.message : String(error));
      return;
    }
    if (!this.#buffer?.updating) this.#next();
  }

  /** This append and those right behind it that need no offset of their own, as one. */
  #together(first: Bytes): Bytes {
    const parts = [first];
    let size = first.length;
    for (;;) {
      const next = this.#steps[0];
      if (next === undefined || !('append' in next) || next.offset !== null || size + next.append.length > TOGETHER_BYTES) break;
      parts.push(next.append);
      size += next.append.length;
      this.#steps.shift();
    }
    if (parts.length === 1) return first;
    const whole = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #do(step: Step): void {
    if ('codec' in step) {
      const type = `video/mp4; codecs="${step.codec}"`;
      if (this.#buffer === null) this.#buffer = this.#made(type);
      else this.#buffer.changeType(type);
    } else if ('remove' in step) {
      this.#buffer?.remove(...step.remove);
    } else if (this.#buffer !== null) {
      if (step.offset !== null) this.#buffer.timestampOffset = step.offset;
      step.append = this.#together(step.append); // The step keeps all of it: it may have to be done again.
      this.#buffer.appendBuffer(step.append);
    }
  }

  #made(type: string): SourceBuffer {
    const made = this.#source.addSourceBuffer(type);
    made.mode = 'segments';
    made.addEventListener('updateend', () => {
      this.onmore();
      this.#next();
      if (!made.updating && this.#steps.length === 0) this.onidle();
    });
    made.addEventListener('error', () => this.onproblem('the browser could not read the video'));
    return made;
  }

  #makeRoom(): void {
    const buffered = this.#buffer?.buffered;
    if (!buffered || buffered.length === 0) return;
    const start = buffered.start(0);
    this.#steps.unshift({ remove: [start, start + Math.max(1, (buffered.end(buffered.length - 1) - start) / 2)] });
    this.#next();
  }
}

export function ranges(buffered: TimeRanges): { start: number; end: number }[] {
  return Array.from({ length: buffered.length }, (_, i) => ({ start: buffered.start(i), end: buffered.end(i) }));
}
