// A stage: builds one scene, lights it once, then shows any frame of it with the truth about what moves.
import * as THREE from 'three';
import { Batch, Chance, Path, fract, rgb, softCurve } from './kit.js';
import { Car, FINE, Plate, parkCar } from './cars.js';
import { Frame } from './frame.js';
import { Ground } from './ground.js';
import { house } from './houses.js';
import { lampMatrix, lightStill, skyColour, straightMatrix } from './lighting.js';
import { materials, signs, texture } from './paint.js';
import { Walker } from './people.js';
import { Still, View, shadowTarget } from './still.js';
import { streetLamp } from './street.js';
import { Truth } from './truth.js';

const V = (a) => new THREE.Vector3(...a);

export class Stage {
  /** `shot` is what a scene module exports; `plates` maps a plate's text to its picture. */
  constructor(renderer, shot, plates, { fine = 2, width = shot.size[0], height = shot.size[1], samples = 96 } = {}) {
    Object.assign(this, { renderer, shot, plateImages: plates, width, height, fine, samples });
    FINE.on = !!shot.near;
    this.chance = new Chance(shot.seed); this.batch = new Batch(); this.seconds = shot.seconds; this.night = !!shot.air.night;
    this.lamps = []; this.cars = []; this.walkers = []; this.signals = []; this.steady = []; this.count = 0; this.plateCount = 200;
    this.scene = new THREE.Scene(); this.makeShared();
    this.still = new Still(renderer, this.shared);
    this.ground = new Ground(shot.extent, shot.seed + 1, shot.groundPixels ?? 4096);
    shot.build(this);
    this.light();
  }
  makeShared() {
    const { air } = this.shot, value = (v) => ({ value: v }), lists = () => Array.from({ length: 16 }, () => new THREE.Vector3());
    const s = air.sun ?? { height: 40, way: 120, colour: [0, 0, 0] }, h = s.height * Math.PI / 180, a = s.way * Math.PI / 180;
    this.air = { sunDirection: new THREE.Vector3(Math.cos(h) * Math.cos(a), Math.sin(h), Math.cos(h) * Math.sin(a)), sunColour: s.colour, skyZenith: air.zenith, skyHorizon: air.horizon, sunHalo: air.halo ?? [0, 0, 0] };
    this.pass = { viewProjection: value(new THREE.Matrix4()), eyePlace: value(new THREE.Vector3()), clipY: value(-1e6), depthOnly: value(0) };
    this.shared = {
      skyZenith: value(V(air.zenith)), skyHorizon: value(V(air.horizon)), skyGround: value(V(air.ground ?? [0.1, 0.1, 0.1])), sunDirection: value(this.air.sunDirection), sunHalo: value(V(this.air.sunHalo)),
      clouds: value(new THREE.Vector4(...(air.clouds ?? [0, 1, 0, 1]))), bounce: value(V(air.bounce)), groundBounce: value(V(air.groundBounce)), litLevel: value(air.litLevel ?? (air.night ? 1.6 : 0.5)),
      movingView: this.pass.viewProjection, movingEye: this.pass.eyePlace, movingClip: this.pass.clipY, fogColour: value(V(air.fogColour ?? air.horizon)),
      lampCount: value(0), lampPlace: value(lists()), lampColour: value(lists()), lampAxis: value(lists()), lampCone: value(Array.from({ length: 16 }, () => new THREE.Vector2())),
      sunColour: value(V(s.colour)), ambientUp: value(V(this.averageSky().map((c) => c * (air.open ?? 0.8)))), ambientDown: value(V(air.groundBounce)), sunMap: value(null), sunMapMoving: value(null), sunMatrix: value(new THREE.Matrix4()), sunMatrixMoving: value(new THREE.Matrix4()),
    };
  }
  averageSky() {
    const sum = [0, 0, 0], n = 64;
    for (let i = 0; i < n; i++) {
      const up = Math.sqrt((i + 0.5) / n), t = i * 2.39996, f = Math.sqrt(1 - up * up), c = skyColour(this.air, new THREE.Vector3(f * Math.cos(t), up, f * Math.sin(t)));
      for (let k = 0; k < 3; k++) sum[k] += c[k] / n;
    }
    return sum;
  }

  // -- what scenes build with
  lamp(x, z, out, options = {}) { this.lamps.push(streetLamp(this.batch, x, z, out, { lit: this.night || this.shot.air.lampsOn, ...this.shot.lampStyle, ...options })); }
  /** A light without a post: a shop window's, a porch's. */
  glow(place, colour, strength, { axis = [0, -1, 0], cone = [-0.2, 0.7], shadow = false, glare = 0, ...rest } = {}) { this.lamps.push({ place, colour: colour.map((c) => c * strength), axis, cone, shadow, glare, ...rest }); }
  house(options) { house(this.batch, this.chance, { night: this.night || this.shot.air.lampsOn, signs: this.shot.signs?.length ?? 0, ...options }); }
  park(model, x, z, turn, options = {}) { parkCar(this.still, this.shared, model, x, z, turn, { paint: options.paint ?? '#8d9093', dirt: this.chance.range(0.1, 0.6), ...options }); }
  /** A car along `path`; `motion` is a speed in m/s, or [seconds since its start, metres] knots. It is there while on its path. */
  drive(model, paint, path, motion, start = 0, options = {}) {
    const car = new Car(this.shared, this.pass, model, { paint, dirt: 0.25, number: ++this.count, ...options });
    Object.assign(car, { path: path instanceof Path ? path : new Path(path), motion: typeof motion === 'number' ? [[0, 0], [this.seconds, motion * this.seconds]] : motion, start, kind: 'car', id: `car-${this.count}`, plate: options.plate ?? null, lights: options.lights ?? (this.night || !!this.shot.air.lampsOn) });
    if (car.plate) for (const rear of [true, false]) { const p = new Plate(this.shared, this.pass, car, rear, this.plateTexture(car.plate), ++this.plateCount); car.plates.push(p); this.scene.add(p.mesh); }
    this.scene.add(car.mesh); this.cars.push(car);
    return car;
  }
  /** Someone who walks along `path` at `speed` m/s from second `start` on, as often as the clip is long enough for. */
  walk(path, speed, start, options = {}) {
    const walker = new Walker(this.shared, this.pass, options.seed ?? this.shot.seed * 31 + this.count, { number: ++this.count, umbrella: false, ...options });
    Object.assign(walker, { path: path instanceof Path ? path : new Path(path, 1.5), speed, start, kind: 'person', id: `person-${this.count}` });
    this.scene.add(walker.mesh); this.walkers.push(walker);
  }
  /** People one behind another without an end: alike, so that each ends the clip where the next began it. */
  stream(path, speed, options = {}) {
    const way = path instanceof Path ? path : new Path(path, 1.5), gap = speed * this.seconds, seed = this.shot.seed * 31 + this.count;
    for (let s = 0; s < way.length; s += gap) this.walk(way, speed, -s / speed, { seed, ...options });
  }
  stand(x, z, turn, options = {}) { this.walk(new Path([[x, z], [x + Math.cos(turn), z - Math.sin(turn)]]), 0, 0, { still: true, y: 0, ...options }); this.walkers[this.walkers.length - 1].standing = { x, z, turn, y: options.y ?? 0.13 }; }
  plateTexture(text) { const t = texture(this.plateImages[text], { repeat: false }); t.anisotropy = 16; return t; }

  light() {
    const { shot, still, shared } = this, kinds = materials(shot.seed + 5);
    kinds.ground = { map: this.ground.texture(), tile: 0, kind: 4, extent: shot.extent };
    kinds.signs = { map: texture(signs(shot.signs ?? [[' ', '#333', '#fff']]), { repeat: false }), tile: 0, kind: 0 };
    kinds.water = { map: kinds.paint.map, tile: 1, kind: 3 };
    for (const [key, geometry] of this.batch.geometries()) still.add(geometry, kinds[key]);
    const views = this.makeViews();
    still.begin(views);
    const middle = shot.middle ?? [0, 0, 0], radius = shot.radius ?? 70;
    const { sunMap, sunMatrix } = lightStill(still, this.air, this.night || shot.air.lampsOn ? this.lamps : [], { middle, radius, samples: this.samples });
    still.end();
    this.keys = [];
    if (this.air.sunColour[0] > 0) {
      const [m, r] = [shot.actors?.middle ?? middle, shot.actors?.radius ?? radius];
      this.keys.push({ layer: 0, map: shadowTarget(2048), matrix: straightMatrix(this.air.sunDirection, m, r) });
    } else for (const lamp of this.lamps) if (lamp.key !== undefined && (this.night || shot.air.lampsOn)) this.keys.push({ layer: lamp.key, map: shadowTarget(1024), matrix: lampMatrix(lamp.place, lamp.axis, lamp.half ?? 75) });
    shared.sunMap.value = sunMap ? sunMap.depthTexture : still.blank(); shared.sunMatrix.value.copy(sunMatrix);
    this.sunKey = sunMap ? this.keys[0] : null;
    shared.sunMapMoving.value = still.blank(); if (this.sunKey) shared.sunMatrixMoving.value.copy(this.sunKey.matrix);
    this.setLamps(); this.blank = still.blank();
    this.frame = new Frame(this.renderer, shared, { width: this.width, height: this.height, fine: this.fine, view: views[0], mirror: views[1], look: shot.look, seed: shot.seed });
    this.truth = new Truth(this);
  }
  setLamps() {
    const near = V(this.shot.middle ?? [0, 0, 0]), lit = this.night || this.shot.air.lampsOn ? [...this.lamps] : [], s = this.shared;
    lit.sort((a, b) => V(a.place).distanceTo(near) - V(b.place).distanceTo(near));
    s.lampCount.value = Math.min(lit.length, 16);
    lit.slice(0, 16).forEach((lamp, i) => { s.lampPlace.value[i].set(...lamp.place); s.lampColour.value[i].set(...lamp.colour); s.lampAxis.value[i].set(...lamp.axis); s.lampCone.value[i].set(...lamp.cone); });
    this.litLamps = lit;
  }
  makeViews() {
    const { place, aim, field } = this.shot.camera, w = Math.round(this.width * this.fine), h = Math.round(this.height * this.fine);
    const eye = V(place), view = new THREE.Matrix4().lookAt(eye, V(aim), new THREE.Vector3(0, 1, 0)).setPosition(eye).invert();
    const near = 0.5, top = near * Math.tan(field * Math.PI / 360), side = top * this.width / this.height;
    const projection = new THREE.Matrix4().makePerspective(-side, side, top, -top, near, 900);
    this.viewProjection = projection.clone().multiply(view); this.eye = eye;
    const views = [new View(w, h, this.viewProjection, eye)];
    if (this.shot.mirrorY !== undefined) {
      const y = this.shot.mirrorY, flip = new THREE.Matrix4().makeScale(1, -1, 1).setPosition(0, 2 * y, 0);
      views.push(new View(Math.round(w / 2), Math.round(h / 2), this.viewProjection.clone().multiply(flip), new THREE.Vector3(eye.x, 2 * y - eye.y, eye.z), y + 0.005));
    }
    return views;
  }

  // -- a moment
  moment(number, frames) {
    const seconds = number / frames * this.seconds, state = { seconds, turn: number / frames, number, length: this.seconds, scene: this.scene, beams: [], glares: [], shades: [], keys: this.keys, blank: this.blank, rainLights: [], daylight: this.shared.ambientUp.value.toArray() };
    this.actors = [];
    for (const car of this.cars) this.moveCar(car, seconds, state);
    for (const walker of this.walkers) this.moveWalker(walker, seconds, state);
    this.addLampGlares(state, seconds);
    const target = V(this.shot.beamsNear ?? this.shot.middle ?? [0, 0, 0]);
    state.beams.sort((a, b) => V(a.place).distanceTo(target) - V(b.place).distanceTo(target));
    state.drawShadows = (renderer) => this.drawShadows(renderer);
    return state;
  }
  along(car, seconds) {
    const since = fract((seconds - car.start) / this.seconds) * this.seconds;
    return softCurve(car.motion, since) + (since > car.motion[car.motion.length - 1][0] ? 1e6 : 0);
  }
  moveCar(car, seconds, state) {
    const s = this.along(car, seconds), half = car.model.long / 2, on = s >= 0 && s <= car.path.length;
    car.mesh.visible = on; for (const p of car.plates) p.mesh.visible = on;
    if (!on) return;
    const wheel = car.model.wheels, ahead = half - wheel[0], behind = wheel[1] - half, a = car.path.at(s + ahead), b = car.path.at(s - behind), mid = a.clone().lerp(b, ahead / (ahead + behind));
    const turn = Math.atan2(-(a.z - b.z), a.x - b.x), pitch = Math.atan2(a.y - b.y, Math.hypot(a.x - b.x, a.z - b.z)), d = 0.1;
    const v = (k) => (softCurve(car.motion, fract((seconds + k - car.start) / this.seconds) * this.seconds) - softCurve(car.motion, fract((seconds + k - d - car.start) / this.seconds) * this.seconds)) / d;
    const speed = v(0), brake = !car.options.cruise && (v(0.25) - v(-0.15) < -0.35 || Math.abs(speed) < 0.15), lights = car.lights, tails = (lights ? 0.9 : 0) + (brake ? 2.6 : 0);
    car.put({ x: mid.x, y: mid.y, z: mid.z, turn, pitch, rolled: s, tails, heads: lights ? 1 : 0 });
    for (const p of car.plates) p.lit.value = p.glow ?? (p.rear && lights ? 0.35 : 0);
    Object.assign(car, { speed, brake });
    state.shades.push({ place: [mid.x, mid.y, mid.z], turn, half: [half - 0.25, car.model.wide / 2 - 0.12], dark: this.night ? 0.72 : this.air.sunColour[0] > 0 ? 0.72 : 0.86 });
    this.actors.push(car);
    if (lights) this.carLights(car, half, tails, state); else if (brake) this.tailGlares(car, half, 0.35, state);
  }
  carLights(car, half, tails, state) {
    const axis = car.axis, low = car.model.lamp[0] + 0.08, power = this.shot.beamPower ?? 4, white = car.options.warm ? [1, 0.82, 0.58] : [0.95, 0.97, 1];
    state.beams.push({ place: car.at(half + 0.15, low, 0).toArray(), axis: [axis.x, axis.y - 0.035, axis.z], colour: white.map((c) => c * power), shape: [0.42, 60, 0] });
    state.beams.push({ place: car.at(-half - 0.1, car.model.tail[0], 0).toArray(), axis: [-axis.x * 0.8, -0.6, -axis.z * 0.8], colour: [0.14 * tails, 0.008 * tails, 0.006 * tails], shape: [1.5, 9, 1] });
    for (const s of [-1, 1]) {
      const place = car.at(half + 0.12, low, s * car.model.wide * 0.365), facing = Math.max(axis.dot(this.eye.clone().sub(place).normalize()), 0), k = 0.15 * facing + 2.2 * facing ** 8 + (this.shot.glarePower ?? 1) * 5 * facing ** 40;
      if (facing > 0) state.glares.push({ place: place.toArray(), size: 0.9 + 3.2 * facing ** 6, colour: white.map((c) => c * k * (this.shot.glarePower ?? 1)), ray: 0.6 });
    }
    this.tailGlares(car, half, tails * 0.3, state);
    if (this.shot.look.rain) state.rainLights.push({ place: car.at(half + 2.5, 0.9, 0).toArray(), colour: white.map((c) => c * 9) });
  }
  tailGlares(car, half, amount, state) {
    for (const s of [-1, 1]) {
      const place = car.at(-half - 0.1, (car.model.tail[0] + car.model.tail[1]) / 2, s * car.model.wide * 0.4), facing = Math.max(-car.axis.dot(this.eye.clone().sub(place).normalize()), 0);
      if (facing > 0) state.glares.push({ place: place.toArray(), size: 0.75, colour: [1.1 * amount * facing, 0.05 * amount * facing, 0.03 * amount * facing], ray: 0.3 });
    }
  }
  moveWalker(walker, seconds, state) {
    const since = fract((seconds - walker.start) / this.seconds) * this.seconds, st = walker.standing, laps = walker.start < 0 && !st ? -walker.start * walker.speed - fract(-walker.start / this.seconds) * this.seconds * walker.speed : 0;
    const s = st ? 0 : since * walker.speed + laps, on = !!st || (s >= 0 && s <= walker.path.length);
    walker.mesh.visible = on;
    if (!on) return;
    const p = st ? { x: st.x, y: st.y, z: st.z } : walker.path.at(s), turn = st ? st.turn : walker.path.heading(s);
    walker.put({ x: p.x, y: p.y, z: p.z, turn, stride: st ? null : s, turn01: seconds / this.seconds });
    state.shades.push({ place: [p.x, p.y, p.z], turn, half: [0.12, 0.16], dark: 0.5 });
    this.actors.push(walker);
  }
  addLampGlares(state, seconds) {
    if (this.night || this.shot.air.lampsOn) for (const lamp of this.lamps) {
      const power = Math.max(...lamp.colour), c = lamp.colour.map((v) => v / power);
      if (lamp.glare) state.glares.push({ place: lamp.place, size: 2.6 * lamp.glare, colour: c.map((v) => v * 1.3 * lamp.glare), ray: 0.35 });
      if (this.shot.look.rain) state.rainLights.push({ place: lamp.place, colour: lamp.colour });
    }
    state.rainLights.sort((a, b) => V(a.place).distanceTo(this.eye) - V(b.place).distanceTo(this.eye));
    for (const { lens, phases } of this.signals) {
      const at = fract(seconds / this.seconds), [name] = phases.filter(([, from]) => at >= from).slice(-1)[0], colours = { red: [3, 0.08, 0.04], amber: [3, 1.5, 0.1], green: [0.15, 2.6, 1.2] };
      const facing = Math.max(0.12, Math.cos(lens.facing) * (this.eye.x - lens.red[0]) / this.eye.distanceTo(V(lens.red)) - Math.sin(lens.facing) * (this.eye.z - lens.red[2]) / this.eye.distanceTo(V(lens.red)));
      if (facing > 0.13) state.glares.push({ place: lens[name], size: this.night ? 1.1 : 0.55, colour: colours[name].map((v) => v * facing * (this.night ? 0.6 : 1)), ray: 0.1 });
    }
    for (const extra of this.steady) { const g = extra(seconds / this.seconds); if (g) state.glares.push(g); }
  }
  drawShadows(renderer) {
    this.pass.depthOnly.value = 1; this.pass.clipY.value = -1e6; this.shared.sunMapMoving.value = this.blank;
    for (const key of this.keys) { this.pass.viewProjection.value.copy(key.matrix); renderer.setRenderTarget(key.map); renderer.clear(true, true, false); renderer.render(this.scene, new THREE.Camera()); }
    this.pass.depthOnly.value = 0; if (this.sunKey) this.shared.sunMapMoving.value = this.sunKey.map.depthTexture;
  }
  show(number, frames) { const state = this.moment(number, frames); this.frame.draw(state); return { pixels: this.frame.read(this.frame.final), truth: this.truth.of(this.frame.read(this.frame.marks)) }; }
}
export { rgb };
