// The gate at the north end of the bridge road: a reader's camera, close behind the cars that leave the town.
import { STYLES } from '../houses.js';
import { bollard, netFence, railing } from '../street.js';
import { hedge, tree } from '../trees.js';
import { OVERCAST } from './airs.js';
import { ALONG, road, row, walkway } from './blocks.js';

function build(stage) {
  const { batch, chance, ground } = stage;
  road(stage, { z0: -7, z1: 3.4, lanes: [0, -3.6], middle: null });
  ground.line([[-60, -1.8], [95, -1.8]], 0.13, '#c9a948', [3, 3]);
  ground.line([[13, -1.5], [13, 1.7]], 0.4); ground.words('SLOW', 20, 0.1, Math.PI / 2, 3.2);
  batch.slab('ground', [[-60, -60], [95, -60], [95, 60], [-60, 60]], 0);
  walkway(stage, 3.4, 6.2); walkway(stage, -9.6, -7);
  ground.grass([[-60, 6.2], [95, 6.2], [95, 40], [-60, 40]], [78, 86, 50]);
  for (const z of [2.05, -7.6]) for (const x of [9, 15, 21, 27]) bollard(batch, x, z + (z > 0 ? 1.7 : 0));
  batch.coloured([0.42, 0.4, 0.36], () => { batch.box('stone', 24, 0, 5.2, 1.5, 4.2, 1.5); batch.box('stone', 24, 0, -9.2, 1.5, 4.2, 1.5); batch.box('stone', 24, 4.2, 5.2, 1.8, 0.3, 1.8); batch.box('stone', 24, 4.2, -9.2, 1.8, 0.3, 1.8); });
  netFence(batch, [[24, 6], [24, 30]], 2.4); railing(batch, [[24.5, 4.3], [60, 4.3]]);
  row(stage, -12, 20, [[16, 3, STYLES.redBrick], [18, 4, STYLES.tanBrick], [17, 3, STYLES.cream]], 0, { ground: 'shop' });
  for (const [x, z] of [[30, 8.6], [40, 9.4], [52, 8.2], [64, 9.5], [36, 15], [50, 17]]) tree(batch, chance, x, z, chance.range(7, 10));
  hedge(batch, chance, 25, 6.9, 70, 6.9, 1.1);
  for (const x of [33, 58]) stage.lamp(x, 4.0, Math.PI / 2, { high: 7 });
  for (const x of [34, 41, 49]) stage.park(chance.pick(['sedan', 'suv', 'hatch']), x, -6.0, Math.PI, { paint: chance.pick(['#8d9093', '#23365c', '#e4e2da']) });
  // They come from behind the camera, slow for the bumps and drive off.
  const away = ALONG(0.1, -12, 78), pass = [[0, 0], [2, 13], [3.4, 19.5], [5.2, 25.5], [6.6, 31.5], [9, 50], [11.6, 90]];
  stage.drive('sedan', '#5c6166', away, pass, 18.2, { plate: 'QZ3-1906', dirt: 0.45 });
  stage.drive('hatch', '#8a2226', away, pass, 4.6, { plate: 'QZ0-4417', dirt: 0.3 });
  stage.drive('suv', '#30445e', away, pass, 10.4, { plate: 'QZ7-5520', dirt: 0.35 });
  stage.drive('van', '#dcdcd6', away, pass, 14.4, { plate: 'QZ5-8163', dirt: 0.5 });
  const towards = ALONG(-3.6, -20, 90); towards.points.reverse();
  stage.drive('sedan', '#b9b6ad', towards, 9.5, 1.5); stage.drive('pickup', '#2a2d30', towards, 9, 12.5);
  stage.walk([[45, 5.2], [20, 4.9], [10, 5.6]], 1.5, 2, { bag: 'pack' }); stage.walk([[12, -8.5], [40, -8.2]], 1.45, 6);
}

export const northgate = {
  seed: 509, size: [960, 540], seconds: 20, extent: [-10, -20, 70, 25], middle: [16, 0, 0], radius: 48, actors: { middle: [12, 0, 0], radius: 24 }, near: true,
  camera: { place: [-1.2, 3.4, 2.3], aim: [11.5, 0.75, -0.35], field: 21 }, air: OVERCAST, plates: ['QZ0-4417', 'QZ3-1906', 'QZ7-5520', 'QZ5-8163'],
  signs: [['NORTH GATE GARAGE', '#20303c', '#e9e4d4'], ['TYRES', '#7a1f18', '#f3ead8'], ['CAFE', '#2c3a2a', '#efe3c4'], ['PAINT & TILE', '#e8e2d2', '#39302a']],
  look: { exposure: 0.85, fog: [2.2, 0.05, 0.7, 12], bloom: 0.03, bloomFrom: 2.2, saturation: 0.72, grade: [0.98, 1.0, 1.02], grain: 0.014, sharpen: 0.5, bend: 0.03 }, build,
};
