import { afterEach, expect, it } from 'vitest';
import { absolute, fromWall, setZone, timeOfDay, toWall } from './times';

afterEach(() => setZone('UTC'));

it('shows the agency’s wall time with its zone', () => {
  setZone('America/Chicago');
  expect(absolute(new Date('2026-07-01T19:03:27Z'))).toBe('1 Jul 2026, 14:03:27 CDT');
});

it('tells the two half past ones of November apart', () => {
  setZone('America/Chicago');
  expect(absolute(new Date('2026-11-01T06:30:00Z'))).toContain('CDT');
  expect(absolute(new Date('2026-11-01T07:30:00Z'))).toContain('CST');
  expect(timeOfDay(new Date('2026-11-01T06:30:00Z'))).toBe(timeOfDay(new Date('2026-11-01T07:30:00Z')));
});

it('reads a date field as the agency’s wall time, in summer and in winter', () => {
  setZone('America/Chicago');
  expect(fromWall('2026-07-01T14:03')?.toISOString()).toBe('2026-07-01T19:03:00.000Z');
  expect(fromWall('2026-12-01T14:03')?.toISOString()).toBe('2026-12-01T20:03:00.000Z');
  expect(fromWall('nonsense')).toBeNull();
  expect(toWall(new Date('2026-12-01T20:03:00Z'))).toBe('2026-12-01T14:03');
});

it('falls back to UTC, named, for a zone it does not know', () => {
  setZone('Mars/Olympus');
  expect(absolute(new Date('2026-11-22T14:03:27Z'))).toBe('22 Nov 2026, 14:03:27 UTC');
});
