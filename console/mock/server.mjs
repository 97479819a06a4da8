// A development mock: see README.md. Not shipped, not tested against, trusted by nobody.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { WebSocketServer } from 'ws';
import * as data from './data.mjs';
import { liveSocket, timeline, video } from './video.mjs';

const PORT = Number(process.env.MOCK_PORT ?? 8099);
const BUILT = new URL('../../src/watchfloor/web/console', import.meta.url).pathname;
const BASEMAP = process.env.MOCK_BASEMAP ? readFileSync(process.env.MOCK_BASEMAP) : null;
const TYPES = { '.mjs': 'text/javascript', '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.txt': 'text/plain; charset=utf-8', '.webmanifest': 'application/manifest+json', '.png': 'image/png' };
const sessions = new Map();
let seq = 1;
const sockets = new Set();

const problem = (status, kind, reason, detail, next_step = null, more = {}) => ({ status, type: 'application/problem+json', body: { kind, reason, detail, next_step, request_id: data.id('req'), ...more } });
const ok = (body, status = 200) => ({ status, body });
const list = (items) => ok({ items, next: null });
const sessionOf = (person, second_factor) => ({ person: { id: person.id, name: person.name }, full_name: person.full_name, agency: { id: 'agy_1', name: 'River City PD · invented', time_zone: 'America/Chicago' }, roles: person.roles, second_factor, second_factor_required: person.name === 'supervisor', signed_in_at: data.ago(1), ends_at: data.ahead(43200), idle_min: 30, lock_min: 30 });
const news = (topic, op, body) => { for (const s of sockets) for (const [id, t] of s.subs) if (t === topic) s.ws.send(JSON.stringify({ op, id, epoch: 1, seq: ++seq, ...body })); };
const changedAlert = (a) => { a.version += 1; news('alerts', 'put', { item: a }); return a; };

function signIn(body) {
  if (body.password === 'wrong') return problem(401, 'unauthenticated', 'wrong_name_or_password', 'The name or the password is wrong.', 'After five wrong tries the account is locked for 15 minutes.');
  if (body.password === 'locked') return problem(429, 'too_many', 'locked', 'This account is locked after five wrong passwords.', 'Wait, or ask an administrator for a new link.', { retry_after_s: 840 });
  const person = data.people.find((p) => p.name === body.name);
  if (!person) return problem(401, 'unauthenticated', 'wrong_name_or_password', 'The name or the password is wrong.');
  if (person.name === 'supervisor' && body.code === null) return problem(401, 'unauthenticated', 'code_needed', 'A code from your authenticator is needed.');
  if (person.name === 'supervisor' && body.code !== '123456') return problem(401, 'unauthenticated', 'wrong_code', 'That code is not right, or its 30 seconds are over.');
  return { ...ok(sessionOf(person, true)), cookie: person.name };
}

function assignment(incident, body, me) {
  const unit = data.units.find((u) => u.unit.id === body.unit);
  return { id: data.id('asg'), incident_id: incident.id, unit: unit.unit, state: 'sent', sent_at: data.ago(0), accepted_at: null, en_route_at: null, on_scene_at: null, cleared_at: null, warning: body.warning ? { text: body.warning, heard_at: null } : null, message: body.message, eta_s: unit.eta_s, how: unit.how, sent_by: data.who(me.name), version: 1 };
}
const mineForm = (a) => { const i = data.incidents.find((x) => x.id === a.incident_id); return { ...a, incident: { ...i, vehicle: 'Grey saloon', plate: { plate: 'QZ04417', state: 'RC' }, hazards: data.hazards }, picture: '/api/v1/alerts/x/picture', messages: data.messages.filter((m) => m.incident_id === i.id) }; };

/** [method, pattern, (params, body, me, url) => answer] */
const ROUTES = [
  ['GET', '/notice', () => ok({ notice: 'This system is for authorised official use. Everything done here is recorded and can be examined.', agency: 'River City PD · invented', minimum_password: 15 })],
  ['POST', '/session', (_, b) => signIn(b)], ['DELETE', '/session', () => ({ status: 204, cookie: '' })],
  ['POST', '/session/second-factor', (_, b, me) => (b.code === undefined ? ok({ secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', uri: 'otpauth://totp/watchfloor:new?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=watchfloor' }) : b.code === '123456' ? ok(sessionOf(me, true)) : problem(401, 'unauthenticated', 'wrong_code', 'That code is not right.'))],
  ['POST', '/invitations/accept', (_, b) => (b.token === 'expired' ? problem(410, 'expired', 'expired', 'This link is over; it was good for three days.', 'Ask an administrator for a new one.') : b.password.includes('password') ? problem(422, 'invalid', 'invalid', 'The password is not taken.', null, { fields: [{ field: 'password', detail: 'It is one of the passwords that attackers try first. Choose other words.' }] }) : { ...ok({ ...sessionOf(data.people[1], false) }), cookie: 'supervisor' })],
  ['GET', '/session', (_, __, me) => ok(sessionOf(me, true))],
  ['GET', '/needs', () => list(data.needs)], ['GET', '/purposes', () => list(data.purposes)], ['GET', '/technologies', () => list(data.technologies)],
  ['GET', '/people', () => list(data.people)],
  ['POST', '/people', (_, b) => { if (data.people.some((p) => p.name === b.name)) return problem(409, 'conflict', 'name_taken', `There is an account “${b.name}” already.`, 'Choose another name to sign in with.'); const person = { id: data.id('per'), ...b, state: 'invited', second_factor: false, last_signed_in_at: null, invited_until: data.ahead(259200), version: 1 }; data.people.push(person); return ok({ person, invitation: { token: 'b7Qw-0cR2mVx9LkT4yPz8NsHd3', expires_at: data.ahead(259200) } }, 201); }],
  ['POST', '/people/:id/invitation', () => ok({ token: 'b7Qw-0cR2mVx9LkT4yPz8NsHd3', expires_at: data.ahead(259200) })],
  ['POST', '/people/:id/suspend', (p) => { const person = data.people.find((x) => x.id === p.id); person.state = 'suspended'; return ok(person); }],
  ['GET', '/authorisations', () => list(data.authorisations)],
  ['GET', '/authorisations/:id', (p) => { const a = data.authorisations.find((x) => x.id === p.id); return a ? ok({ ...a, approvals: data.approvals, history: [{ at: a.effective_at, text: 'Came into force', by: null }, { at: data.ago(201 * 86400), text: 'Approved by a second person', by: data.who('supervisor') }, { at: data.ago(202 * 86400), text: 'Proposed', by: data.who('clerk') }] }) : problem(404, 'not_found', 'not_found', 'There is no such authorisation.'); }],
  ['POST', '/authorisations', (_, b, me) => { const p = { id: data.id('prop'), kind: 'authorisation', state: 'open', title: b.title, sentence: `${b.title}: ${b.purposes.join(', ')}.`, payload: b, proposed_by: data.who(me.name), proposed_at: data.ago(0), expires_at: data.ahead(600000), decided_by: null, decided_at: null, note: null, subject: null }; data.proposals.push(p); return ok(p, 201); }],
  ['POST', '/authorisations/:id/suspend', (p, b) => { const a = data.authorisations.find((x) => x.id === p.id); Object.assign(a, { state: 'suspended', suspended_at: data.ago(0), suspended_reason: b.reason, version: a.version + 1 }); return ok(a); }],
  ['GET', '/proposals', () => list(data.proposals.filter((p) => p.state === 'open'))],
  ['POST', '/proposals/:id/:act', (p, b, me) => { const it = data.proposals.find((x) => x.id === p.id); if (it.proposed_by.name === me.full_name) return problem(403, 'refused', 'same_person', 'You proposed it.', 'Another person decides.'); it.state = p.act === 'approve' ? 'approved' : 'refused'; return ok(it); }],
  ['GET', '/map', () => ok({ basemap: BASEMAP ? { url: '/api/v1/map/basemap.pmtiles?v=1', attribution: 'Invented for the mock', max_zoom: 15, sha256: '' } : null, streets: null, bounds: [-90.205, 38.622, -90.176, 38.64] })],
  ['GET', '/units', () => list(data.patrols)], ['GET', '/calls', () => list([])],
  ['GET', '/cases', () => list(data.cases)], ['POST', '/cases', (_, b, me) => { const c = { id: data.id('case'), kind: 'case', ...b, state: 'open', provisional_until: data.ahead(86400), opened_by: data.who(me.name), opened_at: data.ago(0), confirmed_by: null, confirmed_at: null }; data.cases.unshift(c); return ok(c, 201); }],
  ['GET', '/cases/provisional', () => list(data.cases.filter((c) => c.state === 'open' && c.provisional_until !== null))],
  ['POST', '/cases/:id/:act', (p, _, me) => { const c = data.cases.find((x) => x.id === p.id); if (p.act === 'close') return ok(Object.assign(c, { state: 'closed' })); if (c.opened_by.name === me.full_name) return problem(403, 'refused', 'same_person', 'You opened this case yourself; another supervisor confirms it.'); return ok(Object.assign(c, { provisional_until: null, confirmed_by: data.who(me.name), confirmed_at: data.ago(0) })); }],
  ['GET', '/audit/entries', (_, __, ___, u) => list(data.log_entries.filter((e) => ['kind', 'result', 'need', 'about'].every((k) => !u.searchParams.get(k) || e[k] === u.searchParams.get(k)) && (!u.searchParams.get('actor') || e.actor.id === u.searchParams.get('actor'))))],
  ['GET', '/audit/entries/:id', (p) => { const e = data.log_entries.find((x) => x.id === p.id); return e ? ok(data.entryDetail(e)) : problem(404, 'not_found', 'not_found', 'There is no such entry.'); }],
  ['GET', '/cameras', () => list(data.cameras)], ['POST', '/cameras', () => problem(422, 'invalid', 'invalid', 'Two fields are not right.', null, { fields: [{ field: 'url', detail: 'The address may not carry a name or password; give them below.' }, { field: 'lat', detail: 'A latitude lies between −90 and 90.' }] })],
  ['GET', '/cameras/:id', (p) => { const c = data.cameras.find((x) => x.id === p.id); return c ? ok(c) : problem(404, 'not_found', 'not_found', 'There is no such camera.', 'It may have been removed, or belong to another agency.'); }],
  ['GET', '/cameras/:id/timeline', (_, __, ___, u) => ok(timeline(u.searchParams.get('from'), u.searchParams.get('to')))],
  ['GET', '/readers', () => list(data.readers)], ['POST', '/readers/:id/token', () => ok({ token: 'wfd_6q1kXw0VnB7s2yPzT4cRmH9LdJ' })],
  ['GET', '/hot-lists', () => list(data.hotLists)], ['GET', '/hot-lists/:id/entries', () => list(data.entries)],
  ['POST', '/hot-lists/:id/imports', (p) => ok({ id: data.id('imp'), hot_list: p.id, state: 'waiting', rows: 48219, good: 48216, bad: 3, new: 212, changed: 40, gone: 187, bad_rows: [{ line: 118, field: 'plate', text: '"", MO, stolen', reason: 'There is no plate.' }, { line: 4021, field: 'expires_at', text: 'QZ01, MO, stolen, 2019-01-01', reason: 'It expired before it was imported.' }, { line: 9000, field: 'state', text: 'QZ02, XX, stolen', reason: 'XX issues no plates.' }], expires_at: data.ahead(3600) }, 201)],
  ['POST', '/hot-list-imports/:id/apply', () => ok({ id: 'x', hot_list: 'x', state: 'applied', rows: 48219, good: 48216, bad: 3, new: 212, changed: 40, gone: 187, bad_rows: [], expires_at: data.ahead(3600) })],
  ['POST', '/hot-list-entries', (_, b, me) => { const p = { ...data.proposals[1], id: data.id('prop'), state: 'open', title: `${b.plate} (${b.state}), ${b.reason}`, payload: b, proposed_by: data.who(me.name) }; data.proposals.push(p); return ok(p, 201); }],
  ['GET', '/alerts', (_, __, me) => (me.roles.some((r) => ['analyst', 'supervisor'].includes(r)) ? list(data.alerts) : problem(403, 'refused', 'role', 'Your role may not see the queue.', 'Analysts and supervisors use it.'))],
  ['POST', '/alerts/:id/acknowledge', (p, _, me) => { const a = data.alerts.find((x) => x.id === p.id); Object.assign(a, { state: 'acknowledged', holder: data.who(me.name) }); return ok(changedAlert(a)); }],
  ['POST', '/alerts/:id/review', (p, _, me) => { const a = data.alerts.find((x) => x.id === p.id); if (!a) return problem(404, 'not_found', 'not_found', 'There is no such alert.'); if (a.holder && a.holder.name !== me.full_name) return problem(409, 'conflict', 'held', `${a.holder.name} has this alert.`, 'Ask them, or take the next one.'); Object.assign(a, { state: 'in_review', holder: data.who(me.name) }); changedAlert(a); return ok(data.review(a)); }],
  ['POST', '/alerts/:id/typed', (p, b) => ok(data.typed(data.alerts.find((x) => x.id === p.id), b))],
  ['POST', '/alerts/:id/confirm', (p) => { const a = data.alerts.find((x) => x.id === p.id); a.state = 'confirmed'; a.incident = data.incidents[0].id; changedAlert(a); return ok({ alert: a, incident: { id: a.incident, number: '26-01412' } }); }],
  ['POST', '/alerts/:id/dismiss', (p) => { const a = data.alerts.find((x) => x.id === p.id); a.state = 'dismissed'; return ok(changedAlert(a)); }],
  ['GET', '/incidents', () => list(data.incidents)], ['GET', '/incidents/:id', (p) => { const i = data.incidents.find((x) => x.id === p.id); return i ? ok(data.incidentDetail(i)) : problem(404, 'not_found', 'not_found', 'There is no such incident.'); }],
  ['GET', '/incidents/:id/proposals', () => ok({ items: data.units, next: null, free: data.units.length, sentence: 'By the street map of August 2026; 3107 is measured in a straight line.' })],
  ['POST', '/incidents/:id/assignments', (p, b, me) => { const i = data.incidents.find((x) => x.id === p.id); const a = assignment(i, b, me); data.assignments.push(a); i.state = 'assigned'; news('assignments', 'put', { item: mineForm(a) }); return ok(a, 201); }],
  ['GET', '/assignments/mine', () => { if (data.assignments.length === 0) data.assignments.push(assignment(data.incidents[0], { unit: data.units[0].unit.id, warning: 'Barricaded door reported here on 3 Nov.', message: 'Grey Charger, northbound on Broadway. Approach from Mill.' }, data.people[0])); return list(data.assignments.filter((a) => a.state !== 'cleared').map(mineForm)); }],
  ['GET', '/assignments/:id/route', () => ok(data.route)], ['POST', '/units/:id/positions', (_, b) => ok({ accepted: b.positions.length, repeated: 0, moved: true })],
  ['POST', '/incidents/:id/messages', (p, b, me) => { const m = data.message(p.id, me, b.text); data.messages.push(m); return ok(m, 201); }],
  ['POST', '/incidents/:id/messages/seen', (_, __, me) => { const fresh = data.messages.filter((m) => m.by.name !== me.full_name && m.seen.length === 0); for (const m of fresh) m.seen.push({ by: data.who(me.name), at: data.ago(0) }); return ok({ seen: fresh.length }); }],
  ['POST', '/assignments/:id/:step', (p) => { const a = data.assignments.find((x) => x.id === p.id); const to = { accept: 'accepted', 'en-route': 'en_route', 'on-scene': 'on_scene', clear: 'cleared' }[p.step]; a.state = to; a[`${to}_at`] = data.ago(0); if (to === 'accepted' && a.warning) a.warning.heard_at = data.ago(0); return ok(a); }],
  ['POST', '/incidents/:id/outcome', (p, b, me) => { const i = data.incidents.find((x) => x.id === p.id); i.outcome = { id: data.id('out'), incident_id: i.id, ...b, recorded_by: data.who(me.name), recorded_at: data.ago(0) }; return ok(i.outcome, 201); }],
];
const PUBLIC = new Set(['GET /notice', 'POST /session', 'POST /invitations/accept']);
const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720"><rect width="1280" height="720" fill="#23282e"/><path d="M0 470 1280 430V720H0Z" fill="#30363c"/><path d="M250 520q10-150 120-190l90-110q20-24 60-24h260q40 0 60 24l90 110q110 40 120 190v60H250z" fill="#6d747b"/><path d="M470 330l70-96h220l70 96z" fill="#15191d"/><rect x="270" y="440" width="120" height="46" rx="20" fill="#cfd6dc"/><rect x="900" y="440" width="120" height="46" rx="20" fill="#cfd6dc"/><rect x="515" y="490" width="250" height="100" rx="8" fill="#f4f4ee"/><text x="640" y="516" text-anchor="middle" font-family="sans-serif" font-size="20" fill="#28508c">RIVER CITY</text><text x="640" y="572" text-anchor="middle" font-family="monospace" font-weight="700" font-size="52" fill="#1c2a44">QZ0 4417</text></svg>`;

function matched(pattern, path) {
  const want = pattern.split('/'), have = path.split('/');
  if (want.length !== have.length) return null;
  const params = {};
  return want.every((w, i) => (w.startsWith(':') ? ((params[w.slice(1)] = have[i]), true) : w === have[i])) ? params : null;
}

function api(request, response, url, body) {
  const path = url.pathname.slice('/api/v1'.length), name = /wf=([\w.]*)/.exec(request.headers.cookie ?? '')?.[1];
  const me = data.people.find((p) => p.name === name);
  if (/^\/alerts\/[^/]+\/picture$/.test(path)) return response.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end(PICTURE);
  if (/^\/cameras\/[^/]+\/video$/.test(path)) return video(url, response);
  if (path === '/map/basemap.pmtiles' && BASEMAP) {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [null, 0, BASEMAP.length - 1];
    const part = BASEMAP.subarray(Number(from), Math.min(BASEMAP.length, Number(to) + 1));
    return response.writeHead(206, { 'Content-Type': 'application/vnd.pmtiles', ETag: '"1"', 'Content-Range': `bytes ${from}-${Number(from) + part.length - 1}/${BASEMAP.length}` }).end(part);
  }
  const send = (a) => response.writeHead(a.status, { 'Content-Type': a.type ?? 'application/json', ...(a.cookie === undefined ? {} : { 'Set-Cookie': `wf=${a.cookie}; Path=/; HttpOnly; SameSite=Strict` }) }).end(a.status === 204 ? undefined : JSON.stringify(a.body));
  for (const [method, pattern, act] of ROUTES) {
    const params = method === request.method ? matched(pattern, path) : null;
    if (params === null) continue;
    if (!PUBLIC.has(`${method} ${pattern}`) && !me) return send(problem(401, 'unauthenticated', 'unauthenticated', 'Nobody is signed in.'));
    return setTimeout(() => send(act(params, body, me, url)), 40);
  }
  send(problem(404, 'not_found', 'not_found', `The mock has no ${request.method} ${path}.`));
}

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://mock');
  const chunks = [];
  request.on('data', (c) => chunks.push(c)).on('end', () => {
    if (url.pathname.startsWith('/api/')) {
      const text = Buffer.concat(chunks).toString();
      return api(request, response, url, request.headers['content-type'] === 'application/json' ? JSON.parse(text || '{}') : text);
    }
    const file = join(BUILT, url.pathname);
    const found = !url.pathname.includes('..') && existsSync(file) && statSync(file).isFile() ? file : join(BUILT, 'index.html');
    const policy = "default-src 'none'; manifest-src 'self'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    response.writeHead(200, { 'Content-Type': TYPES[extname(found)] ?? 'application/octet-stream', 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' });
    createReadStream(found).pipe(response);
  });
});
const upgrade = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => upgrade.handleUpgrade(request, socket, head, (ws) => {
  if (request.url.startsWith('/api/v1/live/')) return liveSocket(ws, data.cameras.find((c) => request.url.endsWith(c.id)));
  const peer = { ws, subs: new Map() };
  sockets.add(peer);
  const beat = () => ws.send(JSON.stringify({ op: 'beat', at: new Date().toISOString() }));
  beat();
  const timer = setInterval(beat, 5000);
  ws.on('close', () => { clearInterval(timer); sockets.delete(peer); });
  ws.on('message', (text) => {
    const m = JSON.parse(text);
    if (m.op === 'unsub') return peer.subs.delete(m.id);
    peer.subs.set(m.id, m.topic);
    const items = { alerts: data.alerts, incidents: data.incidents, cameras: data.cameras, units: data.patrols, proposals: data.proposals.filter((p) => p.state === 'open') }[m.topic];
    if (items) ws.send(JSON.stringify({ op: 'snapshot', id: m.id, epoch: 1, seq: ++seq, items }));
    else if (!m.topic.startsWith('incident:') && m.topic !== 'assignments') ws.send(JSON.stringify({ op: 'denied', id: m.id, reason: 'unknown_topic', detail: 'There is no such topic.', next_step: null }));
  });
}));
server.listen(PORT, '127.0.0.1', () => console.log(`mock on http://127.0.0.1:${PORT} (${readFileSync(join(BUILT, 'index.html')).length} bytes of index.html)`));
