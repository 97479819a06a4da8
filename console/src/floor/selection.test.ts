import { describe, expect, it } from 'vitest';
import { withQuery } from '../kit/routes';
import { choosing, focus, selectionOf, stepBack, viewOf, viewText } from './selection';

const of = (text: string) => selectionOf(new URLSearchParams(text));
const after = (text: string, changes: Record<string, string | null>) => withQuery(new URLSearchParams(text), changes);

describe('the selection', () => {
  it('is what the address says', () => {
    expect(of('')).toEqual({ about: null, thing: null });
    expect(of('alert=alt_1')).toEqual({ about: { kind: 'alert', id: 'alt_1' }, thing: null });
    expect(of('incident=inc_1&camera=cam_2')).toEqual({ about: { kind: 'incident', id: 'inc_1' }, thing: { kind: 'camera', id: 'cam_2' } });
    expect(of('alert=')).toEqual({ about: null, thing: null });
  });
  it('is in the end the thing looked at, else what one works on', () => {
    expect(focus(of('incident=inc_1&unit=unt_2'))?.id).toBe('unt_2');
    expect(focus(of('incident=inc_1'))?.id).toBe('inc_1');
    expect(focus(of('view=1,2,3'))).toBeNull();
  });
  it('keeps what one works on when a thing is looked at, and begins anew with another card', () => {
    expect(after('incident=inc_1&view=38,-90,14', choosing({ kind: 'camera', id: 'cam_2' }))).toBe('?incident=inc_1&view=38%2C-90%2C14&camera=cam_2');
    expect(after('incident=inc_1&camera=cam_2', choosing({ kind: 'unit', id: 'unt_3' }))).toBe('?incident=inc_1&unit=unt_3');
    expect(after('incident=inc_1&unit=unt_3', choosing({ kind: 'alert', id: 'alt_1' }))).toBe('?alert=alt_1');
  });
  it('steps back from the thing to the card, and from there to nothing', () => {
    expect(after('incident=inc_1&camera=cam_2', stepBack(of('incident=inc_1&camera=cam_2')))).toBe('?incident=inc_1');
    expect(after('incident=inc_1', stepBack(of('incident=inc_1')))).toBe('');
  });
});

describe('the view in the address', () => {
  it('comes back as it was written', () => {
    expect(viewOf(viewText({ lat: 38.630101, lon: -90.204, zoom: 14.256 }))).toEqual({ lat: 38.6301, lon: -90.204, zoom: 14.26 });
  });
  it.each([null, '', '38,-90', '38,-90,x', '95,0,3', '38,-190,3', '38,-90,99', '38,,3', '1,2,3,4'])('is none when it says %s', (text) => {
    expect(viewOf(text)).toBeNull();
  });
});
