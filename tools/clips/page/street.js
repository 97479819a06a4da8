// What stands on pavements: lamps, signals, poles and wires, benches, bins, fences, shelters.

/** A street lamp; its light is the return value. `out` is the arm's direction, `high` the head's height. */
export function streetLamp(batch, x, z, out, { high = 8, reach = 1.9, colour = [1, 0.62, 0.28], strength = 70, lit = false, y = 0, key, shadow } = {}) {
  const dx = Math.cos(out) * reach, dz = -Math.sin(out) * reach, iron = [0.12, 0.13, 0.13];
  batch.coloured(iron, () => {
    batch.rod('paint', [x, y, z], [x, y + 0.9, z], 0.14, 0.11); batch.rod('paint', [x, y + 0.9, z], [x, y + high - 0.3, z], 0.085, 0.06);
    batch.rod('paint', [x, y + high - 0.35, z], [x + dx, y + high, z + dz], 0.045, 0.04, 8);
    batch.placed(x + dx, y + high - 0.06, z + dz, out, () => batch.box('paint', 0, 0, 0, 0.75, 0.12, 0.3));
  });
  const before = batch.lit; batch.lit = lit ? 9 : 0;
  batch.coloured(lit ? colour : [0.7, 0.7, 0.68], () => batch.placed(x + dx, y + high - 0.1, z + dz, out, () => batch.box(lit ? 'glow' : 'paint', 0, 0, 0, 0.55, 0.05, 0.22)));
  batch.lit = before;
  return { place: [x + dx, y + high - 0.15, z + dz], colour: colour.map((c) => c * strength), axis: [Math.cos(out) * 0.16, -0.987, -Math.sin(out) * 0.16], cone: [0.12, 0.62], key, shadow, glare: 1 };
}

/** A traffic signal on a mast; the lenses are drawn as glares by the stage. Returns the places of red, amber and green. */
export function signal(batch, x, z, facing, { arm = 0, high = 5.4 } = {}) {
  const iron = [0.1, 0.1, 0.1], hx = x + Math.cos(facing + Math.PI / 2) * arm, hz = z - Math.sin(facing + Math.PI / 2) * arm, y = arm ? high - 0.5 : 2.7;
  batch.coloured(iron, () => {
    batch.rod('paint', [x, 0, z], [x, arm ? high + 0.3 : 3.9, z], 0.1, 0.075);
    if (arm) batch.rod('paint', [x, high, z], [hx, high + 0.1, hz], 0.07, 0.05);
    batch.placed(hx, y, hz, facing, () => { batch.box('paint', 0, 0, 0, 0.25, 1.0, 0.34); for (let i = 0; i < 3; i++) batch.box('paint', 0.2, 0.26 + i * 0.31, 0, 0.2, 0.02, 0.24); });
  });
  const at = (i) => [hx + Math.cos(facing) * 0.17, y + 0.82 - i * 0.31, hz - Math.sin(facing) * 0.17];
  return { red: at(0), amber: at(1), green: at(2), facing };
}

export function pole(batch, x, z, high = 9, arms = 1) {
  batch.coloured([0.22, 0.17, 0.13], () => {
    batch.rod('bark', [x, 0, z], [x, high, z], 0.16, 0.11);
    for (let i = 0; i < arms; i++) batch.box('bark', x, high - 0.6 - i * 0.9, z, 0.12, 0.12, 2.2);
  });
}

/** A wire that hangs between two points. */
export function wire(batch, a, b, sag = 0.8, r = 0.018) {
  const points = [];
  for (let i = 0; i <= 14; i++) { const t = i / 14; points.push([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t - sag * 4 * t * (1 - t), a[2] + (b[2] - a[2]) * t]); }
  batch.coloured([0.03, 0.03, 0.03], () => batch.tube('paint', points, r, 4));
}

export function bench(batch, x, z, turn) {
  batch.placed(x, 0.13, z, turn, () => {
    batch.coloured([0.34, 0.22, 0.12], () => { for (let i = 0; i < 4; i++) batch.box('boards', 0, 0.43, -0.2 + i * 0.13, 1.7, 0.04, 0.1); for (let i = 0; i < 3; i++) batch.box('boards', 0, 0.55 + i * 0.14, -0.28, 1.7, 0.1, 0.035); });
    batch.coloured([0.08, 0.08, 0.08], () => { for (const s of [-0.7, 0.7]) { batch.box('paint', s, 0, 0, 0.06, 0.43, 0.5); batch.box('paint', s, 0.4, -0.29, 0.05, 0.55, 0.04); } });
  });
}

export function bin(batch, x, z, tint = [0.08, 0.14, 0.1]) {
  batch.coloured(tint, () => { batch.rod('paint', [x, 0.13, z], [x, 1.02, z], 0.26, 0.29, 14); batch.ball('paint', [x, 1.02, z], 0.29, 0.14, 0.29, 8); });
}

export function hydrant(batch, x, z) {
  batch.coloured([0.5, 0.06, 0.04], () => { batch.rod('paint', [x, 0.1, z], [x, 0.62, z], 0.13, 0.11, 12); batch.ball('paint', [x, 0.64, z], 0.14, 0.14, 0.14, 8); batch.rod('paint', [x - 0.2, 0.45, z], [x + 0.2, 0.45, z], 0.055, 0.055, 8); });
}

export function bollard(batch, x, z, high = 0.9) {
  batch.coloured([0.1, 0.1, 0.1], () => { batch.rod('paint', [x, 0, z], [x, high, z], 0.08, 0.07, 10); batch.ball('paint', [x, high, z], 0.085, 0.06, 0.085, 8); });
  batch.coloured([0.75, 0.74, 0.7], () => batch.rod('paint', [x, high * 0.72, z], [x, high * 0.82, z], 0.079, 0.078, 10));
}

export function railing(batch, points, { high = 1.05, y = 0, step = 0.14, tint = [0.09, 0.1, 0.1], post = 2 } = {}) {
  batch.coloured(tint, () => {
    for (let i = 1; i < points.length; i++) {
      const [ax, az] = points[i - 1], [bx, bz] = points[i], l = Math.hypot(bx - ax, bz - az), at = (t, h) => [ax + (bx - ax) * t / l, y + h, az + (bz - az) * t / l];
      for (const h of [0.12, high]) batch.rod('paint', at(0, h), at(l, h), 0.028, 0.028, 6);
      for (let t = 0; t < l; t += step) batch.rod('paint', at(t, 0.12), at(t, high), 0.011, 0.011, 4);
      for (let t = 0; t <= l + 0.01; t += post) batch.rod('paint', at(Math.min(t, l), 0), at(Math.min(t, l), high + 0.05), 0.045, 0.045, 8);
    }
  });
}

/** Wire netting between posts. */
export function netFence(batch, points, high = 2.2) {
  for (let i = 1; i < points.length; i++) {
    const [ax, az] = points[i - 1], [bx, bz] = points[i], l = Math.hypot(bx - ax, bz - az);
    batch.coloured([0.5, 0.52, 0.52], () => {
      batch.quad('net', [ax, 0, az], [bx, 0, bz], [bx, high, bz], [ax, high, az]);
      for (let t = 0; t <= l + 0.01; t += 2.6) { const x = ax + (bx - ax) * t / l, z = az + (bz - az) * t / l; batch.rod('paint', [x, 0, z], [x, high + 0.1, z], 0.04, 0.04, 8); }
      batch.rod('paint', [ax, high, az], [bx, high, bz], 0.03, 0.03, 6);
    });
  }
}

export function shelter(batch, x, z, turn, night) {
  batch.placed(x, 0.13, z, turn, () => {
    batch.coloured([0.12, 0.13, 0.14], () => { for (const px of [-1.9, 0, 1.9]) batch.box('paint', px, 0, -0.7, 0.08, 2.4, 0.08); for (const px of [-1.9, 1.9]) batch.box('paint', px, 0, 0.6, 0.08, 2.4, 0.08); batch.box('paint', 0, 2.4, -0.05, 4.2, 0.12, 1.7); batch.box('boards', 0, 0.45, -0.5, 2.6, 0.06, 0.4); });
    const before = batch.lit; batch.lit = night ? 2.2 : 0;
    batch.coloured(night ? [0.9, 0.95, 1] : [0.5, 0.6, 0.7], () => batch.box(night ? 'glow' : 'paint', 2.05, 0.4, -0.1, 0.14, 1.75, 1.2)); batch.lit = before;
  });
}

export function cone(batch, x, z) {
  batch.coloured([0.8, 0.2, 0.03], () => { batch.box('paint', x, 0, z, 0.4, 0.04, 0.4); batch.rod('paint', [x, 0.04, z], [x, 0.7, z], 0.15, 0.03, 12); });
  batch.coloured([0.85, 0.85, 0.85], () => batch.rod('paint', [x, 0.34, z], [x, 0.48, z], 0.098, 0.075, 12));
}

export function board(batch, x, z, turn, { w = 0.6, h = 0.75, y = 2.2, tint = [0.7, 0.7, 0.68], row = null } = {}) {
  batch.coloured([0.3, 0.31, 0.31], () => batch.rod('paint', [x, 0, z], [x, y + h, z], 0.035, 0.035, 8));
  batch.placed(x, y, z, turn, () => batch.coloured(tint, () => {
    batch.box('paint', 0, 0, 0.05, w, h, 0.03);
    if (row !== null) batch.coloured([1, 1, 1], () => batch.quad('signs', [-w / 2 + 0.02, 0.02, 0.07], [w / 2 - 0.02, 0.02, 0.07], [w / 2 - 0.02, h - 0.02, 0.07], [-w / 2 + 0.02, h - 0.02, 0.07], [0.01, 1 - (row + 0.98) / 8, 0.99, 1 - (row + 0.02) / 8]));
  }));
}

/** A raised pavement along a polygon, with its kerb. */
export function pavement(batch, outline, y = 0.13) {
  batch.coloured([1, 1, 1], () => batch.slab('ground', outline, y));
  batch.coloured([0.5, 0.49, 0.47], () => {
    const n = outline.length;
    for (let i = 0; i < n; i++) { const [ax, az] = outline[i], [bx, bz] = outline[(i + 1) % n]; batch.quad('concrete', [ax, -0.05, az], [bx, -0.05, bz], [bx, y, bz], [ax, y, az]); batch.rod('concrete', [ax, y - 0.05, az], [bx, y - 0.05, bz], 0.06, 0.06, 6); }
  });
}
