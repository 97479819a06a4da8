// The full-screen passes of a frame.
import { NOISE } from './glsl.js';

const HEAD = `precision highp float; precision highp int; in vec2 vUv; layout(location = 0) out vec4 o;\n`;

export const DEPTH_COPY = `precision highp float; in vec2 vUv; layout(location = 0) out vec4 o; uniform highp sampler2D depthMap;
void main() { gl_FragDepth = texture(depthMap, vUv).r; o = vec4(0); }`;

export const COMPOSE = /* glsl */`${HEAD}
#define BEAMS 24
uniform sampler2D baseMap, keyMap0, keyMap1, keyMap2, albedoMap, normalMap, movingColour, movingAlbedo, movingNormal, shadeMap, glassMap, glassSoftMap;
uniform highp sampler2D depthMap; uniform highp sampler2DShadow keyShadow0, keyShadow1, keyShadow2; uniform mat4 keyMatrix[3], inverseViewProjection;
uniform int keyCount, beamCount, isMirror, rainy; uniform vec3 beamPlace[BEAMS], beamAxis[BEAMS], beamColour[BEAMS], beamShape[BEAMS];
uniform vec3 eyePlace, waterTint, fogColour; uniform vec4 fog; uniform float wet, puddles, seconds, turn;
${NOISE}
float lightOn(highp sampler2DShadow map, mat4 m, vec3 p) {
  vec4 q = m * vec4(p, 1.); vec3 s = q.xyz / q.w * .5 + .5;
  if (q.w < 0. || any(lessThan(s.xy, vec2(0))) || any(greaterThan(s.xy, vec2(1))) || s.z > 1.) return 1.;
  vec2 t = 1.1 / vec2(textureSize(map, 0)); float v = 0.; s.z -= .0004;
  for (int i = 0; i < 4; i++) v += texture(map, s + vec3(t * vec2((i & 1) == 1 ? .8 : -.8, i > 1 ? .8 : -.8), 0.));
  return v * .25;
}
/** A dipped headlight: broad to the sides, cut off above. shape = (spread, reach, 0 head / 1 soft round). */
vec3 beam(int i, vec3 p, vec3 n) {
  vec3 v = p - beamPlace[i]; float d2 = dot(v, v); vec3 l = v * inversesqrt(d2);
  float ahead = dot(l, beamAxis[i]); if (ahead < .05) return vec3(0);
  float k;
  if (beamShape[i].z < .5) {
    vec3 right = normalize(cross(beamAxis[i], vec3(0, 1, 0))); float side = dot(l, right) / ahead, up = (l.y - beamAxis[i].y) / ahead;
    k = exp(-side * side / (beamShape[i].x * beamShape[i].x)) * (up > 0. ? exp(-up * up / .0035) : exp(-up * up / .05));
  } else k = pow(ahead, beamShape[i].x);
  float grazing = max(dot(n, -l), 0.) * .8 + .06;
  return beamColour[i] * k * grazing * smoothstep(beamShape[i].y, beamShape[i].y * .4, sqrt(d2)) * 30. / (d2 + 18.);
}
vec2 ripple(vec2 p) {
  float a = 6.28318 * turn; vec2 r = vec2(0);
  r += vec2(.8, .3) * sin(dot(p, vec2(1.3, 2.1)) + 9. * a + 3. * noise(p * .2)); r += vec2(-.4, .6) * sin(dot(p, vec2(-2.7, 1.9)) + 13. * a);
  r += vec2(.3, .5) * sin(dot(p, vec2(4.1, 5.3)) - 17. * a); r += vec2(.5, -.2) * sin(dot(p, vec2(-6.2, 7.7)) + 23. * a + 2. * noise(p));
  return r;
}
vec2 drops(vec2 p) {
  vec2 cell = floor(p * 2.2), f = fract(p * 2.2) - .5; float h = hash(cell), age = fract(h * 7.3 + turn * floor(30. + h * 20.));
  float lap = floor(h * 7.3 + turn * floor(30. + h * 20.)); f -= (vec2(hash(cell + 3.1), hash(cell + 7.7)) - .5) * .6;
  float r = length(f); return f / (r + .01) * exp(-pow((r - age * .45) * 16., 2.)) * (1. - age);
}
void main() {
  float depth = texture(depthMap, vUv).r;
  vec4 w = inverseViewProjection * vec4(vec3(vUv, min(depth, .999999)) * 2. - 1., 1.); vec3 p = w.xyz / w.w;
  vec4 moving = texture(movingColour, vUv), albedo, normal; vec3 c;
  if (moving.a > .5) { c = moving.rgb; albedo = texture(movingAlbedo, vUv); normal = texture(movingNormal, vUv); }
  else {
    albedo = texture(albedoMap, vUv); normal = texture(normalMap, vUv); c = texture(baseMap, vUv).rgb;
    if (depth < 1.) {
      if (isMirror == 0) c *= texture(shadeMap, vUv).r;
      vec3 q = p + normal.xyz * .04;
      if (keyCount > 0) c += texture(keyMap0, vUv).rgb * albedo.rgb * lightOn(keyShadow0, keyMatrix[0], q);
      if (keyCount > 1) c += texture(keyMap1, vUv).rgb * albedo.rgb * lightOn(keyShadow1, keyMatrix[1], q);
      if (keyCount > 2) c += texture(keyMap2, vUv).rgb * albedo.rgb * lightOn(keyShadow2, keyMatrix[2], q);
    }
  }
  float far = length(p - eyePlace);
  if (depth < 1.) {
    vec3 n = normal.xyz, headlight = vec3(0);
    for (int i = 0; i < beamCount; i++) headlight += beam(i, p, n);
    c += albedo.rgb * headlight;
    if (isMirror == 0 && (albedo.a > 1.5 || (albedo.a > .5 && n.y > .9 && wet > 0.))) {
      vec3 toEye = normalize(eyePlace - p); float grazing = pow(1. - clamp(toEye.y, 0., 1.), 5.);
      if (albedo.a > 1.5) {
        vec2 r = ripple(p.xz) * .5 + ripple(p.zx * .31 + 4.) * .9; vec2 shift = r * vec2(.006, .016) / (1. + far * .012);
        vec3 seen = mix(texture(glassMap, vUv + shift).rgb, texture(glassSoftMap, vUv + shift * 1.5).rgb, .45);
        float f = clamp(.04 + .96 * grazing + r.y * .05, 0., 1.);
        c = mix(waterTint + c * .12, seen, f * .9);
      } else {
        float pool = smoothstep(.62 - puddles * .3, .70 - puddles * .2, fbm(p.xz * .42) + .12 * noise(p.xz * 2.3));
        float damp = wet * (.55 + .45 * noise(p.xz * .9));
        vec2 shift = (vec2(noise(p.xz * 14.), noise(p.zx * 14. + 9.)) - .5) * .012 * (1. - pool) / (1. + far * .03);
        if (rainy == 1) shift += drops(p.xz) * .01 * pool / (1. + far * .04);
        vec3 sharp = texture(glassMap, vUv + shift).rgb, soft = texture(glassSoftMap, vUv + shift).rgb;
        float f = mix((.05 + .5 * grazing) * damp, .08 + .85 * grazing, pool * wet);
        c = c * mix(1., .5, damp) * (1. - f) + mix(soft, sharp, pool * .75) * f;
      }
    }
    float haze = 1. - exp(-max(far - fog.w, 0.) * fog.x * 1e-3) ; haze *= mix(1., exp(-max(p.y, 0.) * fog.y), .7);
    c = mix(c, fogColour, clamp(haze, 0., fog.z));
  }
  o = vec4(c, 1.);
}`;

export const BLUR = `${HEAD} uniform sampler2D map; uniform vec2 step; uniform float threshold;
vec3 tap(vec2 p) { vec3 c = texture(map, p).rgb; if (threshold > 0.) { float l = max(c.r, max(c.g, c.b)); c *= smoothstep(threshold, threshold * 2., l); c = min(c, vec3(24.)); } return c; }
void main() {
  vec3 c = tap(vUv) * .1964825; 
  c += (tap(vUv + step * 1.411764) + tap(vUv - step * 1.411764)) * .2969069; c += (tap(vUv + step * 3.2941) + tap(vUv - step * 3.2941)) * .0944703;
  c += (tap(vUv + step * 5.1764) + tap(vUv - step * 5.1764)) * .0103813; o = vec4(c, 1.);
}`;

const LENS = `uniform float bend, scale; uniform vec2 shape;
vec2 throughLens(vec2 uv) { vec2 q = (uv * 2. - 1.) * shape / length(shape); return (q * (1. + bend * dot(q, q)) / (1. + bend)) * length(shape) / shape * .5 + .5; }
`;

export const DEVELOP = `${HEAD}${LENS} uniform sampler2D map, bloom0, bloom1, bloom2, bloom3; uniform float exposure, bloomAmount, saturation, vignette, lift, contrast; uniform vec3 grade; uniform int blackWhite;
vec3 film(vec3 x) { return clamp((x * (2.51 * x + .03)) / (x * (2.43 * x + .59) + .14), 0., 1.); }
void main() {
  vec2 p = throughLens(vUv); vec2 pixel = 1. / vec2(textureSize(map, 0)); vec3 c = vec3(0); float all = 0.;
  for (int y = 0; y < 3; y++) for (int x = 0; x < 3; x++) {
    vec2 d = (vec2(x, y) - 1.) * .72 * scale * .5; vec3 t = min(texture(map, p + d * pixel).rgb, vec3(60.)); float k = exp(-dot(d, d) * .55) / (1. + .15 * max(t.r, max(t.g, t.b)) * exposure); c += t * k; all += k;
  }
  c /= all;
  c += bloomAmount * (texture(bloom0, p).rgb + texture(bloom1, p).rgb * .8 + texture(bloom2, p).rgb * .6 + texture(bloom3, p).rgb * .5);
  c *= exposure; vec2 q = (vUv * 2. - 1.) * shape / length(shape); c *= 1. - vignette * dot(q, q);
  c = film(c * grade); float l = dot(c, vec3(.2126, .7152, .0722)); c = mix(vec3(l), c, blackWhite == 1 ? 0. : saturation);
  c = pow(c, vec3(1. / 2.2)); c = (c - .5) * contrast + .5; o = vec4(clamp(c, 0., 1.) * (1. - lift) + lift, 1.);
}`;

export const SENSOR = `${HEAD} uniform sampler2D map; uniform float sharpen, grain, strength; uniform float number;
float hash3(vec3 q) { q = fract(q * .1031); q += dot(q, q.zyx + 31.32); return fract((q.x + q.y) * q.z); }
void main() {
  ivec2 i = ivec2(gl_FragCoord.xy), most = textureSize(map, 0) - 1; vec3 c = texelFetch(map, i, 0).rgb;
  vec3 near = (texelFetch(map, clamp(i + ivec2(1, 0), ivec2(0), most), 0).rgb + texelFetch(map, clamp(i - ivec2(1, 0), ivec2(0), most), 0).rgb
    + texelFetch(map, clamp(i + ivec2(0, 1), ivec2(0), most), 0).rgb + texelFetch(map, clamp(i - ivec2(0, 1), ivec2(0), most), 0).rgb) * .25;
  c += sharpen * clamp(c - near, -.2, .2);
  vec3 at = vec3(gl_FragCoord.xy, number * 1.37); float g = hash3(at) + hash3(at + 17.) - 1.; float l = dot(c, vec3(.3, .6, .1));
  vec3 hue = vec3(hash3(at + 41.), hash3(at + 57.), hash3(at + 73.)) - .5;
  float fixedRow = hash3(vec3(gl_FragCoord.x, 3., 5.)) - .5;
  c += (g + hue * .5 + fixedRow * .25) * grain * strength * mix(1.6, .6, l);
  o = vec4(clamp(c, 0., 1.), 1.);
}`;

/** Which moving thing each pixel of the picture shows: its number, 0 for none. */
export const MARKS = `${HEAD}${LENS} uniform sampler2D map;
void main() { ivec2 s = textureSize(map, 0); float id = texelFetch(map, clamp(ivec2(throughLens(vUv) * vec2(s)), ivec2(0), s - 1), 0).a; o = vec4(vec3(id / 255.), 1.); }`;
