import { describe, expect, it } from 'vitest';
import { address, get, post, whyHeaders } from './client';
import { Problem, fromResponse, unreachable } from './problem';

describe('an ask', () => {
  it('leaves out what was not asked for, and escapes what was', () => {
    expect(address('/audit/entries', { query: { result: 'refused', actor: '', about: null, limit: 50, from: undefined } })).toBe('/api/v1/audit/entries?result=refused&limit=50');
    expect(address('/audit/entries', { query: { about: 'camera:cam_1&x=2' } })).toBe('/api/v1/audit/entries?about=camera%3Acam_1%26x%3D2');
    expect(address('/cameras')).toBe('/api/v1/cameras');
  });

  it('puts what it is about into its path, and nothing else', () => {
    expect(address('/cameras/{camera_id}/state', { path: { camera_id: 'cam_1/../x' } })).toBe('/api/v1/cameras/cam_1%2F..%2Fx/state');
  });

  it('is one that the document of the API has', () => {
    // Never called: these lines are held by the type check alone.
    const wrong = (): unknown[] => [
      // @ts-expect-error: there is no such path
      get('/nowhere'),
      // @ts-expect-error: a camera's path names the camera
      get('/cameras/{camera_id}'),
      // @ts-expect-error: a list of incidents has no such parameter
      get('/incidents', { query: { colour: 'red' } }),
      // @ts-expect-error: a look at the list of cameras takes no purpose
      get('/cameras', { why: null }),
      // @ts-expect-error: a reason is a word of the list
      post('/alerts/{alert_id}/dismiss', { reason: 'tired' }, { path: { alert_id: 'alt_1' } }),
    ];
    expect(wrong).toBeTypeOf('function');
  });

  it('names its purpose, and its case where there is one', () => {
    expect(whyHeaders({ purpose: 'stolen_vehicle', case: 'incident:inc_1' })).toEqual({ 'Wf-Purpose': 'stolen_vehicle', 'Wf-Case': 'incident:inc_1' });
    expect(whyHeaders({ purpose: 'patrol_monitoring', case: null })).toEqual({ 'Wf-Purpose': 'patrol_monitoring' });
    expect(whyHeaders(null)).toEqual({});
  });
});

describe('a problem', () => {
  it('carries the server’s words', async () => {
    const body = { kind: 'refused', reason: 'suspended', detail: 'It is suspended.', next_step: 'Ask the clerk.', request_id: 'r1', entry: 'ent_1' };
    const problem = await fromResponse(new Response(JSON.stringify(body), { status: 403 }));
    expect(problem).toMatchObject({ status: 403, kind: 'refused', reason: 'suspended', detail: 'It is suspended.', nextStep: 'Ask the clerk.', requestId: 'r1', entry: 'ent_1' });
    expect(problem.definite).toBe(true);
  });

  it('is still one when something else than our server answered', async () => {
    const problem = await fromResponse(new Response('<h1>Bad gateway</h1>', { status: 502 }));
    expect(problem.detail).toContain('502');
    expect(problem.definite).toBe(false);
    expect(unreachable().definite).toBe(false);
  });

  it('takes only fields it can show', () => {
    const problem = new Problem(422, { kind: 'invalid', fields: [{ field: 'plate', detail: 'Empty.' }, { field: null, detail: 'x' }, 'nonsense', null] });
    expect(problem.fields).toEqual([{ field: 'plate', detail: 'Empty.' }]);
  });
});
