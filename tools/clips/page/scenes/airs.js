// Daylight, dusk and night: the sky, the sun and what the walls throw back.

export const SUNNY = { zenith: [0.32, 0.55, 1.0], horizon: [0.85, 0.95, 1.08], halo: [1.1, 0.9, 0.6], ground: [0.28, 0.27, 0.25], bounce: [0.5, 0.46, 0.4], groundBounce: [0.34, 0.31, 0.27],
  clouds: [0.5, 0.9, 3, 1.25], sun: { height: 38, way: 60, colour: [3.6, 3.2, 2.6] } };
export const OVERCAST = { zenith: [0.85, 0.9, 0.98], horizon: [1.0, 1.03, 1.06], ground: [0.3, 0.3, 0.3], bounce: [0.42, 0.42, 0.42], groundBounce: [0.24, 0.24, 0.24], clouds: [0.75, 0.7, 7, 0.9] };
export const DUSK = { zenith: [0.075, 0.1, 0.22], horizon: [0.75, 0.42, 0.26], halo: [1.3, 0.55, 0.2], ground: [0.07, 0.06, 0.06], bounce: [0.07, 0.06, 0.06], groundBounce: [0.06, 0.05, 0.045], clouds: [0.55, 0.8, 11, 0.8],
  sun: { height: 2, way: 200, colour: [0, 0, 0] }, lampsOn: true, night: false, litLevel: 0.9 };
export const NIGHT = { zenith: [0.014, 0.016, 0.026], horizon: [0.11, 0.08, 0.06], ground: [0.03, 0.025, 0.02], bounce: [0.06, 0.046, 0.034], groundBounce: [0.09, 0.066, 0.045], clouds: [0.6, 0.7, 5, 0.9], night: true, litLevel: 1.5, fogColour: [0.06, 0.046, 0.036] };
