// Which lights a scene has, as samples that the still world is lit with: the whole sky, the sun's disc, each lamp.
import * as THREE from 'three';
import { shadowTarget } from './still.js';

/** The matrix that sees a ball around `middle` along `direction` (towards the light). */
export function straightMatrix(direction, middle, radius) {
  const from = new THREE.Vector3(...middle).addScaledVector(direction, radius * 1.5);
  const view = new THREE.Matrix4().lookAt(from, new THREE.Vector3(...middle), Math.abs(direction.y) > 0.98 ? new THREE.Vector3(1, 0, 0) : new THREE.Vector3(0, 1, 0)).setPosition(from).invert();
  return new THREE.Matrix4().makeOrthographic(-radius, radius, radius, -radius, 1, radius * 3).multiply(view);
}

/** The matrix that sees from a lamp along its axis. */
export function lampMatrix(place, axis, half = 70) {
  const from = new THREE.Vector3(...place), to = from.clone().add(new THREE.Vector3(...axis));
  const view = new THREE.Matrix4().lookAt(from, to, Math.abs(axis[1]) > 0.95 ? new THREE.Vector3(1, 0, 0) : new THREE.Vector3(0, 1, 0)).setPosition(from).invert();
  const near = 0.4, s = near * Math.tan(half * Math.PI / 180);
  return new THREE.Matrix4().makePerspective(-s, s, s, -s, near, 80).multiply(view);
}

/** The clear sky's radiance; says the same as `clearSky` in glsl.js. */
export function skyColour(air, d) {
  const up = Math.max(d.y, 0) ** 0.45, s = Math.max(d.dot(air.sunDirection), 0);
  const halo = 0.35 * s ** 4 * (1 - Math.max(d.y, 0)) + 0.5 * s ** 24;
  return [0, 1, 2].map((i) => air.skyHorizon[i] + (air.skyZenith[i] - air.skyHorizon[i]) * up + air.sunHalo[i] * halo);
}

export function lightStill(still, air, lamps, { middle, radius, samples }) {
  lightFromSky(still, air, { middle, radius, samples });
  let sunMap = null, sunMatrix = new THREE.Matrix4();
  if (air.sunColour[0] > 0) {
    sunMap = shadowTarget(4096);
    const n = samples > 30 ? 12 : 3, [a, b] = basis(air.sunDirection);
    for (let i = 0; i < n; i++) {
      const r = 0.012 * Math.sqrt((i + 0.5) / n), t = i * 2.39996;
      const d = air.sunDirection.clone().addScaledVector(a, r * Math.cos(t)).addScaledVector(b, r * Math.sin(t)).normalize();
      sunMatrix = straightMatrix(d, middle, radius);
      still.shine({ place: [d.x, d.y, d.z, 0], colour: air.sunColour.map((c) => c / n), matrix: sunMatrix, map: sunMap }, 0);
    }
  }
  const map = shadowTarget(1024);
  for (const lamp of lamps) {
    const n = lamp.shadow === false ? 1 : 4;
    for (let i = 0; i < n; i++) {
      const t = i * 1.7, wide = lamp.size ?? 0.18, place = [lamp.place[0] + wide * Math.cos(t), lamp.place[1], lamp.place[2] + wide * Math.sin(t)];
      still.shine({
        place: [...place, 1], colour: lamp.colour.map((c) => c / n), axis: lamp.axis, cone: lamp.cone,
        matrix: n > 1 ? lampMatrix(place, lamp.axis, lamp.half ?? 75) : null, map: n > 1 ? map : null,
      }, lamp.key ?? null);
    }
  }
  return { sunMap, sunMatrix };
}

function lightFromSky(still, air, { middle, radius, samples }) {
  const map = shadowTarget(1024);
  for (let i = 0; i < samples; i++) {
    const up = (i + 0.5) / samples, t = i * 2.39996, flatness = Math.sqrt(1 - up * up);
    const d = new THREE.Vector3(flatness * Math.cos(t), up, flatness * Math.sin(t));
    // An even spread over the hemisphere: each stands for 2 pi / n of it, and albedo / pi is what comes back.
    const colour = skyColour(air, d).map((c) => c * 2 / samples);
    still.shine({ place: [d.x, d.y, d.z, 0], colour, matrix: straightMatrix(d, middle, radius), map, weight: 2 / samples, bias: 0.06 });
  }
}

function basis(d) {
  const a = new THREE.Vector3().crossVectors(d, new THREE.Vector3(0, 1, 0)).normalize();
  return [a, new THREE.Vector3().crossVectors(d, a)];
}
