import { expect, it } from 'vitest';
import { chargesOf, outcomeProblem } from './outcome';

it('asks for a result, and for charges where somebody was arrested', () => {
  expect(outcomeProblem([], 0, '', '')).toBe('Choose what came of it.');
  expect(outcomeProblem(['vehicle_recovered'], 0, '', '')).toBeNull();
  expect(outcomeProblem(['vehicle_recovered', 'arrest'], 1, ' \n ', '')).toBe('An arrest has at least one charge.');
  expect(outcomeProblem(['arrest'], 0, 'theft', '')).toBe('Say how many persons were arrested.');
  expect(outcomeProblem(['arrest'], Number.NaN, 'theft', '')).toBe('Say how many persons were arrested.');
  expect(outcomeProblem(['arrest'], 2, 'theft', '')).toBeNull();
  expect(outcomeProblem(['wrong_alert'], 0, '', ' ')).toBe('Say in words what was wrong with the alert.');
  expect(outcomeProblem(['wrong_alert'], 0, '', 'The car was given back.')).toBeNull();
});

it('takes charges one a line', () => expect(chargesOf(' tampering first degree \n\nfleeing ')).toEqual(['tampering first degree', 'fleeing']));
