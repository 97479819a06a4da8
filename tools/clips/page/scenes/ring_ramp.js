// The ring road's ramp in heavy rain at nightfall: headlights on wet asphalt, a lane that joins.
import { tree } from '../trees.js';
import { NIGHT } from './airs.js';
import { Path } from '../kit.js';
import { ALONG } from './blocks.js';

function barrier(batch, points, y = 0) {
  batch.coloured([0.5, 0.52, 0.53], () => { for (let i = 1; i < points.length; i++) { const [ax, az] = points[i - 1], [bx, bz] = points[i]; for (const h of [0.55, 0.75]) batch.rod('paint', [ax, y + h, az], [bx, y + h, bz], 0.1, 0.1, 6); const l = Math.hypot(bx - ax, bz - az); for (let t = 0; t < l; t += 3) batch.box('paint', ax + (bx - ax) * t / l, y, az + (bz - az) * t / l, 0.1, 0.75, 0.1); } });
}

function gantry(stage) {
  const { batch } = stage;
  batch.coloured([0.35, 0.37, 0.38], () => { for (const z of [-18, 14]) batch.rod('paint', [46, 0, z], [46, 7.6, z], 0.25, 0.25, 10); for (const y of [6.4, 7.6]) batch.rod('paint', [46, y, -18], [46, y, 14], 0.14, 0.14, 8); });
  batch.lit = 0.35;
  [[6, 0], [-1.5, 1], [-11, 2]].forEach(([z, k]) => { batch.coloured([0.9, 0.9, 0.9], () => batch.quad('signs', [45.6, 5.6, z - 3], [45.6, 5.6, z + 3], [45.6, 7.5, z + 3], [45.6, 7.5, z - 3], [0.02, 1 - (k + 0.98) / 8, 0.98, 1 - (k + 0.02) / 8])); });
  batch.lit = 0;
}

function build(stage) {
  const { batch, chance, ground } = stage;
  ground.grass([[-95, -60], [150, -60], [150, 60], [-95, 60]], [58, 66, 40]);
  ground.rect(-95, -17, 150, -1.2, '#464649'); ground.rect(-95, 1.2, 150, 13, '#464649'); ground.rect(-95, -1.2, 150, 1.2, '#6a6862');
  const ramp = [[-60, 44], [-30, 30], [0, 20], [30, 14.2], [60, 11.4], [150, 11.2]];
  ground.ctx.strokeStyle = '#464649'; ground.ctx.lineWidth = 5.4; ground.ctx.lineJoin = 'round'; ground.trace(ramp); ground.ctx.stroke();
  for (const z of [-14.8, -11.2, -7.6, -4, 3.6, 7.2]) ground.wear([[-95, z], [150, z]]); ground.wear(ramp);
  for (const z of [-13, -9.4, -5.8, 5.4]) ground.line([[-95, z], [150, z]], 0.15, '#c9c7bd', [4, 8]);
  for (const z of [-16.6, -2.2, 1.8]) ground.line([[-95, z], [150, z]], 0.18); ground.line([[-95, 9.2], [20, 9.2]], 0.18); ground.line([[20, 9.2], [80, 9.2]], 0.3, '#c9c7bd', [1.5, 3]);
  for (let k = 0; k < 9; k++) ground.line([[2 + k * 2, 9.5], [5 + k * 2.2, 15.6 - k * 0.55]], 0.35);
  ground.stains([[-95, -17], [150, -17], [150, 13], [-95, 13]], 140, 2.2); for (let i = 0; i < 8; i++) ground.patch(chance.range(-40, 80), chance.range(-15, 8), chance.range(4, 14), 1.7);
  batch.slab('ground', [[-95, -60], [150, -60], [150, 60], [-95, 60]], 0);
  batch.coloured([0.42, 0.42, 0.41], () => { batch.box('concrete', 27, 0, 0, 245, 0.85, 0.5); batch.box('concrete', 27, 0, 0, 245, 0.25, 0.9); });
  barrier(batch, [[-95, -18], [150, -18]]); barrier(batch, [[-60, 47.5], [-30, 33.4], [0, 23.6], [30, 17.6], [60, 14.8], [150, 14.4]]);
  gantry(stage);
  for (const x of [-40, -6, 28, 62, 96, 130]) { stage.lamp(x, 0, Math.PI / 2, { high: 10, reach: 3, strength: 120, colour: [1, 0.66, 0.34], key: { '-6': 0, 28: 1 }[x], shadow: x > 80 ? false : undefined }); stage.lamp(x, 0, -Math.PI / 2, { high: 10, reach: 3, strength: 120, colour: [1, 0.66, 0.34], shadow: x > 80 ? false : undefined }); }
  for (let i = 0; i < 40; i++) { const side = chance.yes(0.6); tree(batch, chance, chance.range(-10, 140), side ? chance.range(-38, -22) : chance.range(24, 46), chance.range(7, 12), { dense: 0.5, tint: [0.12, 0.15, 0.05] }); }
  const lane = (z, way) => { const p = ALONG(z, -90, 150); if (way < 0) p.points.reverse(); return p; };
  const away = [lane(3.6, 1), lane(7.2, 1)], toward = [-4, -7.6, -11.2, -14.8].map((z) => lane(z, -1)), join = new Path(ramp, 30), models = ['sedan', 'suv', 'hatch', 'sedan', 'van', 'pickup'], paints = ['#c9ccce', '#1c1d1f', '#8d9093', '#23365c', '#7a1b1e', '#e4e2da', '#55585c'];
  [[0, 0.6], [0, 4.8], [0, 11.3], [0, 16.1], [1, 2.4], [1, 8.3], [1, 13.9], [1, 18.2]].forEach(([k, t], i) => stage.drive(models[i % 6], paints[(i * 3) % 7], away[k], 22 - k * 3, t, { cruise: true, warm: i % 3 === 0, plate: i === 2 ? 'QZ9-7314' : null }));
  [[0, 1.2], [1, 3.3], [2, 5.2], [3, 0.2], [0, 8.8], [1, 11.1], [2, 13.1], [3, 9.4], [0, 15.6], [2, 18.8], [3, 16.2]].forEach(([k, t], i) => stage.drive(models[(i + 2) % 6], paints[(i * 5 + 1) % 7], toward[k], 23 - k * 1.8, t, { cruise: true, warm: i % 4 === 1 }));
  [[3.2], [12.6]].forEach(([t], i) => stage.drive(i ? 'van' : 'sedan', i ? '#e4e2da' : '#8d9093', join, [[0, 0], [4, 52], [9, 150], [12, 215]], t, { cruise: true }));
}

export const ringRamp = {
  seed: 508, size: [640, 360], seconds: 20, extent: [-95, -60, 150, 60], groundPixels: 4096, middle: [30, 0, -2], radius: 105, mirrorY: 0, beamsNear: [16, 0, 0],
  camera: { place: [-24, 9.5, 10], aim: [18, 0.5, -3.2], field: 38 }, beamPower: 3, glarePower: 0.9, plates: ['QZ9-7314'],
  air: { ...NIGHT, zenith: [0.045, 0.055, 0.08], horizon: [0.14, 0.14, 0.16], fogColour: [0.085, 0.08, 0.08], bounce: [0.05, 0.045, 0.04], groundBounce: [0.06, 0.05, 0.04] },
  signs: [['CENTRE  1', '#12407a', '#eef2f6'], ['AIRFIELD  A4', '#12407a', '#eef2f6'], ['BRIDGE  2', '#12407a', '#eef2f6']],
  look: { exposure: 1.35, fog: [8, 0.01, 0.85, 12], bloom: 0.1, bloomFrom: 0.9, saturation: 0.8, grain: 0.02, vignette: 0.3, wet: 1, puddles: 0.6, rain: { count: 4000, middle: [2, -0.2, 2], box: [44, 11, 36], speed: 9, amount: 0.4 } }, build,
};
