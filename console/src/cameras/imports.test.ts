import { describe, expect, it } from 'vitest';
import type { CameraImport, CameraImportRow } from '../api/types';
import { csvOf, saysOf, stateWord, typeOf } from './imports';

const row = (more: Partial<CameraImportRow>): CameraImportRow => ({ line: 2, verdict: 'new', name: 'Mill St', problems: [], warnings: [], changes: [], camera: null, outcome: null, ...more });

describe('a list of cameras', () => {
  it('is what its name says', () => {
    expect([typeOf('city.CSV'), typeOf('city.geojson'), typeOf('city.json'), typeOf('city.xlsx')]).toEqual(['text/csv', 'application/geo+json', 'application/geo+json', null]);
  });

  it('says how far it is', () => {
    expect(stateWord({ state: 'applied', failed: 1 } as CameraImport)).toBe('Applied; 1 row could not be kept');
    expect(stateWord({ state: 'previewed' } as CameraImport)).toContain('nothing has changed');
  });

  it('tells of a row what is wrong, what changes and what became of it', () => {
    expect(saysOf(row({ problems: [{ column: 'Lat', reason: 'No number.' }, { column: null, reason: 'Too long.' }], outcome: 'Gone.' }))).toEqual(['Not kept: Gone.', 'Lat: No number.', 'Too long.']);
    expect(saysOf(row({ changes: [{ field: 'lon', before: '1', after: '2' }], outcome: '' }))).toEqual(['lon: 1 → 2']);
  });

  it.each(['=HYPERLINK("http://x")', '+1+1', '@SUM(A1)', '-2+3', '\tcmd'])('gives a spreadsheet no formula to run: %s', (name) => {
    const line = csvOf([row({ name })]).split('\r\n')[1] ?? '';
    expect(line.startsWith('2,new,"\'')).toBe(true);
  });

  it('leaves numbers and quotes as they are', () => {
    expect(csvOf([row({ name: '-90.2' }), row({ name: 'a "b", c' })])).toContain('2,new,-90.2,\r\n2,new,"a ""b"", c",');
  });
});
