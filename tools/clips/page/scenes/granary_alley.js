// Granary Alley, night and rain: wet setts between brick walls, two lamps, somebody with an umbrella.
import { STYLES } from '../houses.js';
import { bin, wire } from '../street.js';
import { NIGHT } from './airs.js';
import { Path } from '../kit.js';

const WALL = { ...STYLES.darkBrick, litShare: 0.16, bay: 3.6, open: 0.34 };

function setts(stage) {
  const { ground, chance } = stage;
  ground.rect(-60, -40, 80, 40, '#3a3a3c');
  for (let x = -12; x < 46; x += 0.24) for (let z = -3.4; z < 3.4; z += 0.16) { const v = chance.range(48, 84); ground.rect(x + 0.012, z + 0.01, x + 0.228, z + 0.15, `rgb(${v},${v},${v * 1.02})`); }
  ground.patch(8, 0, 0.5, 6.8, 'rgba(20,20,21,.6)'); ground.rect(-12, -0.14, 46, 0.14, 'rgba(26,26,27,.7)'); ground.manhole(3, 0.8); ground.manhole(15, -1.2);
}

function skip(batch, x, z, tint) {
  batch.coloured(tint, () => { batch.box('paint', x, 0.15, z, 2, 1.15, 1.15); batch.box('paint', x, 1.3, z, 2.1, 0.1, 1.25); for (const s of [-0.85, 0.85]) batch.box('paint', x + s, 0, z, 0.15, 0.2, 1); });
}

function escape(batch, x, z, side) {
  batch.coloured([0.07, 0.07, 0.07], () => {
    for (let f = 0; f < 3; f++) {
      const y = 4 + f * 3.3; batch.box('paint', x, y, z + side * 0.6, 4, 0.07, 1.1);
      for (const h of [0.5, 1]) batch.rod('paint', [x - 2, y + h, z + side * 1.12], [x + 2, y + h, z + side * 1.12], 0.025, 0.025, 5);
      for (let k = -2; k <= 2; k += 0.5) batch.rod('paint', [x + k, y, z + side * 1.12], [x + k, y + 1, z + side * 1.12], 0.018, 0.018, 4);
      for (const d of [0.4, 1]) batch.rod('paint', [x - 1.8, y, z + side * d], [x + 1.6, y + 3.3, z + side * d], 0.035, 0.035, 5);
    }
  });
}

function build(stage) {
  const { batch, chance } = stage;
  setts(stage);
  batch.slab('ground', [[-60, -40], [80, -40], [80, 40], [-60, 40]], 0);
  for (const [x, w, f, s] of [[-4, 18, 4, WALL], [13.5, 16, 3, { ...WALL, tint: [0.3, 0.14, 0.1] }], [30, 16, 4, { ...WALL, tint: [0.34, 0.28, 0.2] }]]) stage.house({ x, z: -9.4, w, d: 12, floors: f, style: s, ground: 'door' });
  for (const [x, w, f, s] of [[-3, 16, 3, { ...WALL, tint: [0.3, 0.2, 0.14] }], [14, 17, 4, WALL], [31, 16, 3, { ...WALL, tint: [0.32, 0.15, 0.11] }]]) stage.house({ x, z: 9.4, w, d: 12, floors: f, style: s, turn: Math.PI, ground: 'door' });
  stage.house({ x: 58, z: 0, w: 46, d: 12, floors: 4, style: STYLES.cream, turn: -Math.PI / 2, ground: 'shop' });
  escape(batch, 9, -3.4, 1); escape(batch, 24, 3.4, -1);
  skip(batch, 12.5, -2.5, [0.06, 0.16, 0.09]); skip(batch, 5.2, 2.6, [0.1, 0.12, 0.2]); bin(batch, 7.4, 2.8, [0.1, 0.1, 0.1]); bin(batch, 15, -2.8, [0.12, 0.1, 0.08]);
  for (const [x, z] of [[17, 2.6], [17.9, 2.7], [17.4, 2.5]]) batch.coloured([0.05, 0.05, 0.055], () => batch.ball('paint', [x, 0.28, z], 0.38, 0.32, 0.34, 8));
  for (const y of [6, 7.2, 8.8]) wire(batch, [6 + y, y, -3.4], [4 + y, y + 0.4, 3.4], 0.3, 0.014);
  for (const [x, z, s, key] of [[6.5, -3.2, 1, 0], [20, 3.2, -1, 1], [34, -3.2, 1, 2]]) {
    batch.coloured([0.08, 0.08, 0.08], () => { batch.rod('paint', [x, 3.7, z], [x, 3.9, z + s * 0.9], 0.03, 0.03, 6); batch.rod('paint', [x, 3.62, z + s * 0.9], [x, 3.85, z + s * 0.9], 0.22, 0.06, 10); });
    stage.glow([x, 3.55, z + s * 0.9], [1, 0.68, 0.36], 30, { shadow: true, key, glare: 0.8, cone: [-0.5, 0.35], half: 80, size: 0.08 });
  }
  for (const x of [40, 47]) for (const z of [-14, 12]) stage.lamp(x, z, Math.PI / 2 * Math.sign(z), { high: 7, strength: 60 });
  stage.glow([11.5, 2.5, 3.0], [0.5, 0.7, 1], 5, { axis: [0, -0.6, -0.8], cone: [-0.4, 0.8] });
  const across = new Path([[45.5, -60], [45.5, 60]]), back = new Path([[49, 60], [49, -60]]);
  stage.drive('sedan', '#8d9093', across, 9, 3); stage.drive('van', '#d8d6d0', back, 8.5, 9.5, { warm: true }); stage.drive('suv', '#1c1d1f', across, 9.5, 15); stage.drive('hatch', '#7a1b1e', back, 9, 19, { warm: true });
  stage.drive('hatch', '#b9b6ad', new Path([[49, 50], [49, 6], [46, 0.4], [38, 0.2], [-20, 0.2]], 7), [[0, 0], [5, 38], [8, 54], [16, 100], [19, 128]], 4.5, { plate: 'QZ8-3302', warm: true });
  stage.walk([[41, -5], [38, 1.4], [9.4, 1.5]], 1.42, 21, { umbrella: true, coat: 'coat' }); stage.walk([[2.5, -1.4], [20, -1.7], [28, -1.5], [33, -3.6]], 1.35, 0.4, { coat: 'jacket', hair: 'short' });
}

export const granaryAlley = {
  seed: 507, size: [640, 360], seconds: 22, extent: [-14, -12, 62, 26], groundPixels: 4096, middle: [16, 0, 0], radius: 46, mirrorY: 0, beamsNear: [16, 0, 0],
  camera: { place: [-4.5, 4.6, -1.5], aim: [14, 0.6, 0.5], field: 46 }, air: { ...NIGHT, bounce: [0.1, 0.07, 0.046], groundBounce: [0.12, 0.085, 0.05] }, plates: ['QZ8-3302'], beamPower: 3, glarePower: 0.8,
  signs: [['GRANARY', '#1d2b38', '#f2dfae']],
  look: { exposure: 1.6, fog: [9, 0.02, 0.6, 6], bloom: 0.1, bloomFrom: 0.9, saturation: 0.85, grain: 0.022, vignette: 0.34, wet: 1, puddles: 0.75, rain: { count: 3200, middle: [14, -0.2, 0], box: [36, 9, 12], amount: 0.5 } }, build,
};
