import { describe, expect, it } from 'vitest';
import { path, whyHeaders } from './client';
import { Problem, fromResponse, unreachable } from './problem';

describe('an ask', () => {
  it('leaves out what was not asked for, and escapes what was', () => {
    expect(path('/audit/entries', { result: 'refused', actor: '', about: null, limit: 50, from: undefined })).toBe('/api/v1/audit/entries?result=refused&limit=50');
    expect(path('/audit/entries', { about: 'camera:cam_1&x=2' })).toBe('/api/v1/audit/entries?about=camera%3Acam_1%26x%3D2');
    expect(path('/cameras')).toBe('/api/v1/cameras');
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
