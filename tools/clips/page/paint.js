// Textures, painted on canvases from a seed: walls, windows, shop fronts, leaves, signs.
import * as THREE from 'three';
import { Chance } from './kit.js';

export function canvas(width, height) {
  const made = document.createElement('canvas');
  made.width = width; made.height = height;
  return [made, made.getContext('2d', { willReadFrequently: true })];
}

export function texture(source, { repeat = true, srgb = true } = {}) {
  const made = new THREE.CanvasTexture(source);
  made.wrapS = made.wrapT = repeat ? THREE.RepeatWrapping : THREE.ClampToEdgeWrapping;
  made.anisotropy = 8;
  made.colorSpace = srgb ? THREE.SRGBColorSpace : THREE.NoColorSpace;
  made.generateMipmaps = true;
  made.minFilter = THREE.LinearMipmapLinearFilter;
  return made;
}

const grey = (v, a = 1) => `rgba(${v},${v},${v},${a})`;

/** Random spots over the whole canvas, wrapped at its edges. */
function speckle(ctx, chance, count, low, high, alpha, size = 1.5) {
  const { width, height } = ctx.canvas;
  for (let i = 0; i < count; i++) {
    ctx.fillStyle = grey(Math.round(chance.range(low, high)), alpha * chance.next());
    const s = size * chance.range(0.5, 1.6);
    ctx.fillRect(chance.range(0, width), chance.range(0, height), s, s);
  }
}

function blotches(ctx, chance, count, low, high, alpha, radius) {
  const { width, height } = ctx.canvas;
  for (let i = 0; i < count; i++) {
    const x = chance.range(0, width), y = chance.range(0, height), r = radius * chance.range(0.4, 1.4);
    const v = Math.round(chance.range(low, high));
    for (const dx of [-width, 0, width]) for (const dy of [-height, 0, height]) {
      if (x + dx < -r || x + dx > width + r || y + dy < -r || y + dy > height + r) continue;
      const soft = ctx.createRadialGradient(x + dx, y + dy, 0, x + dx, y + dy, r);
      soft.addColorStop(0, grey(v, alpha)); soft.addColorStop(1, grey(v, 0));
      ctx.fillStyle = soft; ctx.fillRect(x + dx - r, y + dy - r, 2 * r, 2 * r);
    }
  }
}

function brick(chance) {
  const [c, ctx] = canvas(512, 512);
  ctx.fillStyle = grey(176); ctx.fillRect(0, 0, 512, 512);
  const rows = 24, columns = 8, h = 512 / rows, w = 512 / columns;
  for (let r = 0; r < rows; r++) for (let k = 0; k <= columns; k++) {
    const v = chance.range(165, 245) * (chance.yes(0.06) ? 0.7 : 1);
    ctx.fillStyle = `rgb(${v},${v * chance.range(0.93, 1.0)},${v * chance.range(0.9, 1.0)})`;
    ctx.fillRect((k - (r % 2) / 2) * w + 1.5, r * h + 1.5, w - 3, h - 3);
  }
  blotches(ctx, chance, 30, 60, 255, 0.13, 110);
  speckle(ctx, chance, 5000, 90, 255, 0.25);
  return c;
}

function stone(chance) {
  const [c, ctx] = canvas(512, 512);
  ctx.fillStyle = grey(120); ctx.fillRect(0, 0, 512, 512);
  for (let r = 0; r < 6; r++) for (let k = -1; k < 4; k++) {
    const v = chance.range(196, 240);
    ctx.fillStyle = `rgb(${v},${v * 0.985},${v * 0.95})`;
    ctx.fillRect((k + (r % 2) / 2) * 170.7 + 2, r * 85.3 + 2, 167, 81.5);
  }
  blotches(ctx, chance, 40, 90, 250, 0.12, 90);
  speckle(ctx, chance, 7000, 120, 255, 0.2);
  return c;
}

function rough(chance, base, low, high, alpha) {
  const [c, ctx] = canvas(512, 512);
  ctx.fillStyle = grey(base); ctx.fillRect(0, 0, 512, 512);
  blotches(ctx, chance, 60, low, high, alpha, 100);
  speckle(ctx, chance, 12000, low, high, 0.22);
  return c;
}

function boards(chance) {
  const [c, ctx] = canvas(256, 256);
  for (let k = 0; k < 8; k++) {
    ctx.fillStyle = grey(chance.range(170, 225)); ctx.fillRect(0, k * 32, 256, 32);
    ctx.fillStyle = grey(70, 0.7); ctx.fillRect(0, k * 32, 256, 2.5);
    for (let i = 0; i < 40; i++) { ctx.fillStyle = grey(chance.range(90, 220), 0.15); ctx.fillRect(0, k * 32 + chance.range(2, 32), 256, 1); }
  }
  return c;
}

/** Sixteen rooms behind sixteen windows. */
function rooms(chance) {
  const [c, ctx] = canvas(512, 640);
  for (let i = 0; i < 16; i++) {
    ctx.save();
    ctx.beginPath(); ctx.rect((i % 4) * 128, Math.floor(i / 4) * 160, 128, 160); ctx.clip();
    ctx.translate((i % 4) * 128, Math.floor(i / 4) * 160);
    room(ctx, chance, i);
    ctx.restore();
  }
  return c;
}

function room(ctx, chance, i) {
  const warm = chance.pick([[255, 206, 140], [255, 222, 176], [240, 232, 214], [255, 190, 120], [214, 226, 240]]);
  const tone = (k, a = 1) => `rgba(${warm.map((v) => Math.round(v * k)).join(',')},${a})`;
  const wall = ctx.createLinearGradient(0, 0, 0, 160);
  wall.addColorStop(0, tone(0.9)); wall.addColorStop(0.5, tone(0.6)); wall.addColorStop(1, tone(0.28));
  ctx.fillStyle = wall; ctx.fillRect(0, 0, 128, 160);
  ctx.fillStyle = tone(0.18);
  ctx.fillRect(chance.range(0, 40), 100, chance.range(30, 60), 60);
  ctx.fillStyle = tone(0.35); ctx.fillRect(chance.range(50, 90), 40, 30, 26);
  if (chance.yes(0.5)) { ctx.fillStyle = tone(1.1); ctx.beginPath(); ctx.arc(64, 24, 9, 0, 7); ctx.fill(); }
  const kind = i % 4;
  if (kind === 0) curtains(ctx, chance, 30);
  if (kind === 1) for (let y = 0; y < chance.range(50, 150); y += 5) { ctx.fillStyle = 'rgba(225,220,208,.85)'; ctx.fillRect(0, y, 128, 3.4); }
  if (kind === 2) { ctx.fillStyle = 'rgba(222,214,196,.9)'; ctx.fillRect(0, 0, 128, chance.range(30, 110)); }
  if (kind === 3) curtains(ctx, chance, 54);
}

function curtains(ctx, chance, wide) {
  const hue = chance.pick(['214,205,190', '180,150,130', '150,160,175', '230,226,215']);
  for (const side of [0, 1]) for (let x = 0; x < wide; x += 4) {
    ctx.fillStyle = `rgba(${hue},${0.65 + 0.3 * Math.sin(x)})`;
    ctx.fillRect(side ? 124 - x : x, 0, 4.5, 160);
  }
}

/** Eight shop windows, two beside each other in four rows. */
function shops(chance) {
  const [c, ctx] = canvas(1024, 1024);
  for (let i = 0; i < 8; i++) {
    ctx.save();
    ctx.beginPath(); ctx.rect((i % 2) * 512, Math.floor(i / 2) * 256, 512, 256); ctx.clip();
    ctx.translate((i % 2) * 512, Math.floor(i / 2) * 256);
    shop(ctx, chance);
    ctx.restore();
  }
  return c;
}

function shop(ctx, chance) {
  const warm = chance.pick([[255, 224, 180], [235, 240, 245], [255, 214, 160], [245, 236, 220]]);
  const tone = (k) => `rgb(${warm.map((v) => Math.round(v * k)).join(',')})`;
  const depth = ctx.createLinearGradient(0, 0, 0, 256);
  depth.addColorStop(0, tone(1)); depth.addColorStop(0.35, tone(0.7)); depth.addColorStop(1, tone(0.3));
  ctx.fillStyle = depth; ctx.fillRect(0, 0, 512, 256);
  for (let k = 0; k < 5; k++) { ctx.fillStyle = tone(1.15); ctx.fillRect(40 + k * 95, 12, 46, 6); }
  for (let row = 0; row < 3; row++) {
    ctx.fillStyle = tone(0.25); ctx.fillRect(0, 92 + row * 46, 512, 5);
    for (let x = 4; x < 508; x += chance.range(8, 26)) {
      const h = chance.range(12, 34);
      ctx.fillStyle = `hsl(${chance.int(360)},${chance.int(55)}%,${20 + chance.int(45)}%)`;
      ctx.fillRect(x, 92 + row * 46 - h, chance.range(6, 18), h);
    }
  }
  ctx.fillStyle = tone(0.16); ctx.fillRect(0, 214, 512, 42);
  for (let k = 0; k < 3; k++) {
    ctx.fillStyle = `hsl(${chance.int(360)},50%,${35 + chance.int(40)}%)`;
    ctx.fillRect(chance.range(0, 440), chance.range(110, 160), chance.range(30, 60), chance.range(40, 80));
  }
}

function leaves(chance, bare) {
  const [c, ctx] = canvas(128, 128);
  ctx.clearRect(0, 0, 128, 128);
  for (let i = 0; i < (bare ? 9 : 46); i++) {
    ctx.save();
    ctx.translate(64 + chance.range(-46, 46), 64 + chance.range(-46, 46)); ctx.rotate(chance.range(0, 6.3));
    const v = chance.range(0.55, 1);
    ctx.fillStyle = `rgb(${210 * v},${235 * v},${150 * v})`;
    ctx.beginPath(); ctx.ellipse(0, 0, chance.range(6, 12), chance.range(3, 6), 0, 0, 7); ctx.fill();
    ctx.restore();
  }
  return c;
}

function netting() {
  const [c, ctx] = canvas(128, 128);
  ctx.clearRect(0, 0, 128, 128); ctx.strokeStyle = 'rgb(190,195,196)'; ctx.lineWidth = 7;
  for (const d of [-128, -64, 0, 64, 128]) {
    ctx.beginPath(); ctx.moveTo(d, 0); ctx.lineTo(d + 128, 128); ctx.moveTo(d + 128, 0); ctx.lineTo(d, 128); ctx.stroke();
  }
  return c;
}

/** Up to eight boards of shops, one below another. */
export function signs(words) {
  const [c, ctx] = canvas(1024, 1024);
  words.slice(0, 8).forEach(([text, back, ink], i) => {
    ctx.fillStyle = back; ctx.fillRect(0, i * 128, 1024, 128);
    ctx.strokeStyle = ink; ctx.lineWidth = 4; ctx.strokeRect(10, i * 128 + 10, 1004, 108);
    ctx.fillStyle = ink; ctx.textAlign = 'center'; ctx.textBaseline = 'middle';
    ctx.font = `bold 78px ${i % 2 ? 'DejaVu Sans' : 'DejaVu Serif'}`;
    ctx.fillText(text, 512, i * 128 + 68, 940);
  });
  return c;
}

/** The tileable materials: name -> { map, tile in metres, kind }. Kinds: 0 plain, 1 glass, 2 cut out, 3 water, 4 ground. */
export function materials(seed) {
  const chance = new Chance(seed);
  const plain = (source, tile, kind = 0, options) => ({ map: texture(source, options), tile, kind });
  return {
    brick: plain(brick(chance), 1.9), stone: plain(stone(chance), 3), plaster: plain(rough(chance, 225, 150, 255, 0.08), 4),
    concrete: plain(rough(chance, 200, 100, 250, 0.12), 5), gravel: plain(rough(chance, 150, 60, 220, 0.15), 2),
    boards: plain(boards(chance), 1.2), paint: plain(rough(chance, 246, 220, 255, 0.05), 3),
    bark: plain(rough(chance, 150, 40, 200, 0.2), 0.7), grass: plain(rough(chance, 170, 60, 235, 0.2), 1.5),
    window: plain(rooms(chance), 0, 1, { repeat: false }), shop: plain(shops(chance), 0, 1, { repeat: false }),
    leaf: plain(leaves(chance, false), 0, 2, { repeat: false }), net: plain(netting(), 0.3, 2),
    glow: plain(rough(chance, 255, 255, 255, 0), 1, 5),
  };
}
