import { expect, it } from 'vitest';
import { clockOff } from './clock';

it('a clock that is off is said in words', () => {
  expect([null, 900, -1600, 65_000, -600_000, 25_200_000].map((ms) => clockOff(ms))).toEqual(
    ['it does not say', 'right to the second', '2 s behind', '65 s ahead', '10 min behind', '7 h 0 min ahead'],
  );
});
