// The ground seen from above, painted in metres: asphalt, paving, grass, lane markings and what wears them.
import { canvas, texture } from './paint.js';
import { Chance } from './kit.js';

export class Ground {
  /** `extent` is [x0, z0, x1, z1] in metres. */
  constructor(extent, seed, size = 4096) {
    const [x0, z0, x1, z1] = extent;
    this.extent = extent; this.chance = new Chance(seed);
    [this.canvas, this.ctx] = canvas(size, size);
    this.ctx.scale(size / (x1 - x0), size / (z1 - z0)); this.ctx.translate(-x0, -z0);
    this.ctx.fillStyle = '#4c4c4e'; this.ctx.fillRect(x0, z0, x1 - x0, z1 - z0);
  }
  shape(outline) {
    const { ctx } = this;
    ctx.beginPath(); outline.forEach(([x, z], i) => (i ? ctx.lineTo(x, z) : ctx.moveTo(x, z))); ctx.closePath();
  }
  area(outline, colour) { this.shape(outline); this.ctx.fillStyle = colour; this.ctx.fill(); }
  rect(x0, z0, x1, z1, colour) { this.area([[x0, z0], [x1, z0], [x1, z1], [x0, z1]], colour); }
  inside(outline, work) { this.ctx.save(); this.shape(outline); this.ctx.clip(); work(this.ctx); this.ctx.restore(); }
  /** Slabs of stone or concrete with joints, some of them stained. */
  paving(outline, size = 0.6, colour = [150, 148, 143]) {
    this.area(outline, `rgb(${colour})`);
    const { chance } = this;
    const xs = outline.map((p) => p[0]), zs = outline.map((p) => p[1]);
    this.inside(outline, (ctx) => {
      for (let x = Math.min(...xs); x < Math.max(...xs); x += size) for (let z = Math.min(...zs); z < Math.max(...zs); z += size) {
        const v = chance.range(0.86, 1.06);
        ctx.fillStyle = `rgb(${colour.map((c) => c * v)})`; ctx.fillRect(x + 0.012, z + 0.012, size - 0.024, size - 0.024);
      }
    });
    this.stains(outline, 30, 1.6);
  }
  grass(outline, colour = [74, 88, 44]) {
    this.area(outline, `rgb(${colour})`);
    const { chance } = this;
    const xs = outline.map((p) => p[0]), zs = outline.map((p) => p[1]);
    const [a, b, c, d] = [Math.min(...xs), Math.max(...xs), Math.min(...zs), Math.max(...zs)];
    this.inside(outline, (ctx) => {
      for (let i = 0; i < Math.min((b - a) * (d - c) * 26, 160000); i++) {
        const v = chance.range(0.6, 1.35), dry = chance.yes(0.15) ? 1.3 : 1;
        ctx.fillStyle = `rgba(${colour[0] * v * dry},${colour[1] * v},${colour[2] * v},.4)`;
        ctx.fillRect(chance.range(a, b), chance.range(c, d), chance.range(0.04, 0.22), chance.range(0.04, 0.2));
      }
    });
  }
  stains(outline, count, size = 1, dark = 0.16) {
    const { chance } = this;
    const xs = outline.map((p) => p[0]), zs = outline.map((p) => p[1]);
    this.inside(outline, (ctx) => {
      for (let i = 0; i < count; i++) {
        const x = chance.range(Math.min(...xs), Math.max(...xs)), z = chance.range(Math.min(...zs), Math.max(...zs));
        const r = size * chance.range(0.2, 1), soft = ctx.createRadialGradient(x, z, 0, x, z, r);
        const tone = chance.yes(0.7) ? '20,20,22' : '190,186,178';
        soft.addColorStop(0, `rgba(${tone},${dark * chance.range(0.4, 1)})`); soft.addColorStop(1, `rgba(${tone},0)`);
        ctx.fillStyle = soft; ctx.fillRect(x - r, z - r, 2 * r, 2 * r);
      }
    });
  }
  /** Wheels polish two tracks and oil drips between them; `lane` is a polyline along its middle. */
  wear(lane, half = 0.85) {
    const { ctx } = this;
    const stroke = (shift, width, style) => { ctx.strokeStyle = style; ctx.lineWidth = width; ctx.lineCap = 'butt'; this.trace(lane, shift); ctx.stroke(); };
    for (const side of [-half, half]) for (const w of [0.75, 0.5, 0.3]) stroke(side, w, 'rgba(120,120,120,.055)');
    for (const w of [1.0, 0.7, 0.4, 0.2]) stroke(0, w, 'rgba(15,15,17,.075)');
  }
  trace(points, shift = 0) {
    const { ctx } = this;
    ctx.beginPath();
    points.forEach(([x, z], i) => {
      const [ax, az] = points[Math.max(i - 1, 0)], [bx, bz] = points[Math.min(i + 1, points.length - 1)];
      const l = Math.hypot(bx - ax, bz - az) || 1, px = x - (bz - az) / l * shift, pz = z + (bx - ax) / l * shift;
      if (i) ctx.lineTo(px, pz); else ctx.moveTo(px, pz);
    });
  }
  line(points, width = 0.12, colour = '#c9c7bd', dash = []) {
    const { ctx } = this;
    ctx.save(); ctx.setLineDash(dash); ctx.lineWidth = width; ctx.strokeStyle = colour; ctx.globalAlpha = 0.82;
    this.trace(points); ctx.stroke(); ctx.restore();
    this.scuff(points, width);
  }
  /** Paint that has been driven over: the asphalt shows through. */
  scuff(points, width) {
    const { ctx, chance } = this;
    for (let i = 1; i < points.length; i++) {
      const [ax, az] = points[i - 1], [bx, bz] = points[i], l = Math.hypot(bx - ax, bz - az);
      for (let k = 0; k < l * 7; k++) {
        const t = chance.next(), s = chance.range(0.02, 0.1);
        ctx.fillStyle = `rgba(76,76,78,${chance.range(0.2, 0.7)})`;
        ctx.fillRect(ax + (bx - ax) * t + chance.range(-width, width) / 2, az + (bz - az) * t + chance.range(-width, width) / 2, s, s);
      }
    }
  }
  /** Bars of a crossing over the rectangle; `across` says whether people walk along x. */
  crossing(x0, z0, x1, z1, across, bar = 0.5) {
    const from = across ? z0 : x0, to = across ? z1 : x1;
    for (let a = from + bar / 2; a < to; a += bar * 2) {
      const b = Math.min(a + bar, to);
      this.rect(...(across ? [x0, a, x1, b] : [a, z0, b, z1]), 'rgba(205,203,194,.85)');
      const m = (a + b) / 2;
      this.scuff(across ? [[x0, m], [x1, m]] : [[m, z0], [m, z1]], bar);
    }
  }
  cracks(x0, z0, x1, z1, count) {
    const { ctx, chance } = this;
    for (let i = 0; i < count; i++) {
      let x = chance.range(x0, x1), z = chance.range(z0, z1), way = chance.range(0, 6.3);
      ctx.strokeStyle = `rgba(24,24,25,${chance.range(0.3, 0.8)})`; ctx.lineWidth = chance.range(0.015, 0.05);
      ctx.beginPath(); ctx.moveTo(x, z);
      for (let k = 0; k < 14; k++) { way += chance.range(-0.7, 0.7); x += Math.cos(way) * 0.4; z += Math.sin(way) * 0.4; ctx.lineTo(x, z); }
      ctx.stroke();
    }
  }
  patch(x, z, w, d, tone = 'rgba(36,36,39,.75)') { this.rect(x - w / 2, z - d / 2, x + w / 2, z + d / 2, tone); }
  manhole(x, z, r = 0.33) {
    const { ctx } = this;
    ctx.fillStyle = '#2c2b2a'; ctx.beginPath(); ctx.arc(x, z, r, 0, 7); ctx.fill();
    ctx.strokeStyle = '#5d5b58'; ctx.lineWidth = 0.05; ctx.stroke();
  }
  arrow(x, z, turn, length = 2.6) {
    const { ctx } = this;
    ctx.save(); ctx.translate(x, z); ctx.rotate(turn); ctx.fillStyle = 'rgba(200,198,190,.8)';
    ctx.fillRect(-length / 2, -0.08, length * 0.65, 0.16);
    ctx.beginPath(); ctx.moveTo(length / 2, 0); ctx.lineTo(length * 0.1, 0.36); ctx.lineTo(length * 0.1, -0.36); ctx.fill(); ctx.restore();
  }
  words(text, x, z, turn, height = 2.2) {
    const { ctx } = this;
    ctx.save(); ctx.translate(x, z); ctx.rotate(turn); ctx.scale(height / 100 * 0.5, height / 100);
    ctx.fillStyle = 'rgba(203,201,192,.8)'; ctx.font = 'bold 100px DejaVu Sans'; ctx.textAlign = 'center'; ctx.textBaseline = 'middle';
    ctx.fillText(text, 0, 0); ctx.restore();
  }
  texture() { return texture(this.canvas, { repeat: false }); }
}
