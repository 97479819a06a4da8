import { expect, it } from 'vitest';
import { sureText } from './sure';

it('says how sure in number and word, and the word alone where no number is honest', () => {
  expect(sureText({ percent: 96.6, word: 'probable' })).toBe('97\u00a0% · probable');
  expect(sureText({ percent: null, word: 'state not read' })).toBe('state not read');
});
