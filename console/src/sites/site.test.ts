import { describe, expect, it } from 'vitest';
import type { Site, SiteOffer } from '../api/types';
import { bodyOf, chosen, few, MAKES, NEW_SITE, textOf } from './site';

const site: Site = {
  id: 'site_1', name: 'Union Station', kind: 'nvr', place: '1820 Market St', lat: 38.6, lon: null, address: 'rtsp://10.0.4.20', stream: '/{channel}', sub_stream: null, replay: null, device: null, channels_free: [], transport: 'tcp', certificate: null, has_login: true, cameras: 3,
  level: 'normal', says: '3 live', version: 2,
};

describe('a site as somebody types it', () => {
  it('is sent as it is kept when nothing was changed, without a login', () => {
    expect(bodyOf(textOf(site))).toEqual({ name: 'Union Station', kind: 'nvr', place: '1820 Market St', lat: 38.6, lon: null, address: 'rtsp://10.0.4.20', stream: '/{channel}', sub_stream: '', replay: '', device: '', transport: 'tcp', certificate: '' });
  });
  it('has a certificate, of its stream or of its ONVIF, and no datagrams under TLS', () => {
    expect(bodyOf({ ...textOf(site), transport: 'udp', certificate: ' AB:01 ' })).toMatchObject({ transport: 'udp', certificate: 'AB:01' });
    expect(bodyOf({ ...textOf(site), address: 'rtsps://10.0.4.20', transport: 'udp', certificate: ' AB:01 ' })).toMatchObject({ transport: 'tcp', certificate: 'AB:01' });
  });
  it('brings a login only where one was typed', () => {
    expect(bodyOf({ ...NEW_SITE, user: 'viewer', password: 'x' })).toMatchObject({ user: 'viewer', password: 'x' });
    expect(bodyOf({ ...NEW_SITE, password: 'x' })).toMatchObject({ user: null, password: 'x' });
  });
  it('of another center has no paths, and an authority only beside a login', () => {
    const center = { ...NEW_SITE, kind: 'watchfloor', name: 'County', address: 'https://county.example.gov', authority: 'PEM' };
    expect(bodyOf(center)).toEqual({ name: 'County', kind: 'watchfloor', place: '', lat: null, lon: null, address: 'https://county.example.gov' });
    expect(bodyOf({ ...center, user: 'city', password: 'x' })).toMatchObject({ user: 'city', password: 'x', authority: 'PEM' });
  });
  it('brings in all that is new where nothing was left out', () => {
    const offers = [{ channel: 'a', verdict: 'new' }, { channel: 'b', verdict: 'new' }, { channel: 'c', verdict: 'same' }] as SiteOffer[];
    expect(chosen(offers, new Set())).toBeNull();
    expect(chosen(offers, new Set(['a']))).toEqual(['b']);
  });
  it('names the first channels that a recorder told of, and counts the others', () => {
    expect(few(['1', '2'])).toBe('1, 2');
    expect(few(['1', '2', '3', '4'], 3)).toBe('1, 2, 3 and 1 more');
  });
  it('has {channel} in each path that a make is known by', () => {
    for (const make of Object.values(MAKES)) for (const path of Object.values(make)) expect(path === '' || path.includes('{channel}')).toBe(true);
  });
});
