// The two numbers of fragmented MP4 the player needs: a track's timescale, and where a fragment stands in its run. Pure.

/** Units a second of the first track of an init segment. */
export function timescale(init: Uint8Array): number | null {
  const mdhd = find(init, ['moov', 'trak', 'mdia', 'mdhd']);
  if (mdhd === null) return null;
  const view = dataView(mdhd);
  const at = mdhd[0] === 1 ? 20 : 12;
  return view.byteLength < at + 4 ? null : view.getUint32(at);
}

/** `baseMediaDecodeTime` of the first track fragment, in units of the timescale. */
export function decodeTime(fragment: Uint8Array): number | null {
  const tfdt = find(fragment, ['moof', 'traf', 'tfdt']);
  if (tfdt === null) return null;
  const view = dataView(tfdt);
  if (tfdt[0] === 1) return view.byteLength < 12 ? null : Number(view.getBigUint64(4));
  return view.byteLength < 8 ? null : view.getUint32(4);
}

/** The body of the box at `path`, the first of each name. Null when there is none or it is cut off. */
export function find(bytes: Uint8Array, path: readonly string[]): Uint8Array | null {
  const [name, ...rest] = path;
  if (name === undefined) return bytes;
  const view = dataView(bytes);
  let at = 0;
  while (at + 8 <= bytes.length) {
    let size = view.getUint32(at);
    let head = 8;
    if (size === 1) {
      if (at + 16 > bytes.length) return null;
      size = Number(view.getBigUint64(at + 8));
      head = 16;
    } else if (size === 0) {
      size = bytes.length - at;
    }
    if (size < head || at + size > bytes.length) return null;
    const found = String.fromCharCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0, bytes[at + 6] ?? 0, bytes[at + 7] ?? 0);
    if (found === name) return find(bytes.subarray(at + head, at + size), rest);
    at += size;
  }
  return null;
}

function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
