// The ferry landing at sunset: the last light on the river, people who wait, a boat that rocks at the pier.
import { bench, bin, bollard, railing, shelter } from '../street.js';
import { tree } from '../trees.js';
import { DUSK } from './airs.js';
import { Path } from '../kit.js';
import { skyline } from './blocks.js';

function boat(batch, x, z) {
  const y = -1.6, hull = (h, w0, w1) => [[x - 9, y + h, z - w0], [x + 7, y + h, z - w0], [x + 11, y + h, z - w1], [x + 11, y + h, z + w1], [x + 7, y + h, z + w0], [x - 9, y + h, z + w0]];
  const low = hull(0, 2.2, 0.3), high = hull(1.5, 2.7, 0.5);
  batch.coloured([0.06, 0.12, 0.2], () => low.forEach((a, i) => { const k = (i + 1) % 6; batch.quad('paint', a, low[k], high[k], high[i]); }));
  batch.coloured([0.34, 0.28, 0.2], () => batch.slab('boards', high.map(([a, , c]) => [a, c]), y + 1.5));
  batch.coloured([0.72, 0.7, 0.66], () => { batch.box('paint', x - 1.5, y + 1.5, z, 10, 2.3, 3.8); batch.box('paint', x + 1.6, y + 3.8, z, 3, 2, 2.8); batch.box('paint', x - 1.5, y + 3.8, z, 10.6, 0.14, 4.4); });
  batch.lit = 0.9; for (let k = 0; k < 6; k++) batch.coloured([1, 0.85, 0.6], () => batch.quad('window', [x - 6 + k * 1.6, y + 2.3, z + 1.93], [x - 4.8 + k * 1.6, y + 2.3, z + 1.93], [x - 4.8 + k * 1.6, y + 3.2, z + 1.93], [x - 6 + k * 1.6, y + 3.2, z + 1.93], [0.02, 0.3, 0.2, 0.45])); batch.lit = 0;
  batch.coloured([0.5, 0.12, 0.06], () => batch.rod('paint', [x - 4, y + 3.9, z], [x - 4.3, y + 6.4, z], 0.6, 0.6, 12));
}

function build(stage) {
  const { batch, chance, ground } = stage;
  ground.paving([[-60, 0], [95, 0], [95, 40], [-60, 40]], 0.8, [140, 134, 126]); ground.rect(-60, 9, 95, 16.5, '#49494b'); ground.wear([[-60, 10.9], [95, 10.9]]); ground.wear([[-60, 14.5], [95, 14.5]]); ground.line([[-60, 12.7], [95, 12.7]], 0.12, '#c9c7bd', [2, 3]);
  ground.rect(12, -24, 18, 0, '#6b5b48'); for (let z = -24; z < 0; z += 0.3) ground.rect(12, z, 18, z + 0.03, '#3a3126');
  ground.stains([[-60, 0], [95, 0], [95, 30], [-60, 30]], 200, 1.6, 0.2);
  batch.slab('ground', [[-60, 0], [95, 0], [95, 60], [-60, 60]], 0); batch.slab('ground', [[12, -24], [18, -24], [18, 0], [12, 0]], 0);
  batch.coloured([0.4, 0.37, 0.33], () => batch.quad('stone', [-60, -3, 0], [95, -3, 0], [95, 0, 0], [-60, 0, 0])); batch.coloured([0.2, 0.16, 0.12], () => { batch.box('boards', 15, -0.5, -12, 6, 0.48, 24); for (let z = -23; z < 0; z += 4.5) for (const x of [12.3, 17.7]) batch.rod('bark', [x, -4, z], [x, 1.1, z], 0.2, 0.2, 10); });
  batch.coloured([0.03, 0.04, 0.045], () => batch.slab('water', [[-300, -190], [300, -190], [300, 0], [-300, 0]], -1.6));
  batch.coloured([0.1, 0.11, 0.08], () => batch.box('grass', 0, -3, -196, 600, 4, 12)); skyline(stage, -190, -190, 260, { y: 0, low: 8, high: 34, tint: [0.26, 0.24, 0.24], night: true });
  for (let i = 0; i < 30; i++) tree(batch, chance, chance.range(-150, 220), -189, chance.range(8, 14), { dense: 0.35, tint: [0.08, 0.08, 0.04] });
  boat(batch, 29, -12); railing(batch, [[-60, 0.4], [11.6, 0.4]], { step: 0.2 }); railing(batch, [[18.4, 0.4], [90, 0.4]], { step: 0.2 });
  shelter(batch, 6, 4, Math.PI, true); for (const x of [-8, 23, 33]) bench(batch, x, 2, 0); bin(batch, 10, 2); for (let x = -40; x < 60; x += 3.5) bollard(batch, x, 8.4);
  for (const [x, key] of [[-12, 0], [10, 1], [32, 2], [56]]) stage.lamp(x, 6.8, Math.PI / 2, { high: 6, reach: 1.2, strength: 46, key }); for (const z of [-6, -20]) stage.lamp(17.6, z, Math.PI, { high: 4, reach: 0.4, strength: 16 });
  for (const [x, z] of [[-20, 4.5], [26, 7.4], [44, 5]]) tree(batch, chance, x, z, chance.range(5.5, 7), { tint: [0.1, 0.11, 0.04] });
  stage.glow([6, 2.3, 3.6], [0.85, 0.95, 1], 9, { glare: 0 });
  const east = new Path([[-70, 14.5], [95, 14.5]]), west = new Path([[95, 10.9], [-70, 10.9]]);
  stage.drive('sedan', '#8d9093', west, 9, 1.5); stage.drive('bus', '#2f5d7c', east, [[0, 0], [6, 54], [9, 68], [14, 100], [19, 165]], 5); stage.drive('hatch', '#7a1b1e', west, 9.5, 16, { plate: 'QZ1-9460' }); stage.drive('suv', '#1c1d1f', west, 9, 9);
  for (const [x, z, t, o] of [[4.6, 4.4, -1.5, {}], [6.2, 4.6, -1.7, { phone: true }], [7.5, 4.2, -1.2, {}], [13.5, -8, 1.5, {}], [14.4, -8.3, 2.2, { coat: 'coat' }], [16.4, -14, 1.2, { phone: true }], [-9, 1, 1.5, {}], [-8.2, 1.1, 1.8, {}], [12.6, 1.6, 0.6, { vest: true, coatColour: '#c9a030' }]]) stage.stand(x, z, t, { y: 0, ...o });
  stage.stream([[-50, 2.6], [12, 3], [80, 2.8]], 1.35); stage.stream([[80, 6], [-50, 5.8]], 1.25, { coat: 'coat' }); stage.walk([[-2, 7.4], [10, 4], [14.6, -1], [14.8, -20]], 1.45, 6, { bag: 'pack' }); stage.walk([[15.6, -21], [15.2, -1], [20, 4.4], [26, 7.6]], 1.5, 14);
}

export const ferryLanding = {
  seed: 510, size: [640, 360], seconds: 26, extent: [-60, -26, 95, 30], middle: [12, 0, -6], radius: 62, mirrorY: -1.6, actors: { middle: [12, 0, 0], radius: 34 },
  camera: { place: [-16, 8, 14.5], aim: [12, 0.2, -7], field: 44 }, plates: ['QZ1-9460'],
  air: { ...DUSK, zenith: [0.12, 0.15, 0.3], horizon: [1.1, 0.52, 0.24], halo: [2.6, 1.0, 0.3], sun: { height: 4, way: 300, colour: [0, 0, 0] }, fogColour: [0.5, 0.28, 0.2], bounce: [0.08, 0.06, 0.055] },
  look: { exposure: 0.95, fog: [1.6, 0.01, 0.75, 25], bloom: 0.06, bloomFrom: 1.3, saturation: 0.82, grain: 0.016, waterTint: [0.02, 0.022, 0.03], vignette: 0.25 }, build,
};
