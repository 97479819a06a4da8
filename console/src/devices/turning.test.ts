import { expect, it } from 'vitest';
import { AGAIN_MS, Hold, MOVES, presetOf, wayOf } from './turning';

function hands() {
  const said: string[] = [];
  let tick: (() => void) | null = null;
  const hold = new Hold({
    move: async (how) => { said.push(`move ${how.pan} ${how.tilt} ${how.zoom}`); },
    stop: async () => { said.push('stop'); },
    every: (ms, act) => { expect(ms).toBe(AGAIN_MS); tick = act; return () => { tick = null; }; },
  });
  return { said, hold, tick: () => tick?.() };
}
const settled = async () => { for (let n = 0; n < 8; n++) await Promise.resolve(); };

it('a press moves, a held one says so again, a release stops', async () => {
  const { said, hold, tick } = hands();
  hold.press('left');
  hold.press('left');
  await settled();
  tick();
  await settled();
  hold.release();
  hold.release();
  tick();
  await settled();
  expect(said).toEqual(['move -0.5 0 0', 'move -0.5 0 0', 'stop']);
});

it('a release before the move was sent leaves nothing turning', async () => {
  const { said, hold } = hands();
  hold.press('up');
  hold.release();
  await settled();
  expect(said).toEqual(['stop']);
});

it('keys turn', () => {
  expect(['ArrowLeft', '+', '-', 'x'].map(wayOf)).toEqual(['left', 'nearer', 'wider', null]);
  expect(MOVES.nearer.zoom).toBeGreaterThan(0);
});

it('a digit goes to the preset of that place, where there is one', () => {
  expect(presetOf('1', ['gate', 'door'])).toBe('gate');
  expect(presetOf('2', ['gate', 'door'])).toBe('door');
  for (const key of ['3', '0', '12', 'a']) expect(presetOf(key, ['gate', 'door'])).toBeNull();
});
