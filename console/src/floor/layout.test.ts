import { describe, expect, it } from 'vitest';
import { LIMITS, partOf, read, resized, turned, usual } from './layout';

const ROOM = { width: 1348, height: 856 };

it.each([['map', 'map'], ['video', 'video'], ['Map', 'queue'], ['', 'queue'], [null, 'queue']])('the part that %s names is the %s', (text, part) => {
  expect(partOf(text)).toBe(part);
});

describe('the panels', () => {
  it('stay within their limits and leave the map its room', () => {
    expect(resized(usual(), 'queue', 10, ROOM).queue.px).toBe(LIMITS.queue.least);
    expect(resized(usual(), 'queue', 9999, ROOM).queue.px).toBe(LIMITS.queue.most);
    expect(resized(usual(), 'details', 640, { width: 1008, height: 700 }).details.px).toBe(1008 - 312 - 320);
    expect(resized(usual(), 'dock', 9999, { width: 1348, height: 500 }).dock.px).toBe(300);
  });
  it('count a closed neighbour as nothing, and open when they are sized', () => {
    const closed = turned(usual(), 'queue');
    expect(closed.queue).toEqual({ px: 312, open: false });
    expect(resized(closed, 'details', 640, { width: 1008, height: 700 }).details.px).toBe(640);
    expect(resized(closed, 'queue', 300, ROOM).queue).toEqual({ px: 300, open: true });
  });
  it('are as they were left', () => {
    expect(read(JSON.stringify(resized(usual(), 'dock', 300, ROOM))).dock).toEqual({ px: 300, open: true });
    expect(read(JSON.stringify(turned(usual(), 'details'))).details.open).toBe(false);
  });
  it.each([null, '', 'x', '7', '[]', '{"queue":{"px":"wide"}}', '{"queue":null}'])('are the usual where %s was kept', (text) => {
    expect(read(text)).toEqual(usual());
  });
  it('are brought into their limits when these changed since', () => {
    expect(read('{"queue":{"px":9999,"open":true}}').queue.px).toBe(LIMITS.queue.most);
  });
});
