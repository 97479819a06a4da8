// Vehicles that stand (drawn with the still world) and that drive (drawn anew in each frame).
import * as THREE from 'three';
import { LIGHTS, NOISE, SKY } from './glsl.js';
import { MODELS, vehicleGeometry, vehiclePaint } from './carbody.js';
import { rgb } from './kit.js';

const VERTEX = /* glsl */`precision highp float;
in vec3 position, normal, local; in float part; uniform mat4 place, viewProjection; uniform float roll;
out vec3 vPlace, vNormal, vLocal, vLocalNormal; out float vPart; out vec2 vWheel;
void main() {
  vLocal = position; vLocalNormal = normal; vPart = part; vWheel = vec2(9.);
  vec3 p = position;
  if (part > .5 && part < 1.5) { vec2 d = position.xy - local.xy; vWheel = d / local.z; float a = -roll / local.z, c = cos(a), s = sin(a); vWheel = vec2(c * d.x + s * d.y, -s * d.x + c * d.y) / local.z; }
  vPlace = (place * vec4(p, 1.)).xyz; vNormal = mat3(place) * normal; gl_Position = viewProjection * vec4(vPlace, 1.);
}`;

const SURFACE = /* glsl */`
uniform sampler2D side, ends, over, sideProps, endsProps, overProps; uniform vec3 size, paint; uniform float heads, tails, dirt, number;
void surface(out vec3 albedo, out float gloss, out float glass, out vec3 glow, vec3 n) {
  vec3 a = abs(vLocalNormal); vec2 uv; vec4 f, p; float sideways = a.z, along = a.x;
  float u = .5 - vLocal.x / size.x, v = vLocal.y / size.y;
  if (along > .74) { bool nose = vLocalNormal.x > 0.; uv = vec2((vLocal.z / size.z + .5) * .5 + (nose ? 0. : .5), v); f = texture(ends, uv); p = texture(endsProps, uv); }
  else if (sideways > a.y * 1.05 || vLocal.y < .4 * size.y) { uv = vec2(u, v); f = texture(side, uv); p = texture(sideProps, uv); }
  else { uv = vec2(u, .5 - vLocal.z / size.z); f = texture(over, uv); p = texture(overProps, uv); }
  albedo = mix(paint, f.rgb, f.a); gloss = 1. - f.a * .8; glass = p.r; glow = vec3(0);
  bool front = vLocal.x > 0.;
  if (front) glow = vec3(1., .95, .85) * p.g * heads * 6.; else glow = vec3(1., .05, .03) * p.b * tails;
  if (p.g > .3 && p.g < .7 && p.r < .1) glow = f.rgb * 1.2 * step(.01, heads);
  albedo = mix(albedo, vec3(.10, .095, .085), dirt * (.25 + .75 * smoothstep(.75, .2, vLocal.y)) * (.5 + .5 * noise(vLocal.xy * 5. + vLocal.z)));
  if (vPart > .5) {
    float r = length(vWheel); albedo = vec3(.018); gloss = .1; glass = 0.; glow = vec3(0);
    if (vPart < 1.5 && a.z > .9 && r < .68) { float spoke = smoothstep(.2, .35, abs(fract(atan(vWheel.y, vWheel.x) / 6.28318 * 7.) - .5)); albedo = mix(vec3(.04), vec3(.42), r < .2 || r > .6 ? 1. : 1. - spoke); gloss = .4; }
    if (vPart > 1.5) albedo = vLocal.y < .6 ? vec3(.01) : paint * .7 + .01;
  }
}`;

const MOVING = /* glsl */`precision highp float; precision highp int;
in vec3 vPlace, vNormal, vLocal, vLocalNormal; in float vPart; in vec2 vWheel;
layout(location = 0) out vec4 oColour; layout(location = 1) out vec4 oAlbedo; layout(location = 2) out vec4 oNormal;
uniform vec3 eyePlace; uniform float clipY; uniform int depthOnly;
${NOISE}${SKY}${LIGHTS}${SURFACE}
void main() {
  if (vPlace.y < clipY) discard;
  if (depthOnly == 1) { oColour = vec4(0); return; }
  vec3 n = normalize(vNormal), eye = normalize(eyePlace - vPlace), albedo, glow; float gloss, glass; if (dot(n, eye) < 0.) n = -n;
  surface(albedo, gloss, glass, glow, n);
  vec3 c = lit(albedo, vPlace, n, eye, mix(gloss * .5, 1., glass)) * mix(.35, 1., smoothstep(.0, .8, vLocal.y + max(n.y, 0.)));
  float f = mix(.035, .06, glass) + .9 * pow(1. - max(dot(n, eye), 0.), 5.);
  vec3 r = reflect(-eye, n); c += surroundings(r, .16 + .16 * noise(vec2(atan(r.x, r.z) * 7., 2.))) * f * max(gloss, glass) * (1. - .5 * dirt);
  oColour = vec4(c + glow, 1.); oAlbedo = vec4(albedo * (1. - glass), 0.); oNormal = vec4(n, number);
}`;

const STANDING = /* glsl */`precision highp float; precision highp int;
in vec3 vPlace, vNormal, vLocal, vLocalNormal; in float vPart; in vec2 vWheel;
layout(location = 0) out vec4 oAlbedo; layout(location = 1) out vec4 oNormal; layout(location = 2) out vec4 oGlow;
uniform vec3 eyePlace; uniform float clipY; 
${NOISE}${SKY}${SURFACE}
void main() {
  if (vPlace.y < clipY) discard;
  vec3 n = normalize(vNormal), eye = normalize(eyePlace - vPlace), albedo, glow; float gloss, glass; if (dot(n, eye) < 0.) n = -n;
  surface(albedo, gloss, glass, glow, n);
  float f = mix(.035, .06, glass) + .9 * pow(1. - max(dot(n, eye), 0.), 5.);
  vec3 r = reflect(-eye, n); glow += surroundings(r, .16 + .16 * noise(vec2(atan(r.x, r.z) * 7., 2.))) * f * max(gloss, glass) * (1. - .5 * dirt);
  oAlbedo = vec4(albedo, 0.); oNormal = vec4(n, 0.); oGlow = vec4(glow, 1.);
}`;

export const PAINTS = ['#c9ccce', '#1c1d1f', '#8d9093', '#55585c', '#dfe1e0', '#23365c', '#7a1b1e', '#3c4a3f', '#b3a58c', '#2f5d7c', '#4a1f22', '#e4e2da'];
/** Whether cars are near enough to the camera to deserve twice the triangles. */
export const FINE = { on: false };
const kinds = new Map();
function kind(name) {
  if (!kinds.has(name)) kinds.set(name, { geometry: vehicleGeometry(name, FINE.on), ...vehiclePaint(name, FINE.on) });
  return kinds.get(name);
}

function carMaterial(fragmentShader, shared, name, { paint, dirt = 0.25, heads = 0, tails = 0, number = 0 }, pass) {
  const { maps, high, long, wide } = kind(name), value = (v) => ({ value: v });
  const uniforms = { ...shared, ...pass, place: value(new THREE.Matrix4()), roll: value(0), size: value(new THREE.Vector3(long, high, wide)), paint: value(new THREE.Vector3(...rgb(paint))),
    heads: value(heads), tails: value(tails), dirt: value(dirt), number: value(number) };
  for (const [key, map] of Object.entries(maps)) uniforms[key] = value(map);
  return new THREE.RawShaderMaterial({ vertexShader: VERTEX, fragmentShader, uniforms, glslVersion: THREE.GLSL3, side: THREE.DoubleSide });
}

/** A parked car, for ever where it is. */
export function parkCar(still, shared, name, x, z, turn, options) {
  const mesh = new THREE.Mesh(kind(name).geometry, carMaterial(STANDING, shared, name, options, still.pass));
  mesh.material.uniforms.place.value.makeRotationY(turn).setPosition(x, options.y ?? 0, z);
  still.addMesh(mesh);
}

/** A car that drives; `number` marks its pixels. */
export class Car {
  constructor(shared, pass, name, options) {
    this.name = name; this.model = MODELS[name]; this.options = options; this.high = kind(name).high - 0.1;
    this.mesh = new THREE.Mesh(kind(name).geometry, carMaterial(MOVING, shared, name, options, pass)); this.mesh.frustumCulled = false;
    this.uniforms = this.mesh.material.uniforms; this.matrix = this.uniforms.place.value; this.plates = [];
  }
  put({ x, y, z, turn, rolled, tails, heads, pitch = 0 }) {
    this.matrix.makeRotationFromEuler(new THREE.Euler(0, turn, pitch, 'YZX')).setPosition(x, y, z);
    this.uniforms.roll.value = rolled; this.uniforms.tails.value = tails; this.uniforms.heads.value = heads;
    for (const plate of this.plates) plate.follow(this.matrix);
  }
  /** Corners of the body's box and of the outline, for its extent in the picture. */
  outline() {
    const g = kind(this.name).geometry.attributes.position, out = [], v = new THREE.Vector3();
    for (let i = 0; i < g.count; i += 13) out.push(v.fromBufferAttribute(g, i).clone().applyMatrix4(this.matrix));
    return out;
  }
  at(x, y, z) { return new THREE.Vector3(x, y, z).applyMatrix4(this.matrix); }
  get axis() { return new THREE.Vector3(1, 0, 0).transformDirection(this.matrix); }
}

const PLATE_VERTEX = `precision highp float; in vec3 position, normal; in vec2 uv; uniform mat4 place, viewProjection; out vec3 vPlace, vNormal; out vec2 vUv;
void main() { vPlace = (place * vec4(position, 1.)).xyz; vNormal = mat3(place) * normal; vUv = uv; gl_Position = viewProjection * vec4(vPlace, 1.); }`;
const PLATE_FRAGMENT = /* glsl */`precision highp float; precision highp int; in vec3 vPlace, vNormal; in vec2 vUv;
layout(location = 0) out vec4 oColour; layout(location = 1) out vec4 oAlbedo; layout(location = 2) out vec4 oNormal;
uniform vec3 eyePlace; uniform float clipY, number, tails; uniform int depthOnly; uniform sampler2D map;
${NOISE}${SKY}${LIGHTS}
void main() {
  if (vPlace.y < clipY) discard;
  if (depthOnly == 1) { oColour = vec4(0); return; }
  vec3 n = normalize(vNormal), eye = normalize(eyePlace - vPlace), a = texture(map, vUv).rgb * .85;
  oColour = vec4(lit(a, vPlace, n, eye, .1) + a * vec3(1., .96, .9) * tails, 1.); oAlbedo = vec4(a, 0.); oNormal = vec4(n, number);
}`;

/** A number plate on the front or the rear of a car, 12 by 6 inches as American plates are. */
export class Plate {
  constructor(shared, pass, car, rear, map, number) {
    const m = car.model, value = (v) => ({ value: v });
    this.rear = rear; this.lit = value(0); this.half = [0.1524, 0.0762];
    this.local = new THREE.Matrix4().makeRotationY(rear ? -Math.PI / 2 : Math.PI / 2).setPosition(rear ? -m.long / 2 - 0.062 : m.long / 2 + 0.062, rear ? m.plate : 0.4, 0);
    this.mesh = new THREE.Mesh(new THREE.PlaneGeometry(0.3048, 0.1524), new THREE.RawShaderMaterial({ vertexShader: PLATE_VERTEX, fragmentShader: PLATE_FRAGMENT, glslVersion: THREE.GLSL3,
      uniforms: { ...shared, ...pass, place: value(new THREE.Matrix4()), map: value(map), number: value(number), tails: this.lit } }));
    this.mesh.frustumCulled = false; this.number = number; this.place = this.mesh.material.uniforms.place.value;
  }
  follow(matrix) { this.place.copy(matrix).multiply(this.local); }
  corners() { const [w, h] = this.half; return [[-w, h], [w, h], [w, -h], [-w, -h]].map(([x, y]) => new THREE.Vector3(x, y, 0).applyMatrix4(this.place)); }
  facing(eye) { const n = new THREE.Vector3(0, 0, 1).transformDirection(this.place); return n.dot(new THREE.Vector3().copy(eye).sub(new THREE.Vector3().setFromMatrixPosition(this.place)).normalize()); }
}
