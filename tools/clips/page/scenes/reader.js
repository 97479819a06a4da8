// What a plate reader photographs: one car from behind, close; by day, and by night in the light of an infrared lamp.
import { STYLES } from '../houses.js';
import { NIGHT, OVERCAST, SUNNY } from './airs.js';
import { ALONG, road, row, walkway } from './blocks.js';

const INFRARED = { ...NIGHT, zenith: [0.01, 0.01, 0.01], horizon: [0.02, 0.02, 0.02], bounce: [0.03, 0.03, 0.03], groundBounce: [0.03, 0.03, 0.03], fogColour: [0.01, 0.01, 0.01] };

function shot({ seed, model, paint, plate, night = false, sunny = false, side = 0.9, field = 15, high = 2.3, dirt = 0.4 }) {
  const build = (stage) => {
    road(stage, { z0: -4, z1: 3.4, lanes: [0], middle: null, from: -40, to: 60 });
    stage.ground.line([[-40, -1.8], [60, -1.8]], 0.13, '#c9a948', [3, 3]);
    stage.batch.slab('ground', [[-40, -30], [60, -30], [60, 30], [-40, 30]], 0); walkway(stage, 3.4, 6, { from: -40, to: 60 });
    row(stage, -9, 6, [[16, 3, STYLES.redBrick], [18, 4, STYLES.tanBrick]], 0, { ground: 'shop' });
    if (night) stage.glow([-7.4, high + 0.1, side], [1, 1, 1], 42, { axis: [0.93, -0.3, -0.1], cone: [0.72, 0.95] });
    const car = stage.drive(model, paint, ALONG(0, -30, 30), [[0, 30], [20, 30]], 0, { plate, dirt, cruise: true, lights: night });
    if (night) for (const p of car.plates) p.glow = 0.75;
  };
  return { seed, size: [640, 400], seconds: 20, extent: [-12, -8, 20, 8], groundPixels: 2048, middle: [0, 0, 0], radius: 24, near: true, plates: [plate], build,
    camera: { place: [-7.6, high, side], aim: [-2.2, 0.82, -0.05 + side * 0.06], field }, air: night ? INFRARED : sunny ? { ...SUNNY, sun: { height: 34, way: 200 + seed * 7, colour: [3.4, 3, 2.5] } } : OVERCAST,
    look: { exposure: night ? 0.95 : sunny ? 0.52 : 0.8, fog: [1, 0.05, 0.3, 20], bloom: night ? 0.07 : 0.03, bloomFrom: night ? 1 : 2.2, saturation: 0.75, blackWhite: night, grain: night ? 0.03 : 0.016, sharpen: 0.5, bend: 0.03, vignette: night ? 0.5 : 0.25 } };
}

export const READER = {
  'wanted-day': shot({ seed: 21, model: 'hatch', paint: '#8a2226', plate: 'QZ0-4417' }),
  'wanted-night': shot({ seed: 22, model: 'hatch', paint: '#8a2226', plate: 'QZ0-4417', night: true, side: 1.1 }),
  misread: shot({ seed: 23, model: 'hatch', paint: '#7d2a2c', plate: 'QZ0-4477', side: 0.5, dirt: 0.8 }),
  'sedan-day': shot({ seed: 24, model: 'sedan', paint: '#b9bdc0', plate: 'QZ1-2088', sunny: true }),
  'sedan-grey': shot({ seed: 25, model: 'sedan', paint: '#5c6166', plate: 'QZ3-1906', side: -0.8 }),
  'suv-day': shot({ seed: 26, model: 'suv', paint: '#30445e', plate: 'QZ7-5520', sunny: true, side: 1.2, field: 16 }),
  'van-day': shot({ seed: 27, model: 'van', paint: '#dcdcd6', plate: 'QZ5-8163', side: 0.7, field: 17 }),
  'sedan-night': shot({ seed: 28, model: 'sedan', paint: '#7a1b1e', plate: 'QZ2-6071', night: true }),
  'hatch-night': shot({ seed: 29, model: 'hatch', paint: '#b9b6ad', plate: 'QZ8-3302', night: true, side: -0.9 }),
  'pickup-day': shot({ seed: 30, model: 'pickup', paint: '#8f9295', plate: 'QZ9-7314', sunny: true, side: 0.8, field: 17 }),
};
