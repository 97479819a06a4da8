import { describe, expect, it } from 'vitest';
import { match, withQuery } from './routes';

const patterns = [['/', 'home'], ['/cameras', 'cameras'], ['/authorisations/new', 'propose'], ['/cameras/:id', 'camera'], ['/authorisations/:id', 'authorisation']] as const;

describe('an address names a view', () => {
  it.each([
    ['/', 'home', {}], ['/cameras/', 'cameras', {}], ['/cameras/cam_1', 'camera', { id: 'cam_1' }], ['/authorisations/new', 'propose', {}],
    ['/cameras/a%20b', 'camera', { id: 'a b' }],
  ])('%s is %s', (path, view, params) => expect(match(patterns, path)).toEqual({ view, params }));

  it.each(['/nowhere', '/cameras/cam_1/more', '/cameras/%E0%A4%A'])('%s is nothing', (path) => expect(match(patterns, path)).toBeNull());
});

describe('the query holds the state of a view', () => {
  it('keeps what is not changed and drops what is emptied', () => {
    expect(withQuery(new URLSearchParams('kind=effect&actor=per_1'), { kind: null, result: 'refused' })).toBe('?actor=per_1&result=refused');
    expect(withQuery(new URLSearchParams('a=1'), { a: '' })).toBe('');
  });
});
