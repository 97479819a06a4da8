// Shader text that several passes share.

export const NOISE = /* glsl */`
float hash(vec2 p) { vec3 q = fract(vec3(p.xyx) * .1031); q += dot(q, q.yzx + 33.33); return fract((q.x + q.y) * q.z); }
float noise(vec2 p) {
  vec2 i = floor(p), f = fract(p); f = f * f * (3. - 2. * f);
  return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}
float fbm(vec2 p) { float s = 0., a = .5; for (int i = 0; i < 5; i++) { s += a * noise(p); p = p * 2.03 + 17.1; a *= .5; } return s; }
`;

/** The sky, and what a polished surface shows of the surroundings. */
export const SKY = /* glsl */`
uniform vec3 skyZenith, skyHorizon, skyGround, sunDirection, sunHalo; uniform vec4 clouds;
vec3 clearSky(vec3 d) {
  float up = max(d.y, 0.);
  vec3 c = mix(skyHorizon, skyZenith, pow(up, .45));
  float s = max(dot(d, sunDirection), 0.);
  return c + sunHalo * (.35 * pow(s, 4.) * (1. - up) + .5 * pow(s, 24.) + 3. * pow(s, 400.));
}
vec3 sky(vec3 d) {
  vec3 c = clearSky(d);
  if (clouds.x > 0. && d.y > .005) {
    vec2 p = d.xz / (d.y + .12) * clouds.y + clouds.z;
    float k = smoothstep(1. - clouds.x, 1.25 - clouds.x * .6, fbm(p) + .25 * fbm(p * 3.1));
    float shade = .75 + .5 * fbm(p * 2. + 5.);
    c = mix(c, (skyHorizon * .55 + skyZenith * .2 + sunHalo * .3) * shade * clouds.w, k * smoothstep(.0, .12, d.y));
  }
  return c;
}
vec3 surroundings(vec3 r, float lift) {
  vec3 blocks = skyHorizon * .22 + skyGround * .6;
  return r.y < 0. ? mix(blocks, skyGround, smoothstep(0., -.3, r.y)) : mix(blocks, sky(r), smoothstep(lift - .08, lift + .08, r.y));
}
`;

export const FLAT_VERTEX = /* glsl */`precision highp float;
in vec3 position; out vec2 vUv;
void main() { vUv = position.xy * .5 + .5; gl_Position = vec4(position.xy, 0., 1.); }`;

/** The lamps and the sun as a moving thing sees them: at most 16, some with a map of what shades them. */
export const LIGHTS = /* glsl */`
#define LAMPS 16
uniform int lampCount; uniform vec3 lampPlace[LAMPS], lampColour[LAMPS], lampAxis[LAMPS]; uniform vec2 lampCone[LAMPS];
uniform vec3 sunColour, ambientUp, ambientDown; uniform highp sampler2DShadow sunMap, sunMapMoving; uniform mat4 sunMatrix, sunMatrixMoving;
float shaded(highp sampler2DShadow map, mat4 m, vec3 p, float bias) {
  vec4 q = m * vec4(p, 1.); vec3 s = q.xyz / q.w * .5 + .5;
  if (q.w < 0. || any(lessThan(s.xy, vec2(0))) || any(greaterThan(s.xy, vec2(1))) || s.z > 1.) return 1.;
  vec2 t = .75 / vec2(textureSize(map, 0)); s.z -= bias; float v = 0.;
  for (int i = 0; i < 4; i++) v += texture(map, s + vec3(t * vec2((i & 1) == 1 ? 1. : -1., i > 1 ? 1. : -1.), 0.));
  return v * .25;
}
vec3 lampLight(int i, vec3 p, vec3 n, vec3 eye, float gloss, out vec3 shine) {
  vec3 l = lampPlace[i] - p; float d2 = dot(l, l); l *= inversesqrt(d2);
  float cone = smoothstep(lampCone[i].x, lampCone[i].y, dot(-l, lampAxis[i]));
  vec3 c = lampColour[i] * cone / (d2 + 1.);
  shine = c * gloss * pow(max(dot(reflect(-l, n), eye), 0.), 60.) * 4.;
  return c * max(dot(n, l) * .85 + .15, 0.);
}
vec3 lit(vec3 albedo, vec3 p, vec3 n, vec3 eye, float gloss) {
  vec3 e = mix(ambientDown, ambientUp, n.y * .5 + .5), s = vec3(0), one;
  float sun = max(dot(n, sunDirection), 0.);
  if (sun > 0. && sunColour.r > 0.) {
    sun *= shaded(sunMap, sunMatrix, p + n * .05, .0006) * shaded(sunMapMoving, sunMatrixMoving, p + n * .04, .0006);
    e += sunColour * sun;
    s += sunColour * gloss * sun * pow(max(dot(reflect(-sunDirection, n), eye), 0.), 200.) * 6.;
  }
  for (int i = 0; i < lampCount; i++) { e += lampLight(i, p, n, eye, gloss, one); s += one; }
  return albedo * e + s;
}
`;
