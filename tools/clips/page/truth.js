// What a frame truly shows: the extent of everything that moves in the picture's pixels, and where a plate can be seen.
import * as THREE from 'three';

export class Truth {
  constructor(stage) { this.stage = stage; this.bend = stage.shot.look.bend ?? 0.06; this.shape = [stage.width / stage.height, 1]; }
  /** Where a point of the world lies in the picture, in pixels from the top left; null behind the camera. */
  project(point) {
    const q = new THREE.Vector4(point.x, point.y, point.z, 1).applyMatrix4(this.stage.viewProjection);
    if (q.w < 0.3) return null;
    const l = Math.hypot(...this.shape), straight = [q.x / q.w, q.y / q.w].map((v, i) => v * this.shape[i] / l);
    // The lens takes r to r (1 + bend r^2) / (1 + bend): solved for r by Newton's way.
    const r = Math.hypot(...straight), wanted = r * (1 + this.bend); let s = r;
    for (let i = 0; i < 6; i++) s -= (s + this.bend * s ** 3 - wanted) / (1 + 3 * this.bend * s * s);
    const k = r > 1e-9 ? s / r : 1, [x, y] = straight.map((v, i) => v * k * l / this.shape[i]);
    return [(x * 0.5 + 0.5) * this.stage.width, (0.5 - y * 0.5) * this.stage.height];
  }
  count(marks) {
    const seen = new Uint32Array(256);
    for (let i = 0; i < marks.length; i += 4) seen[marks[i]]++;
    return seen;
  }
  of(marks) {
    const seen = this.count(marks), things = [];
    for (const actor of this.stage.actors) {
      const pixels = seen[actor.kind === 'car' ? actor.options.number : actor.mesh.material.uniforms.number.value] + (actor.plates ?? []).reduce((n, p) => n + seen[p.number], 0);
      if (!pixels) continue;
      const box = this.extent(actor.outline());
      if (!box) continue;
      const thing = { id: actor.id, kind: actor.kind, box, pixels };
      for (const plate of actor.plates ?? []) {
        if (seen[plate.number] < 12 || plate.facing(this.stage.eye) < 0.3) continue;
        const corners = plate.corners().map((c) => this.project(c));
        if (corners.some((c) => !c || c[0] < 0 || c[1] < 0 || c[0] > this.stage.width || c[1] > this.stage.height)) continue;
        const area = Math.abs(corners.reduce((sum, [x, y], i) => { const [u, v] = corners[(i + 1) % 4]; return sum + x * v - u * y; }, 0)) / 2;
        if (seen[plate.number] < 0.85 * area) continue;
        thing.plate = { text: actor.plate, rear: plate.rear, polygon: corners.map((c) => c.map((v) => Math.round(v * 10) / 10)) };
      }
      things.push(thing);
    }
    return things;
  }
  extent(points) {
    let [x0, y0, x1, y1] = [1e9, 1e9, -1e9, -1e9];
    for (const p of points) { const q = this.project(p); if (!q) continue; x0 = Math.min(x0, q[0]); y0 = Math.min(y0, q[1]); x1 = Math.max(x1, q[0]); y1 = Math.max(y1, q[1]); }
    const { width, height } = this.stage, box = [Math.max(x0, 0), Math.max(y0, 0), Math.min(x1, width), Math.min(y1, height)];
    return box[2] - box[0] < 1 || box[3] - box[1] < 1 ? null : box.map((v) => Math.round(v));
  }
}
