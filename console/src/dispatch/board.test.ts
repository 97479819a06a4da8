import { describe, expect, it } from 'vitest';
import type { Call, Incident, OpenAssignment, Unit } from '../api/types';
import { asking, onWhat, since } from './board';

const incident = (id: string, level: Incident['level'], opened: string, call: string | null = null) =>
  ({ id, level, number: id, title: id, place: { text: '', lat: null, lon: null }, at: opened, why: '', call }) as Incident;
const call = (id: string, priority: number, taken: string) =>
  ({ id, priority, number: id, type: id, place: { text: '', lat: null, lon: null }, taken_at: taken, text: '' }) as Call;
const unit = (id: string, state: Unit['state']) => ({ id, call_sign: id, state }) as Unit;
const sent = (to: string, who: string, more: Partial<OpenAssignment> = {}) =>
  ({ id: `${to}-${who}`, incident_id: to, unit: { id: who, call_sign: who }, sent_at: '1', accepted_at: null, en_route_at: null, on_scene_at: null, ...more }) as OpenAssignment;

describe('what asks for a unit', () => {
  it('is in the order of need: nobody sent, then the worst, then the longest wait', () => {
    const rows = asking([incident('answered', 'critical', '1'), incident('late', 'serious', '9'), incident('early', 'serious', '2')], [call('urgent', 1, '9'), call('noise', 5, '0')], [sent('answered', '3142')]);
    expect(rows.map((row) => row.id)).toEqual(['urgent', 'early', 'late', 'noise', 'answered']);
    expect(rows.map((row) => row.level)).toEqual(['critical', 'serious', 'serious', 'normal', 'critical']);
    expect(rows.at(-1)?.sent.map((one) => one.unit.id)).toEqual(['3142']);
  });
  it('is no call that an incident answers that was heard of first', () => {
    expect(asking([incident('i', 'normal', '1', 'c1')], [call('c1', 2, '1')], []).map((row) => row.id)).toEqual(['i']);
  });
});

describe('the units', () => {
  it('are the free ones first, with what each is on', () => {
    const rows = onWhat([unit('12', 'free'), unit('3', 'assigned'), unit('9', 'free'), unit('1', 'off')], [sent('i', '3')]);
    expect(rows.map((row) => row.unit.id)).toEqual(['9', '12', '3', '1']);
    expect(rows.map((row) => row.assignment?.incident_id ?? null)).toEqual([null, null, 'i', null]);
  });
  it('say since when an assignment is in its state', () => {
    expect(since(sent('i', '3'))).toBe('1');
    expect(since(sent('i', '3', { accepted_at: '2', en_route_at: '3' }))).toBe('3');
  });
});
