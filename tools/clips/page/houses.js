// Houses: facades with real recesses, sills, cornices and shop fronts, and what hangs on them and stands on their roofs.

/** One opening with its reveals, pane, frame and sill, in the plane z = 0 of the facade (x along, y up, outside +z). */
function opening(batch, chance, x, y, w, h, style, night) {
  const deep = style.deep ?? 0.18, frame = style.frame ?? [0.75, 0.74, 0.7];
  const wall = style.trim ?? style.tint;
  batch.coloured(wall, () => {
    batch.quad(style.wall, [x, y, -deep], [x, y, 0], [x, y + h, 0], [x, y + h, -deep]);
    batch.quad(style.wall, [x + w, y, 0], [x + w, y, -deep], [x + w, y + h, -deep], [x + w, y + h, 0]);
    batch.quad(style.wall, [x, y + h, 0], [x + w, y + h, 0], [x + w, y + h, -deep], [x, y + h, -deep]);
  });
  const cell = chance.int(16), u = (cell % 4) / 4, v = Math.floor(cell / 4) / 4, before = batch.lit;
  batch.lit = night && chance.yes(style.litShare ?? 0.3) ? chance.range(0.25, 1) : 0;
  batch.coloured([1, chance.range(0.88, 1), chance.range(0.72, 1)], () => batch.quad('window', [x, y, -deep], [x + w, y, -deep], [x + w, y + h, -deep], [x, y + h, -deep], [u + 0.004, 1 - v - 0.246, u + 0.246, 1 - v - 0.004]));
  batch.lit = 0;
  batch.coloured(frame, () => {
    const t = 0.05, z = -deep + 0.03;
    for (const [fx, fy, fw, fh] of [[x + w / 2, y, w, t], [x + w / 2, y + h - t, w, t], [x + t / 2, y, t, h], [x + w - t / 2, y, t, h], [x + w / 2, y + h * (style.bar ?? 0.5), w, t * 0.8]]) batch.box('paint', fx, fy, z, fw, fh, 0.05);
    if (style.mullion) batch.box('paint', x + w / 2, y, z, 0.05, h, 0.05);
  });
  batch.coloured(style.sill ?? [0.62, 0.6, 0.56], () => {
    batch.box('stone', x + w / 2, y - 0.1, 0.06, w + 0.2, 0.1, 0.16);
    if (style.lintel) batch.box('stone', x + w / 2, y + h, 0.02, w + 0.26, 0.22, 0.08);
  });
  batch.lit = before;
}

/** A wall cell with one opening cut out of it. */
function cell(batch, style, x0, y0, x1, y1, hole) {
  const [hx, hy, hw, hh] = hole, flat = (a, b, c, d) => { if (c - a > 0.001 && d - b > 0.001) batch.quad(style.wall, [a, b, 0], [c, b, 0], [c, d, 0], [a, d, 0], [a, b, c, d]); };
  batch.coloured(style.tint, () => { flat(x0, y0, x1, hy); flat(x0, hy + hh, x1, y1); flat(x0, hy, hx, hy + hh); flat(hx + hw, hy, x1, hy + hh); });
}

function shopBay(batch, chance, x0, x1, high, style, night, signs) {
  const w = x1 - x0, sill = 0.45, top = high - 0.95, i = chance.int(8), u = (i % 2) / 2, v = Math.floor(i / 2) / 4, paint = chance.pick([[0.05, 0.08, 0.07], [0.12, 0.03, 0.03], [0.03, 0.05, 0.1], [0.3, 0.28, 0.24], [0.06, 0.06, 0.06], [0.04, 0.1, 0.06]]);
  const door = chance.yes(0.5) ? [x0 + 0.25, 1.05] : [x1 - 1.3, 1.05], wx0 = door[0] < x0 + w / 2 ? door[0] + 1.15 : x0 + 0.25, wx1 = door[0] < x0 + w / 2 ? x1 - 0.25 : door[0] - 0.1;
  batch.coloured(paint, () => {
    batch.box('boards', (wx0 + wx1) / 2, 0, 0.02, wx1 - wx0, sill, 0.14);
    batch.box('paint', (x0 + x1) / 2, top, 0.06, w - 0.1, 0.1, 0.3);
    for (const x of [x0 + 0.12, x1 - 0.12, wx0 - 0.04, wx1 + 0.04]) batch.box('paint', x, 0, 0.03, 0.16, high - 0.2, 0.18);
    batch.box('paint', (x0 + x1) / 2, high - 0.2, 0.12, w, 0.14, 0.4);
  });
  const before = batch.lit; batch.lit = night && chance.yes(style.shopsOpen ?? 0.8) ? chance.range(0.9, 1.6) : chance.range(0, 0.25);
  batch.coloured([1, 0.98, 0.94], () => {
    batch.quad('shop', [wx0, sill, -0.05], [wx1, sill, -0.05], [wx1, top, -0.05], [wx0, top, -0.05], [u + 0.003, 1 - v - 0.247, u + 0.497, 1 - v - 0.003]);
    batch.quad('shop', [door[0], 0.05, -0.3], [door[0] + door[1], 0.05, -0.3], [door[0] + door[1], top, -0.3], [door[0], top, -0.3], [u + 0.1, 1 - v - 0.24, u + 0.2, 1 - v - 0.03]);
  });
  const k = signs ? chance.int(signs) : 0; batch.lit = signs && night ? chance.range(0.3, 0.9) : 0;
  if (signs) batch.coloured([1, 1, 1], () => batch.quad('signs', [x0 + 0.2, top + 0.12, 0.22], [x1 - 0.2, top + 0.12, 0.22], [x1 - 0.2, high - 0.22, 0.22], [x0 + 0.2, high - 0.22, 0.22], [0.02, 1 - (k + 0.97) / 8, 0.98, 1 - (k + 0.03) / 8]));
  batch.lit = before;
  if (chance.yes(0.45)) awning(batch, chance, x0 + 0.2, x1 - 0.2, top + 0.1);
}

function awning(batch, chance, x0, x1, y) {
  const a = chance.pick([[0.35, 0.05, 0.05], [0.06, 0.18, 0.12], [0.08, 0.1, 0.25], [0.5, 0.42, 0.3]]), b = [0.75, 0.73, 0.68], n = Math.round((x1 - x0) / 0.4);
  for (let i = 0; i < n; i++) {
    const p = x0 + (x1 - x0) * i / n, q = x0 + (x1 - x0) * (i + 1) / n;
    batch.coloured(i % 2 ? a : b, () => { batch.quad('paint', [p, y - 0.45, 1.25], [q, y - 0.45, 1.25], [q, y, 0.1], [p, y, 0.1]); batch.quad('paint', [p, y - 0.65, 1.25], [q, y - 0.65, 1.25], [q, y - 0.45, 1.25], [p, y - 0.45, 1.25]); });
  }
}

/** One face, `wide` metres, from its lower left corner. */
function facade(batch, chance, wide, floors, style, { ground = 'plain', night, signs, blind = false }) {
  const first = style.first ?? 3.9, floor = style.floor ?? 3.3, bays = Math.max(1, Math.round(wide / (style.bay ?? 2.6))), bw = wide / bays, ww = bw * (style.open ?? 0.46), wh = floor * (style.tall ?? 0.55);
  if (blind) { batch.coloured(style.tint, () => batch.quad(style.wall, [0, 0, 0], [wide, 0, 0], [wide, first + floor * (floors - 1), 0], [0, first + floor * (floors - 1), 0])); return; }
  if (ground === 'shop') {
    const n = Math.max(1, Math.round(wide / 5.2));
    batch.coloured([0.25, 0.24, 0.23], () => batch.quad('paint', [0, 0, -0.32], [wide, 0, -0.32], [wide, first, -0.32], [0, first, -0.32]));
    for (let i = 0; i < n; i++) shopBay(batch, chance, wide * i / n, wide * (i + 1) / n, first, style, night, signs);
  } else for (let i = 0; i < bays; i++) {
    const door = ground === 'door' && i === Math.floor(bays / 2), w = door ? 1.15 : ww, hole = [bw * (i + 0.5) - w / 2, door ? 0.1 : 1.0, w, door ? 2.5 : wh];
    cell(batch, style, bw * i, 0, bw * (i + 1), first, hole);
    if (door) { batch.coloured([0.1, 0.08, 0.06], () => batch.box('boards', bw * (i + 0.5), 0.1, -0.12, w, 2.5, 0.06)); batch.coloured([0.5, 0.48, 0.45], () => batch.box('stone', bw * (i + 0.5), 0, 0.25, w + 0.6, 0.14, 0.6)); }
    else opening(batch, chance, ...hole, style, night);
  }
  for (let f = 1; f < floors; f++) for (let i = 0; i < bays; i++) {
    const y = first + (f - 1) * floor, hole = [bw * (i + 0.5) - ww / 2, y + floor * 0.26, ww, wh];
    cell(batch, style, bw * i, y, bw * (i + 1), y + floor, hole);
    opening(batch, chance, ...hole, style, night);
    if (style.cooling && chance.yes(0.12)) batch.coloured([0.6, 0.6, 0.58], () => batch.box('paint', bw * (i + 0.5), y + floor * 0.26, 0.2, 0.6, 0.4, 0.5));
  }
  const top = first + floor * (floors - 1), trim = style.cornice ?? [0.55, 0.53, 0.49];
  batch.coloured(trim, () => {
    batch.box('stone', wide / 2, first - 0.12, 0.07, wide, 0.24, 0.16);
    batch.box('stone', wide / 2, top - 0.1, 0.16, wide + 0.3, 0.3, 0.42); batch.box('stone', wide / 2, top - 0.3, 0.06, wide, 0.2, 0.18);
    if (style.bands) for (let f = 2; f < floors; f++) batch.box('stone', wide / 2, first + (f - 1) * floor - 0.08, 0.04, wide, 0.16, 0.1);
  });
  batch.coloured(style.tint, () => batch.box(style.wall, wide / 2, top + 0.2, -0.12, wide, 0.6, 0.24));
  if (chance.yes(0.7)) batch.coloured([0.2, 0.2, 0.19], () => batch.rod('paint', [wide - 0.2, 0.1, 0.1], [wide - 0.2, top, 0.1], 0.055, 0.055, 6));
}

/** A house on the rectangle around (x, z), facing its local +z; faces: front, right, back, left. */
export function house(batch, chance, { x, z, w, d, turn = 0, floors = 3, style, ground = 'plain', sides = [1, 1, 0, 1], night = false, signs = 0, y = 0 }) {
  const high = (style.first ?? 3.9) + (style.floor ?? 3.3) * (floors - 1);
  batch.placed(x, y, z, turn, () => {
    const faces = [[-w / 2, d / 2, 0, w], [w / 2, d / 2, Math.PI / 2, d], [w / 2, -d / 2, Math.PI, w], [-w / 2, -d / 2, -Math.PI / 2, d]];
    faces.forEach(([fx, fz, turned, wide], i) => batch.placed(fx, 0, fz, turned, () => facade(batch, chance, wide, floors, style, { ground: i === 0 || ground !== 'shop' ? ground : 'plain', night, signs, blind: !sides[i] })));
    batch.coloured([0.3, 0.29, 0.28], () => batch.box('gravel', 0, high - 0.15, 0, w - 0.2, 0.2, d - 0.2));
    for (let i = 0; i < 4; i++) batch.coloured([0.45, 0.45, 0.44], () => batch.box('paint', chance.range(-w / 3, w / 3), high, chance.range(-d / 3, d / 3), chance.range(0.8, 2.4), chance.range(0.7, 2.2), chance.range(0.8, 2)));
    if (chance.yes(0.5)) batch.coloured([0.35, 0.17, 0.12], () => batch.box('brick', w * 0.3, high, -d * 0.2, 0.9, 2, 0.6));
  });
}

export const STYLES = {
  redBrick: { wall: 'brick', tint: [0.36, 0.15, 0.1], lintel: true, mullion: true, cooling: true },
  tanBrick: { wall: 'brick', tint: [0.5, 0.38, 0.25], bands: true, cooling: true, open: 0.42 },
  darkBrick: { wall: 'brick', tint: [0.22, 0.13, 0.1], lintel: true, frame: [0.12, 0.12, 0.12], open: 0.52 },
  cream: { wall: 'plaster', tint: [0.66, 0.58, 0.44], bands: true, mullion: true, open: 0.4, tall: 0.6 },
  ochre: { wall: 'plaster', tint: [0.55, 0.4, 0.22], mullion: true, open: 0.38, tall: 0.6, lintel: true },
  grey: { wall: 'plaster', tint: [0.42, 0.42, 0.41], bay: 3.2, open: 0.6, tall: 0.5, deep: 0.12 },
  stone: { wall: 'stone', tint: [0.55, 0.52, 0.46], bands: true, lintel: true, first: 4.5, floor: 3.7, open: 0.42, tall: 0.6 },
  office: { wall: 'concrete', tint: [0.5, 0.49, 0.47], bay: 3, open: 0.86, tall: 0.62, deep: 0.1, bar: 0.98, frame: [0.1, 0.1, 0.11], litShare: 0.45, floor: 3.6 },
  shed: { wall: 'boards', tint: [0.42, 0.44, 0.45], bay: 6, open: 0.3, tall: 0.3, first: 6, litShare: 0.2 },
};
