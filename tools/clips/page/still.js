// What does not move: drawn once into a buffer of colours, normals and depths, then lit by hundreds of lights with shadows.
import * as THREE from 'three';
import { FLAT_VERTEX, NOISE, SKY } from './glsl.js';

const VERTEX = /* glsl */`precision highp float;
in vec3 position, normal; in vec2 uv; in vec4 tint;
uniform mat4 viewProjection;
out vec3 vPlace, vNormal; out vec2 vUv; out vec4 vTint;
void main() { vPlace = position; vNormal = normal; vUv = uv; vTint = tint; gl_Position = viewProjection * vec4(position, 1.); }`;

const FRAGMENT = /* glsl */`precision highp float; precision highp int;
in vec3 vPlace, vNormal; in vec2 vUv; in vec4 vTint;
uniform sampler2D map; uniform int kind; uniform float tile, litLevel, clipY; uniform vec4 extent; uniform vec3 eyePlace;
layout(location = 0) out vec4 oAlbedo; layout(location = 1) out vec4 oNormal; layout(location = 2) out vec4 oGlow;
${NOISE}${SKY}
void main() {
  if (vPlace.y < clipY) discard;
  vec2 uv = tile > 0. ? vUv / tile : vUv;
  if (kind == 2 && texture(map, uv).a < .45) discard;
  vec3 n = normalize(vNormal), toEye = normalize(eyePlace - vPlace);
  if (dot(n, toEye) < 0. && kind != 2) n = -n;
  vec4 t = kind == 4 ? texture(map, vec2(0, 1) + vec2(1, -1) * (vPlace.xz - extent.xy) / (extent.zw - extent.xy)) : texture(map, uv);
  vec3 c = t.rgb * vTint.rgb; vec3 glow = vec3(0); float wet = 0., sort = 0.;
  float far = fwidth(vPlace.x) + fwidth(vPlace.z);
  if (kind == 4) {
    float fine = mix(noise(vPlace.xz * 23.) * .5 + noise(vPlace.xz * 71.) * .5, .5, smoothstep(.02, .12, far));
    c *= (.78 + .3 * fbm(vPlace.xz * .35) + .12 * fbm(vPlace.xz * 2.3)) * (.82 + .36 * fine);
    wet = c.g > c.r * 1.12 ? 0. : 1.;
  } else if (kind == 0) {
    float side = abs(n.x) > abs(n.z) ? vPlace.z : vPlace.x;
    float streak = noise(vec2(side * 2.7, vPlace.y * .16)) * .6 + noise(vec2(side * 9., vPlace.y * .4)) * .4;
    c *= mix(1., .72 + .42 * streak, abs(n.y) < .5 ? .55 : .2) * (.88 + .2 * fbm(vPlace.xz * .6 + vPlace.y * .5));
    c *= mix(.72, 1., smoothstep(-.1, .9, vPlace.y + .5 * noise(vec2(side * 2., 3.))));
    wet = n.y > .95 && vPlace.y < .5 ? 1. : 0.;
  } else if (kind == 1) {
    vec2 tilt = vec2(hash(floor(vPlace.xy * .6 + vPlace.z)), hash(floor(vPlace.zy * .7 + 3.))) - .5;
    vec3 r = reflect(-toEye, normalize(n + .035 * vec3(tilt.x, tilt.y, tilt.x)));
    float f = .06 + .8 * pow(1. - max(dot(n, toEye), 0.), 4.);
    glow = c * vTint.a * litLevel + f * surroundings(r, .22 + .2 * noise(vec2(atan(r.x, r.z) * 9., 1.)));
    c *= .16; sort = 1.;
  } else if (kind == 2) {
    sort = 2.; n = normalize(n);
  } else if (kind == 3) {
    c = vTint.rgb; wet = 2.; n = vec3(0, 1, 0);
  } else if (kind == 5) {
    glow = c * vTint.a; c *= .5;
  }
  if (kind == 0 && vTint.a > 0.) glow = c * vTint.a * litLevel;
  oAlbedo = vec4(c, wet); oNormal = vec4(n, sort); oGlow = vec4(glow, 1);
}`;

const DEPTH_VERTEX = `precision highp float; in vec3 position; in vec2 uv; uniform mat4 viewProjection, place; out vec2 vUv; void main() { vUv = uv; gl_Position = viewProjection * (place * vec4(position, 1.)); }`;
const DEPTH_FRAGMENT = `precision highp float; layout(location = 0) out vec4 o; void main() { o = vec4(0); }`;
const DEPTH_CUT = `precision highp float; in vec2 vUv; uniform sampler2D map; uniform float tile; layout(location = 0) out vec4 o; void main() { if (texture(map, tile > 0. ? vUv / tile : vUv).a < .45) discard; o = vec4(0); }`;

const LIGHT = /* glsl */`precision highp float;
in vec2 vUv; out vec4 o;
uniform sampler2D albedoMap, normalMap; uniform highp sampler2D depthMap; uniform highp sampler2DShadow shadowMap;
uniform mat4 inverseViewProjection, shadowMatrix; uniform vec4 lightPlace; uniform vec3 lightColour, lightAxis; uniform vec2 lightCone;
uniform float shadowBias, weight; uniform int useShadow;
void main() {
  float depth = texture(depthMap, vUv).r; if (depth >= 1.) { o = vec4(0); return; }
  vec4 w = inverseViewProjection * vec4(vec3(vUv, depth) * 2. - 1., 1.); vec3 p = w.xyz / w.w;
  vec4 ns = texture(normalMap, vUv); vec3 n = normalize(ns.xyz), l = lightPlace.xyz; float fall = 1.;
  if (lightPlace.w > 0.) { l -= p; float d2 = dot(l, l); l *= inversesqrt(d2); fall = smoothstep(lightCone.x, lightCone.y, dot(-l, lightAxis)) / (d2 + 1.); }
  float face = ns.w > 1.5 ? pow(dot(n, l) * .5 + .5, 1.4) * .8 : max(dot(n, l), 0.);
  float vis = 1.;
  if (useShadow == 1 && face * fall > 0.) {
    vec4 q = shadowMatrix * vec4(p + n * shadowBias, 1.); vec3 s = q.xyz / q.w * .5 + .5;
    if (q.w > 0. && all(greaterThan(s.xy, vec2(0))) && all(lessThan(s.xy, vec2(1))) && s.z < 1.) vis = texture(shadowMap, s - vec3(0, 0, .0004));
  }
  o = vec4(lightColour * face * fall * vis, weight * vis * face);
}`;

const COMBINE = /* glsl */`precision highp float;
in vec2 vUv; layout(location = 0) out vec4 o;
uniform sampler2D albedoMap, normalMap, glowMap, softMap; uniform highp sampler2D depthMap; uniform mat4 inverseViewProjection;
uniform vec3 eyePlace, bounce, groundBounce;
${NOISE}${SKY}
void main() {
  float depth = texture(depthMap, vUv).r;
  vec4 w = inverseViewProjection * vec4(vec3(vUv, min(depth, .9999)) * 2. - 1., 1.);
  if (depth >= 1.) { o = vec4(sky(normalize(w.xyz / w.w - eyePlace)), 1); return; }
  vec4 soft = texture(softMap, vUv), n = texture(normalMap, vUv); vec3 a = texture(albedoMap, vUv).rgb;
  float open = clamp(soft.a, 0., 1.);
  vec3 e = soft.rgb + bounce * (1. - open) * mix(.35, 1., open) + groundBounce * (.5 - .5 * n.y) * (.3 + .7 * open);
  o = vec4(a * e + texture(glowMap, vUv).rgb, 1);
}`;

export const flat = (fragmentShader, uniforms, options = {}) => new THREE.RawShaderMaterial({
  vertexShader: FLAT_VERTEX, fragmentShader, uniforms, glslVersion: THREE.GLSL3, depthTest: false, depthWrite: false, ...options,
});

const triangle = new THREE.BufferGeometry();
triangle.setAttribute('position', new THREE.Float32BufferAttribute([-1, -1, 0, 3, -1, 0, -1, 3, 0], 3));
export const CAMERA = new THREE.Camera();

/** Run a full-screen pass. */
export class Screen {
  constructor(renderer) { this.renderer = renderer; this.mesh = new THREE.Mesh(triangle); this.mesh.frustumCulled = false; this.scene = new THREE.Scene(); this.scene.add(this.mesh); }
  draw(material, target) { this.mesh.material = material; this.renderer.setRenderTarget(target); this.renderer.render(this.scene, CAMERA); }
}

export function target(width, height, { count = 1, depth = false, type = THREE.HalfFloatType, filter = THREE.LinearFilter, format = THREE.RGBAFormat } = {}) {
  const made = new THREE.WebGLRenderTarget(width, height, { count, type, format, minFilter: filter, magFilter: filter, depthBuffer: depth, generateMipmaps: false });
  if (depth) { made.depthTexture = new THREE.DepthTexture(width, height, THREE.FloatType); made.depthTexture.minFilter = made.depthTexture.magFilter = THREE.NearestFilter; }
  return made;
}

export function shadowTarget(size) {
  const made = target(size, size, { depth: true, type: THREE.UnsignedByteType, filter: THREE.NearestFilter });
  made.depthTexture.compareFunction = THREE.LessEqualCompare;
  made.depthTexture.minFilter = made.depthTexture.magFilter = THREE.LinearFilter;
  return made;
}

/** A place from which the still world is drawn: the camera, or its mirror image below a level surface. */
export class View {
  constructor(width, height, viewProjection, eye, clipY = -1e6) {
    Object.assign(this, { width, height, viewProjection, eye, clipY });
    this.inverse = viewProjection.clone().invert();
    this.buffer = target(width, height, { count: 3, depth: true, filter: THREE.NearestFilter });
    this.soft = target(width, height, { type: THREE.FloatType, filter: THREE.NearestFilter });
    this.keys = []; this.base = target(width, height);
  }
  get maps() { const [albedo, normal, glow] = this.buffer.textures; return { albedo, normal, glow, depth: this.buffer.depthTexture }; }
}

export class Still {
  constructor(renderer, shared) {
    this.renderer = renderer; this.screen = new Screen(renderer); this.shared = shared; this.scene = new THREE.Scene(); this.shadows = new THREE.Scene();
    this.pass = { viewProjection: { value: new THREE.Matrix4() }, clipY: { value: -1e6 }, eyePlace: { value: new THREE.Vector3() } };
    this.light = flat(LIGHT, {
      albedoMap: { value: null }, normalMap: { value: null }, depthMap: { value: null }, shadowMap: { value: null }, inverseViewProjection: { value: null },
      shadowMatrix: { value: new THREE.Matrix4() }, lightPlace: { value: new THREE.Vector4() }, lightColour: { value: new THREE.Vector3() },
      lightAxis: { value: new THREE.Vector3(0, -1, 0) }, lightCone: { value: new THREE.Vector2() }, shadowBias: { value: 0.04 }, weight: { value: 0 }, useShadow: { value: 1 },
    }, { blending: THREE.CustomBlending, blendSrc: THREE.OneFactor, blendDst: THREE.OneFactor, transparent: true });
    this.combine = flat(COMBINE, { ...shared, albedoMap: { value: null }, normalMap: { value: null }, glowMap: { value: null }, softMap: { value: null }, depthMap: { value: null },
      inverseViewProjection: { value: null }, eyePlace: { value: new THREE.Vector3() } });
    this.views = [];
  }
  add(geometry, { map, tile, kind, extent = [0, 0, 1, 1] }) {
    const material = new THREE.RawShaderMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT, glslVersion: THREE.GLSL3, side: THREE.DoubleSide,
      uniforms: { ...this.shared, ...this.pass, map: { value: map }, tile: { value: tile }, kind: { value: kind }, extent: { value: new THREE.Vector4(...extent) } } });
    this.addMesh(new THREE.Mesh(geometry, material), kind === 2 ? { map: { value: map }, tile: { value: tile } } : {});
  }
  /** `cut` holds the map of what is partly see-through. */
  addMesh(mesh, cut = {}) {
    const place = mesh.material.uniforms.place ?? { value: new THREE.Matrix4() };
    const shadow = new THREE.Mesh(mesh.geometry, new THREE.RawShaderMaterial({ vertexShader: DEPTH_VERTEX, fragmentShader: cut.map ? DEPTH_CUT : DEPTH_FRAGMENT, glslVersion: THREE.GLSL3, side: THREE.DoubleSide,
      colorWrite: false, uniforms: { viewProjection: this.pass.viewProjection, place, ...cut } }));
    mesh.frustumCulled = shadow.frustumCulled = false; this.scene.add(mesh); this.shadows.add(shadow);
  }
  drawShadows(matrix, to) {
    this.pass.viewProjection.value.copy(matrix); this.renderer.setRenderTarget(to); this.renderer.clear(true, true, false); this.renderer.render(this.shadows, CAMERA);
  }
  drawScene(viewProjection, eye, clipY, to) {
    this.pass.viewProjection.value.copy(viewProjection); this.pass.eyePlace.value.copy(eye); this.pass.clipY.value = clipY;
    this.renderer.setRenderTarget(to); this.renderer.clear(true, true, false); this.renderer.render(this.scene, CAMERA);
  }
  begin(views) {
    this.views = views;
    this.renderer.setClearColor(0x000000, 0);
    for (const view of views) {
      this.drawScene(view.viewProjection, view.eye, view.clipY, view.buffer);
      this.renderer.setRenderTarget(view.soft); this.renderer.clear(true, false, false);
    }
  }
  /** One light sample: its map of shadows, then its share in every view; `layer` names a key light kept apart. */
  shine({ place, colour, axis = [0, -1, 0], cone = [-2, -2], matrix = null, map = null, weight = 0, bias = 0.04 }, layer = null) {
    const u = this.light.uniforms;

    if (matrix && map) this.drawShadows(matrix, map);
    u.lightPlace.value.set(...place); u.lightColour.value.set(...colour); u.lightAxis.value.set(...axis); u.lightCone.value.set(...cone);
    u.useShadow.value = map ? 1 : 0; u.shadowMap.value = map ? map.depthTexture : this.blank(); if (matrix) u.shadowMatrix.value.copy(matrix);
    u.weight.value = weight; u.shadowBias.value = bias;
    for (const view of this.views) {
      u.albedoMap.value = view.maps.albedo; u.normalMap.value = view.maps.normal; u.depthMap.value = view.maps.depth; u.inverseViewProjection.value = view.inverse;
      this.screen.draw(this.light, layer === null ? view.soft : this.keyOf(view, layer));
    }
  }
  blank() {
    if (!this.none) { this.none = shadowTarget(4); this.renderer.setRenderTarget(this.none); this.renderer.clear(true, true, false); }
    return this.none.depthTexture;
  }
  keyOf(view, layer) {
    if (!view.keys[layer]) {
      view.keys[layer] = target(view.width, view.height, { type: THREE.FloatType, filter: THREE.NearestFilter });
      this.renderer.setRenderTarget(view.keys[layer]); this.renderer.clear(true, false, false);
    }
    return view.keys[layer];
  }
  end() {
    const u = this.combine.uniforms;
    for (const view of this.views) {
      const { albedo, normal, glow, depth } = view.maps;
      u.albedoMap.value = albedo; u.normalMap.value = normal; u.glowMap.value = glow; u.depthMap.value = depth; u.softMap.value = view.soft.texture;
      u.inverseViewProjection.value = view.inverse; u.eyePlace.value.copy(view.eye);
      this.screen.draw(this.combine, view.base);
    }
  }
}
