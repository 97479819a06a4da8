// The page that the renderer drives: `prepare` builds a scene, `show` draws one frame of it and says what is in it.
import * as THREE from 'three';
import { READER, SCENES } from './scenes/index.js';
import { Stage } from './stage.js';

let stage = null;

async function image(address) {
  const made = new Image();
  made.src = address; await made.decode();
  return made;
}

function packed(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode.apply(null, bytes.subarray(i, i + 32768));
  return btoa(text);
}

window.prepare = async (name, plates, options) => {
  const shot = SCENES[name] ?? READER[name]; if (!shot) throw new Error(`no scene is called ${name}`);
  const pictures = {};
  for (const [text, address] of Object.entries(plates)) pictures[text] = await image(address);
  const renderer = new THREE.WebGLRenderer({ antialias: false, preserveDrawingBuffer: false });
  renderer.autoClear = false; renderer.outputColorSpace = THREE.LinearSRGBColorSpace;
  stage = new Stage(renderer, shot, pictures, options);
  const { place, aim, field } = shot.camera;
  return { size: [stage.width, stage.height], seconds: shot.seconds, seed: shot.seed, camera: { place, aim, field_deg: field }, bend: shot.look.bend ?? 0.06, plates: stage.cars.map((c) => [c.id, c.plate]) };
};

window.show = (number, frames) => { const { pixels, truth } = stage.show(number, frames); return { pixels: packed(pixels), truth }; };
window.platesOf = (name) => (SCENES[name] ?? READER[name])?.plates ?? [];
window.names = () => Object.keys(SCENES);
window.readerNames = () => Object.keys(READER);
