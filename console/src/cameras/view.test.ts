import { describe, expect, it } from 'vitest';
import type { Camera } from '../api/types';
import { entryOf, previewed, textOf } from './view';

const camera = { id: 'cam_1', heading_deg: 140.26, field_deg: 70, range_m: null } as Camera;

describe('what a camera sees, typed', () => {
  it('begins as it is kept', () => {
    expect(textOf(camera)).toEqual({ heading: '140.3', field: '70', range: '' });
  });

  it('goes round the circle and takes a comma', () => {
    expect(entryOf({ heading: '-90', field: '62,5', range: '80' })).toEqual({ entry: { heading_deg: 270, field_deg: 62.5, range_m: 80 }, wrong: {} });
    expect(entryOf({ heading: '360', field: '', range: '' }).entry).toEqual({ heading_deg: 0, field_deg: null, range_m: null });
  });

  it.each([
    [{ heading: 'north', field: '', range: '' }, 'heading'], [{ heading: '400', field: '', range: '' }, 'heading'], [{ heading: '0', field: '0', range: '' }, 'field'],
    [{ heading: '0', field: '361', range: '' }, 'field'], [{ heading: '0', field: '', range: '2001' }, 'range'], [{ heading: '', field: '70', range: '' }, 'heading'],
  ] as const)('says what is wrong with %o', (text, field) => {
    expect(Object.keys(entryOf(text).wrong)).toEqual([field]);
  });

  it('is drawn as typed, and as it was where that cannot be', () => {
    expect(previewed(camera, { heading: '10', field: 'wide', range: '120' })).toMatchObject({ heading_deg: 10, field_deg: 70, range_m: 120 });
    expect(previewed(camera, { heading: '', field: '', range: '' })).toMatchObject({ heading_deg: null, field_deg: null, range_m: null });
  });
});
