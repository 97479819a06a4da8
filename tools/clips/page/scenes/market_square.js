// Market Square at dusk: stalls under lamps, shop windows coming on, people crossing in every direction.
import { STYLES } from '../houses.js';
import { bench, bin, bollard } from '../street.js';
import { tree } from '../trees.js';
import { DUSK } from './airs.js';
import { Path } from '../kit.js';
import { PAINTS, row } from './blocks.js';

const CLOTHS = [[0.4, 0.07, 0.06], [0.08, 0.2, 0.13], [0.1, 0.13, 0.3], [0.55, 0.45, 0.28], [0.5, 0.2, 0.06]];

function stall(stage, x, z, turn) {
  const { batch, chance } = stage, cloth = chance.pick(CLOTHS);
  batch.placed(x, 0, z, turn, () => {
    batch.coloured([0.3, 0.3, 0.3], () => { for (const a of [-1.4, 1.4]) for (const b of [-1, 1]) batch.rod('paint', [a, 0, b], [a, b > 0 ? 2.2 : 2.5, b], 0.03, 0.03, 6); });
    for (let i = 0; i < 8; i++) batch.coloured(i % 2 ? cloth : [0.72, 0.7, 0.64], () => { const a = -1.6 + i * 0.4; batch.quad('paint', [a, 2.05, 1.3], [a + 0.4, 2.05, 1.3], [a + 0.4, 2.65, 0], [a, 2.65, 0]); batch.quad('paint', [a, 2.65, 0], [a + 0.4, 2.65, 0], [a + 0.4, 2.3, -1.3], [a, 2.3, -1.3]); batch.quad('paint', [a, 1.85, 1.3], [a + 0.4, 1.85, 1.3], [a + 0.4, 2.05, 1.3], [a, 2.05, 1.3]); });
    batch.coloured([0.3, 0.2, 0.12], () => { batch.box('boards', 0, 0.75, 0.7, 2.9, 0.06, 0.9); batch.box('boards', 0, 0, 0.7, 2.8, 0.75, 0.8); });
    for (let i = 0; i < 60; i++) batch.coloured([chance.range(0.1, 0.8), chance.range(0.1, 0.5), chance.range(0.03, 0.2)], () => batch.ball('paint', [chance.range(-1.3, 1.3), 0.86, chance.range(0.35, 1.05)], 0.08, 0.07, 0.08, 5));
  });
  const out = [Math.sin(turn), Math.cos(turn)];
  stage.glow([x + out[0] * 0.4, 2.15, z + out[1] * 0.4], [1, 0.75, 0.45], 6, { cone: [-0.3, 0.4], glare: 0.35 });
}

function build(stage) {
  const { batch, chance, ground } = stage;
  ground.paving([[-45, -40], [60, -40], [60, 40], [-45, 40]], 0.45, [138, 128, 116]);
  for (let r = 3; r < 16; r += 2.2) { ground.ctx.strokeStyle = 'rgba(92,84,76,.55)'; ground.ctx.lineWidth = 0.3; ground.ctx.beginPath(); ground.ctx.arc(4, 0, r, 0, 7); ground.ctx.stroke(); }
  ground.rect(-45, 22, 60, 30, '#48484a'); ground.wear([[-45, 24.2], [60, 24.2]]); ground.wear([[-45, 27.8], [60, 27.8]]); ground.line([[-45, 26], [60, 26]], 0.12, '#c9c7bd', [2, 3]);
  ground.stains([[-45, -40], [60, -40], [60, 40], [-45, 40]], 220, 1.6, 0.22);
  batch.slab('ground', [[-90, -90], [90, -90], [90, 90], [-90, 90]], 0);
  row(stage, -22, -42, [[15, 3, STYLES.cream], [13, 4, STYLES.redBrick], [16, 3, STYLES.ochre], [20, 4, STYLES.stone], [14, 3, STYLES.tanBrick], [17, 4, STYLES.darkBrick]], 0, { ground: 'shop' });
  for (const [z, w, f, s] of [[-14, 17, 4, STYLES.tanBrick], [3, 16, 3, STYLES.cream], [19, 16, 4, STYLES.redBrick]]) stage.house({ x: 46, z, w, d: 16, floors: f, style: s, turn: -Math.PI / 2, ground: 'shop' });
  batch.coloured([0.5, 0.47, 0.42], () => { for (const [r, h] of [[3.2, 0.3], [2.9, 0.75]]) batch.rod('stone', [4, 0, 0], [4, h, 0], r, r, 24); batch.rod('stone', [4, 0, 0], [4, 2.4, 0], 0.5, 0.3, 12); batch.rod('stone', [4, 2.3, 0], [4, 2.5, 0], 1.3, 1.5, 16); batch.rod('stone', [4, 2.5, 0], [4, 3.6, 0], 0.25, 0.1, 10); });
  batch.coloured([0.08, 0.1, 0.1], () => batch.rod('paint', [4, 0.7, 0], [4, 0.76, 0], 2.6, 2.6, 24));
  for (const [x, z, t] of [[-9, -13, 0], [-4.5, -13.4, 0], [0, -13, 0], [5, -13.4, 0], [10, -13, 0], [15, -13.4, 0], [20, -12.8, 0], [-10, 9, Math.PI], [17, 9.5, Math.PI], [22, 9, Math.PI]]) stall(stage, x, z, t);
  for (const [x, z] of [[-13, -17], [25, -16], [33, -4], [33, 8], [12, 16], [24, 16.5], [-1, 16.3]]) tree(batch, chance, x, z, chance.range(6, 8.5), { tint: [0.19, 0.17, 0.05] });
  for (const [x, z, t, key] of [[-6, -6, 0, 0], [14, -6, Math.PI, 1], [14, 7, Math.PI, 2], [-6, 7, 0], [28, -8, Math.PI], [28, 12, Math.PI], [-18, -14, 0]]) stage.lamp(x, z, t, { high: 4.8, reach: 0.5, strength: 44, key, colour: [1, 0.72, 0.42] });
  for (const [x, t] of [[-12, 0], [0.5, 0], [8, 0], [20, 0]]) bench(batch, x, 4.2 + t, Math.PI); for (const [x, z] of [[-3, -8], [11, 6], [24, -9]]) bin(batch, x, z);
  for (let x = -30; x < 40; x += 3) bollard(batch, x, 21.4);
  for (let x = -34; x < 36; x += 5.2) stage.glow([x, 1.9, -21.2], [1, 0.82, 0.58], 7, { axis: [0, -0.5, 0.87], cone: [-0.5, 0.6] });
  for (const z of [-12, -4, 4, 12]) stage.glow([37, 1.9, z], [1, 0.82, 0.58], 7, { axis: [-0.87, -0.5, 0], cone: [-0.5, 0.6] });
  const east = new Path([[-70, 27.8], [75, 27.8]]), west = new Path([[75, 24.2], [-70, 24.2]]);
  stage.drive('hatch', '#c9ccce', west, 7.5, 2); stage.drive('bus', '#8e2f26', east, 7.5, 11); stage.drive('sedan', '#23365c', west, 8, 16, { plate: 'QZ4-0815' });
  crowd(stage);
  stage.park('van', -22, -17.5, 0.1, { paint: PAINTS[8] });
}

function crowd(stage) {
  const walks = [[[-24, -8], [16, 11]], [[18, 13], [-22, -4]], [[-20, 12], [8, 6], [22, 4]], [[30, -9.5], [-8, -9.8]], [[-12, -10.2], [26, -10]], [[8, 18], [0.3, -9], [-1, -20]], [[-8, -20.5], [-2, -10], [9, 5], [13, 15]], [[36, 2], [10, -4.6], [0, -8.8]], [[-18, 3], [20, -8.5]], [[24, 14], [-6, 12], [-20, 13]], [[35, 9], [12, 6.5], [2, 9.2]], [[-18, -19.4], [20, -19]], [[22, -20], [-17, -18.6]]];
  walks.forEach((w, i) => stage.walk(w, 1.3 + 0.07 * (i % 5), (i * 7.3) % 30, { bag: [null, 'hand', 'pack'][i % 3] }));
  for (const [x, z, t] of [[-9.4, -10.8, 1.6], [-4, -11.2, 1.4], [5.3, -11, 1.8], [10.6, -10.8, 1.5], [11.3, -10.7, 2.2], [19.6, -10.6, 1.6], [17.3, 7, -1.5], [-9.6, 6.6, -1.6], [2, 4.6, 1.6], [5.6, 4.9, 2.4], [6.2, 4.7, 0.4], [-13, 0.5, 0.2], [-12.2, 0.6, 3.3]]) stage.stand(x, z, t, { y: 0, phone: stage.chance.yes(0.3) });
}

export const marketSquare = {
  seed: 502, size: [640, 360], seconds: 28, extent: [-45, -40, 60, 40], middle: [6, 0, -3], radius: 62, actors: { middle: [6, 0, 0], radius: 40 },
  camera: { place: [-21, 9.5, 17.5], aim: [6, 0.2, -5], field: 44 }, air: { ...DUSK, sun: { height: 3, way: 235, colour: [0, 0, 0] } }, plates: ['QZ4-0815'], beamsNear: [6, 0, 26],
  signs: [['MARKET TAVERN', '#1f2f24', '#ead9a4'], ['FRUIT & VEG', '#2f5d2c', '#f3ecd8'], ['CLOTH HALL', '#3b1d2b', '#efd9c8'], ['CAFE', '#efe7d3', '#1d2d3d'], ['CHEMIST', '#0f4d3a', '#f1f4ee'], ['OPTICIAN', '#23303c', '#e9e4d4'], ['SHOES', '#5a1f18', '#f3ead8'], ['BANK', '#2a2a28', '#e0c98f']],
  look: { exposure: 0.98, fog: [2, 0.05, 0.6, 25], bloom: 0.06, bloomFrom: 1.1, saturation: 0.85, grade: [1.02, 0.99, 1.0], grain: 0.018, vignette: 0.25 }, build,
};
