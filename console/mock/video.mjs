// Plays a fragmented MP4 file as the live socket and as recorded video, round and round.
import { existsSync, readFileSync } from 'node:fs';

function boxes(bytes) {
  const out = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8) break;
    out.push({ name: bytes.toString('latin1', at + 4, at + 8), bytes: bytes.subarray(at, at + size) });
    at += size;
  }
  return out;
}

function load(path) {
  if (!path || !existsSync(path)) return null;
  const all = boxes(readFileSync(path));
  const init = Buffer.concat(all.filter((b) => b.name === 'ftyp' || b.name === 'moov').map((b) => b.bytes));
  const fragments = [];
  all.forEach((b, i) => { if (b.name === 'moof') fragments.push(Buffer.concat([b.bytes, all[i + 1].bytes])); });
  const avcc = init.indexOf('avcC', 0, 'latin1') + 4;
  const mdhd = init.indexOf('mdhd', 0, 'latin1') + 4;
  return { init, fragments, codec: `avc1.${init.toString('hex', avcc + 1, avcc + 4)}`, scale: init.readUInt32BE(mdhd + 12) };
}
const time = (f) => { const at = f.indexOf('tfdt', 0, 'latin1') + 4; return f[at] === 1 ? Number(f.readBigUInt64BE(at + 4)) : f.readUInt32BE(at + 4); };
function at(f, units) {
  const copy = Buffer.from(f), p = copy.indexOf('tfdt', 0, 'latin1') + 4;
  if (copy[p] === 1) copy.writeBigUInt64BE(BigInt(units), p + 4);
  else copy.writeUInt32BE(units, p + 4);
  return copy;
}
const isKey = (f) => { const p = f.indexOf('mdat', 0, 'latin1') + 4; for (let i = p; i + 5 < f.length; i += 4 + f.readUInt32BE(i)) { const t = f[i + 4] & 31; if (t === 5) return true; if (t === 1) return false; } return false; };
const live = load(process.env.MOCK_LIVE), stored = load(process.env.MOCK_STORED);

function frame(kind, flags, seq, capturedMs, payload) {
  const head = Buffer.alloc(18);
  head.writeUInt8(kind, 0); head.writeUInt8(flags, 1); head.writeUInt32BE(7, 2); head.writeUInt32BE(seq, 6); head.writeBigInt64BE(BigInt(Math.round(capturedMs * 1000)), 10);
  return Buffer.concat([head, payload]);
}
const end = (ws, told) => { ws.send(frame(5, 0, 0, Date.now(), Buffer.from(JSON.stringify(told)))); ws.close(told.refused ? 4403 : 4000); };

export function liveSocket(ws, camera) {
  ws.once('message', () => {
    if (!camera?.authorisation) return end(ws, { reason: 'not_authorised', detail: 'No authorisation of mobile trailers is in force here: the only one was suspended three days ago.', next_step: 'A clerk or supervisor can propose a new one.', refused: true });
    ws.send(frame(4, 0, 0, Date.now(), Buffer.from(JSON.stringify({ level: camera.state.level, word: camera.state.word, reason: camera.state.reason }))));
    if (!live || camera.state.level === 'serious' || camera.state.level === 'standby') return undefined;
    ws.send(frame(1, 0, 1, Date.now(), Buffer.concat([Buffer.from([live.codec.length]), Buffer.from(live.codec, 'latin1'), live.init])));
    const step = time(live.fragments[1]) - time(live.fragments[0]);
    const begun = Date.now();
    let i = 0;
    const timer = setInterval(() => {
      while (begun + (i * step * 1000) / live.scale < Date.now() && ws.readyState === 1) {
        const f = live.fragments[i % live.fragments.length];
        ws.send(frame(2, isKey(f) ? 1 : 0, i + 2, begun + (i * step * 1000) / live.scale - 60, at(f, i * step)));
        i += 1;
      }
    }, 20);
    ws.on('close', () => clearInterval(timer));
    return undefined;
  });
}

// Of every four minutes the last 40 seconds are missing.
const EVERY = 240_000, KEPT = 200_000;
export function timeline(from, to) {
  const begin = new Date(from).getTime(), end = new Date(to).getTime() - 2000, iso = (ms) => new Date(ms).toISOString(), ranges = [], gaps = [];
  for (let t = Math.floor(begin / EVERY) * EVERY; t < end; t += EVERY) {
    if (t + KEPT > begin) ranges.push({ from: iso(Math.max(t, begin)), to: iso(Math.min(t + KEPT, end)), run: t / EVERY });
    if (t + KEPT < end) gaps.push({ from: iso(Math.max(t + KEPT, begin)), to: iso(Math.min(t + EVERY, end)), reason: 'The camera did not answer; another recorder took over.' });
  }
  return { from, to, ranges, gaps };
}

export function video(url, response) {
  if (!stored) return response.writeHead(404, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ kind: 'not_found', reason: 'no_video', detail: 'The mock was given no recording.', next_step: 'Start it with MOCK_STORED.', request_id: 'mock' }));
  const from = new Date(url.searchParams.get('from')).getTime(), to = Math.min(new Date(url.searchParams.get('to')).getTime(), Math.floor(from / EVERY) * EVERY + KEPT);
  if (to <= from) return response.writeHead(404, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ kind: 'not_found', reason: 'gap', detail: 'Nothing was recorded there.', next_step: null, request_id: 'mock' }));
  const begins = Math.floor(from / 2000) * 2000;
  const parts = [stored.init];
  let units = 0;
  for (let i = 0; units / stored.scale < (to - begins) / 1000; i++) {
    const f = stored.fragments[i % stored.fragments.length], g = stored.fragments[(i + 1) % stored.fragments.length];
    parts.push(at(f, units));
    const length = time(g) - time(f);
    units += length > 0 ? length : 2 * stored.scale;
  }
  return response.writeHead(200, { 'Content-Type': `video/mp4; codecs="${stored.codec}"`, 'Wf-From': new Date(begins).toISOString(), 'Wf-To': new Date(begins + (units * 1000) / stored.scale).toISOString() }).end(Buffer.concat(parts));
}
