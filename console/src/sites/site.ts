// A site as somebody types it, and as it is told. Pure.
import type { Site, SiteBody, SiteOffer } from '../api/types';
import { isTls } from '../cameras/details';

export const SITE_KINDS: Record<Site['kind'], string> = { nvr: 'Recorder (NVR)', vms: 'Video management system (VMS)', watchfloor: 'Another watchfloor center' };

export interface SiteText { name: string; kind: string; place: string; lat: string; lon: string; address: string; stream: string; sub_stream: string; replay: string; device: string; transport: string; certificate: string; user: string; password: string; authority: string }

export const NEW_SITE: SiteText = { name: '', kind: 'nvr', place: '', lat: '', lon: '', address: '', stream: '', sub_stream: '', replay: '', device: '', transport: 'tcp', certificate: '', user: '', password: '', authority: '' };

export const textOf = (site: Site): SiteText => ({
  name: site.name, kind: site.kind, place: site.place, lat: site.lat === null ? '' : String(site.lat), lon: site.lon === null ? '' : String(site.lon),
  address: site.address, stream: site.stream, sub_stream: site.sub_stream ?? '', replay: site.replay ?? '', device: site.device ?? '', transport: site.transport, certificate: site.certificate ?? '', user: '', password: '', authority: '',
});

const said = (text: string): string | null => (text.trim() === '' ? null : text.trim());
const number = (text: string): number | null => (text.trim() === '' ? null : Number(text.replace(',', '.')));

/** Another center has no paths of its own to enter, and its cameras are told by itself. */
export const isCenter = (kind: string): boolean => kind === 'watchfloor';

/** What is sent of what was typed. A login is sent only where one was typed: without it the site keeps the one it has. */
export function bodyOf(text: SiteText): SiteBody {
  const center = isCenter(text.kind);
  return {
    name: text.name, kind: text.kind, place: text.place, lat: number(text.lat), lon: number(text.lon), address: said(text.address),
    ...(center ? {} : { stream: text.stream.trim(), sub_stream: text.sub_stream.trim(), replay: text.replay.trim(), device: text.device.trim(), transport: isTls(text.address) ? 'tcp' : text.transport, certificate: text.certificate.trim() }),
    ...(text.user.trim() === '' && text.password === '' ? {} : { user: said(text.user), password: text.password, ...(center && text.authority.trim() !== '' ? { authority: text.authority.trim() } : {}) }),
  };
}

/** What an offered camera is to our registry, as one says it. */
export const VERDICTS: Record<SiteOffer['verdict'], string> = { new: 'new', changed: 'changed there', same: 'as it is here', gone: 'not offered any more' };

/** The channels of what is chosen to be brought in; null where all that is new is. */
export const chosen = (offers: readonly SiteOffer[], left: ReadonlySet<string>): string[] | null =>
  left.size === 0 ? null : offers.filter((one) => one.verdict === 'new' && !left.has(one.channel)).map((one) => one.channel);

/** A recorder that tells by ONVIF which cameras it has and where it shows each: no path is typed. */
export const BY_ONVIF = 'Any that speaks ONVIF';

/** The channels that a recorder told of, in few words: “1, 2, 3 and 13 more”. */
export function few(channels: readonly string[], shown = 8): string {
  const first = channels.slice(0, shown).join(', ');
  return channels.length > shown ? `${first} and ${channels.length - shown} more` : first;
}

/** Makes whose addresses are known by heart: what stands in the fields to begin with. `{from}` and `{to}` are the moments of a replay. */
export const MAKES: Record<string, Pick<SiteText, 'stream' | 'sub_stream' | 'replay'>> = {
  [BY_ONVIF]: { stream: '', sub_stream: '', replay: '' },
  'Hikvision and alike': { stream: '/Streaming/Channels/{channel}01', sub_stream: '/Streaming/Channels/{channel}02', replay: '/Streaming/tracks/{channel}01?starttime={from}&endtime={to}' },
  'Dahua and alike': { stream: '/cam/realmonitor?channel={channel}&subtype=0', sub_stream: '/cam/realmonitor?channel={channel}&subtype=1', replay: '/cam/playback?channel={channel}&starttime={from:local}&endtime={to:local}' },
  'Another: by its manual': { stream: '', sub_stream: '', replay: '' },
};
