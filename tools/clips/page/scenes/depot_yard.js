// The depot's yard at night under white floodlights, as a camera with an infrared lamp sees it: grey.
import { STYLES } from '../houses.js';
import { cone, netFence } from '../street.js';
import { NIGHT } from './airs.js';
import { Path } from '../kit.js';
import { PAINTS } from './blocks.js';

function build(stage) {
  const { batch, chance, ground } = stage;
  ground.rect(-95, -95, 95, 95, '#555556'); ground.cracks(-40, -40, 60, 30, 220);
  for (let i = 0; i < 26; i++) ground.patch(chance.range(-30, 50), chance.range(-30, 16), chance.range(1, 7), chance.range(1, 5), `rgba(40,40,42,${chance.range(0.2, 0.6)})`);
  ground.stains([[-40, -40], [60, -40], [60, 25], [-40, 25]], 260, 1.8, 0.3);
  for (const z of [-16, -1]) { for (let x = -14; x <= 40; x += 2.7) ground.line([[x, z], [x, z + 5]], 0.1); ground.line([[-14, z], [40, z]], 0.1); }
  for (let x = -14; x <= 40; x += 2.7) ground.line([[x, -21], [x, -16]], 0.1);
  ground.wear([[-40, -6], [60, -6]]); ground.wear([[-40, 9], [60, 9]]); ground.arrow(4, -6.4, 0); ground.arrow(24, 9, Math.PI);
  batch.slab('ground', [[-95, -95], [95, -95], [95, 95], [-95, 95]], 0);
  for (const [x, z, row] of [[0, -18.6, 0], [0, -13.5, 1], [0, 1.5, 2]]) for (let k = 0; k < 20; k++) {
    if (chance.yes([0.75, 0.6, 0.62][row]) && !(row === 1 && (k === 6 || k === 9))) stage.park(chance.pick(['sedan', 'hatch', 'suv', 'van', 'pickup', 'sedan']), x - 12.6 + k * 2.7, z + chance.range(-0.3, 0.3), chance.yes(0.5) ? Math.PI / 2 : -Math.PI / 2, { paint: chance.pick(PAINTS), dirt: chance.range(0.2, 0.8) });
  }
  for (const [x, z, t] of [[44, -15, 0], [44, -11.4, 0], [45, 2, 0.05]]) stage.park('bus', x + 4, z, t, { paint: '#d8d3c4' });
  netFence(batch, [[-30, -23], [62, -23], [62, 16], [30, 16]], 2.6);
  stage.house({ x: 20, z: -36, w: 60, d: 18, floors: 1, style: { ...STYLES.shed, first: 8 } });
  stage.house({ x: 66, z: -4, w: 34, d: 14, floors: 2, style: STYLES.darkBrick, turn: -Math.PI / 2 });
  for (const [x, z] of [[-16, 12.4], [-15, 13.2], [-13.8, 12.8]]) cone(batch, x, z);
  batch.coloured([0.25, 0.24, 0.22], () => { for (let i = 0; i < 7; i++) batch.box('boards', 33 + (i % 3) * 1.4, Math.floor(i / 3) * 0.9, 13, 1.25, 0.85, 1.1); });
  for (const [x, z, key] of [[-8, -9, 0], [18, -9, 1], [42, -7, 2], [-4, 13.6]]) stage.lamp(x, z, key === 1 ? -Math.PI / 2 : Math.PI / 2, { high: 9.5, reach: 1.2, strength: 120, colour: [0.92, 0.97, 1], key });
  stage.glow([-14, 7.5, 14], [1, 1, 1], 60, { axis: [0.75, -0.35, -0.55], cone: [0.6, 0.95] });
  stage.drive('sedan', '#c9ccce', new Path([[72, 9], [-60, 9]]), [[0, 0], [9, 62], [17, 132]], 1, { plate: 'QZ7-0193' });
  stage.drive('van', '#e4e2da', new Path([[-50, -6.2], [75, -6.2]]), [[0, 0], [4, 26], [8, 44], [15, 80], [20, 125]], 8);
  stage.walk([[10, -12], [9.6, -7], [30, -4.6], [34, -12.2]], 1.45, 0.6, { vest: true }); stage.walk([[-11, -12.2], [-10, -7.8], [-4, 7], [6, 12.4]], 1.4, 11, { bag: 'hand' }); stage.walk([[40, 6.6], [12, 6.2], [11.4, 3]], 1.5, 5);
}

export const depotYard = {
  seed: 506, size: [640, 360], seconds: 24, extent: [-45, -45, 75, 40], middle: [12, 0, -5], radius: 68, beamsNear: [10, 0, 0],
  camera: { place: [-15, 7.6, 15], aim: [8, 0, -5], field: 47 }, air: { ...NIGHT, horizon: [0.06, 0.06, 0.065], fogColour: [0.035, 0.035, 0.036] }, plates: ['QZ7-0193'], beamPower: 3,
  look: { exposure: 1.6, fog: [2, 0.04, 0.5, 20], bloom: 0.08, bloomFrom: 0.9, blackWhite: true, grain: 0.024, vignette: 0.4, bend: 0.11, sharpen: 0.45 }, build,
};
