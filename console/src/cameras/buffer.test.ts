import { describe, expect, it } from 'vitest';
import { BufferQueue } from './buffer';

/** A SourceBuffer that takes one thing at a time and is done when told, as a browser's is. */
class Buffer extends EventTarget {
  updating = false;
  mode = '';
  timestampOffset = 0;
  appended: number[][] = [];
  refuses: DOMException | null = null;
  buffered = { length: 1, start: () => 0, end: () => 10 };
  removed: [number, number][] = [];
  appendBuffer(bytes: Uint8Array): void {
    if (this.refuses !== null) {
      const error = this.refuses;
      this.refuses = null;
      throw error;
    }
    this.appended.push([...bytes]);
    this.updating = true;
  }
  remove(start: number, end: number): void {
    this.removed.push([start, end]);
    this.updating = true;
  }
  done(): void {
    this.updating = false;
    this.dispatchEvent(new Event('updateend'));
  }
}
class Source extends EventTarget {
  readyState = 'open';
  buffer = new Buffer();
  addSourceBuffer(): Buffer { return this.buffer; }
}
function made(): { queue: BufferQueue; buffer: Buffer } {
  const source = new Source();
  const queue = new BufferQueue(source as unknown as MediaSource);
  queue.prepare('avc1.64001f');
  return { queue, buffer: source.buffer };
}
const bytes = (...values: number[]) => new Uint8Array(values);

describe('a source', () => {
  it('that was taken away before it is told that it opened is given no length', () => {
    const source = new Source();
    source.readyState = 'closed';
    let set = 0;
    Object.defineProperty(source, 'duration', { set: () => { set += 1; } });
    new BufferQueue(source as unknown as MediaSource, 60);
    source.dispatchEvent(new Event('sourceopen'));
    expect(set).toBe(0);
    source.readyState = 'open';
    source.dispatchEvent(new Event('sourceopen'));
    expect(set).toBe(1);
  });
});

describe('what waits for the buffer', () => {
  it('is appended as one when the buffer is free again', () => {
    const { queue, buffer } = made();
    queue.append(bytes(1));
    for (const value of [2, 3, 4]) queue.append(bytes(value));
    expect(buffer.appended).toEqual([[1]]);
    buffer.done();
    expect(buffer.appended).toEqual([[1], [2, 3, 4]]);
    expect(queue.waiting).toBe(0);
  });

  it('keeps what begins at an offset of its own apart from what comes before', () => {
    const { queue, buffer } = made();
    queue.append(bytes(1));
    queue.append(bytes(2));
    queue.append(bytes(3), 7);
    queue.append(bytes(4));
    buffer.done();
    expect([buffer.appended.at(-1), buffer.timestampOffset]).toEqual([[2], 0]);
    buffer.done();
    expect([buffer.appended.at(-1), buffer.timestampOffset]).toEqual([[3, 4], 7]);
  });

  it('loses nothing of it when the buffer is full and room is made first', () => {
    const { queue, buffer } = made();
    queue.append(bytes(1));
    queue.append(bytes(2));
    queue.append(bytes(3));
    buffer.refuses = new DOMException('full', 'QuotaExceededError');
    buffer.done();
    expect(buffer.removed).toHaveLength(1);
    buffer.done();
    expect(buffer.appended).toEqual([[1], [2, 3]]);
  });

  it('says of each that it is in, and that everything is only once everything is', () => {
    const { queue, buffer } = made();
    let [more, idle] = [0, 0];
    queue.onmore = () => { more += 1; };
    queue.onidle = () => { idle += 1; };
    queue.append(bytes(1));
    queue.append(bytes(2));
    buffer.done();
    expect([more, idle]).toEqual([1, 0]);
    buffer.done();
    expect([more, idle]).toEqual([2, 1]);
  });
});
