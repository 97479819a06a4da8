import { describe, expect, it } from 'vitest';
import { spanOf } from './span';

const now = new Date('2026-11-28T18:00:00Z');
const span = (text: string) => spanOf(new URLSearchParams(text), now);

describe('the span of a search', () => {
  it('is the last day where the address names none, and a minute more, for clocks that are ahead', () => {
    expect(span('')).toEqual({ from: '2026-11-27T18:01:00.000Z', to: '2026-11-28T18:01:00.000Z' });
    expect(span('span=nonsense')).toEqual(span(''));
  });
  it('is as long as the address says', () => {
    expect(span('span=7d')).toEqual({ from: '2026-11-21T18:01:00.000Z', to: '2026-11-28T18:01:00.000Z' });
  });
  it('is from and to as typed, in the agency’s time', () => {
    expect(span('span=own&from=2026-11-01T10:00&to=2026-11-01T12:30')).toEqual({ from: '2026-11-01T10:00:00.000Z', to: '2026-11-01T12:30:00.000Z' });
  });
  it.each([
    ['span=own', 'Say from when to when.'], ['span=own&from=x&to=2026-11-01T12:30', 'Say from when to when.'],
    ['span=own&from=2026-11-01T10:00&to=2026-11-01T10:00', 'It must end after it begins.'],
    ['span=own&from=2026-01-01T10:00&to=2026-11-01T10:00', 'A search covers at most 92 days.'],
  ])('is none and says why: %s', (text, why) => {
    expect(span(text)).toBe(why);
  });
});
