// The school's crossing in the morning: children cross in a row, the bus waits, a guard stands in the road.
import { STYLES } from '../houses.js';
import { bin, board, netFence, railing } from '../street.js';
import { hedge, tree } from '../trees.js';
import { SUNNY } from './airs.js';
import { ALONG, PAINTS, road, row, walkway } from './blocks.js';

function build(stage) {
  const { batch, chance, ground } = stage;
  road(stage, { z0: -4.5, z1: 4.5, lanes: [-2.1, 2.1], middle: null });
  ground.line([[-95, 0], [1.5, 0]], 0.11, '#c9a948'); ground.line([[10.5, 0], [95, 0]], 0.11, '#c9a948'); ground.crossing(3.6, -4.4, 7.4, 4.4, true, 0.45); ground.line([[1.6, 0.2], [1.6, 4.2]], 0.4); ground.line([[9.4, -4.2], [9.4, -0.2]], 0.4);
  ground.words('SCHOOL', -12, 2.1, Math.PI / 2, 3.2); ground.words('SCHOOL', 22, -2.1, -Math.PI / 2, 3.2);
  ground.grass([[-95, -60], [95, -60], [95, -8], [-95, -8]], [80, 96, 46]); ground.grass([[-95, 8], [95, 8], [95, 20], [-95, 20]], [80, 94, 46]); ground.paving([[-2, -24], [12, -24], [12, -7], [-2, -7]], 0.8, [156, 150, 140]);
  batch.slab('ground', [[-95, -60], [95, -60], [95, 60], [-95, 60]], 0); walkway(stage, -8, -4.5); walkway(stage, 4.5, 8);
  stage.house({ x: 12, z: -32, w: 56, d: 16, floors: 3, style: { ...STYLES.redBrick, bay: 2.3, open: 0.66, tall: 0.66, first: 3.9 }, ground: 'door' });
  batch.coloured([0.6, 0.57, 0.5], () => { for (const x of [1, 9]) batch.box('stone', x, 0, -23, 0.7, 4.4, 0.7); batch.box('stone', 5, 4.4, -23.4, 10, 0.7, 2.2); });
  batch.coloured([1, 1, 1], () => batch.quad('signs', [1.4, 4.45, -22.26], [8.6, 4.45, -22.26], [8.6, 5.05, -22.26], [1.4, 5.05, -22.26], [0.02, 1 - 0.98 / 8, 0.98, 1 - 0.02 / 8]));
  netFence(batch, [[-60, -8.6], [-2.4, -8.6]], 1.8); netFence(batch, [[12.4, -8.6], [90, -8.6]], 1.8); railing(batch, [[-14, -4.9], [2.8, -4.9]], { high: 0.95, tint: [0.5, 0.38, 0.05], y: 0.13 }); railing(batch, [[8.4, -4.9], [16, -4.9]], { high: 0.95, tint: [0.5, 0.38, 0.05], y: 0.13 });
  for (const [x, z] of [[-16, -12], [-6, -14], [18, -13], [30, -12], [43, -13.5], [58, -12], [-22, 10.4], [14, 10.6], [27, 10.8], [44, 10.3], [60, 10.7], [-34, -12]]) tree(batch, chance, x, z, chance.range(6.5, 9.5), { tint: chance.pick([[0.17, 0.25, 0.07], [0.34, 0.24, 0.05], [0.36, 0.17, 0.04]]) });
  hedge(batch, chance, 10, 8.8, 60, 8.8, 1); hedge(batch, chance, -50, 8.8, 0, 8.8, 1); bin(batch, 13.6, -6.9);
  for (const [x, z, t] of [[2.4, 5, -Math.PI / 2], [8.8, -4.9, Math.PI / 2]]) board(batch, x, z, t, { tint: [0.75, 0.6, 0.05], w: 0.75, h: 0.75 });
  for (const x of [-20, 12, 44]) stage.lamp(x, 7.2, Math.PI / 2); row(stage, 20, -20, [[12, 2, STYLES.cream], [14, 2, STYLES.tanBrick], [12, 2, STYLES.grey], [14, 3, STYLES.redBrick], [14, 2, STYLES.ochre]], Math.PI);
  for (let x = 18; x < 70; x += chance.range(6, 9)) stage.park(chance.pick(['sedan', 'hatch', 'suv']), x, 3.5, 0, { paint: chance.pick(PAINTS) });
  const east = ALONG(2.0, -60, 75), west = ALONG(-2.1, -40, 95); west.points.reverse();
  stage.drive('bus', '#d9a017', west, [[0, 0], [4, 42], [7, 66], [9.5, 78.6], [10.6, 79.6], [23, 79.6], [25, 83.5], [27.5, 100], [29.9, 136]], 26.5, { plate: 'QZ3-5021' });
  stage.drive('sedan', '#8d9093', east, [[0, 0], [3.5, 34], [6, 50], [7.3, 55.4], [8, 56], [20.3, 56], [22, 60], [25, 82], [29.9, 136]], 29.2, { plate: 'QZ6-1187' }); stage.drive('suv', '#23365c', east, [[0, 0], [3.5, 32], [6, 45], [7.3, 49], [8, 49.4], [20.6, 49.4], [22.4, 53], [25.4, 76], [29.9, 136]], 0.6);
  stage.drive('pickup', '#7a1b1e', west, 11, 17.6);
  for (let i = 0; i < 7; i++) stage.walk([[4.4 + 0.3 * (i % 3), 16], [4.6 + 0.4 * (i % 2), 6], [5 + 0.5 * (i % 3) - 0.4, -5], [4.6 + (i % 4) * 0.5, -22]], 1.25, 29 + i * 0.7, { child: i !== 3, bag: 'pack', coat: 'jacket', coatColour: ['#a3482f', '#2f5d9c', '#c9a030', '#3a3f45', '#8a2a5c', '#2f7a4c', '#c04a30'][i] });
  stage.stand(7, -0.4, 3.1, { y: 0, vest: true, coatColour: '#d7e02a', coat: 'coat' }); stage.stand(-1.5, 6.4, 0.4, { coat: 'coat' }); stage.stand(-0.7, 6.2, 2.8, {}); stage.stand(11, -6.6, 2.6, { phone: true });
  stage.stream([[70, 6.4], [-60, 6.4]], 1.35); stage.walk([[34, -6.5], [10, -6.4], [6, -9], [5, -22]], 1.4, 12, { child: true, bag: 'pack', coatColour: '#2f5d9c' }); stage.walk([[35, -6.9], [10.6, -6.9], [6.8, -9], [5.8, -22]], 1.4, 12, { coat: 'coat', hair: 'long' });
}

export const schoolCrossing = {
  seed: 512, size: [640, 360], seconds: 30, extent: [-60, -45, 75, 35], middle: [10, 0, -8], radius: 68, actors: { middle: [6, 0, -4], radius: 32 },
  camera: { place: [-11, 7.4, 11.5], aim: [9, 0.6, -6.5], field: 45 }, plates: ['QZ3-5021', 'QZ6-1187'],
  air: { ...SUNNY, zenith: [0.36, 0.56, 0.95], sun: { height: 30, way: 140, colour: [3.5, 3.1, 2.6] }, clouds: [0.35, 1.1, 21, 1.2] },
  signs: [['RIVER CITY SCHOOL', '#20303c', '#e9e4d4']],
  look: { exposure: 0.5, fog: [1.4, 0.05, 0.6, 20], bloom: 0.03, bloomFrom: 2.2, saturation: 0.84, grade: [1.01, 1, 0.98], grain: 0.012 }, build,
};
