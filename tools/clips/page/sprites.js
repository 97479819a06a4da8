// Small things drawn over a frame: dark patches under what stands on the ground, glare around lamps, streaks of rain.
import * as THREE from 'three';
import { Chance } from './kit.js';
import { CAMERA } from './still.js';

const quad = () => { const g = new THREE.InstancedBufferGeometry(); g.setAttribute('position', new THREE.Float32BufferAttribute([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, -1, 0, 1, 1, 0, -1, 1, 0], 3)); return g; };
const sceneOf = (mesh) => { mesh.frustumCulled = false; const s = new THREE.Scene(); s.add(mesh); return s; };
const raw = (options) => new THREE.RawShaderMaterial({ glslVersion: THREE.GLSL3, depthTest: false, depthWrite: false, transparent: true, blending: THREE.CustomBlending, blendSrc: THREE.OneFactor, blendDst: THREE.OneFactor, side: THREE.DoubleSide, ...options });

/** Daylight does not reach under a car or a shoe: soft dark shapes on the ground. */
export class Shades {
  constructor() {
    this.geometry = quad(); this.most = 96;
    this.place = new THREE.InstancedBufferAttribute(new Float32Array(this.most * 4), 4); this.size = new THREE.InstancedBufferAttribute(new Float32Array(this.most * 4), 4);
    this.geometry.setAttribute('place', this.place); this.geometry.setAttribute('size', this.size);
    this.material = raw({
      uniforms: { viewProjection: { value: null }, depthMap: { value: null }, shape: { value: new THREE.Vector2() } }, blendSrc: THREE.ZeroFactor, blendDst: THREE.SrcColorFactor,
      vertexShader: `precision highp float; in vec3 position; in vec4 place, size; uniform mat4 viewProjection; out vec2 vAt; out vec4 vSize; out float vDepth;
        void main() { vAt = position.xy * (size.xy + .55); vSize = size; float c = cos(place.w), s = sin(place.w);
          vec3 p = place.xyz + vec3(c * vAt.x + s * vAt.y, .02, -s * vAt.x + c * vAt.y); gl_Position = viewProjection * vec4(p, 1.); vDepth = gl_Position.z / gl_Position.w * .5 + .5; }`,
      fragmentShader: `precision highp float; in vec2 vAt; in vec4 vSize; in float vDepth; out vec4 o; uniform highp sampler2D depthMap; uniform vec2 shape;
        void main() { if (texture(depthMap, gl_FragCoord.xy / shape).r < vDepth - .0008) discard;
          vec2 q = max(abs(vAt) - vSize.xy + .25, 0.); float d = length(q); o = vec4(vec3(1. - vSize.z * smoothstep(.75, .0, d)), 1.); }`,
    });
    this.scene = sceneOf(new THREE.Mesh(this.geometry, this.material));
  }
  draw(renderer, view, to, list, depth) {
    list.slice(0, this.most).forEach(({ place, turn, half, dark }, i) => { this.place.setXYZW(i, ...place, turn); this.size.setXYZW(i, ...half, dark, 0); });
    this.place.needsUpdate = this.size.needsUpdate = true; this.geometry.instanceCount = Math.min(list.length, this.most);
    const u = this.material.uniforms; u.viewProjection.value = view.viewProjection; u.depthMap.value = depth; u.shape.value.set(to.width, to.height);
    renderer.setRenderTarget(to); renderer.setClearColor(0xffffff, 1); renderer.clear(true, false, false); renderer.setClearColor(0x000000, 0);
    if (list.length) renderer.render(this.scene, CAMERA);
  }
}

/** Light that strays in the lens and in damp air around every lamp that is seen. */
export class Glares {
  constructor() {
    this.geometry = quad(); this.most = 220;
    this.place = new THREE.InstancedBufferAttribute(new Float32Array(this.most * 4), 4); this.colour = new THREE.InstancedBufferAttribute(new Float32Array(this.most * 4), 4);
    this.geometry.setAttribute('place', this.place); this.geometry.setAttribute('colour', this.colour);
    this.material = raw({
      uniforms: { viewProjection: { value: null }, depthMap: { value: null }, aspect: { value: 1 } },
      vertexShader: `precision highp float; in vec3 position; in vec4 place, colour; uniform mat4 viewProjection; uniform float aspect; uniform highp sampler2D depthMap; out vec2 vAt; out vec4 vColour;
        void main() { vec4 q = viewProjection * vec4(place.xyz, 1.); vec3 s = q.xyz / q.w; float seen = 0.; vAt = position.xy;
          if (q.w > 0.) for (int i = 0; i < 9; i++) { vec2 t = s.xy * .5 + .5 + (vec2(i % 3, i / 3) - 1.) * vec2(.0022, .0035); seen += texture(depthMap, t).r > s.z * .5 + .5 - .35 / (q.w * q.w) ? 1. : 0.; }
          vColour = vec4(colour.rgb * seen / 9., colour.a); float size = place.w / max(q.w, 1.) ; size = max(size, .006) * (1. + .012 * q.w * 0.);
          gl_Position = seen > 0. ? vec4((s.xy + position.xy * size * vec2(1. / aspect, 1.)), 0., 1.) : vec4(2., 2., 2., 1.); }`,
      fragmentShader: `precision highp float; in vec2 vAt; in vec4 vColour; out vec4 o;
        void main() { float r = length(vAt); if (r > 1.) discard; float fall = 1. - r; float core = exp(-r * r * 90.), halo = exp(-r * 5.) * fall * fall;
          float ray = exp(-abs(vAt.y) * 34.) * pow(fall, 3.) * .35; o = vec4(vColour.rgb * (core * 3. + halo * .16 + ray * vColour.a), 1.); }`,
    });
    this.scene = sceneOf(new THREE.Mesh(this.geometry, this.material));
  }
  draw(renderer, view, depth, to, list, aspect) {
    if (!list.length) return;
    list.slice(0, this.most).forEach(({ place, size, colour, ray = 0.5 }, i) => { this.place.setXYZW(i, ...place, size); this.colour.setXYZW(i, ...colour, ray); });
    this.place.needsUpdate = this.colour.needsUpdate = true; this.geometry.instanceCount = Math.min(list.length, this.most);
    const u = this.material.uniforms; u.viewProjection.value = view.viewProjection; u.depthMap.value = depth; u.aspect.value = aspect;
    renderer.setRenderTarget(to); renderer.render(this.scene, CAMERA);
  }
}

/** Streaks that fall a whole number of times through their box in one turn of the clip. */
export class Rain {
  constructor({ count, middle, box, speed = 8.5, amount = 1 }, seed) {
    const chance = new Chance(seed + 99), starts = new Float32Array(count * 4);
    for (let i = 0; i < count; i++) starts.set([chance.next(), chance.next(), chance.next(), chance.next()], i * 4);
    this.geometry = quad(); this.geometry.setAttribute('start', new THREE.InstancedBufferAttribute(starts, 4)); this.geometry.instanceCount = count; this.speed = speed; this.box = box;
    this.material = raw({
      uniforms: { viewProjection: { value: null }, depthMap: { value: null }, eye: { value: new THREE.Vector3() }, middle: { value: new THREE.Vector3(...middle) }, box: { value: new THREE.Vector3(...box) }, turn: { value: 0 }, laps: { value: 1 },
        glow: { value: Array.from({ length: 12 }, () => new THREE.Vector4()) }, glowColour: { value: Array.from({ length: 12 }, () => new THREE.Vector3()) }, daylight: { value: new THREE.Vector3() }, amount: { value: amount } },
      vertexShader: `precision highp float; in vec3 position; in vec4 start; uniform mat4 viewProjection; uniform vec3 eye, middle, box, daylight; uniform float turn, laps, amount; uniform vec4 glow[12]; uniform vec3 glowColour[12]; out vec3 vColour; out float vDepth; out vec2 vAt;
        void main() { float y = fract(start.y - turn * (laps + floor(start.w * 3.))); vec3 p = middle + (vec3(start.x, y, start.z) - vec3(.5, 0., .5)) * box; p.x += (1. - y) * 1.1;
          vec3 fall = normalize(vec3(-.09, 1., .02)), side = normalize(cross(fall, eye - p)); float d = length(eye - p);
          p += fall * position.y * .26 + side * position.x * max(.0022, .0005 * d); gl_Position = viewProjection * vec4(p, 1.); vDepth = gl_Position.z / gl_Position.w * .5 + .5; vAt = position.xy;
          vec3 c = daylight; for (int i = 0; i < 12; i++) { vec3 l = glow[i].xyz - p; c += glowColour[i] / (dot(l, l) + 1.); } vColour = c * amount * smoothstep(.4, 2., d) * .075; }`,
      fragmentShader: `precision highp float; in vec3 vColour; in float vDepth; in vec2 vAt; out vec4 o; uniform highp sampler2D depthMap;
        void main() { if (texelFetch(depthMap, ivec2(gl_FragCoord.xy), 0).r < vDepth) discard; o = vec4(vColour * (1. - vAt.y * vAt.y) * (1. - abs(vAt.x)), 1.); }`,
    });
    this.scene = sceneOf(new THREE.Mesh(this.geometry, this.material));
  }
  draw(renderer, view, depth, to, state) {
    const u = this.material.uniforms; u.viewProjection.value = view.viewProjection; u.depthMap.value = depth; u.eye.value.copy(view.eye); u.turn.value = state.turn;
    u.laps.value = Math.round(this.speed * state.length / this.box[1]); u.daylight.value.set(...state.daylight);
    for (let i = 0; i < 12; i++) { const g = state.rainLights[i]; u.glow.value[i].set(...(g ? g.place : [0, -1e4, 0]), 0); u.glowColour.value[i].set(...(g ? g.colour : [0, 0, 0])); }
    renderer.setRenderTarget(to); renderer.render(this.scene, CAMERA);
  }
}
