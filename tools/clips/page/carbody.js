// The shapes of vehicles: sections lofted along the length, and what is painted on their sides, ends and top.
import * as THREE from 'three';
import { clamp, curve, mix, softCurve } from './kit.js';
import { canvas, texture } from './paint.js';

/** x runs from the front (0) to the rear (long); heights in metres. `glass` are side windows as [x0, x1]. */
export const MODELS = {
  sedan: { long: 4.65, wide: 1.82, top: [[0, 0.6], [0.1, 0.72], [0.5, 0.84], [1.35, 0.97], [2.15, 1.38], [2.6, 1.45], [3.1, 1.42], [3.95, 1.1], [4.5, 1.03], [4.65, 0.85]],
    belt: 0.95, wheels: [0.85, 3.6], wheel: 0.325, shield: [1.35, 2.1], back: [3.15, 3.95], glass: [[1.75, 2.62], [2.72, 3.4]], lamp: [0.62, 0.76], tail: [0.78, 0.96], plate: 0.72 },
  hatch: { long: 4.05, wide: 1.76, top: [[0, 0.6], [0.1, 0.74], [0.45, 0.87], [1.05, 1.0], [1.8, 1.42], [2.4, 1.5], [3.2, 1.46], [3.75, 1.22], [3.98, 1.0], [4.05, 0.8]],
    belt: 0.96, wheels: [0.78, 3.3], wheel: 0.315, shield: [1.05, 1.75], back: [3.35, 3.8], glass: [[1.45, 2.3], [2.4, 3.15]], lamp: [0.64, 0.8], tail: [0.86, 1.1], plate: 0.66 },
  suv: { long: 4.75, wide: 1.9, top: [[0, 0.75], [0.1, 0.92], [0.5, 1.04], [1.3, 1.14], [1.95, 1.6], [2.6, 1.7], [3.9, 1.66], [4.45, 1.36], [4.68, 1.1], [4.75, 0.9]],
    belt: 1.1, wheels: [0.92, 3.75], wheel: 0.37, shield: [1.3, 1.92], back: [4.0, 4.5], glass: [[1.65, 2.55], [2.65, 3.5], [3.6, 4.1]], lamp: [0.8, 0.95], tail: [0.98, 1.3], plate: 0.84 },
  pickup: { long: 5.5, wide: 1.95, top: [[0, 0.8], [0.08, 0.98], [0.5, 1.08], [1.45, 1.16], [2.0, 1.68], [2.6, 1.78], [3.25, 1.74], [3.5, 1.2], [3.6, 1.12], [5.4, 1.12], [5.5, 1.05]],
    belt: 1.12, wheels: [1.0, 4.35], wheel: 0.4, shield: [1.45, 1.98], back: [3.27, 3.48], glass: [[1.75, 2.5], [2.6, 3.2]], lamp: [0.85, 1.0], tail: [0.85, 1.08], plate: 0.62 },
  van: { long: 5.6, wide: 2.0, top: [[0, 0.85], [0.1, 1.05], [0.6, 1.22], [0.9, 1.35], [1.6, 2.1], [2.1, 2.4], [3, 2.46], [5.3, 2.44], [5.52, 2.36], [5.6, 2.1]],
    belt: 1.25, wheels: [0.95, 4.5], wheel: 0.36, shield: [0.95, 1.65], back: [5.6, 5.6], glass: [[1.25, 2.2]], lamp: [0.78, 1.02], tail: [0.9, 1.5], plate: 0.75, boxy: true },
  bus: { long: 11.5, wide: 2.5, top: [[0, 2.3], [0.05, 2.75], [0.25, 2.98], [0.6, 3.05], [11.2, 3.05], [11.45, 2.95], [11.5, 2.7]],
    belt: 1.25, wheels: [2.5, 8.4], wheel: 0.48, shield: [0, 0], back: [11.5, 11.5], glass: [[0.5, 1.5], [1.6, 3.4], [3.5, 5.3], [5.4, 7.2], [7.3, 9.1], [9.2, 11]], lamp: [0.6, 0.85], tail: [0.8, 1.2], plate: 0.55, boxy: true },
};

const topAt = (m, x) => softCurve(m.top, x);
function planWidth(m, x) {
  const front = m.boxy ? 0.35 : 0.85, rear = m.boxy ? 0.2 : 0.65;
  const a = clamp((front - x) / front), b = clamp((rear - (m.long - x)) / rear);
  return m.wide / 2 * (1 - (m.boxy ? 0.1 : 0.2) * a ** 2.2 - (m.boxy ? 0.05 : 0.13) * b ** 2.2);
}
const footAt = (m, x) => mix(0.24, 0.36, Math.max(clamp(1 - x / 0.4), clamp(1 - (m.long - x) / 0.5)) ** 2) * (m.wheel / 0.33);

/** Half a section at x, from the sill up and over to the middle of the roof: [y, z] points. */
function section(m, x, fine) {
  const [below, above, across] = fine ? [7, 6, 9] : [5, 4, 6];
  const top = topAt(m, x), foot = footAt(m, x), half = planWidth(m, x), out = [];
  const shoulder = Math.min(m.belt, top - 0.07), crown = m.boxy ? 0.06 : 0.035 + 0.03 * clamp((top - m.belt) * 3), edge = Math.max(shoulder + 0.01, top - crown - 0.05);
  const lean = m.boxy ? 0.06 : 0.3;
  for (let i = 0; i <= below; i++) {
    const t = i / below, y = mix(foot, shoulder, t);
    out.push([y, half * (0.93 + 0.07 * Math.sin(Math.min(t * 2.1, 1.57)) - 0.03 * clamp((t - 0.72) / 0.28) ** 2)]);
  }
  const low = out[below][1], rise = edge - shoulder, high = low - rise * lean - (m.boxy ? 0.01 : 0.035);
  for (let i = 1; i <= above; i++) { const t = i / above; out.push([mix(shoulder, edge, t), mix(low, high, t) + 0.02 * Math.sin(t * 3.14) * clamp(rise * 4)]); }
  for (let i = 1; i <= across; i++) {
    const t = i / across, a = Math.min(t * 3, 1);
    out.push([edge + 0.05 * Math.sin(a * 1.57) + crown * (1 - (1 - t) ** 2), high * (1 - t) + (a < 1 ? 0.02 * high * Math.sin(a * 3.14) : 0)]);
  }
  return out;
}

/** The lofted body, the middle of its length at the origin, nose towards +x. */
function bodyGeometry(m, fine) {
  const stations = new Set([0, m.long]);
  const steps = fine ? 44 : 22;
  for (let i = 0; i <= steps; i++) stations.add(m.long * i / steps);
  for (const [x] of m.top) { stations.add(x); stations.add(Math.min(x + 0.03, m.long)); }
  for (const k of [0.02, 0.05, 0.09]) { stations.add(k); stations.add(m.long - k); }
  const xs = [...stations].sort((a, b) => a - b).filter((x, i, all) => !i || x - all[i - 1] > 0.008);
  const rings = xs.map((x) => {
    const half = section(m, x, fine), full = [...half, ...half.slice(0, -1).reverse().map(([y, z]) => [y, -z])];
    // Bumpers are round: the outline stays behind at the sides and below.
    const nose = clamp(1 - x / 0.5), stern = clamp(1 - (m.long - x) / 0.4);
    return full.map(([y, z]) => {
      const bow = (z / (m.wide / 2)) ** 2 * 0.13 + Math.max(0, 0.5 - y) * 0.12;
      return [m.long / 2 - x - bow * nose + bow * stern, y, z];
    });
  });
  const pos = [], index = [], n = rings[0].length;
  for (const ring of rings) for (const p of ring) pos.push(...p);
  for (let i = 0; i + 1 < rings.length; i++) for (let k = 0; k + 1 < n; k++) {
    const a = i * n + k, b = a + n; index.push(a, a + 1, b, b, a + 1, b + 1);
  }
  const body = new THREE.BufferGeometry();
  body.setAttribute('position', new THREE.Float32BufferAttribute(pos, 3)); body.setIndex(index); body.computeVertexNormals();
  const parts = [body];
  for (const [ring, way] of [[rings[0], 1], [rings[rings.length - 1], -1]]) parts.push(capGeometry(ring, way, m));
  return merged(parts);
}

/** The nose or the stern: the outline drawn together to a slightly bulging face. */
function capGeometry(ring, way, m) {
  const half = (ring.length + 1) / 2, pos = [], index = [], across = 8;
  for (let k = 0; k < half; k++) for (let j = 0; j <= across; j++) {
    const [x, y, z] = ring[k], s = 1 - 2 * j / across;
    pos.push(x + way * ((1 - s * s) * 0.05), y, z * s);
  }
  for (let k = 0; k + 1 < half; k++) for (let j = 0; j < across; j++) {
    const a = k * (across + 1) + j, b = a + across + 1;
    if (way > 0) index.push(a, a + 1, b, b, a + 1, b + 1); else index.push(a, b, a + 1, b, b + 1, a + 1);
  }
  const cap = new THREE.BufferGeometry();
  cap.setAttribute('position', new THREE.Float32BufferAttribute(pos, 3)); cap.setIndex(index); cap.computeVertexNormals();
  const normals = cap.attributes.normal;
  for (let i = 0; i < normals.count; i++) {
    const nx = way * Math.abs(normals.getX(i)) + way * 0.8, l = Math.hypot(nx, normals.getY(i), normals.getZ(i) * 1) || 1;
    normals.setXYZ(i, nx / l, normals.getY(i) * 0.3 / l, pos[i * 3 + 2] * 0.25 / l);
  }
  return cap;
}

/** One geometry with a `part` per vertex: 0 body, 1 wheel, 2 dark trim. */
export function merged(list, part = 0) {
  const pos = [], nor = [], parts = [], local = [];
  for (const item of list) {
    const g = item.index ? item.toNonIndexed() : item;
    pos.push(...g.attributes.position.array); nor.push(...g.attributes.normal.array);
    const had = g.attributes.part, held = g.attributes.local;
    for (let i = 0; i < g.attributes.position.count; i++) { parts.push(had ? had.getX(i) : part); local.push(...(held ? [held.getX(i), held.getY(i), held.getZ(i)] : [0, 0, 0])); }
  }
  const out = new THREE.BufferGeometry();
  out.setAttribute('position', new THREE.Float32BufferAttribute(pos, 3)); out.setAttribute('normal', new THREE.Float32BufferAttribute(nor, 3));
  out.setAttribute('part', new THREE.Float32BufferAttribute(parts, 1)); out.setAttribute('local', new THREE.Float32BufferAttribute(local, 3));
  return out;
}

/** Tyre and rim; `local` is the middle of the wheel, about which it turns. */
function wheelGeometry(x, y, z, r, wide) {
  const tyre = new THREE.CylinderGeometry(r, r, wide, 18, 1).rotateX(Math.PI / 2).translate(x, y, z);
  const g = merged([tyre], 1), local = g.attributes.local;
  for (let i = 0; i < local.count; i++) local.setXYZ(i, x, y, r);
  return g;
}

export function vehicleGeometry(name, fine) {
  const m = MODELS[name], parts = [bodyGeometry(m, fine)];
  for (const along of m.wheels) for (const side of [-1, 1]) parts.push(wheelGeometry(m.long / 2 - along, m.wheel, side * (m.wide / 2 - 0.1), m.wheel, 0.22));
  const trim = [new THREE.BoxGeometry(m.long * 0.9, 0.3, m.wide * 0.8).translate(0, 0.34, 0)];
  const mirrorAt = m.long / 2 - (m.boxy ? (name === 'bus' ? 0.1 : 1.2) : m.shield[0] + 0.42), high = name === 'bus' ? 2.2 : m.belt + 0.07;
  for (const side of [-1, 1]) trim.push(new THREE.SphereGeometry(0.12, 10, 8).scale(0.55, name === 'bus' ? 1.6 : 0.75, 1).translate(mirrorAt, high, side * (m.wide / 2 + 0.07)));
  parts.push(merged(trim, 2));
  return merged(parts);
}

/** Paint, glass, lamps and gaps, as seen from the side, from front and rear, and from above. */
export function vehiclePaint(name, fine) {
  const m = MODELS[name], high = Math.max(...m.top.map((p) => p[1])) + 0.1;
  const make = (w, h) => { const a = canvas(w, h), b = canvas(w, h); b[1].fillStyle = '#000'; b[1].fillRect(0, 0, w, h); return [a, b]; };
  const side = make(1024, 512), ends = make(1024, 512), over = make(1024, 512);
  paintSide(m, side, high); paintEnds(m, ends, high, name); paintTop(m, over, name);
  if (fine) paintStern(m, ends, high);
  const maps = {};
  for (const [key, pair] of Object.entries({ side, ends, over })) {
    maps[key] = texture(pair[0][0], { repeat: false }); maps[`${key}Props`] = texture(pair[1][0], { repeat: false, srgb: false });
  }
  return { maps, high, long: m.long, wide: m.wide, model: m };
}

const GLASS = 'rgb(16,20,24)';
function both([[, a], [, b]], work, fixed, props) { for (const [ctx, style] of [[a, fixed], [b, props]]) if (style) { ctx.fillStyle = style; ctx.strokeStyle = style; work(ctx); } }

function paintSide(m, pair, high) {
  for (const [[, ctx]] of [[pair[0]], [pair[1]]]) ctx.setTransform(1024 / m.long, 0, 0, -512 / high, 0, 512);
  const roof = (x) => topAt(m, x) - (m.boxy ? 0.22 : 0.1);
  const pane = (x0, x1) => (ctx) => {
    ctx.beginPath(); ctx.moveTo(x0, m.belt + 0.03);
    for (let i = 0; i <= 12; i++) { const x = mix(x0, x1, i / 12); ctx.lineTo(x, Math.max(roof(x), m.belt + 0.04)); }
    ctx.lineTo(x1, m.belt + 0.03); ctx.closePath(); ctx.fill();
  };
  for (const [x0, x1] of m.glass) both(pair, pane(x0, x1), GLASS, 'rgb(255,0,0)');
  both(pair, (ctx) => { ctx.lineWidth = 0.018; ctx.beginPath(); m.glass.slice(0, 2).forEach(([x0, x1]) => { ctx.moveTo(x1 + 0.04, m.belt); ctx.lineTo(x1 + 0.02, 0.38 * m.wheel / 0.33); ctx.moveTo(x0 - 0.05, m.belt); ctx.lineTo(x0 - 0.1, 0.4); }); ctx.stroke(); }, 'rgba(0,0,0,.55)', null);
  both(pair, (ctx) => { for (const [, x1] of m.glass.slice(0, 2)) ctx.fillRect(x1 - 0.26, m.belt - 0.12, 0.2, 0.035); }, 'rgba(30,30,32,.7)', null);
  both(pair, (ctx) => ctx.fillRect(0, 0, m.long, footAt(m, m.long / 2) + 0.08), 'rgb(18,18,19)', null);
  both(pair, (ctx) => { ctx.lineWidth = 0.05; ctx.beginPath(); ctx.moveTo(0.6, m.belt * 0.66); ctx.lineTo(m.long - 0.4, m.belt * 0.7); ctx.stroke(); }, 'rgba(0,0,0,.12)', null);
  for (const x of m.wheels) both(pair, (ctx) => { ctx.beginPath(); ctx.ellipse(x, m.wheel, m.wheel + 0.055, m.wheel + 0.055, 0, 0, 7); ctx.fill(); }, 'rgb(8,8,9)', null);
  both(pair, (ctx) => ctx.fillRect(0, m.lamp[0], 0.34, m.lamp[1] - m.lamp[0]), 'rgb(190,196,200)', 'rgb(90,255,0)');
  both(pair, (ctx) => ctx.fillRect(m.long - 0.3, m.tail[0], 0.3, m.tail[1] - m.tail[0]), 'rgb(120,10,10)', 'rgb(90,0,255)');
}

/** The front fills the left half, the rear the right one. */
function paintEnds(m, pair, high, name) {
  const w = m.wide;
  const half = (left) => { for (const [[, ctx]] of [[pair[0]], [pair[1]]]) ctx.setTransform(512 / w, 0, 0, -512 / high, left + 256, 512); };
  half(0);
  const [l0, l1] = m.lamp, mid = (l0 + l1) / 2;
  both(pair, (ctx) => ctx.fillRect(-w * 0.27, l0 - 0.06, w * 0.54, l1 - l0 + 0.05), 'rgb(14,14,15)', null);
  both(pair, (ctx) => { for (let y = l0 - 0.03; y < l1; y += 0.045) ctx.fillRect(-w * 0.26, y, w * 0.52, 0.012); }, 'rgb(95,98,100)', null);
  both(pair, (ctx) => ctx.fillRect(-w * 0.34, 0.3, w * 0.68, 0.14), 'rgb(16,16,17)', null);
  both(pair, (ctx) => ctx.fillRect(-w / 2, 0, w, 0.27), 'rgb(16,16,17)', null);
  for (const s of [-1, 1]) {
    both(pair, (ctx) => { ctx.beginPath(); ctx.ellipse(s * w * 0.365, mid, w * 0.1, (l1 - l0) * 0.58, 0, 0, 7); ctx.fill(); }, 'rgb(205,210,214)', 'rgb(120,255,0)');
    both(pair, (ctx) => { ctx.beginPath(); ctx.ellipse(s * w * 0.365, mid, w * 0.04, (l1 - l0) * 0.36, 0, 0, 7); ctx.fill(); }, 'rgb(120,126,130)', null);
  }
  if (m.boxy) both(pair, (ctx) => { const y0 = name === 'bus' ? 1.05 : m.belt + 0.12, y1 = name === 'bus' ? 2.45 : high - 0.35; ctx.fillRect(-w * 0.44, y0, w * 0.88, y1 - y0); }, GLASS, 'rgb(255,0,0)');
  if (name === 'bus') both(pair, (ctx) => ctx.fillRect(-w * 0.3, 2.6, w * 0.6, 0.25), 'rgb(250,150,40)', 'rgb(0,120,0)');
  half(512);
  const [t0, t1] = m.tail;
  both(pair, (ctx) => ctx.fillRect(-w / 2, 0, w, 0.36), 'rgb(18,18,19)', null);
  for (const s of [-1, 1]) both(pair, (ctx) => ctx.fillRect(s > 0 ? w * 0.3 : -w * 0.5, t0, w * 0.2, t1 - t0), 'rgb(130,12,12)', 'rgb(110,0,255)');
  for (const s of [-1, 1]) both(pair, (ctx) => ctx.fillRect(s > 0 ? w * 0.3 : -w * 0.5, t0 + (t1 - t0) * 0.38, w * 0.2, (t1 - t0) * 0.2), 'rgb(190,180,176)', 'rgb(110,0,40)');
  both(pair, (ctx) => { ctx.lineWidth = 0.02; ctx.strokeRect(-w * 0.4, 0.5, w * 0.8, m.belt - 0.45); }, 'rgba(0,0,0,.4)', null);
  both(pair, (ctx) => ctx.fillRect(-0.32, m.plate - 0.13, 0.64, 0.27), 'rgba(10,10,10,.75)', null);
  if (m.back[0] < m.long && !m.boxy) both(pair, (ctx) => { const y0 = topAt(m, m.back[1]) + 0.03, y1 = topAt(m, m.back[0]) - 0.06; ctx.beginPath(); ctx.moveTo(-w * 0.38, y0); ctx.lineTo(w * 0.38, y0); ctx.lineTo(w * 0.32, y1); ctx.lineTo(-w * 0.32, y1); ctx.fill(); }, GLASS, 'rgb(255,0,0)');
  if (m.boxy) for (const s of [-1, 1]) both(pair, (ctx) => ctx.fillRect(s > 0 ? 0.06 : -w * 0.4, m.belt + 0.2, w * 0.4 - 0.06, 0.6), GLASS, 'rgb(255,0,0)');
}

function paintTop(m, pair, name) {
  const w = m.wide;
  for (const [[, ctx]] of [[pair[0]], [pair[1]]]) ctx.setTransform(1024 / m.long, 0, 0, 512 / w, 0, 256);
  const pane = (x0, x1, h0, h1) => (ctx) => { ctx.beginPath(); ctx.moveTo(x0, -w * h0); ctx.quadraticCurveTo(x0 - 0.09 * Math.sign(x1 - x0), 0, x0, w * h0); ctx.lineTo(x1, w * h1); ctx.lineTo(x1, -w * h1); ctx.fill(); };
  if (name !== 'bus') both(pair, pane(m.shield[0] + 0.06, m.shield[1], 0.42, 0.35), GLASS, 'rgb(255,0,0)');
  if (m.back[0] < m.long) both(pair, pane(m.back[1] - 0.04, m.back[0] + 0.04, 0.38, 0.33), GLASS, 'rgb(255,0,0)');
  if (name === 'pickup') both(pair, (ctx) => ctx.fillRect(3.65, -w * 0.42, 1.75, w * 0.84), 'rgb(22,22,23)', null);
  both(pair, (ctx) => { ctx.lineWidth = 0.02; ctx.beginPath(); ctx.moveTo(m.shield[0], -w * 0.4); ctx.lineTo(0.25, -w * 0.36); ctx.moveTo(m.shield[0], w * 0.4); ctx.lineTo(0.25, w * 0.36); ctx.stroke(); }, 'rgba(0,0,0,.4)', null);
}

/** What only a close camera sees of the rear: bumper, lid, lamp glass, badge, lock and exhaust. */
function paintStern(m, pair, high) {
  const w = m.wide, [t0, t1] = m.tail, bumper = m.boxy ? 0.62 : 0.6;
  for (const [[, ctx]] of [[pair[0]], [pair[1]]]) ctx.setTransform(512 / w, 0, 0, -512 / high, 768, 512);
  const shape = (work, fixed, props = null) => both(pair, work, fixed, props), line = (width, points) => (ctx) => { ctx.lineWidth = width; ctx.beginPath(); points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y))); ctx.stroke(); };
  const round = (x, y, a, b, r) => (ctx) => { ctx.beginPath(); ctx.roundRect(x, y, a, b, r); ctx.fill(); };
  const lid = pair[0][1].createLinearGradient(0, 0.36, 0, m.belt); lid.addColorStop(0, 'rgba(0,0,0,.42)'); lid.addColorStop(0.5, 'rgba(0,0,0,.06)'); lid.addColorStop(0.52, 'rgba(0,0,0,.3)'); lid.addColorStop(0.62, 'rgba(255,255,255,.05)'); lid.addColorStop(1, 'rgba(255,255,255,.1)');
  shape((ctx) => ctx.fillRect(-w / 2, 0.36, w, m.belt - 0.36), lid);
  shape(line(0.014, [[-w * 0.47, bumper], [w * 0.47, bumper]]), 'rgba(0,0,0,.75)'); shape(line(0.012, [[-w * 0.47, bumper - 0.014], [w * 0.47, bumper - 0.014]]), 'rgba(255,255,255,.14)');
  shape(round(-w * 0.3, 0.34, w * 0.6, 0.1, 0.03), 'rgb(14,14,15)');
  for (const s of [-1, 1]) {
    const x = s > 0 ? w * 0.28 : -w * 0.5;
    shape(round(x, t0 - 0.015, w * 0.22, t1 - t0 + 0.03, 0.035), 'rgb(12,8,8)', 'rgb(120,0,20)');
    shape(round(x + 0.012, t0, w * 0.22 - 0.024, t1 - t0, 0.03), 'rgb(118,10,10)', 'rgb(160,0,110)');
    shape(round(x + w * 0.05, t0 + (t1 - t0) * 0.55, w * 0.13, (t1 - t0) * 0.33, 0.02), 'rgb(190,24,20)', 'rgb(160,0,255)');
    shape(round(x + w * 0.05, t0 + (t1 - t0) * 0.12, w * 0.07, (t1 - t0) * 0.28, 0.015), 'rgb(205,200,196)', 'rgb(160,0,30)'); shape(round(x + w * 0.13, t0 + (t1 - t0) * 0.12, w * 0.06, (t1 - t0) * 0.28, 0.015), 'rgb(196,110,30)', 'rgb(160,0,20)');
    shape(round(s * w * 0.36 - 0.09, 0.43, 0.18, 0.045, 0.012), 'rgb(140,14,12)', 'rgb(100,0,40)');
  }
  shape(round(-0.33, m.plate + 0.1, 0.66, 0.035, 0.012), 'rgb(150,152,154)'); shape(round(-0.045, m.plate + 0.17, 0.09, 0.07, 0.03), 'rgb(168,170,172)'); shape((ctx) => { ctx.beginPath(); ctx.arc(0, m.plate + 0.205, 0.022, 0, 7); ctx.fill(); }, 'rgb(40,42,46)');
  shape((ctx) => { ctx.beginPath(); ctx.ellipse(-w * 0.34, 0.3, 0.055, 0.035, 0, 0, 7); ctx.fill(); }, 'rgb(120,118,114)'); shape((ctx) => { ctx.beginPath(); ctx.ellipse(-w * 0.34, 0.3, 0.042, 0.025, 0, 0, 7); ctx.fill(); }, 'rgb(8,8,8)');
  shape(line(0.012, [[-0.2, topAt(m, m.back[1]) + 0.07], [0.18, topAt(m, m.back[1]) + 0.1]]), 'rgb(6,6,6)');
}
