import { describe, expect, it } from 'vitest';
import { grouped } from './groups';

const needs = (...words: string[]) => words.map((need) => ({ need }));

describe('what can be asked', () => {
  it('stands under what it is about, in the order it came', () => {
    const found = grouped(needs('sign_in', 'camera.live', 'policy.view', 'cameras.change'));
    expect(found.map((group) => [group.name, group.needs.map((one) => one.need)])).toEqual([
      ['Cameras and video', ['camera.live', 'cameras.change']], ['Authorisations, retention and the log', ['policy.view']], ['People and the center', ['sign_in']],
    ]);
  });
  it('is never left out, also where nobody thought of it', () => {
    expect(grouped(needs('weather.view')).flatMap((group) => group.needs)).toEqual(needs('weather.view'));
  });
});
