// North Bridge on a grey morning: four lanes over the river, walkers on the footway, the town in the haze.
import { railing } from '../street.js';
import { tree } from '../trees.js';
import { OVERCAST } from './airs.js';
import { ALONG, river, road, skyline, walkway } from './blocks.js';

function truss(batch, z, from, to) {
  batch.coloured([0.16, 0.24, 0.22], () => {
    const top = (x) => 6.6 - ((x - 30) / 55) ** 2 * 4.2;
    for (let x = from; x < to; x += 6) {
      batch.rod('paint', [x, 0.6, z], [x, top(x), z], 0.14, 0.14, 6); batch.rod('paint', [x, top(x), z], [x + 6, top(x + 6), z], 0.2, 0.2, 6);
      batch.rod('paint', [x, x < 30 ? 0.8 : top(x), z], [x + 6, x < 30 ? top(x + 6) : 0.8, z], 0.1, 0.1, 6);
    }
    batch.box('paint', (from + to) / 2, -1.2, z, to - from, 1.9, 0.35);
  });
}

function build(stage) {
  const { batch, chance, ground } = stage;
  road(stage, { z0: -7, z1: 7, lanes: [-5.2, -1.8, 1.8, 5.2], from: -60, to: 130, edge: true });
  for (const z of [-3.5, 3.5]) ground.line([[-60, z], [130, z]], 0.12, '#c9c7bd', [3, 6]);
  for (let x = -30; x < 110; x += 15) { ground.rect(x, -7, x + 0.18, 7, '#2a2a2a'); ground.rect(x + 0.18, -7, x + 0.3, 7, '#77746e'); }
  batch.slab('ground', [[-60, -9.6], [130, -9.6], [130, 9.6], [-60, 9.6]], 0);
  walkway(stage, 7, 9.5, { from: -60, to: 130 }); walkway(stage, -9.5, -7, { from: -60, to: 130 });
  for (const z of [9.3, -9.3]) railing(batch, [[-40, z], [110, z]], { y: 0.13, step: 0.22, post: 3, tint: [0.16, 0.24, 0.22] });
  truss(batch, 7.1, -24, 84); truss(batch, -7.1, -24, 84);
  batch.coloured([0.16, 0.24, 0.22], () => { for (let x = 6; x < 60; x += 12) { const h = 6.6 - ((x - 30) / 55) ** 2 * 4.2; batch.rod('paint', [x, h, -7.1], [x, h, 7.1], 0.14, 0.14, 6); } });
  for (const x of [-6, 22, 50, 78]) for (const s of [-1, 1]) stage.lamp(x, s * 9.0, s > 0 ? Math.PI / 2 : -Math.PI / 2, { high: 7.4, reach: 2.2 });
  batch.coloured([0.06, 0.075, 0.075], () => batch.slab('water', [[-200, -260], [86, -260], [86, 260], [-200, 260]], -9));
  batch.coloured([0.36, 0.34, 0.31], () => { batch.box('stone', 93, -10, 0, 14, 9.9, 30); for (const x of [20, 58]) batch.box('stone', x, -12, 0, 4, 11, 22); });
  batch.coloured([0.16, 0.19, 0.1], () => { batch.box('grass', 130, -10, -140, 90, 8, 250); batch.box('grass', 130, -10, 140, 90, 8, 250); });
  ground.rect(110, -30, 130, 30, '#585856');
  stage.batch.placed(0, 0, 0, -Math.PI / 2, () => { skyline(stage, -128, -170, -16, { low: 10, high: 40, tint: [0.4, 0.4, 0.41] }); skyline(stage, -128, 16, 170, { low: 10, high: 36, tint: [0.42, 0.39, 0.36] }); skyline(stage, -180, -180, 180, { low: 22, high: 58, tint: [0.42, 0.43, 0.46] }); });
  for (let i = 0; i < 26; i++) { const z = chance.range(16, 120) * (i % 2 ? 1 : -1); tree(batch, chance, chance.range(90, 104), z, chance.range(7, 12), { y: -2, tint: [0.14, 0.17, 0.06], dense: 0.6 }); }
  const lanes = [[1.8, 1], [5.2, 1], [-1.8, -1], [-5.2, -1]].map(([z, way]) => { const p = ALONG(z, -45, 128); if (way < 0) p.points.reverse(); return p; });
  const cars = [['sedan', '#c9ccce', 0, 13, 0.5, 'QZ6-2240'], ['suv', '#1c1d1f', 0, 13, 5.4], ['hatch', '#7a1b1e', 0, 13.2, 12.2], ['van', '#e4e2da', 1, 11.8, 2.4], ['pickup', '#55585c', 1, 11.8, 8.9], ['sedan', '#8d9093', 1, 12, 17], ['bus', '#b8492c', 1, 11.6, 13.6],
    ['sedan', '#23365c', 2, 12.8, 1.8], ['hatch', '#b3a58c', 2, 12.8, 7.2], ['suv', '#8d9093', 2, 13, 15.5], ['sedan', '#1c1d1f', 3, 12, 4.6], ['van', '#2f5d7c', 3, 11.6, 10.6], ['sedan', '#dfe1e0', 3, 12, 18.4]];
  for (const [model, paint, lane, speed, start, plate] of cars) stage.drive(model, paint, lanes[lane], speed, start, { plate, cruise: true, lights: start % 2 < 1.2 });
  stage.stream([[-30, 8.1], [90, 8.1]], 1.4); stage.stream([[90, 8.7], [-30, 8.6]], 1.3, { coat: 'coat' }); stage.walk([[-12, 8.5], [21, 8.3]], 1.5, 6, { bag: 'pack' }); stage.stream([[80, -8.3], [-24, -8.3]], 1.36);
  stage.stand(9, 8.9, -1.5, { coat: 'coat' }); stage.stand(24, -8.8, 1.5);
}

export const northBridge = {
  seed: 503, size: [640, 360], seconds: 22, extent: [-60, -32, 130, 32], middle: [34, 0, 0], radius: 110, actors: { middle: [20, 0, 0], radius: 40 }, mirrorY: -9,
  camera: { place: [-19, 9.2, 11.5], aim: [14, 0, -3.5], field: 42 }, air: OVERCAST, plates: ['QZ6-2240'], beamPower: 0.8, glarePower: 0.5,
  look: { exposure: 0.62, fog: [2.4, 0.004, 0.85, 20], bloom: 0.03, bloomFrom: 2.2, saturation: 0.75, grade: [0.98, 1.0, 1.03], grain: 0.014, waterTint: [0.05, 0.062, 0.062] }, build,
};
