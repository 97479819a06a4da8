import { expect, it } from 'vitest';
import type { FoundDevice } from '../api/types';
import { ALL, partsOf, together } from './search';

const device = (host: string): FoundDevice => ({ address: `http://${host}/onvif/device_service`, host, name: '', hardware: '', known: [] });

it('everything begins with the group of all devices', () => {
  expect(partsOf(ALL, ['10.0.4.0/24', '10.0.5.0/24'])).toEqual([null, '10.0.4.0/24', '10.0.5.0/24']);
  expect(partsOf('10.0.4.7', ['10.0.4.0/24'])).toEqual(['10.0.4.7']);
});

it('a device that answers twice is one, and they stand by address', () => {
  const found = together([device('10.0.4.20')], { asked: 254, refused: 0, items: [device('10.0.4.3'), device('10.0.4.20')] });
  expect(found.map((one) => one.host)).toEqual(['10.0.4.3', '10.0.4.20']);
});
