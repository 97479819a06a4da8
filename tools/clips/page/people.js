// People on foot: a body of rounded limbs on a few bones, without a face, who walk, wait or push a pram.
import * as THREE from 'three';
import { LIGHTS, NOISE, SKY } from './glsl.js';
import { Chance, mix, rgb } from './kit.js';

const HIP = 0.92, KNEE = 0.5, ANKLE = 0.08, SHOULDER = 1.43, ELBOW = 1.13, WRIST = 0.87;
// Bones: pelvis, chest, head, then left and right of upper arm, fore-arm, thigh, shin, foot.
const [PELVIS, CHEST, HEAD, ARM, FOREARM, THIGH, SHIN, FOOT] = [0, 1, 2, 3, 5, 7, 9, 11], BONES = 13;
const [COAT, LEGS, SKIN, HAIR, SHOE, BAG] = [0, 1, 2, 3, 4, 5];

class Body {
  constructor() { this.pos = []; this.nor = []; this.bone = []; this.dye = []; }
  /** Rings of { at: [x, y, z], r: [along x, along z], bones: [a, b, share of b] } joined to a skin. */
  skin(rings, dye, sides = 9) {
    const g = [];
    for (const { at, r } of rings) for (let k = 0; k <= sides; k++) { const t = k / sides * 2 * Math.PI; g.push(at[0] + r[0] * Math.cos(t), at[1], at[2] + r[1] * Math.sin(t)); }
    const index = [], n = sides + 1;
    for (let i = 0; i + 1 < rings.length; i++) for (let k = 0; k < sides; k++) { const a = i * n + k, b = a + n; index.push(a, b, a + 1, b, b + 1, a + 1); }
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute('position', new THREE.Float32BufferAttribute(g, 3)); geometry.setIndex(index); geometry.computeVertexNormals();
    const normal = geometry.attributes.normal;
    for (const i of index) {
      this.pos.push(g[i * 3], g[i * 3 + 1], g[i * 3 + 2]);
      const s = index.length && this.outward(g, normal, i, rings, n); this.nor.push(normal.getX(i) * s, normal.getY(i) * s, normal.getZ(i) * s);
      this.bone.push(...rings[Math.floor(i / n)].bones); this.dye.push(dye);
    }
  }
  outward(g, normal, i, rings, n) {
    const { at } = rings[Math.floor(i / n)], dx = g[i * 3] - at[0], dz = g[i * 3 + 2] - at[2];
    return dx * normal.getX(i) + dz * normal.getZ(i) < -1e-6 ? -1 : 1;
  }
  shape(geometry, bone, dye) {
    const flatten = geometry.index ? geometry.toNonIndexed() : geometry;
    this.pos.push(...flatten.attributes.position.array); this.nor.push(...flatten.attributes.normal.array);
    for (let i = 0; i < flatten.attributes.position.count; i++) { this.bone.push(bone, bone, 0); this.dye.push(dye); }
  }
  limb(points, dye) { this.skin(points.map(([at, r, bones]) => ({ at, r: [r, r], bones })), dye, 7); }
  geometry() {
    const g = new THREE.BufferGeometry();
    g.setAttribute('position', new THREE.Float32BufferAttribute(this.pos, 3)); g.setAttribute('normal', new THREE.Float32BufferAttribute(this.nor, 3));
    g.setAttribute('bone', new THREE.Float32BufferAttribute(this.bone, 3)); g.setAttribute('dye', new THREE.Float32BufferAttribute(this.dye, 1));
    return g;
  }
}

function build({ coat = 'jacket', stout = 1, hair = 'short', bag = null, umbrella = false }) {
  const body = new Body(), k = stout, hem = { jacket: 0.86, coat: 0.58, long: 0.36 }[coat];
  const torso = [[hem, 0.13, 0.17, [PELVIS, PELVIS, 0]], [0.95, 0.125, 0.17, [PELVIS, PELVIS, 0]], [1.05, 0.118, 0.152, [PELVIS, CHEST, 0.4]], [1.18, 0.125, 0.165, [PELVIS, CHEST, 0.8]],
    [1.32, 0.135, 0.19, [CHEST, CHEST, 0]], [1.42, 0.115, 0.205, [CHEST, CHEST, 0]], [1.47, 0.085, 0.15, [CHEST, CHEST, 0]], [1.5, 0.06, 0.07, [CHEST, HEAD, 0.3]], [1.53, 0.055, 0.055, [HEAD, HEAD, 0]]];
  body.skin(torso.map(([y, rx, rz, bones]) => ({ at: [0, y, 0], r: [rx * k, rz * k], bones })), COAT, 10);
  body.shape(new THREE.SphereGeometry(0.1, 10, 8).scale(0.98, 1.22, 0.8).translate(0.015, 1.64, 0), HEAD, SKIN);
  const cap = new THREE.SphereGeometry(0.112, 10, 6, 0, 6.3, 0, hair === 'long' ? 2.1 : 1.75).scale(1, 1.15, 0.86).rotateZ(0.35).translate(-0.012, 1.655, 0);
  body.shape(cap, HEAD, HAIR);
  if (hair === 'long') body.shape(new THREE.SphereGeometry(0.1, 10, 8).scale(0.5, 1.5, 0.9).translate(-0.075, 1.56, 0), HEAD, HAIR);
  for (const [i, s] of [[0, 1], [1, -1]]) {
    const z = s * 0.2 * k;
    body.limb([[[0, SHOULDER + 0.03, z * 0.9], 0.045, [CHEST, ARM + i, 0.5]], [[0, SHOULDER - 0.03, z * 1.05], 0.062, [ARM + i, ARM + i, 0]], [[0, 1.28, z * 1.12], 0.055, [ARM + i, ARM + i, 0]], [[0, ELBOW + 0.05, z * 1.15], 0.05, [ARM + i, FOREARM + i, 0.3]],
      [[0, ELBOW - 0.05, z * 1.15], 0.048, [ARM + i, FOREARM + i, 0.8]], [[0, WRIST, z * 1.17], 0.038, [FOREARM + i, FOREARM + i, 0]]], COAT);
    body.shape(new THREE.SphereGeometry(0.045, 6, 5).scale(0.8, 1.5, 0.6).translate(0, WRIST - 0.05, z * 1.17), FOREARM + i, SKIN);
    const x = s * 0.092;
    body.limb([[[0, HIP + 0.02, x], 0.098 * k, [PELVIS, THIGH + i, 0.5]], [[0, 0.8, x], 0.09 * k, [THIGH + i, THIGH + i, 0]], [[0, KNEE + 0.08, x], 0.068, [THIGH + i, SHIN + i, 0.25]], [[0, KNEE - 0.06, x], 0.062, [THIGH + i, SHIN + i, 0.8]],
      [[-0.01, 0.34, x], 0.062, [SHIN + i, SHIN + i, 0]], [[0, ANKLE, x], 0.05, [SHIN + i, SHIN + i, 0]]], LEGS);
    body.shape(new THREE.SphereGeometry(0.07, 8, 6).scale(1.95, 0.75, 0.72).translate(0.055, 0.05, x), FOOT + i, SHOE);
  }
  if (bag === 'pack') body.shape(new THREE.SphereGeometry(0.17, 10, 8).scale(0.7, 1.25, 0.95).translate(-0.19, 1.22, 0), CHEST, BAG);
  if (bag === 'hand') body.shape(new THREE.BoxGeometry(0.3, 0.26, 0.1).translate(0, 0.68, 0.25), FOREARM, BAG);
  if (umbrella) {
    body.shape(new THREE.SphereGeometry(0.56, 18, 8, 0, 6.3, 0, 1.15).scale(1, 0.6, 1).translate(0.1, 1.72, -0.08), CHEST, BAG);
    body.shape(new THREE.CylinderGeometry(0.012, 0.012, 0.95).translate(0.14, 1.55, -0.12), CHEST, SHOE);
  }
  return body.geometry();
}

const VERTEX = /* glsl */`precision highp float; precision highp int;
in vec3 position, normal, bone; in float dye; uniform mat4 viewProjection, bones[${BONES}]; out vec3 vPlace, vNormal, vRest; out float vDye;
void main() {
  mat4 m = bones[int(bone.x)] * (1. - bone.z) + bones[int(bone.y)] * bone.z; vRest = position; vDye = dye;
  vPlace = (m * vec4(position, 1.)).xyz; vNormal = mat3(m) * normal; gl_Position = viewProjection * vec4(vPlace, 1.);
}`;
const FRAGMENT = /* glsl */`precision highp float; precision highp int;
in vec3 vPlace, vNormal, vRest; in float vDye;
layout(location = 0) out vec4 oColour; layout(location = 1) out vec4 oAlbedo; layout(location = 2) out vec4 oNormal;
uniform vec3 eyePlace, dyes[6]; uniform float clipY, number; uniform int depthOnly;
${NOISE}${SKY}${LIGHTS}
void main() {
  if (vPlace.y < clipY) discard;
  if (depthOnly == 1) { oColour = vec4(0); return; }
  vec3 n = normalize(vNormal), eye = normalize(eyePlace - vPlace), a = dyes[int(vDye + .5)];
  if (vDye < 1.5) a *= .75 + .5 * noise(vec2(vRest.y * 9., vRest.x * 20. + vRest.z * 14.));
  if (vDye < .5 && vRest.x > .1 && abs(vRest.z) < .015) a *= .55;
  n = normalize(n + .25 * (vec3(noise(vRest.yz * 17.), noise(vRest.zx * 15.), noise(vRest.xy * 19.)) - .5));
  oColour = vec4(lit(a, vPlace, n, eye, .03) * mix(.62, 1., smoothstep(.0, 1.3, vRest.y)), 1.); oAlbedo = vec4(a, 0.); oNormal = vec4(n, number);
}`;

const COATS = ['#23262b', '#2d3748', '#5b2b2e', '#6c6f72', '#8a7a5c', '#b6b2a6', '#31493c', '#1b1c1f', '#7a8aa0', '#a3482f', '#c9c5bd', '#3a3350'];
const TROUSERS = ['#1d2430', '#2b3a52', '#24241f', '#4a4438', '#3c3f44', '#6a604e'];
const HAIRS = ['#17120f', '#2e2018', '#4a3423', '#77603f', '#8b8680'], SKINS = ['#c9967a', '#8d5b41', '#5d3a29', '#d9ab8e', '#a87352'];

export class Walker {
  constructor(shared, pass, seed, options) {
    const chance = new Chance(seed * 7919 + 13), value = (v) => ({ value: v });
    const look = { coat: chance.pick(['jacket', 'jacket', 'coat', 'long']), stout: chance.range(0.92, 1.12), hair: chance.pick(['short', 'short', 'long']), bag: chance.pick([null, null, 'pack', 'hand']), ...options };
    this.scale = (look.child ? 0.72 : 1) * chance.range(0.94, 1.06);
    this.dyes = [look.coatColour ?? chance.pick(COATS), chance.pick(TROUSERS), chance.pick(SKINS), look.vest ? '#e6e6e0' : chance.pick(HAIRS), '#17171a', chance.pick(COATS)].map((c) => new THREE.Vector3(...rgb(c)));
    this.gait = chance.range(0.9, 1.1); this.sway = chance.range(0, 6.28); this.bones = Array.from({ length: BONES }, () => new THREE.Matrix4());
    this.mesh = new THREE.Mesh(build(look), new THREE.RawShaderMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT, glslVersion: THREE.GLSL3, side: THREE.DoubleSide,
      uniforms: { ...shared, ...pass, bones: value(this.bones), dyes: value(this.dyes), number: value(options.number) } }));
    this.mesh.frustumCulled = false; this.umbrella = look.umbrella; this.phone = look.phone;
  }
  /** `stride` is the walked distance in metres, or null for one who stands; `turn01` the share of the clip gone by. */
  put({ x, y, z, turn, stride, turn01 }) {
    const root = new THREE.Matrix4().makeRotationY(turn).setPosition(x, y, z).multiply(new THREE.Matrix4().makeScale(this.scale, this.scale, this.scale));
    const a = stride === null ? 0 : stride / (1.42 * this.scale) * 2 * Math.PI, moving = stride === null ? 0 : 1, idle = Math.sin(turn01 * 2 * Math.PI * 5 + this.sway);
    const pivot = (parent, at, rz, rx = 0, ry = 0) => parent.clone().multiply(new THREE.Matrix4().makeTranslation(...at)).multiply(new THREE.Matrix4().makeRotationFromEuler(new THREE.Euler(rx, ry, rz)))
      .multiply(new THREE.Matrix4().makeTranslation(-at[0], -at[1], -at[2]));
    const b = this.bones, set = (i, m) => b[i].copy(m);
    const pelvis = root.clone().multiply(new THREE.Matrix4().makeTranslation(0, moving * (0.018 * Math.cos(2 * a) - 0.022), 0.012 * idle * (1 - moving)));
    set(PELVIS, pivot(pelvis, [0, HIP, 0], -0.03 * moving, 0.015 * idle * (1 - moving), 0.09 * Math.sin(a) * moving));
    set(CHEST, pivot(pelvis, [0, 1.1, 0], -0.06 * moving, 0, -0.12 * Math.sin(a) * moving + 0.15 * idle * (1 - moving)));
    set(HEAD, pivot(b[CHEST], [0, 1.5, 0], this.phone ? -0.45 : 0.02, 0, 0.35 * idle * (1 - moving)));
    for (const [i, s] of [[0, 1], [1, -1]]) {
      const swing = Math.sin(a + (i ? Math.PI : 0)) * moving, lead = Math.cos(a + (i ? Math.PI : 0)) * moving, z = s * 0.2;
      const held = (this.umbrella || this.phone) && i === 1;
      set(ARM + i, pivot(b[CHEST], [0, SHOULDER, z], held ? 0.5 : -0.42 * swing * this.gait, s * 0.06));
      set(FOREARM + i, pivot(b[ARM + i], [0, ELBOW, z * 1.15], held ? 1.5 : 0.22 + 0.25 * moving * Math.max(0, -swing)));
      set(THIGH + i, pivot(b[PELVIS], [0, HIP, s * 0.092], 0.43 * swing * this.gait + 0.06 * moving));
      set(SHIN + i, pivot(b[THIGH + i], [0, KNEE, s * 0.092], -(0.06 + 0.95 * moving * Math.max(0, lead) ** 1.4)));
      set(FOOT + i, pivot(b[SHIN + i], [0, ANKLE, s * 0.092], moving * mix(0, 0.25, Math.max(0, swing)) - 0.35 * moving * Math.max(0, -swing)));
    }
  }
  outline() {
    const { position, bone } = this.mesh.geometry.attributes, out = [];
    for (let i = 0; i < position.count; i += 11) {
      const p = new THREE.Vector3().fromBufferAttribute(position, i), q = p.clone().applyMatrix4(this.bones[bone.getX(i)]), r = p.applyMatrix4(this.bones[bone.getY(i)]);
      out.push(q.lerp(r, bone.getZ(i)));
    }
    return out;
  }
}
