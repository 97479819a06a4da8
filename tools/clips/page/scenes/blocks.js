// Stretches of street that several scenes share; roads run along x.
import { Path } from '../kit.js';
import { pavement } from '../street.js';

export const PAINTS = ['#c9ccce', '#1c1d1f', '#8d9093', '#55585c', '#23365c', '#7a1b1e', '#b3a58c', '#2f5d7c', '#e4e2da', '#3d4a3e'];
export const ALONG = (z, from = -95, to = 95) => new Path([[from, z], [to, z]]);

/** A road along x between two z, with lanes, wear and markings; `middle` is 'double', 'dash' or null. */
export function road(stage, { z0, z1, lanes, middle = 'double', from = -95, to = 95, edge = true, colour = null }) {
  const g = stage.ground, { chance } = stage, mid = (z0 + z1) / 2;
  if (colour) g.rect(from, z0, to, z1, colour);
  for (const z of lanes) g.wear([[from, z], [to, z]]);
  g.cracks(from * 0.6, z0, to * 0.6, z1, 60);
  for (let i = 0; i < 9; i++) g.patch(chance.range(from * 0.6, to * 0.6), chance.range(z0 + 1, z1 - 1), chance.range(1, 6), chance.range(0.6, 1.8), `rgba(34,34,37,${chance.range(0.25, 0.6)})`);
  g.stains([[from, z0], [to, z0], [to, z1], [from, z1]], 120, 1.5);
  if (middle === 'double') for (const k of [-0.1, 0.1]) g.line([[from, mid + k], [to, mid + k]], 0.1, '#c9a948');
  if (middle === 'dash') g.line([[from, mid], [to, mid]], 0.12, '#c9c7bd', [3, 6]);
  if (edge) for (const z of [z0 + 0.25, z1 - 0.25]) g.line([[from, z], [to, z]], 0.1);
}

export function walkway(stage, z0, z1, { from = -95, to = 95, size = 0.7, colour } = {}) {
  const outline = [[from, z0], [to, z0], [to, z1], [from, z1]];
  stage.ground.paving(outline, size, colour);
  pavement(stage.batch, outline);
}

/** A row of houses with fronts at `z`, facing +z (turn 0) or -z (turn pi), from x to the right. */
export function row(stage, z, x, list, turn = 0, options = {}) {
  for (const [w, floors, style] of list) {
    const d = 15;
    stage.house({ x: x + w / 2, z: turn === 0 ? z - d / 2 : z + d / 2, w: w - 0.15, d, floors, style, turn, ...options });
    x += w;
  }
}

/** Dark blocks with lit windows on the far side of a river, or of the town. */
export function skyline(stage, z, x0, x1, { low = 9, high = 34, y = 0, tint = [0.2, 0.21, 0.23], night = false, depth = 8 } = {}) {
  const { batch, chance } = stage;
  for (let x = x0; x < x1;) {
    const w = chance.range(9, 24), h = chance.range(low, high) * (chance.yes(0.12) ? 1.7 : 1), k = chance.range(0.7, 1.25);
    batch.coloured(tint.map((c) => c * k), () => batch.box('concrete', x + w / 2, y, z - depth / 2, w - 0.6, h, depth));
    for (let wy = y + 2.2; wy < y + h - 2; wy += 3.2) for (let wx = x + 1.2; wx < x + w - 2; wx += 2.6) {
      batch.lit = night && chance.yes(0.3) ? chance.range(0.3, 1.2) : 0; const i = chance.int(16), u = (i % 4) / 4, v = Math.floor(i / 4) / 4;
      batch.coloured([1, chance.range(0.8, 1), chance.range(0.55, 1)], () => batch.quad('window', [wx, wy, z + 0.05], [wx + 1.4, wy, z + 0.05], [wx + 1.4, wy + 1.7, z + 0.05], [wx, wy + 1.7, z + 0.05], [u + 0.01, 1 - v - 0.24, u + 0.24, 1 - v - 0.01]));
    }
    batch.lit = 0; x += w + chance.range(0, 3);
  }
}

/** A river between two z with its walls. */
export function river(stage, z0, z1, y, { from = -160, to = 160, tint = [0.03, 0.045, 0.045], wall = 'stone' } = {}) {
  const { batch } = stage;
  batch.coloured(tint, () => batch.slab('water', [[from, z0], [to, z0], [to, z1], [from, z1]], y));
  batch.coloured([0.4, 0.38, 0.34], () => { batch.quad(wall, [from, y - 1, z1], [to, y - 1, z1], [to, 0, z1], [from, 0, z1]); batch.quad(wall, [from, y - 1, z0], [to, y - 1, z0], [to, 0, z0], [from, 0, z0]); });
}
