// Mill Street at Fifth: a mast over a signalled crossing, a bright morning with long shadows.
import { Path } from '../kit.js';
import { STYLES } from '../houses.js';
import { bench, bin, hydrant, pavement, signal, wire } from '../street.js';
import { tree } from '../trees.js';
import { SUNNY } from './airs.js';

const corner = (sx, sz, x0, z0, x1, z1) => {
  const r = 3.2, out = [[sx * x1, sz * z0]];
  out.push([sx * (x0 + r), sz * z0]);
  for (let k = 1; k <= 6; k++) { const t = k / 6 * Math.PI / 2; out.push([sx * (x0 + r - r * Math.sin(t)), sz * (z0 + r - r * Math.cos(t))]); }
  out.push([sx * x0, sz * z1], [sx * x1, sz * z1]);
  return out;
};

function ground(stage) {
  const g = stage.ground;
  for (const z of [-5.1, -1.75, 1.75, 5.1]) g.wear([[-90, z], [90, z]]);
  for (const x of [-2, 2]) g.wear([[x, -90], [x, 90]]);
  g.cracks(-60, -7, 60, 7, 90); g.cracks(-5, -60, 5, 60, 60);
  for (let i = 0; i < 14; i++) g.patch(stage.chance.range(-50, 50), stage.chance.range(-6, 6), stage.chance.range(1, 5), stage.chance.range(0.6, 2.4), `rgba(34,34,37,${stage.chance.range(0.3, 0.7)})`);
  g.patch(-22, 3.2, 16, 1.1); g.patch(2, -24, 1.2, 20);
  for (const s of [-1, 1]) {
    for (const k of [-0.1, 0.1]) g.line([[s * 12.5, k], [s * 90, k]], 0.1, '#c9a948');
    for (const z of [-3.4, 3.4]) g.line([[s * 12.5, z], [s * 90, z]], 0.12, '#c9c7bd', [3, 6]);
    g.line([[0, s * 14], [0, s * 90]], 0.11, '#c9a948');
    g.line([[s * 11.6, 0], [s * 11.6, -s * 7]], 0.45); g.line([[0, s * 12.8], [s * 5.4, s * 12.8]], 0.45);
    g.crossing(s > 0 ? 7.6 : -10.6, -6.9, s > 0 ? 10.6 : -7.6, 6.9, true); g.crossing(-5.4, s > 0 ? 8.8 : -11.8, 5.4, s > 0 ? 11.8 : -8.8, false);
    g.arrow(s * -18, s * 1.75, s > 0 ? 0 : Math.PI); g.arrow(s * -18, s * 5.1, s > 0 ? 0 : Math.PI);
    for (const t of [-1, 1]) g.paving([[s * 5.5, t * 7], [s * 90, t * 7], [s * 90, t * 90], [s * 5.5, t * 90]], 0.75);
  }
  for (const [x, z] of [[-5, 2.9], [9, -3.2], [1.2, 16], [-26, -1.2], [24, 3.9]]) g.manhole(x, z);
  g.stains([[-60, -7], [60, -7], [60, 7], [-60, 7]], 90, 1.4);
}

function build(stage) {
  const { batch, chance } = stage;
  ground(stage);
  batch.slab('ground', [[-90, -90], [90, -90], [90, 90], [-90, 90]], 0);
  for (const sx of [-1, 1]) for (const sz of [-1, 1]) pavement(batch, corner(sx, sz, 5.5, 7, 90, 90));
  const rows = [
    [22, -20.5, 22, 17, 4, 'redBrick'], [43, -20, 19, 17, 3, 'cream'], [62, -21, 18, 18, 5, 'stone'], [81, -20, 19, 16, 4, 'tanBrick'],
    [-20, -20, 19, 16, 3, 'tanBrick'], [-41, -20, 22, 17, 4, 'grey'], [-63, -20, 20, 17, 3, 'ochre'],
  ];
  for (const [x, z, w, d, floors, style] of rows) stage.house({ x, z, w, d, floors, style: STYLES[style], ground: 'shop' });
  for (const [z, w, d, floors, style] of [[-39, 19, 17, 4, 'darkBrick'], [-59, 20, 17, 5, 'grey'], [-79, 18, 17, 3, 'redBrick']]) { stage.house({ x: 19, z, w, d: 18, floors, style: STYLES[style], turn: -Math.PI / 2, ground: 'shop' }); stage.house({ x: -19, z, w, d: 18, floors: floors - 1, style: STYLES[style === 'grey' ? 'cream' : 'tanBrick'], turn: Math.PI / 2, ground: 'shop' }); }
  for (const [x, floors, style] of [[24, 4, 'stone'], [46, 3, 'redBrick'], [68, 5, 'office']]) stage.house({ x, z: 21, w: 21, d: 18, floors, style: STYLES[style], turn: Math.PI, ground: 'shop' });
  stage.house({ x: 16, z: 43, w: 22, d: 12, floors: 3, style: STYLES.ochre, turn: -Math.PI / 2 });
  for (const [x, z] of [[14, -8.6], [26, -8.6], [38, -8.6], [52, -8.6], [-16, -8.6], [-28, -8.6], [-42, -8.6], [16, 8.6], [30, 8.6], [44, 8.6], [7.2, -22], [7.2, -36], [-7.2, -26], [-7.2, -42]]) tree(batch, chance, x, z, chance.range(5.5, 8), { y: 0.1, tint: [0.17, 0.25, 0.07], dense: 0.8 });
  for (const x of [-34, -6.5, 20, 46]) stage.lamp(x, -7.9, -Math.PI / 2); for (const x of [33, 60]) stage.lamp(x, 7.9, Math.PI / 2);
  for (const [x, z] of [[11, -8.1], [12, 8.2], [-12, -8.2]]) bin(batch, x, z);
  bench(batch, 20, -9.6, Math.PI); bench(batch, 33, -9.6, Math.PI); hydrant(batch, 8.2, -12); hydrant(batch, 17, 7.7);
  for (const [x, a, b] of [[-8, 9, 9], [30, 9.5, 9.5]]) wire(batch, [x, 9, -12], [x + 4, 9, 12.2], 0.5);
  wire(batch, [-60, 8.5, -7.9], [-6.5, 8.2, -7.9], 0.9); wire(batch, [-6.5, 8.2, -7.9], [46, 8.4, -7.9], 1.3);
  signals(stage);
  parked(stage);
  traffic(stage);
  people(stage);
}

function signals(stage) {
  const mill = [['green', 0], ['amber', 0.46], ['red', 0.52]], fifth = [['red', 0], ['green', 0.56], ['amber', 0.92], ['red', 0.97]];
  for (const [x, z, facing, arm, phases] of [[6.6, 8.1, Math.PI, 3.6, mill], [-6.6, -8.1, 0, 3.6, mill], [6.4, -8.2, -Math.PI / 2, 3, fifth], [-6.4, 8.2, Math.PI / 2, 3, fifth]]) stage.signals.push({ lens: signal(stage.batch, x, z, facing, { arm }), phases });
}

function parked(stage) {
  const { chance } = stage, models = ['sedan', 'hatch', 'suv', 'sedan', 'van', 'pickup'];
  for (let z = -20; z > -75; z -= chance.range(6, 8)) { stage.park(chance.pick(models), 4.5, z, Math.PI / 2, { paint: chance.pick(PAINTS) }); if (chance.yes(0.7)) stage.park(chance.pick(models), -4.5, z - 2, -Math.PI / 2, { paint: chance.pick(PAINTS) }); }
}
const PAINTS = ['#c9ccce', '#1c1d1f', '#8d9093', '#55585c', '#23365c', '#7a1b1e', '#b3a58c', '#2f5d7c', '#e4e2da'];

function traffic(stage) {
  const east = (z) => new Path([[-95, z], [95, z]]), west = (z) => new Path([[95, z], [-95, z]]), north = new Path([[2, 90], [2, -95]]), south = new Path([[-2, -95], [-2, 90]]);
  stage.drive('sedan', '#b9bdc0', east(1.75), [[0, 0], [17, 190]], 18.5, { plate: 'QZ1-2088' });
  stage.drive('suv', '#20242b', east(5.1), [[0, 0], [16.5, 190]], 20.2);
  stage.drive('hatch', '#7a1b1e', east(1.75), [[0, 0], [17.5, 190]], 21.9);
  stage.drive('van', '#e1e2df', east(5.1), [[0, 0], [4, 42], [6.5, 62], [9, 78], [10, 80.5], [14, 80.5], [15.5, 84], [18, 105], [23.5, 190]], 8.6);
  stage.drive('sedan', '#2c4468', west(-1.75), [[0, 0], [16, 190]], 19.5);
  stage.drive('pickup', '#8f9295', west(-5.1), [[0, 0], [17, 190]], 21);
  stage.drive('hatch', '#d9d8d2', west(-1.75), [[0, 0], [16.5, 190]], 23.1);
  stage.drive('sedan', '#17181a', west(-1.75), [[0, 0], [4, 46], [6.4, 66], [8.6, 79], [9.6, 80.8], [13.4, 80.8], [15, 84.5], [18, 108], [23.4, 190]], 8.9);
  stage.drive('suv', '#9aa0a4', north, [[0, 0], [4.5, 46], [7.2, 66], [9, 74.5], [9.8, 75.4], [11.6, 75.4], [13, 78.5], [16, 100], [22, 185]], 2);
  stage.drive('sedan', '#6e2a2c', new Path([[2, 90], [2, 8], [2, 5.1], [90, 5.1]], 5), [[0, 0], [5, 42], [8, 60], [9.6, 66.8], [10.4, 67.4], [12.6, 67.4], [14, 70.5], [17, 88], [22, 140]], 1);
  stage.drive('bus', '#d8d3c4', south, [[0, 0], [5, 48], [8, 68], [10, 76], [10.8, 77], [12.9, 77], [14.6, 80.5], [18, 104], [23.6, 185]], 0.8);
}

function people(stage) {
  const N = [-9.6, -10.3, 9.4, 10.2];
  stage.stream([[70, N[0]], [-60, N[0]]], 1.35); stage.stream([[-62, N[1]], [60, N[1]]], 1.25, { coat: 'coat' });
  stage.walk([[40, N[2]], [8.2, 9.4], [8.2, 8], [9.1, 6.8], [9.1, -7], [9.5, -10], [12, -11.6]], 1.45, 13.2); stage.walk([[9.6, -13], [9.3, -7.4], [9, 7], [12, 9.8], [28, 10.2]], 1.5, 14, { bag: 'hand' });
  stage.walk([[-7, -34], [-8, -12], [-9.2, -7.2], [-9.2, 7.5], [-9, 10]], 1.6, 5.5); stage.walk([[-18, -11.7], [-7, -9.8], [6, -10.2], [18, -10.6]], 1.5, 1.8);
  stage.walk([[20, -11.8], [10, -10.2], [-6.2, -10.4], [-7, -20]], 1.42, 0.8, { bag: 'pack' }); stage.walk([[8.6, -40], [8.2, -13], [6, -10.5], [-7, -10.4]], 1.7, 23.4);
  stage.stand(21, -9.5, 1.7, { phone: true }); stage.stand(-8, -9, -2.2, { coat: 'coat' }); stage.stand(13.5, 9.6, 2.4, { phone: true });
}

export const millStreet = {
  seed: 501, size: [640, 360], seconds: 24, extent: [-90, -90, 90, 90], middle: [12, 0, -8], radius: 78, actors: { middle: [8, 0, -6], radius: 46 }, groundPixels: 8192,
  camera: { place: [-19, 10.5, 15.5], aim: [5, 0, -4.5], field: 46 }, air: SUNNY, plates: ['QZ1-2088'],
  signs: [['CORNER BAKERY', '#3b1d14', '#efd9a8'], ['MILL ST PHARMACY', '#0f4d3a', '#f1f4ee'], ['HARDWARE', '#8c1d18', '#f5efe2'], ['LAUNDRY', '#16385f', '#eef3f6'], ['BOOKS', '#2a2a28', '#e0c98f'], ['RIVER CITY DELI', '#efe7d3', '#1d3d2a'], ['SHOE REPAIR', '#4a3a28', '#f3e6c8'], ['FLOWERS', '#f2f0ea', '#7a2c4b']],
  look: { exposure: 0.5, fog: [1.2, 0.05, 0.6, 20], bloom: 0.03, bloomFrom: 2.2, saturation: 0.82, grade: [1.0, 1.0, 0.99], grain: 0.014, vignette: 0.22, contrast: 1.03 }, build,
};
