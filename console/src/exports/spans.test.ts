import { beforeEach, describe, expect, it } from 'vitest';
import { setZone } from '../kit/times';
import { askHref, lengthText, sizeText, spanOf, spansOf, typed } from './spans';

const at = (text: string) => new Date(text);
const now = at('2026-11-22T20:00:00Z');

describe('spans of an export', () => {
  beforeEach(() => setZone('America/Chicago'));

  it('go into an address and come back to the second', () => {
    const spans = [{ camera: 'cam_1', from: at('2026-11-22T19:00:01.900Z'), to: at('2026-11-22T19:05:27Z') }];
    const query = new URL(askHref(spans), 'http://here').searchParams;
    expect(spansOf(query)).toEqual([{ camera: 'cam_1', from: at('2026-11-22T19:00:01Z'), to: at('2026-11-22T19:05:27Z') }]);
    expect(spansOf(new URLSearchParams('span=cam_1,then,now&span=,2026-11-22T19:00:00Z,2026-11-22T19:01:00Z'))).toEqual([]);
  });

  it('are typed as the agency reads the clock', () => {
    const span = { camera: 'cam_1', from: at('2026-11-22T19:00:01Z'), to: at('2026-11-22T19:05:27Z') };
    expect(typed(span)).toEqual({ camera: 'cam_1', from: '2026-11-22T13:00:01', to: '2026-11-22T13:05:27' });
    expect(spanOf(typed(span), now)).toEqual(span);
  });

  it('say what is wrong with them', () => {
    const good = { camera: 'cam_1', from: '2026-11-22T13:00:00', to: '2026-11-22T13:05:00' };
    expect(spanOf({ ...good, camera: '' }, now)).toBe('Choose a camera.');
    expect(spanOf({ ...good, to: '' }, now)).toMatch(/from when/);
    expect(spanOf({ ...good, to: good.from }, now)).toMatch(/ends after/);
    expect(spanOf({ ...good, to: '2026-11-22T15:00:00' }, now)).toMatch(/in the past/);
    expect(spanOf({ ...good, from: '2026-11-20T13:00:00' }, now)).toMatch(/24 hours/);
  });

  it('have a length and a size', () => {
    expect(lengthText(7_527_000)).toBe('02:05:27');
    expect([sizeText(120), sizeText(8.1e8), sizeText(2.25e9)]).toEqual(['1 kB', '810 MB', '2.3 GB']);
  });
});
