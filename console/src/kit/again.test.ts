import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { again } from './again';

class Page extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';
  turn(to: DocumentVisibilityState): void {
    this.visibilityState = to;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('asking again', () => {
  it('is rarer each time, half a minute apart at the most, and over once it is ended', async () => {
    let asked = 0;
    const end = again(async () => { asked += 1; }, new Page());
    const after = async (ms: number) => { await vi.advanceTimersByTimeAsync(ms); return asked; };
    expect([await after(2_999), await after(1), await after(5_000), await after(10_000), await after(20_000), await after(30_000)]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([await after(29_999), await after(1)]).toEqual([5, 6]);
    end();
    expect(await after(120_000)).toBe(6);
  });

  it('waits while nobody sees the page, and asks once when it is seen again', async () => {
    let asked = 0;
    const page = new Page();
    const end = again(async () => { asked += 1; }, page);
    page.turn('hidden');
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toBe(0);
    page.turn('visible');
    page.turn('visible');
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toBe(2);
    end();
  });
});
