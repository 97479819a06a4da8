import { describe, expect, it } from 'vitest';
import { Problem, unreachable } from '../api/problem';
import { Submission } from './submission.svelte';

/** An act that fails with each problem in turn, then answers; remembers the keys it was given. */
function act(...fails: Problem[]) {
  const keys: string[] = [];
  const run = (key: string): Promise<string> => {
    keys.push(key);
    const problem = fails.shift();
    return problem ? Promise.reject(problem) : Promise.resolve('done');
  };
  return { keys, run };
}
const conflict = () => new Problem(409, { kind: 'conflict', detail: 'Somebody was first.' });
const fallen = () => new Problem(503, { kind: 'unavailable', detail: 'Away.' });

describe('one act of a person', () => {
  it('is sent again under the same key when nobody knows whether it was done', async () => {
    const submission = new Submission();
    const { keys, run } = act(unreachable(), fallen());
    expect(await submission.run({ unit: 'a' }, run)).toBeNull();
    expect(await submission.run({ unit: 'a' }, run)).toBeNull();
    expect(await submission.run({ unit: 'a' }, run)).toBe('done');
    expect(new Set(keys).size).toBe(1);
  });

  it('keeps its key while the server is still at it', async () => {
    const submission = new Submission();
    const { keys, run } = act(new Problem(409, { kind: 'conflict', reason: 'in_progress', detail: 'It is being done.' }));
    await submission.run({ unit: 'a' }, run);
    await submission.run({ unit: 'a' }, run);
    expect(new Set(keys).size).toBe(1);
  });

  it('is another act when something else is sent', async () => {
    const submission = new Submission();
    const { keys, run } = act(unreachable());
    await submission.run({ unit: 'a' }, run);
    await submission.run({ unit: 'b' }, run);
    expect(new Set(keys).size).toBe(2);
  });

  it('takes a new key after an answer, be it yes or no', async () => {
    const submission = new Submission();
    const { keys, run } = act(conflict());
    await submission.run({}, run);
    await submission.run({}, run);
    await submission.run({}, run);
    expect(new Set(keys).size).toBe(3);
  });

  it('is not sent twice while it is on its way', async () => {
    const submission = new Submission();
    let release: (value: string) => void = () => {};
    const first = submission.run({}, () => new Promise<string>((resolve) => { release = resolve; }));
    const { keys, run } = act();
    expect(await submission.run({}, run)).toBeNull();
    expect(keys).toEqual([]);
    release('done');
    expect(await first).toBe('done');
    expect(submission.pending).toBe(false);
  });

  it('keeps the problem to be shown, and lets our own bugs through', async () => {
    const submission = new Submission();
    await submission.run({}, act(new Problem(422, { kind: 'invalid', detail: 'No.', fields: [{ field: 'lat', detail: 'Too far north.' }] })).run);
    expect(submission.beside('lat')).toBe('Too far north.');
    expect(submission.beside('lon')).toBeNull();
    await expect(submission.run({}, () => Promise.reject(new TypeError('ours')))).rejects.toThrow('ours');
    expect(submission.pending).toBe(false);
  });
});
