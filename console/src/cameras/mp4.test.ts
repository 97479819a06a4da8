import { describe, expect, it } from 'vitest';
import { decodeTime, find, timescale } from './mp4';

const u32 = (n: number) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const box = (name: string, ...body: number[]): number[] => [...u32(8 + body.length), ...[...name].map((c) => c.charCodeAt(0)), ...body];
const bytes = (...b: number[]) => new Uint8Array(b);

describe('fragmented MP4', () => {
  it('finds the timescale of either form of mdhd', () => {
    const init = (mdhd: number[]) => bytes(...box('ftyp', 1, 2), ...box('moov', ...box('mvhd', 0), ...box('trak', ...box('tkhd', 0), ...box('mdia', ...mdhd))));
    expect(timescale(init(box('mdhd', 0, 0, 0, 0, ...u32(1), ...u32(2), ...u32(90_000), ...u32(0))))).toBe(90_000);
    expect(timescale(init(box('mdhd', 1, 0, 0, 0, ...u32(0), ...u32(1), ...u32(0), ...u32(2), ...u32(15_360), ...u32(0))))).toBe(15_360);
  });

  it('finds where a fragment stands, beyond 32 bits too', () => {
    const fragment = (tfdt: number[]) => bytes(...box('moof', ...box('mfhd', 0, 0), ...box('traf', ...box('tfhd', 0), ...tfdt)), ...box('mdat', 7));
    expect(decodeTime(fragment(box('tfdt', 0, 0, 0, 0, ...u32(123_456))))).toBe(123_456);
    expect(decodeTime(fragment(box('tfdt', 1, 0, 0, 0, ...u32(1), ...u32(5))))).toBe(4_294_967_301);
  });

  it('says null for what is cut off, empty or lies about its size', () => {
    expect(timescale(bytes())).toBeNull();
    expect(decodeTime(bytes(...box('mdat', 1)))).toBeNull();
    expect(find(bytes(...u32(400), 109, 111, 111, 102), ['moof'])).toBeNull();
    expect(find(bytes(...u32(4), 109, 111, 111, 102), ['moof'])).toBeNull();
    expect(decodeTime(bytes(...box('moof', ...box('traf', ...box('tfdt', 0, 0)))))).toBeNull();
  });
});
