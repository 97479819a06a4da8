import { expect, it } from 'vitest';
import { readerSure, vehicleWords } from './told';

it('says of a vehicle what the reader said, and nothing more', () => {
  expect(vehicleWords({ colour: 'grey', make: 'Honda', model: null, body: 'hatchback' })).toBe('Grey Honda, hatchback');
  expect(vehicleWords({ colour: null, make: null, model: null, body: 'truck' })).toBe('Truck');
  expect(vehicleWords({ colour: null, make: null, model: null, body: null })).toBeNull();
});

it('gives the reader’s own count as what it is', () => {
  expect(readerSure(0.967)).toBe('97 %, by the reader’s own count');
  expect(readerSure(null)).toBe('The reader did not say.');
});
