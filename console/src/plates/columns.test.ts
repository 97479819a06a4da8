import { expect, test } from 'vitest';
import type { CsvMapping } from '../api/types';
import { fileOf, sampleOf, saysOf, withColumn } from './columns';

const mapping: CsvMapping = {
  plate: 'Tag', at: 'Time', date: null, id: null, state: 'Region', confidence: null, lat: null, lon: null, heading: null, lane: null, picture: null,
  written: '', zone: '', whole: 1, separator: ',',
};

test('a heading says one thing, and what said it before says nothing', () => {
  expect(saysOf(mapping, ' tag ')).toBe('plate');
  expect(saysOf(mapping, 'Comment')).toBeNull();
  const moved = withColumn(mapping, 'Comment', 'state');
  expect([moved.state, saysOf(moved, 'Region')]).toEqual(['Comment', null]);
  const gone = withColumn(mapping, 'Tag', null);
  expect(gone.plate).toBe('');
  expect(withColumn(mapping, 'Time', 'id')).toMatchObject({ at: null, id: 'Time' });
});

test('a sample ends with a whole line', () => {
  expect(sampleOf('a,b\n1,2\n3,4\n', 6)).toBe('a,b');
  expect(sampleOf('a,b\n1,2\n', 100)).toBe('a,b\n1,2\n');
});

test('the file of a folder leaves out what is as usual', () => {
  expect(JSON.parse(fileOf({ ...mapping, whole: 100 }))).toEqual({ plate: 'Tag', at: 'Time', state: 'Region', whole: 100 });
});
