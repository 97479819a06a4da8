import { describe, expect, it } from 'vitest';
import type { Camera } from '../api/types';
import { bodyOf, fits, hangsOn, NOTHING, textOf, toldOf } from './details';

const camera = {
  id: 'cam_1', name: 'Mill & 5th', kind: 'business', mount: 'pole', height_m: 6.04, night: 'low_light', owner_text: 'Mill St Grocery', network_switch: 'SW-12', power_feed: null,
  external_id: 'GIS-118', footage_kept: 'here', place: { text: 'Mill St' }, state: { level: 'normal', word: 'live' },
} as Camera;

describe('what the registry says of a camera', () => {
  it('is typed as it is kept, and kept as it was typed', () => {
    expect(textOf(camera)).toMatchObject({ kind: 'business', height: '6', power_feed: '', owner: 'Mill St Grocery' });
    expect(bodyOf({ ...textOf(camera), height: '4,5', network_switch: ' ' })).toMatchObject({ kind: 'business', height_m: 4.5, network_switch: null, power_feed: null });
    expect(bodyOf(NOTHING)).not.toHaveProperty('kind');
  });

  it('is told in a line, and in one below it', () => {
    expect(toldOf(camera)).toBe('Business · pole, 6 m · low light');
    expect(toldOf({ ...camera, kind: null, mount: null, height_m: null, night: 'none' })).toBe('Kind not said · blind at night');
    expect(hangsOn(camera)).toBe('Mill St Grocery · SW-12');
  });

  it.each([
    [{ find: '', kind: '', level: '' }, true], [{ find: 'sw-12', kind: 'business', level: 'normal' }, true], [{ find: 'gis-118', kind: '', level: '' }, true],
    [{ find: '', kind: 'municipal', level: '' }, false], [{ find: '', kind: '', level: 'serious' }, false], [{ find: 'oak', kind: '', level: '' }, false],
  ])('is found by %o: %s', (wanted, found) => {
    expect(fits(camera, wanted)).toBe(found);
  });
});
