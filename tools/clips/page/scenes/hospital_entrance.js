// The hospital's ambulance entrance by night, after rain: a bright canopy, a red sign on wet asphalt, blue lights.
import { STYLES } from '../houses.js';
import { bollard, bin } from '../street.js';
import { hedge, tree } from '../trees.js';
import { NIGHT } from './airs.js';
import { Path } from '../kit.js';
import { pavement } from '../street.js';
import { ALONG, PAINTS, road, walkway } from './blocks.js';

function build(stage) {
  const { batch, chance, ground } = stage;
  ground.rect(-95, -95, 95, 95, '#474749'); road(stage, { z0: 9, z1: 17, lanes: [11, 15], middle: 'dash' });
  ground.stains([[-30, -12], [50, -12], [50, 9], [-30, 9]], 120, 1.8, 0.3); ground.cracks(-20, -8, 40, 8, 50);
  ground.words('AMBULANCE', 8, -2.5, 0, 1.7); ground.line([[-4, -6], [22, -6]], 0.15, '#b8402c'); ground.line([[-4, -0.2], [22, -0.2]], 0.15, '#b8402c'); for (const x of [-4, 22]) ground.line([[x, -6], [x, -0.2]], 0.15, '#b8402c');
  batch.slab('ground', [[-95, -95], [95, -95], [95, 95], [-95, 95]], 0);
  const apron = [[-30, -14], [45, -14], [45, -6.6], [-30, -6.6]]; ground.paving(apron, 0.7, [150, 148, 144]); pavement(batch, apron); walkway(stage, 17, 20); walkway(stage, 6.6, 9, { from: -95, to: -16 }); walkway(stage, 6.6, 9, { from: 36, to: 95 });
  stage.house({ x: 8, z: -22, w: 76, d: 16, floors: 5, style: { ...STYLES.office, litShare: 0.6, tint: [0.56, 0.55, 0.52] }, ground: 'plain' });
  stage.house({ x: 56, z: -8, w: 34, d: 20, floors: 4, style: { ...STYLES.grey, litShare: 0.4 }, turn: -Math.PI / 2 });
  batch.coloured([0.6, 0.6, 0.6], () => { batch.box('concrete', 9, 3.9, -8.6, 24, 0.6, 10); for (const x of [-2, 9, 20]) batch.box('concrete', x, 0, -6.9, 0.5, 3.9, 0.5); });
  batch.lit = 5; batch.coloured([0.95, 0.98, 1], () => { for (const x of [0, 5, 13, 18]) for (const z of [-11, -6]) batch.box('glow', x, 3.86, z, 1.6, 0.05, 0.4); });
  batch.lit = 2.6; batch.coloured([1, 1, 1], () => batch.quad('signs', [2, 4.55, -3.56], [16, 4.55, -3.56], [16, 5.9, -3.56], [2, 5.9, -3.56], [0.02, 1 - 0.98 / 8, 0.98, 1 - 0.02 / 8])); batch.lit = 1.6; batch.coloured([0.95, 1, 1], () => batch.quad('shop', [4, 0.2, -13.9], [14, 0.2, -13.9], [14, 3.4, -13.9], [4, 3.4, -13.9], [0.02, 0.76, 0.48, 0.98])); batch.lit = 0;
  batch.coloured([0.12, 0.12, 0.13], () => { batch.box('paint', 9, 4.5, -3.7, 14.4, 1.5, 0.2); for (let x = 4; x <= 14; x += 2.5) batch.box('paint', x, 0.13, -13.85, 0.09, 3.3, 0.1); });
  for (const x of [1, 9, 17]) stage.glow([x, 3.7, -8], [0.93, 0.98, 1], 26, { shadow: true, key: x === 9 ? 0 : undefined, cone: [-0.05, 0.5], half: 78, size: 0.5 });
  stage.glow([9, 5.2, -3], [1, 0.1, 0.07], 9, { axis: [0, -0.45, 0.9], cone: [-0.3, 0.6] });
  for (const [x, key] of [[-14, 1], [30, 2], [60]]) stage.lamp(x, 7.6, key === 2 ? Math.PI / 2 : -Math.PI / 2, { high: 7.5, strength: 70, key, colour: [1, 0.7, 0.4] });
  for (const x of [-8, 26]) { bollard(batch, x, -6.2); bollard(batch, x + 1.4, -6.2); } bin(batch, 22.5, -9); hedge(batch, chance, -14, 5.6, 6, 5.6, 0.8); for (const [x, z] of [[33, 4.6], [44, 4.4]]) tree(batch, chance, x, z, 6.5, { tint: [0.1, 0.14, 0.05] });
  for (const [m, x] of [['sedan', 28], ['suv', 34.5], ['hatch', 40]]) stage.park(m, x, -4.6, Math.PI / 2, { paint: chance.pick(PAINTS) });
  stage.park('van', 18.2, -4.4, 0, { paint: '#e9e9e6', dirt: 0.15 });
  const amb = stage.drive('van', '#ecece8', new Path([[-95, 15], [-30, 15], [-19, 13], [-15, 3], [-9, -2.6], [9, -3], [26, -2.4], [32, 4], [36, 10.8], [44, 11], [95, 11]].map(([x, z]) => [x, z]), 5), [[0, 0], [5, 62], [8, 88], [11, 104], [12.6, 107.6], [20.5, 107.6], [23, 114], [27.5, 150], [29.9, 205]], 1.5, { plate: 'QZ0-9119' });
  for (const s of [-1, 1]) stage.steady.push((turn) => (amb.mesh.visible && (Math.floor(turn * 180 + (s > 0 ? 1 : 0)) % 2) ? { place: amb.at(1.2, 2.62, s * 0.6).toArray(), size: 4.5, colour: [0.15, 0.35, 2.6], ray: 0.9 } : null));
  stage.drive('sedan', '#55585c', ALONG(15), 11, 12); const west = ALONG(11); west.points.reverse(); stage.drive('hatch', '#c9ccce', west, 10.5, 3); stage.drive('suv', '#1c1d1f', west, 11, 17, { warm: true });
  stage.walk([[6, -13], [7, -9], [7.4, -5], [5, -4.4]], 1.3, 13.5, { coatColour: '#b9cdd6', coat: 'jacket' }); stage.walk([[9, -13], [9, -9], [8.6, -5], [6.4, -4.5]], 1.3, 14, { coatColour: '#8fb3a2' }); stage.walk([[44, -8.6], [20, -8.4], [11, -10], [10, -13.4]], 1.45, 2, { coat: 'coat' }); stage.walk([[11, -13.2], [12, -9.4], [-10, -8.4], [-26, -8.6]], 1.5, 20, { bag: 'hand' });
  stage.stand(21.4, -8.2, 2.5, { phone: true }); stage.stand(-1, -8.4, -1.2, { coat: 'coat' }); stage.stand(-0.2, -8.2, 2.9); stage.stream([[80, 18.6], [-40, 18.6]], 1.3);
}

export const hospitalEntrance = {
  seed: 511, size: [640, 360], seconds: 30, extent: [-40, -26, 60, 24], middle: [10, 0, -4], radius: 58, mirrorY: 0, beamsNear: [8, 0, -2],
  camera: { place: [-15, 6.8, 13.6], aim: [9, 0.9, -5.5], field: 42 }, air: NIGHT, plates: ['QZ0-9119'], beamPower: 2.4, glarePower: 0.8,
  signs: [['EMERGENCY', '#b3140f', '#fff4ee']],
  look: { exposure: 1.15, fog: [2, 0.03, 0.6, 20], bloom: 0.09, bloomFrom: 0.9, saturation: 0.85, grain: 0.02, vignette: 0.3, wet: 0.85, puddles: 0.65 }, build,
};
