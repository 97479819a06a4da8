// Trees, hedges and grass blades for the still world.
import { add, scale, unit } from './kit.js';

function leafCard(batch, chance, at, size, tint, middle) {
  const v = () => [chance.range(-1, 1), chance.range(-1, 1), chance.range(-1, 1)];
  const a = scale(unit(v()), size), c = unit(v()), b = scale(unit([a[1] * c[2] - a[2] * c[1], a[2] * c[0] - a[0] * c[2], a[0] * c[1] - a[1] * c[0]]), size);
  const out = unit([at[0] - middle[0], (at[1] - middle[1]) * 0.8 + 0.35, at[2] - middle[2]]), n = unit(add(out, scale(v(), 0.5)));
  const p = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([s, t]) => [at[0] + a[0] * s + b[0] * t, at[1] + a[1] * s + b[1] * t, at[2] + a[2] * s + b[2] * t]);
  const shade = chance.range(0.65, 1.15), hue = [tint[0] * shade * chance.range(0.85, 1.2), tint[1] * shade, tint[2] * shade * chance.range(0.8, 1.2)];
  for (const i of [0, 1, 2, 0, 2, 3]) batch.vertex('leaf', p[i], n, i === 1 || i === 2 ? 1 : 0, i > 1 ? 1 : 0, hue);
}

/** `season` 0 bare, 1 in full leaf. */
export function tree(batch, chance, x, z, high, { season = 1, tint = [0.16, 0.24, 0.07], y = 0, dense = 1 } = {}) {
  const tips = [], crown = [x, y + high * 0.66, z];
  const grow = (from, way, long, radius, depth) => {
    const to = add(from, scale(way, long));
    batch.coloured([0.3, 0.25, 0.2], () => batch.rod('bark', from, to, radius, radius * 0.62, depth > 2 ? 9 : 5));
    if (depth === 0) { tips.push(to); return; }
    const forks = depth > 3 ? 3 : chance.yes(0.55) ? 3 : 2;
    for (let i = 0; i < forks; i++) {
      const t = chance.range(0, 6.28), spread = chance.range(0.35, 0.85), side = [Math.cos(t) * spread, chance.range(-0.05, 0.4), Math.sin(t) * spread];
      grow(to, unit(add(way, side)), long * chance.range(0.66, 0.85), radius * 0.6, depth - 1);
    }
    if (depth < 3) tips.push(to);
  };
  grow([x, y, z], unit([chance.range(-0.06, 0.06), 1, chance.range(-0.06, 0.06)]), high * 0.3, high * 0.022, season < 0.2 ? 6 : 4);
  if (season < 0.2) return;
  for (const tip of tips) {
    const count = Math.round(22 * season * dense);
    for (let i = 0; i < count; i++) {
      const r = high * 0.1, at = add(tip, [chance.range(-r, r), chance.range(-r, r) * 0.8, chance.range(-r, r)]);
      leafCard(batch, chance, at, chance.range(0.2, 0.42) * (0.6 + high / 20), tint, crown);
    }
  }
}

export function hedge(batch, chance, x0, z0, x1, z1, high = 1, tint = [0.1, 0.15, 0.05]) {
  const long = Math.hypot(x1 - x0, z1 - z0);
  for (let i = 0; i < long * 46; i++) {
    const t = chance.next(), y = chance.range(0.1, high), at = [x0 + (x1 - x0) * t + chance.range(-0.35, 0.35), y, z0 + (z1 - z0) * t + chance.range(-0.35, 0.35)];
    leafCard(batch, chance, at, chance.range(0.14, 0.26), tint, [at[0], 0, at[2]]);
  }
}
