// The edge of Tower Park in the afternoon: paths under trees, benches, the water tower, a quiet road.
import { STYLES } from '../houses.js';
import { bench, bin, railing } from '../street.js';
import { hedge, tree } from '../trees.js';
import { SUNNY } from './airs.js';
import { ALONG, PAINTS, road, row, walkway } from './blocks.js';

function tower(batch, x, z) {
  batch.coloured([0.4, 0.2, 0.13], () => batch.rod('brick', [x, 0, z], [x, 19, z], 3.6, 3.2, 16));
  batch.coloured([0.5, 0.47, 0.42], () => { for (const y of [0, 9, 18.6]) batch.rod('stone', [x, y, z], [x, y + 0.7, z], 3.9, 3.8, 16); });
  batch.coloured([0.32, 0.2, 0.14], () => batch.rod('brick', [x, 19.3, z], [x, 24, z], 4.6, 4.6, 16)); batch.coloured([0.12, 0.2, 0.18], () => batch.rod('paint', [x, 24, z], [x, 29, z], 5.2, 0.2, 16));
  batch.coloured([0.05, 0.06, 0.07], () => { for (let k = 0; k < 8; k++) for (const y of [4, 12]) { const t = k / 8 * 6.28; batch.box('paint', x + 3.5 * Math.cos(t), y, z + 3.5 * Math.sin(t), 0.6, 2, 0.6); } });
}

function build(stage) {
  const { batch, chance, ground } = stage;
  ground.grass([[-95, -95], [95, -95], [95, 6], [-95, 6]], [82, 90, 52]);
  const path = (points, w) => { const { ctx } = ground; ctx.lineJoin = ctx.lineCap = 'round'; for (const [k, c] of [[0.5, '#6f6a4e'], [0, '#a09782']]) { ctx.strokeStyle = c; ctx.lineWidth = w + k; ground.trace(points); ctx.stroke(); } };
  path([[-40, -2], [-14, -5], [2, -9], [20, -9], [50, -4], [90, -8]], 3); path([[2, -9], [8, -22], [4, -40], [10, -70]], 2.6); path([[20, -9], [34, -20], [60, -26], [90, -40]], 2.4); path([[2, -9], [-8, -16], [-30, -26], [-60, -34]], 2.4); path([[11, 6], [11, -8]], 3);
  ground.stains([[-60, -60], [80, -60], [80, 5], [-60, 5]], 160, 2.2, 0.14);
  road(stage, { z0: 9.2, z1: 17.2, lanes: [11.4, 15], middle: 'dash' }); batch.slab('ground', [[-95, -95], [95, -95], [95, 60], [-95, 60]], 0);
  walkway(stage, 6, 9.2); walkway(stage, 17.2, 20);
  railing(batch, [[-60, 5.8], [9.2, 5.8]], { high: 0.9, step: 0.2 }); railing(batch, [[12.8, 5.8], [90, 5.8]], { high: 0.9, step: 0.2 }); hedge(batch, chance, -50, 4.9, 8.6, 4.9, 0.9); hedge(batch, chance, 13.4, 4.9, 70, 4.9, 0.9);
  tower(batch, 44, -40);
  for (const [x, z, h] of [[-9, 1.5, 9], [-18, -10, 10], [0, -17, 8.5], [16, -15.5, 10], [27, -3, 9], [41, -14, 10], [30, -27, 11], [-14, -27, 11], [18, -34, 12], [-2, -42, 12], [56, -10, 10], [60, -22, 11], [72, -8, 10], [26, -50, 12], [70, -46, 13], [-32, -14, 10], [-30, -40, 12], [86, -24, 12], [44, 2, 8]]) tree(batch, chance, x, z, h, { dense: 1.15, tint: chance.pick([[0.15, 0.25, 0.06], [0.2, 0.26, 0.07], [0.11, 0.2, 0.06], [0.3, 0.22, 0.05]]) });
  for (let i = 0; i < 26; i++) tree(batch, chance, chance.range(-70, 95), chance.range(-90, -64), chance.range(10, 14), { dense: 0.5 });
  for (const [x, z, t] of [[-3, -10.2, 0], [8, -11.2, 0], [15, -11.2, 0], [27, -9.6, 0], [5.4, -19, 1.3]]) bench(batch, x, z, t); for (const [x, z] of [[11.4, -11.2], [-6, -4]]) bin(batch, x, z);
  for (const [x, z] of [[-12, -6.8], [9, -6.8], [30, -9.2], [4.2, -30]]) stage.lamp(x, z, 0, { high: 4.2, reach: 0.4 });
  row(stage, 20, -40, [[17, 3, STYLES.cream], [18, 4, STYLES.redBrick], [20, 3, STYLES.stone], [18, 4, STYLES.tanBrick], [20, 3, STYLES.ochre], [20, 4, STYLES.grey]], Math.PI);
  for (let x = -20; x < 80; x += chance.range(5.6, 8)) stage.park(chance.pick(['sedan', 'hatch', 'suv', 'van']), x, 16.2, 0, { paint: chance.pick(PAINTS) });
  const east = ALONG(13.6), west = ALONG(11.2); west.points.reverse();
  stage.drive('hatch', '#c9ccce', west, 9.5, 2, { plate: 'QZ2-7719' }); stage.drive('sedan', '#23365c', east, 10, 8); stage.drive('suv', '#55585c', west, 9.5, 14.5);
  stage.stream([[-38, -2], [-14, -5], [2, -9.4], [20, -9.2], [50, -4.4], [88, -8]], 1.32, { coat: 'jacket' }); stage.stream([[88, -7.2], [50, -3.6], [20, -8.2], [2, -8.2], [-14, -4.2], [-38, -1]], 2.6, { coat: 'jacket', hair: 'short', coatColour: '#a3482f' });
  stage.walk([[11, 8], [11, -8], [8, -22], [7, -29]], 1.36, 3, { bag: 'hand' }); stage.walk([[11.8, 8], [11.8, -7.6], [8.8, -22], [7.8, -29]], 1.36, 3.1, { child: true }); stage.stream([[60, 7.6], [-30, 7.6]], 1.4, { bag: 'pack' });
  stage.walk([[-30, -25.6], [-8, -15.6], [1.4, -10]], 1.4, 12); stage.stand(7.4, -10, -1.4, { y: 0, phone: true }); stage.stand(-3, -9.2, -1.8, { y: 0 }); stage.stand(-2.2, -9, 3.4, { y: 0, coat: 'coat' });
}

export const towerPark = {
  seed: 505, size: [640, 360], seconds: 28, extent: [-70, -75, 95, 40], middle: [14, 0, -14], radius: 85, actors: { middle: [8, 0, -4], radius: 38 },
  camera: { place: [-13, 9.5, 14], aim: [11, 0.5, -8], field: 44 }, plates: ['QZ2-7719'],
  air: { ...SUNNY, sun: { height: 27, way: 20, colour: [3.9, 3.1, 2.2] }, clouds: [0.62, 0.8, 9, 1.15] },
  look: { exposure: 0.5, fog: [1.6, 0.05, 0.6, 20], bloom: 0.03, bloomFrom: 2.2, saturation: 0.68, grade: [1.01, 1, 0.97], grain: 0.012 }, build,
};
