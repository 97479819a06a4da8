import { describe, expect, it } from 'vitest';
import { areaOf, authorisationSentence, keptSentence, lengths } from './sentence';

const base = {
  technology: 'fixed_camera', purposes: ['stolen_vehicle', 'shots_fired'], roles: ['analyst', 'supervisor'] as ('analyst' | 'supervisor')[],
  area: [] as [number, number][], area_text: '', keep_for_days: 30, keep_by_class: {} as Record<string, number>, keep_minutes: {} as Record<string, number>, audio: false,
};

describe('an authorisation in a sentence', () => {
  it('says what, by whom, for what, where, how long, and that sound is not taken', () => {
    expect(authorisationSentence(base)).toBe(
      'Fixed cameras may be used by analysts and supervisors for stolen vehicle and shots fired, in the whole jurisdiction. What is taken is kept 30 days. Sound is not taken.',
    );
  });

  it('allows nothing while it is not in force', () => {
    expect(authorisationSentence({ ...base, state: 'in_force' })).toBe(authorisationSentence(base));
    for (const state of ['waiting', 'not_yet'] as const) expect(authorisationSentence({ ...base, state })).toMatch(/^Once this is in force, fixed cameras may be used by analysts/);
    expect(authorisationSentence({ ...base, state: 'suspended' })).toMatch(/^Until this was suspended, fixed cameras could be used by analysts/);
    expect(authorisationSentence({ ...base, state: 'expired' })).toMatch(/^Until this expired, fixed cameras could be used by analysts/);
  });

  it('does not claim a purpose where there is none, nor the whole city where there is an area', () => {
    const told = authorisationSentence({ ...base, purposes: [], area: [[1, 2]], area_text: 'Downtown', keep_for_days: 1, audio: true });
    expect(told).toContain('for no purpose, in Downtown');
    expect(authorisationSentence({ ...base, area: [[1, 2]], area_text: 'in a stated area' })).toContain('shots fired, in a stated area.');
    expect(told).toContain('kept 1 day.');
    expect(told).toContain('Sound is taken too.');
  });
});

describe('how long data is kept, in a sentence', () => {
  it('names the classes that are kept otherwise, and says what is never stored', () => {
    const told = authorisationSentence({ ...base, technology: 'plate_reader', keep_by_class: { plate_read: 0, plate_picture: 30, plate_hit: 365 } });
    expect(told).toContain('kept 30 days; plate reads are matched and never stored; hits with their pictures and alerts 365 days. Sound');
  });

  it('lets a picture go no later than its read, where nothing was typed for it', () => {
    const classes = ['plate_read', 'plate_picture', 'plate_hit'];
    const inDays = (typed: Record<string, number>, of = classes) => lengths(of, 30, typed, {}).keep_by_class;
    expect(inDays({ plate_read: 0, plate_hit: 365 })).toEqual({ plate_read: 0, plate_picture: 0, plate_hit: 365 });
    expect(inDays({ plate_read: 60 })).toEqual({ plate_read: 60, plate_picture: 30, plate_hit: 30 });
    expect(inDays({ plate_picture: 2 })).toEqual({ plate_read: 30, plate_picture: 2, plate_hit: 30 });
    expect(inDays({}, ['footage'])).toEqual({ footage: 30 });
    expect(lengths(classes, 30, { plate_hit: 365 }, { plate_read: 3 })).toEqual({ keep_by_class: { plate_hit: 365 }, keep_minutes: { plate_read: 3, plate_picture: 3 } });
  });

  it('says minutes where reads are kept for minutes, and the days of their hits', () => {
    const told = authorisationSentence({ ...base, technology: 'plate_reader', keep_by_class: { plate_hit: 365 }, keep_minutes: { plate_read: 3, plate_picture: 3 } });
    expect(told).toContain('kept 30 days; plate reads 3 minutes; pictures of plates 3 minutes; hits with their pictures and alerts 365 days. Sound');
  });

  it('says one length where there is one', () => {
    expect(keptSentence({ keep_for_days: 1, keep_by_class: { footage: 1 }, keep_minutes: {} })).toBe('1 day');
  });
});

describe('an area typed in', () => {
  it('takes corners as people write them and names the line it cannot read', () => {
    expect(areaOf('38.63, -90.20\n 38.64 -90.21\n\n38.65;-90.2')).toEqual({ area: [[38.63, -90.2], [38.64, -90.21], [38.65, -90.2]], badLine: null });
    expect(areaOf('38.63, -90.20\nMill St').badLine).toBe(2);
    expect(areaOf('95, 0').badLine).toBe(1);
    expect(areaOf('')).toEqual({ area: [], badLine: null });
  });
});
