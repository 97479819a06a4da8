// One frame: what moves over what stands still, its shadows, headlights, wet ground, glare, rain, and then the lens and the sensor.
import * as THREE from 'three';
import { CAMERA, Screen, flat, target } from './still.js';
import { BLUR, COMPOSE, DEPTH_COPY, DEVELOP, MARKS, SENSOR } from './passes.js';
import { Glares, Rain, Shades } from './sprites.js';

const BEAMS = 24;
const vec3s = (n) => Array.from({ length: n }, () => new THREE.Vector3());

export class Frame {
  constructor(renderer, shared, options) {
    const { width, height, fine, view, mirror, look } = options;
    Object.assign(this, { renderer, shared, options, width, height, screen: new Screen(renderer) });
    const w = view.width, h = view.height;
    this.moving = target(w, h, { count: 3, depth: true, filter: THREE.NearestFilter });
    this.mirrored = mirror ? target(mirror.width, mirror.height, { count: 3, depth: true, filter: THREE.NearestFilter }) : null;
    this.shade = target(w / 2, h / 2, { type: THREE.UnsignedByteType });
    this.whole = target(w, h);
    this.glass = mirror ? [0, 1].map(() => target(mirror.width, mirror.height)) : null;
    this.glassSoft = mirror ? [0, 1].map(() => target(mirror.width, mirror.height)) : null;
    this.bloom = [2, 4, 8, 16].map((k) => [0, 1].map(() => target(Math.ceil(width / k), Math.ceil(height / k))));
    this.picture = target(width, height); this.final = target(width, height, { type: THREE.UnsignedByteType, filter: THREE.NearestFilter });
    this.marks = target(width, height, { type: THREE.UnsignedByteType, filter: THREE.NearestFilter });
    this.fine = fine; this.look = look;
    this.shades = new Shades(shared); this.glares = new Glares(look); this.rain = look.rain ? new Rain(look.rain, options.seed) : null;
    this.makePasses();
  }
  makePasses() {
    const { look, shared } = this, value = (v) => ({ value: v });
    this.copyDepth = flat(DEPTH_COPY, { depthMap: value(null) }, { depthTest: true, depthWrite: true, depthFunc: THREE.AlwaysDepth, colorWrite: false });
    const beams = { beamCount: value(0), beamPlace: value(vec3s(BEAMS)), beamAxis: value(vec3s(BEAMS)), beamColour: value(vec3s(BEAMS)), beamShape: value(vec3s(BEAMS)) };
    this.beams = beams;
    this.compose = flat(COMPOSE, { ...shared, ...beams,
      baseMap: value(null), keyMap0: value(null), keyMap1: value(null), keyMap2: value(null), keyShadow0: value(null), keyShadow1: value(null), keyShadow2: value(null),
      keyMatrix: value([0, 1, 2].map(() => new THREE.Matrix4())), keyCount: value(0), albedoMap: value(null), normalMap: value(null), movingColour: value(null),
      movingAlbedo: value(null), movingNormal: value(null), depthMap: value(null), shadeMap: value(null), glassMap: value(null), glassSoftMap: value(null),
      inverseViewProjection: value(null), eyePlace: value(new THREE.Vector3()), fog: value(new THREE.Vector4(...look.fog)), wet: value(look.wet ?? 0), puddles: value(look.puddles ?? 0.5),
      seconds: value(0), turn: value(0), isMirror: value(0), waterTint: value(new THREE.Vector3(...(look.waterTint ?? [0.02, 0.03, 0.03]))), rainy: value(look.rain ? 1 : 0),
    });
    this.blur = flat(BLUR, { map: value(null), step: value(new THREE.Vector2()), threshold: value(0) });
    const lens = { bend: value(look.bend ?? 0.06), shape: value(new THREE.Vector2(this.width / this.height, 1)) };
    this.develop = flat(DEVELOP, { ...lens, map: value(null), bloom0: value(null), bloom1: value(null), bloom2: value(null), bloom3: value(null), exposure: value(look.exposure),
      bloomAmount: value(look.bloom ?? 0.06), saturation: value(look.saturation ?? 0.85), grade: value(new THREE.Vector3(...(look.grade ?? [1, 1, 1]))), vignette: value(look.vignette ?? 0.25),
      lift: value(look.lift ?? 0.012), contrast: value(look.contrast ?? 1), blackWhite: value(look.blackWhite ? 1 : 0), scale: value(this.fine) });
    this.sensor = flat(SENSOR, { map: value(null), sharpen: value(look.sharpen ?? 0.35), grain: value(look.grain ?? 0.012), number: value(0), strength: value(1) });
    this.markPass = flat(MARKS, { ...lens, map: value(null), scale: value(this.fine) });
  }
  /** `state`: { seconds, turn, number, scenes: {moving, shadow}, beams, glares, shades, keys } */
  draw(state) {
    const { view, mirror } = this.options;
    this.setBeams(state.beams);
    state.drawShadows(this.renderer);
    if (mirror) {
      this.drawMoving(mirror, this.mirrored, state);
      this.composeInto(mirror, this.mirrored, this.glass[0], state, true);
      this.glares.draw(this.renderer, mirror, this.mirrored.depthTexture, this.glass[0], state.glares, this.width / this.height);
      this.blurInto(this.glass[0], this.glass[1], [0, 1.6 / mirror.height]);
      this.blurInto(this.glass[0], this.glassSoft[1], [1.2 / mirror.width, 0]);
      this.blurInto(this.glassSoft[1], this.glassSoft[0], [0, 5.5 / mirror.height]);
      this.blurInto(this.glassSoft[0], this.glassSoft[1], [0, 11 / mirror.height]);
    }
    this.shades.draw(this.renderer, view, this.shade, state.shades, this.options.view.buffer.depthTexture);
    this.drawMoving(view, this.moving, state);
    this.composeInto(view, this.moving, this.whole, state, false);
    if (this.rain) this.rain.draw(this.renderer, view, this.moving.depthTexture, this.whole, state);
    this.glares.draw(this.renderer, view, this.moving.depthTexture, this.whole, state.glares, this.width / this.height);
    this.photograph(state);
  }
  setBeams(list) {
    const { beamCount, beamPlace, beamAxis, beamColour, beamShape } = this.beams;
    beamCount.value = Math.min(list.length, BEAMS);
    list.slice(0, BEAMS).forEach((b, i) => { beamPlace.value[i].set(...b.place); beamAxis.value[i].set(...b.axis); beamColour.value[i].set(...b.colour); beamShape.value[i].set(...b.shape); });
  }
  drawMoving(view, to, state) {
    const r = this.renderer;
    r.setRenderTarget(to); r.clear(true, true, false);
    this.copyDepth.uniforms.depthMap.value = view.maps.depth; this.screen.draw(this.copyDepth, to);
    this.shared.movingView.value.copy(view.viewProjection); this.shared.movingEye.value.copy(view.eye); this.shared.movingClip.value = view.clipY;
    r.render(state.scene, CAMERA);
  }
  composeInto(view, moving, to, state, isMirror) {
    const u = this.compose.uniforms, { albedo, normal } = view.maps, [colour, movingAlbedo, movingNormal] = moving.textures;
    const values = { baseMap: view.base.texture, albedoMap: albedo, normalMap: normal, movingColour: colour, movingAlbedo, movingNormal, depthMap: moving.depthTexture,
      shadeMap: this.shade.texture, inverseViewProjection: view.inverse, seconds: state.seconds, turn: state.turn, isMirror: isMirror ? 1 : 0, keyCount: state.keys.length,
      glassMap: this.glass && !isMirror ? this.glass[1].texture : this.none(), glassSoftMap: this.glass && !isMirror ? this.glassSoft[1].texture : this.none() };
    for (const [name, v] of Object.entries(values)) u[name].value = v;
    u.eyePlace.value.copy(view.eye);
    for (let i = 0; i < 3; i++) {
      const key = state.keys[i];
      u[`keyMap${i}`].value = key && view.keys[key.layer] ? view.keys[key.layer].texture : this.none();
      u[`keyShadow${i}`].value = key ? key.map.depthTexture : state.blank;
      if (key) u.keyMatrix.value[i].copy(key.matrix);
    }
    this.screen.draw(this.compose, to);
  }
  none() {
    if (!this.black) { this.black = target(2, 2); this.renderer.setRenderTarget(this.black); this.renderer.clear(true, false, false); }
    return this.black.texture;
  }
  blurInto(from, to, step, threshold = 0) {
    const u = this.blur.uniforms;
    u.map.value = from.texture; u.step.value.set(...step); u.threshold.value = threshold; this.screen.draw(this.blur, to);
  }
  photograph(state) {
    let from = this.whole;
    this.bloom.forEach(([a, b], i) => {
      this.blurInto(from, b, [1.3 / a.width, 0], i ? 0 : (this.look.bloomFrom ?? 1.2));
      this.blurInto(b, a, [0, 1.3 / a.height]);
      from = a;
    });
    const u = this.develop.uniforms;
    u.map.value = this.whole.texture; this.bloom.forEach(([a], i) => { u[`bloom${i}`].value = a.texture; });
    this.screen.draw(this.develop, this.picture);
    this.sensor.uniforms.map.value = this.picture.texture; this.sensor.uniforms.number.value = state.number; this.screen.draw(this.sensor, this.final);
    this.markPass.uniforms.map.value = this.moving.textures[2]; this.screen.draw(this.markPass, this.marks);
  }
  read(which) {
    const { width, height } = this, bytes = new Uint8Array(width * height * 4);
    this.renderer.readRenderTargetPixels(which, 0, 0, width, height, bytes);
    return bytes;
  }
}
