import { describe, expect, it } from 'vitest';
import { after, missing, standing, stepOf, STEPS, streetForm, type There } from './steps';

const fresh: There = {
  agency: { name: 'Our agency', time_zone: 'UTC' }, people: [{ roles: ['administrator'], state: 'active' }], basemap: false, streets: 0, cameras: 0, authorised: 0,
};
const staff = ['supervisor', 'clerk', 'analyst', 'auditor'].map((role) => ({ roles: [role], state: 'invited' }));
const whole: There = { agency: { name: 'Riverside Police', time_zone: 'America/Chicago' }, people: [...fresh.people, ...staff], basemap: true, streets: 12, cameras: 1, authorised: 1 };

describe('how far a center is set up', () => {
  it('is read from what there is, step by step', () => {
    expect(STEPS.map((step) => standing(step, fresh).done)).toEqual([false, false, false, false, false]);
    expect(STEPS.map((step) => standing(step, whole).done)).toEqual([true, true, true, true, true]);
    expect(standing('people', fresh).text).toBe('Nobody yet as supervisor, clerk of the approving body, analyst or auditor');
    expect(standing('map', { ...whole, streets: 0 })).toEqual({ done: false, text: 'A map, no streets yet' });
  });
  it('does not count who is suspended', () => {
    expect(missing([...staff, { roles: ['auditor'], state: 'active' }])).toEqual([]);
    expect(missing(staff.map((one) => ({ ...one, state: one.roles[0] === 'clerk' ? 'suspended' : one.state })))).toEqual(['clerk']);
  });
  it('begins where something is left, and goes where an address says', () => {
    expect(stepOf(null, fresh)).toBe('agency');
    expect(stepOf(null, { ...whole, basemap: false })).toBe('map');
    expect(stepOf(null, whole)).toBe('authorisation');
    expect(stepOf('camera', fresh)).toBe('camera');
    expect(stepOf('nonsense', fresh)).toBe('agency');
    expect(after('camera')).toBe('authorisation');
    expect(after('authorisation')).toBeNull();
  });
  it('knows a file of streets by its name', () => {
    expect(['Streets.GEOJSON', 'a.b.csv', 'x.parquet', 'city.pbf', 'none'].map(streetForm)).toEqual(['geojson', 'csv', 'geoparquet', null, null]);
  });
});
