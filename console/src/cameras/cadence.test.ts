import { describe, expect, it } from 'vitest';
import { frameLength, heard } from './cadence';

const after = (...steps: number[]) => steps.reduce<readonly number[]>((known, step) => heard(known, step), []);

describe('the length of a frame', () => {
  it('is that of one frame, though the browser left some out', () => {
    expect(frameLength(after(0.1, 0.2, 0.1, 0.3, 0.2))).toBeCloseTo(0.1);
  });

  it('follows a camera that now sends fewer frames', () => {
    expect(frameLength(after(0.04, ...Array<number>(15).fill(0.1)))).toBeCloseTo(0.1);
  });

  it('takes no jump and no frame shown twice for a step', () => {
    expect(frameLength(after(0.1, 0, -3, 12))).toBeCloseTo(0.1);
    expect(frameLength(after())).toBeCloseTo(1 / 15);
  });
});
