import { describe, expect, it } from 'vitest';
import { PEOPLE_ROLES } from '../kit/words';
import { placed } from './place';
import { tourOf } from './steps';

const SCREEN = { width: 1440, height: 900 };
const CARD = { width: 340, height: 200 };
const over = (at: { left: number; top: number }, thing: { left: number; top: number; width: number; height: number }) =>
  at.left < thing.left + thing.width && at.left + CARD.width > thing.left && at.top < thing.top + thing.height && at.top + CARD.height > thing.top;

describe('the card of a step', () => {
  it.each([
    ['a queue on the left', { left: 92, top: 44, width: 340, height: 850 }], ['details on the right', { left: 1060, top: 44, width: 380, height: 850 }],
    ['a strip at the bottom', { left: 100, top: 700, width: 1300, height: 190 }], ['a bar at the top', { left: 0, top: 0, width: 1440, height: 44 }],
    ['a button in a corner', { left: 1400, top: 8, width: 30, height: 30 }],
  ])('stands beside %s and on the screen', (_, thing) => {
    const at = placed(thing, CARD, SCREEN);
    expect(over(at, thing)).toBe(false);
    expect(at.left).toBeGreaterThanOrEqual(12);
    expect(at.left + CARD.width).toBeLessThanOrEqual(SCREEN.width);
    expect(at.top + CARD.height).toBeLessThanOrEqual(SCREEN.height);
  });

  it('stays on the screen where there is no room beside, and in its middle without a thing', () => {
    const phone = { width: 390, height: 844 };
    const at = placed({ left: 0, top: 0, width: 390, height: 844 }, CARD, phone);
    expect(at.top + CARD.height).toBeLessThanOrEqual(844);
    expect(placed(null, CARD, SCREEN)).toEqual({ left: 550, top: 350 });
  });
});

describe('a tour', () => {
  it.each(PEOPLE_ROLES.filter((role) => role !== 'owner' && role !== 'partner'))('of the %s has five to seven short steps', (role) => {
    const steps = tourOf([role]);
    expect(steps.length).toBeGreaterThanOrEqual(5);
    expect(steps.length).toBeLessThanOrEqual(7);
    for (const step of steps) {
      expect(step.text.length).toBeLessThan(220);
      expect(step.at.length).toBeGreaterThan(0);
    }
    expect(steps.some((step) => step.demo !== undefined)).toBe(true);
  });

  it('is not there for whom nothing is there yet, and of several roles for the first', () => {
    expect(tourOf(['owner'])).toEqual([]);
    expect(tourOf(['analyst', 'supervisor'])).toBe(tourOf(['supervisor']));
  });
});
