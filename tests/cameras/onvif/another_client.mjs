// A client of another author (the `onvif` package) asks a device what it is and turns it. Reads { hostname, port, username, password } from
// standard input, prints what it was told as JSON.
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { text } from 'node:stream/consumers';

const { Cam } = createRequire(new URL('../../../console/package.json', import.meta.url))('onvif');
const device = await new Promise((resolve, reject) => {
  text(process.stdin).then((given) => {
    const cam = new Cam({ ...JSON.parse(given), timeout: 15_000 }, (error) => (error ? reject(error) : resolve(cam)));
  });
});
const ask = (name, ...given) => promisify(device[name].bind(device))(...given);

const { manufacturer, model } = await ask('getDeviceInformation');
const { uri } = await ask('getStreamUri', { protocol: 'RTSP' });
const presets = Object.fromEntries(Object.entries(await ask('getPresets', {})).map(([token, one]) => [one.name, token]));
await ask('gotoPreset', { preset: presets.Gate });
await ask('continuousMove', { x: -0.5, y: 0.2, zoom: 0 });
await ask('stop', { panTilt: true, zoom: true });
const { position } = await ask('getStatus');
console.log(JSON.stringify({ manufacturer, model, uri, presets, position, profiles: device.profiles.map((one) => one.name) }));
process.exit(0);
