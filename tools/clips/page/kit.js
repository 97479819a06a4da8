// Chance, paths and a collector of triangles: the small tools that every scene uses.
import * as THREE from 'three';

/** The same seed gives the same numbers, on every machine. */
export class Chance {
  constructor(seed) { this.state = seed >>> 0 || 1; }
  next() {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  range(low, high) { return low + (high - low) * this.next(); }
  int(below) { return Math.floor(this.next() * below); }
  pick(list) { return list[this.int(list.length)]; }
  yes(share) { return this.next() < share; }
}

export const clamp = (x, a = 0, b = 1) => Math.min(Math.max(x, a), b);
export const mix = (a, b, t) => a + (b - a) * t;
export const smooth = (a, b, x) => { const t = clamp((x - a) / (b - a)); return t * t * (3 - 2 * t); };
export const fract = (x) => x - Math.floor(x);
/** A colour as written by designers, in linear light. */
export const rgb = (hex) => new THREE.Color(hex).toArray();

/** Piecewise linear through [x, y] pairs, held beyond the ends. */
export function curve(points, x) {
  if (x <= points[0][0]) return points[0][1];
  for (let i = 1; i < points.length; i++) {
    const [x1, y1] = points[i], [x0, y0] = points[i - 1];
    if (x <= x1) return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
  }
  return points[points.length - 1][1];
}

/** The same, rounded at the points. */
export function softCurve(points, x) {
  if (x <= points[0][0]) return points[0][1];
  const n = points.length;
  for (let i = 1; i < n; i++) {
    const [x1, y1] = points[i], [x0, y0] = points[i - 1];
    if (x > x1) continue;
    const [xa, ya] = points[Math.max(i - 2, 0)], [xb, yb] = points[Math.min(i + 1, n - 1)];
    const h = x1 - x0, t = (x - x0) / h, d = (y1 - y0) / h;
    const bound = (m) => (d === 0 || m * d <= 0 ? 0 : Math.sign(d) * Math.min(Math.abs(m), 3 * Math.abs(d)));
    const m0 = bound(i > 1 ? (y1 - ya) / (x1 - xa) : d), m1 = bound(i < n - 1 ? (yb - y0) / (xb - x0) : d);
    const t2 = t * t, t3 = t2 * t;
    return (2 * t3 - 3 * t2 + 1) * y0 + (t3 - 2 * t2 + t) * h * m0 + (3 * t2 - 2 * t3) * y1 + (t3 - t2) * h * m1;
  }
  return points[n - 1][1];
}

/** A way along the ground through [x, z] or [x, z, y] points, corners rounded with `radius`. */
export class Path {
  constructor(points, radius = 6) {
    const full = points.map(([x, z, y = 0]) => new THREE.Vector3(x, y, z));
    const out = [full[0]];
    for (let i = 1; i < full.length - 1; i++) {
      const a = full[i - 1], b = full[i], c = full[i + 1];
      const cut = Math.min(radius, a.distanceTo(b) / 2.01, b.distanceTo(c) / 2.01);
      const from = b.clone().lerp(a, cut / a.distanceTo(b)), to = b.clone().lerp(c, cut / b.distanceTo(c));
      for (let k = 0; k <= 12; k++) {
        const t = k / 12;
        out.push(from.clone().multiplyScalar((1 - t) ** 2).addScaledVector(b, 2 * t * (1 - t)).addScaledVector(to, t * t));
      }
    }
    out.push(full[full.length - 1]);
    this.points = out;
    this.along = [0];
    for (let i = 1; i < out.length; i++) this.along.push(this.along[i - 1] + out[i].distanceTo(out[i - 1]));
    this.length = this.along[this.along.length - 1];
  }
  /** The point `s` metres along; beyond the ends it goes on straight. */
  at(s) {
    const { along, points } = this;
    let i = 1;
    while (i < points.length - 1 && along[i] < s) i++;
    return points[i - 1].clone().lerp(points[i], (s - along[i - 1]) / (along[i] - along[i - 1] || 1));
  }
  heading(s) {
    const a = this.at(s - 0.3), b = this.at(s + 0.3);
    return Math.atan2(-(b.z - a.z), b.x - a.x);
  }
}

/** Triangles by material, in world coordinates; texture coordinates are metres unless the material is an atlas. */
export class Batch {
  constructor() { this.parts = new Map(); this.tint = [1, 1, 1]; this.lit = 0; this.matrix = null; }
  part(key) {
    if (!this.parts.has(key)) this.parts.set(key, { pos: [], nor: [], uv: [], col: [] });
    return this.parts.get(key);
  }
  /** Draw what `work` draws with this placement. */
  placed(x, y, z, turn, work) {
    const before = this.matrix;
    const here = new THREE.Matrix4().makeRotationY(turn).setPosition(x, y, z);
    this.matrix = before ? before.clone().multiply(here) : here;
    work();
    this.matrix = before;
  }
  coloured(tint, work) { const before = this.tint; this.tint = tint; work(); this.tint = before; }
  vertex(key, p, n, u, v, tint = this.tint) {
    const part = this.part(key);
    if (this.matrix) {
      p = new THREE.Vector3(...p).applyMatrix4(this.matrix).toArray();
      n = new THREE.Vector3(...n).transformDirection(this.matrix).toArray();
    }
    part.pos.push(...p); part.nor.push(...n); part.uv.push(u, v); part.col.push(...tint, this.lit);
  }
  /** Corners counter-clockwise seen from outside; `uv` is [u0, v0, u1, v1] for a and c. */
  quad(key, a, b, c, d, uv = null) {
    const ab = sub(b, a), ad = sub(d, a), n = unit(cross(ab, ad));
    const [u0, v0, u1, v1] = uv ?? [0, 0, length(ab), length(ad)];
    const corners = [[a, u0, v0], [b, u1, v0], [c, u1, v1], [a, u0, v0], [c, u1, v1], [d, u0, v1]];
    for (const [p, u, v] of corners) this.vertex(key, p, n, u, v);
  }
  box(key, x, y, z, w, h, d) {
    const [x0, x1, y0, y1, z0, z1] = [x - w / 2, x + w / 2, y, y + h, z - d / 2, z + d / 2];
    this.quad(key, [x0, y0, z1], [x1, y0, z1], [x1, y1, z1], [x0, y1, z1]);
    this.quad(key, [x1, y0, z0], [x0, y0, z0], [x0, y1, z0], [x1, y1, z0]);
    this.quad(key, [x1, y0, z1], [x1, y0, z0], [x1, y1, z0], [x1, y1, z1]);
    this.quad(key, [x0, y0, z0], [x0, y0, z1], [x0, y1, z1], [x0, y1, z0]);
    this.quad(key, [x0, y1, z1], [x1, y1, z1], [x1, y1, z0], [x0, y1, z0]);
    this.quad(key, [x0, y0, z0], [x1, y0, z0], [x1, y0, z1], [x0, y0, z1]);
  }
  /** A tapered rod from a to b. */
  rod(key, a, b, r0, r1 = r0, sides = 10) {
    const axis = unit(sub(b, a)), side = unit(cross(axis, Math.abs(axis[1]) > 0.9 ? [1, 0, 0] : [0, 1, 0]));
    const up = cross(side, axis), long = length(sub(b, a));
    const ring = (k) => {
      const t = k / sides * 2 * Math.PI;
      return add(scale(side, Math.cos(t)), scale(up, Math.sin(t)));
    };
    for (let k = 0; k < sides; k++) {
      const n0 = ring(k), n1 = ring(k + 1);
      const p = [add(a, scale(n0, r0)), add(b, scale(n0, r1)), add(b, scale(n1, r1)), add(a, scale(n1, r0))];
      const u = (i) => (k + i) / sides * 2 * Math.PI * r0;
      const corners = [[p[0], n0, u(0), 0], [p[1], n0, u(0), long], [p[2], n1, u(1), long],
        [p[0], n0, u(0), 0], [p[2], n1, u(1), long], [p[3], n1, u(1), 0]];
      for (const [q, n, s, t] of corners) this.vertex(key, q, n, s, t);
    }
  }
  /** A rod through many points, for pipes, wires and rails. */
  tube(key, points, r, sides = 6) { for (let i = 1; i < points.length; i++) this.rod(key, points[i - 1], points[i], r, r, sides); }
  ball(key, [x, y, z], rx, ry = rx, rz = rx, n = 10) {
    const at = (i, k) => {
      const a = i / n * Math.PI, b = k / n * 2 * Math.PI;
      return [Math.sin(a) * Math.cos(b), Math.cos(a), Math.sin(a) * Math.sin(b)];
    };
    for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) {
      const q = [at(i, k), at(i, k + 1), at(i + 1, k + 1), at(i + 1, k)];
      for (const j of [0, 1, 2, 0, 2, 3]) {
        this.vertex(key, [x + q[j][0] * rx, y + q[j][1] * ry, z + q[j][2] * rz], unit([q[j][0] / rx, q[j][1] / ry, q[j][2] / rz]), q[j][0], q[j][1]);
      }
    }
  }
  /** A level surface over a polygon of [x, z] points, and its sides down to `foot` in another material. */
  slab(key, outline, y, foot = null, sideKey = key) {
    const flat = outline.map(([x, z]) => new THREE.Vector2(x, z));
    const ring = THREE.ShapeUtils.isClockWise(flat) ? flat.reverse() : flat;
    for (const face of THREE.ShapeUtils.triangulateShape(ring, [])) {
      for (const i of [face[0], face[2], face[1]]) this.vertex(key, [ring[i].x, y, ring[i].y], [0, 1, 0], ring[i].x, ring[i].y);
    }
    if (foot === null) return;
    for (let i = 0; i < ring.length; i++) {
      const a = ring[i], b = ring[(i + 1) % ring.length];
      this.quad(sideKey, [b.x, foot, b.y], [a.x, foot, a.y], [a.x, y, a.y], [b.x, y, b.y]);
    }
  }
  geometries() {
    const made = new Map();
    for (const [key, part] of this.parts) {
      const g = new THREE.BufferGeometry();
      g.setAttribute('position', new THREE.Float32BufferAttribute(part.pos, 3));
      g.setAttribute('normal', new THREE.Float32BufferAttribute(part.nor, 3));
      g.setAttribute('uv', new THREE.Float32BufferAttribute(part.uv, 2));
      g.setAttribute('tint', new THREE.Float32BufferAttribute(part.col, 4));
      made.set(key, g);
    }
    return made;
  }
}

export const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const sub = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a, k) => [a[0] * k, a[1] * k, a[2] * k];
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
export const length = (a) => Math.hypot(...a);
export const unit = (a) => scale(a, 1 / (length(a) || 1));
