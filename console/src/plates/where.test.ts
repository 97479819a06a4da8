import { describe, expect, it } from 'vitest';
import { bearingDeg } from '../map/geo';
import { headingWords, whereOf } from './where';

const place = { text: 'N Broadway at Mill St', lat: 38.63, lon: -90.2 };
const read = { id: 'read_1', plate: 'QZ04417', reader: { id: 'rdr_1', name: 'N Broadway' }, place, heading_deg: 120 };

describe('where a read was taken', () => {
  it('shows the reader, and the vehicle before it in the direction it went', () => {
    const where = whereOf(read);
    expect(where?.start).toEqual({ lat: 38.63, lon: -90.2, zoom: 16 });
    const [reader, vehicle] = [where?.scene.readers[0], where?.scene.units[0]];
    expect(reader?.facts).toMatchObject({ kind: 'reader', label: 'N Broadway', mark: 'selected' });
    expect(vehicle?.facts).toMatchObject({ label: 'QZ04417', icon: 'unit', rotate: 120 });
    const [lon = 0, lat = 0] = vehicle?.shape.type === 'Point' ? vehicle.shape.coordinates : [];
    expect(bearingDeg({ lat: 38.63, lon: -90.2 }, { lat, lon })).toBeCloseTo(120, 0);
  });
  it('shows no direction that nobody told, and no map of a place without coordinates', () => {
    expect(whereOf({ ...read, heading_deg: null })?.scene).toMatchObject({ units: [], ways: [] });
    expect(whereOf({ ...read, place: { ...place, lat: null, lon: null } })).toBeNull();
  });
  it.each([[0, 'heading north, 0°'], [22.4, 'heading north, 22°'], [120, 'heading south-east, 120°'], [337.6, 'heading north, 338°'], [359.8, 'heading north, 0°']])('says %d as %s', (deg, words) => {
    expect(headingWords(deg)).toBe(words);
  });
});
