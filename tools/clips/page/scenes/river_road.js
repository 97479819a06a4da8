// River Road by night: sodium lamps along the quay, the lights of the other bank on the water.
import { STYLES } from '../houses.js';
import { bench, bin, bollard, railing } from '../street.js';
import { tree } from '../trees.js';
import { NIGHT } from './airs.js';
import { ALONG, PAINTS, river, road, row, skyline, walkway } from './blocks.js';

function build(stage) {
  const { batch, chance, ground } = stage;
  road(stage, { z0: -4, z1: 8, lanes: [0.2, 3.8], middle: null });
  ground.line([[-95, 2], [95, 2]], 0.12, '#c9a948', [3, 3]);
  batch.slab('ground', [[-95, -10], [95, -10], [95, 50], [-95, 50]], 0);
  walkway(stage, -10, -4, { size: 0.8, colour: [142, 136, 126] }); walkway(stage, 8, 11.5);
  river(stage, -74, -10, -3.2); skyline(stage, -76, -130, 140, { y: -1, night: true, low: 8, high: 30, tint: [0.3, 0.28, 0.26] });
  railing(batch, [[-95, -9.6], [95, -9.6]], { step: 0.2, post: 2.5, y: 0.12 });
  for (const x of [-34, -12, 10, 32, 54, 76]) stage.lamp(x, -8.9, -Math.PI / 2, { high: 6.5, reach: 1.5, y: 0.1, strength: 75, key: { '-12': 0, 10: 1, 32: 2 }[x] });
  for (const x of [-22, 24, 64]) stage.lamp(x, 9, Math.PI / 2, { high: 8, strength: 95 });
  for (const x of [-4, 19, 42]) bench(batch, x, -7.4, 0); for (const x of [3, 26]) bin(batch, x, -8.6);
  for (let x = -60; x < 90; x += 8) bollard(batch, x, -4.5);
  row(stage, 11.5, -60, [[18, 3, STYLES.redBrick], [20, 4, STYLES.cream], [16, 3, STYLES.tanBrick], [22, 4, STYLES.stone], [18, 3, STYLES.darkBrick], [20, 5, STYLES.office], [20, 3, STYLES.ochre]], Math.PI, { ground: 'shop' });
  for (const x of [-20, 1, 22, 44, 66]) tree(batch, chance, x, -6.2, chance.range(5.5, 7.5), { y: 0.1, tint: [0.12, 0.14, 0.05] });
  for (let x = 4; x < 80; x += chance.range(6, 9)) stage.park(chance.pick(['sedan', 'hatch', 'suv', 'sedan']), x, 6.9, 0, { paint: chance.pick(PAINTS) });
  for (const [x, z, c] of [[-70, -60, [1, 0.8, 0.5]], [10, -40, [1, 0.9, 0.8]]]) stage.glow([x, 2, z], c, 20, { glare: 0 });
  for (let x = -110; x < 120; x += 16) stage.steady.push(() => ({ place: [x, 4.2, -75], size: 2.2, colour: [1.6, 0.95, 0.45], ray: 0.2 }));
  const east = ALONG(3.8), west = ALONG(0.2); west.points.reverse();
  stage.drive('sedan', '#c9ccce', east, 11.5, 1); stage.drive('suv', '#1c1d1f', east, 12, 9.5, { warm: true }); stage.drive('hatch', '#2f5d7c', east, 11, 16.5, { warm: true });
  stage.drive('sedan', '#55585c', west, 12, 3.5, { warm: true }); stage.drive('van', '#d8d6d0', west, 11, 11.8); stage.drive('sedan', '#7a1b1e', west, 12.5, 19.4, { plate: 'QZ2-6071' });
  stage.stream([[60, -6.8], [-40, -7.2]], 1.35); stage.walk([[-14, -8], [20, -7.8]], 1.42, 4, { coat: 'coat' }); stage.walk([[-14, -8.6], [20, -8.5]], 1.42, 4.3, { hair: 'long' });
  stage.stand(8, -9.1, 1.6, { coat: 'coat' }); stage.stand(8.9, -9.0, 1.4); stage.walk([[30, 9.4], [-4, 9.6]], 1.5, 10);
}

export const riverRoad = {
  seed: 504, size: [640, 360], seconds: 24, extent: [-95, -12, 95, 14], groundPixels: 4096, middle: [14, 0, -4], radius: 95, mirrorY: -3.2,
  camera: { place: [-27, 7.2, 5.5], aim: [8, 0.2, -7.5], field: 40 }, air: NIGHT, plates: ['QZ2-6071'], beamPower: 3,
  signs: [['RIVER HOUSE', '#1d2b38', '#f2dfae'], ['FISH & CHIPS', '#7a1f18', '#f3ead8'], ['BOATMEN\'S ARMS', '#14301f', '#e6cf96'], ['NEWS', '#8d8a80', '#20201e']],
  look: { exposure: 1.5, fog: [1.5, 0.04, 0.7, 20], bloom: 0.09, bloomFrom: 0.9, saturation: 0.86, grade: [1.02, 1, 0.97], grain: 0.022, vignette: 0.3, waterTint: [0.004, 0.005, 0.006] }, build,
};
