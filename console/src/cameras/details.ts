// What the registry says of a camera beside its place and view: its words, as somebody types it, as it is told. Pure.
import type { Camera } from '../api/types';
import { plain } from '../kit/words';

type Kind = NonNullable<Camera['kind']>;
export const KINDS: Record<Kind, string> = { municipal: 'Municipal', business: 'Business', residential: 'Residential', trailer: 'Trailer', body: 'Body' };
/** The kinds of a technology; what has none cannot be registered yet. */
export const OF_TECHNOLOGY: Record<string, readonly Kind[]> = { fixed_camera: ['municipal'], mobile_trailer: ['trailer'], private_camera_link: ['business', 'residential'], body_camera: ['body'] };
export const MOUNTS: Record<NonNullable<Camera['mount']>, string> = {
  pole: 'Pole', wall: 'Wall', building: 'Building', bridge: 'Bridge', mast: 'Mast', vehicle: 'Vehicle', person: 'Person', other: 'Something else',
};
export const NIGHTS: Record<Camera['night'], string> = { infrared: 'Infrared', low_light: 'Low light', none: 'Nothing', unknown: 'Not known' };
export const TRANSPORTS: Record<Camera['transport'], string> = { tcp: 'TCP: in the connection', udp: 'UDP: datagrams beside it', auto: 'Either: UDP where it refuses TCP' };

/** Whether an address is of TLS. */
export const isTls = (address: string): boolean => address.trim().toLowerCase().startsWith('rtsps://');

export interface DetailText {
  kind: string; mount: string; height: string; night: string; owner: string; network_switch: string; power_feed: string; external_id: string; footage_kept: string;
}
type Kept = Pick<Camera, 'kind' | 'mount' | 'height_m' | 'night' | 'owner_text' | 'network_switch' | 'power_feed' | 'external_id' | 'footage_kept'>;

export const NOTHING: DetailText = { kind: '', mount: '', height: '', night: 'unknown', owner: '', network_switch: '', power_feed: '', external_id: '', footage_kept: 'here' };

export const textOf = (camera: Kept): DetailText => ({
  kind: camera.kind ?? '', mount: camera.mount ?? '', height: camera.height_m === null ? '' : String(Math.round(camera.height_m * 10) / 10), night: camera.night,
  owner: camera.owner_text, network_switch: camera.network_switch ?? '', power_feed: camera.power_feed ?? '', external_id: camera.external_id ?? '', footage_kept: camera.footage_kept,
});

const said = (text: string): string | null => (text.trim() === '' ? null : text.trim());

/** What is sent of what was typed; a kind that nobody chose is left out, so that the technology alone counts. */
export function bodyOf(text: DetailText) {
  return {
    ...(text.kind === '' ? {} : { kind: text.kind }), mount: said(text.mount), height_m: text.height.trim() === '' ? null : Number(text.height.replace(',', '.')), night: text.night,
    owner_text: ['business', 'residential'].includes(text.kind) ? '' : text.owner.trim(), network_switch: said(text.network_switch), power_feed: said(text.power_feed), external_id: said(text.external_id), footage_kept: text.footage_kept,
  };
}

/** "Business · pole, 6 m · infrared" */
export function toldOf(camera: Kept): string {
  const hangs = [camera.mount === null ? null : MOUNTS[camera.mount].toLowerCase(), camera.height_m === null ? null : `${Math.round(camera.height_m * 10) / 10} m`].filter((part) => part !== null).join(', ');
  return [camera.kind === null ? 'Kind not said' : KINDS[camera.kind], hangs, camera.night === 'unknown' ? '' : camera.night === 'none' ? 'blind at night' : plain(camera.night)].filter((part) => part !== '').join(' · ');
}

/** What it hangs on, and who owns it, for the line below. */
export const hangsOn = (camera: Kept): string => [camera.owner_text, camera.network_switch, camera.power_feed].filter((part) => part !== null && part !== '').join(' · ');

export interface Wanted { find: string; kind: string; level: string }

/** Whether a camera is among those looked for. */
export function fits(camera: Camera, wanted: Wanted): boolean {
  if (wanted.kind !== '' && (camera.kind ?? 'none') !== wanted.kind) return false;
  if (wanted.level !== '' && camera.state.level !== wanted.level) return false;
  const text = `${camera.name} ${camera.place.text} ${camera.state.word} ${camera.external_id ?? ''} ${hangsOn(camera)}`.toLowerCase();
  return text.includes(wanted.find.trim().toLowerCase());
}
