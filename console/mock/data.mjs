// Invented people, things and answers. Plates of a form that no state issues.
let n = 0;
export const id = (prefix) => `${prefix}_01JDMOCK${String(++n).padStart(4, '0')}`.padEnd(prefix.length + 27, '0');
export const ago = (s) => new Date(Date.now() - s * 1000).toISOString();
export const ahead = (s) => new Date(Date.now() + s * 1000).toISOString();
const DAY = 86400;

export const people = [
  ['analyst', 'Rosa Alvarez', ['analyst']], ['supervisor', 'Theo Brandt', ['supervisor']], ['officer', 'Dana Okafor', ['officer']],
  ['clerk', 'Miriam Stein', ['clerk']], ['auditor', 'Jo Park', ['auditor']], ['administrator', 'Sam Weiss', ['administrator']], ['technician', 'Lee Novak', ['technician']],
].map(([name, full_name, roles]) => ({
  id: id('per'), name, full_name, roles, state: 'active', second_factor: name === 'supervisor', last_signed_in_at: ago(3600 * 5), invited_until: null, version: 1,
}));
people.push({ id: id('per'), name: 'k.ito', full_name: 'Kenji Ito', roles: ['detective'], state: 'invited', second_factor: false, last_signed_in_at: null, invited_until: ahead(2 * DAY), version: 1 });
people.push({ id: id('per'), name: 'p.lang', full_name: 'Petra Lang', roles: ['analyst'], state: 'suspended', second_factor: true, last_signed_in_at: ago(40 * DAY), invited_until: null, version: 3 });
export const who = (name) => { const p = people.find((x) => x.name === name); return { id: p.id, name: p.full_name }; };

const FLOOR = ['analyst', 'supervisor'], SWORN = ['analyst', 'detective', 'supervisor'], FIELD = [...SWORN, 'officer'];
const STAFF = [...FIELD, 'technician', 'administrator', 'clerk', 'auditor'];
export const needs = [
  ['alerts.view', 'See the queue of alerts.', FLOOR], ['alert.review', 'Open an alert and review it: picture, then entry, then verdict.', FLOOR],
  ['incidents.view', 'See incidents.', FIELD], ['cameras.view', 'See the list of cameras and their states, no pictures.', STAFF],
  ['camera.live', 'Watch a camera live.', FIELD], ['camera.playback', 'Play recorded video.', SWORN], ['cameras.change', 'Register, move or remove a camera.', ['technician', 'administrator']],
  ['readers.view', 'See plate readers and their states.', STAFF], ['readers.change', 'Register, move or remove a plate reader.', ['technician', 'administrator']],
  ['devices.change', 'Give and revoke device tokens.', ['administrator', 'technician']], ['hot_list.view', 'See hot lists and their entries.', SWORN],
  ['hot_list.import', 'Import a hot list from a file.', ['supervisor', 'administrator']], ['hot_list.propose', 'Propose a manual hot-list entry.', SWORN],
  ['hot_list.approve', 'Approve or refuse another person’s manual entry.', ['supervisor', 'detective']], ['assignment.progress', 'Accept an assignment and report its progress.', ['officer', ...FLOOR]],
  ['cases.view', 'See cases and calls.', [...FIELD, 'auditor']], ['cases.change', 'Open and close cases, take calls.', FIELD], ['cases.confirm', 'See provisional cases, and confirm another person’s.', ['supervisor']], ['policy.view', 'See technologies, authorisations and their history.', STAFF],
  ['policy.propose', 'Propose an authorisation, a body’s later approval of one, or which bodies a technology requires.', ['clerk', 'supervisor']], ['policy.approve', 'Put another person’s proposal into force, or refuse it.', ['clerk', 'supervisor']],
  ['policy.suspend', 'Suspend an authorisation at once.', ['clerk', 'supervisor', 'auditor']], ['audit.view', 'Read the log: who asked what, when, why, and the answer.', ['auditor', 'supervisor']],
  ['audit.view_own', 'Read the log of one’s own asks.', STAFF], ['people.view', 'See accounts and roles.', ['administrator', 'supervisor', 'auditor']],
  ['people.change', 'Invite people, change roles, suspend accounts.', ['administrator']], ['dispatch.propose', 'Ask which unit is nearest.', FLOOR], ['dispatch.assign', 'Send a unit.', FLOOR],
  ['units.view', 'See units and where they are.', FIELD], ['units.change', 'Create and retire units; say who is on them.', ['supervisor', 'administrator']], ['assignments.view', 'See one’s own assignments.', ['officer', ...FLOOR]],
  ['outcome.record', 'Record what came of it.', [...FIELD]],
].map(([need, sentence, roles]) => ({ need, sentence, roles }));

export const purposes = [
  ['violent_crime', 'Violent crime', true, false], ['shots_fired', 'Shots fired', true, false], ['stolen_vehicle', 'Stolen vehicle', true, false],
  ['burglary_theft', 'Burglary or theft', true, false], ['missing_person', 'Missing or endangered person', true, false],
  ['patrol_monitoring', 'Patrol monitoring of public cameras', false, false], ['equipment_care', 'Care of the equipment', false, false],
  ['immigration_enforcement', 'Immigration enforcement', false, true],
].map(([purpose, title, needs_case, prohibited]) => ({ purpose, title, needs_case, prohibited }));

const camerasAuth = id('auth'), readersAuth = id('auth');
export const authorisations = [
  { id: camerasAuth, technology: 'fixed_camera', title: 'Public cameras downtown', state: 'in_force', effective_at: ago(200 * DAY), expires_at: ahead(89 * DAY), purposes: ['violent_crime', 'shots_fired', 'stolen_vehicle', 'patrol_monitoring'], roles: ['analyst', 'supervisor', 'detective'], area: [[38.62, -90.21], [38.64, -90.21], [38.64, -90.18]], area_text: 'Downtown and Mill Creek', keep_for_days: 30, keep_by_class: { footage: 30 }, audio: false, suspended_at: null, suspended_reason: null, version: 4 },
  { id: readersAuth, technology: 'plate_reader', title: 'Fixed plate readers on arterials', state: 'in_force', effective_at: ago(20 * DAY), expires_at: ahead(5.2 * DAY), purposes: ['stolen_vehicle', 'missing_person'], roles: ['analyst', 'supervisor'], area: [], area_text: '', keep_for_days: 7, keep_by_class: { plate_read: 30, plate_picture: 7, plate_hit: 365 }, audio: false, suspended_at: null, suspended_reason: null, version: 2 },
  { id: id('auth'), technology: 'mobile_trailer', title: 'Trailer on Delmar, summer', state: 'suspended', effective_at: ago(90 * DAY), expires_at: ahead(60 * DAY), purposes: ['violent_crime'], roles: ['analyst'], area: [[1, 1], [2, 2], [3, 3]], area_text: 'Delmar Loop', keep_for_days: 14, keep_by_class: { footage: 14 }, audio: false, suspended_at: ago(3 * DAY), suspended_reason: 'The trailer left its area twice.', version: 7 },
  { id: id('auth'), technology: 'fixed_camera', title: 'Stadium pilot 2025', state: 'expired', effective_at: ago(600 * DAY), expires_at: ago(235 * DAY), purposes: ['violent_crime'], roles: ['analyst'], area: [], area_text: '', keep_for_days: 30, keep_by_class: { footage: 30 }, audio: false, suspended_at: null, suspended_reason: null, version: 2 },
  { id: id('auth'), technology: 'acoustic_array', title: 'Microphones on the north side', state: 'waiting', waiting_for: ['Board of Police Commissioners'], effective_at: ago(DAY), expires_at: ahead(364 * DAY), purposes: ['shots_fired'], roles: ['analyst'], area: [], area_text: '', keep_for_days: 30, keep_by_class: {}, audio: false, suspended_at: null, suspended_reason: null, version: 1 },
].map((a) => ({ waiting_for: [], state_text: a.waiting_for ? `waiting for: ${a.waiting_for.join(', ')}` : a.state.replace('_', ' '), ...a }));
export const approvals = [
  { body: 'Board of Aldermen', instrument: 'Ordinance 71844, section 2', approved_at: ago(205 * DAY), hearing_at: ago(230 * DAY), comment_until: ago(215 * DAY) },
  { body: 'Board of Police Commissioners', instrument: 'Resolution 2026-14', approved_at: ago(201 * DAY), hearing_at: null, comment_until: null },
];
export const technologies = [
  ['fixed_camera', 'Fixed cameras', 'Cameras on poles and buildings that look at public streets.', true], ['mobile_trailer', 'Mobile trailers', 'Trailers with cameras, readers and lights.', false],
  ['private_camera_link', 'Private camera links', 'Cameras that businesses and residents lend.', false], ['plate_reader', 'Plate readers', 'Devices that read licence plates.', true],
  ['plate_reading_on_video', 'Plate reading on video', 'Reading plates from ordinary video.', false], ['acoustic_array', 'Acoustic arrays', 'Microphones that locate gunfire.', false],
  ['audio', 'Audio', 'Recording sound with video.', false], ['object_search', 'Object search', 'Searching recorded video for things.', false],
].map(([technology, title, sentence, authorised]) => ({ technology, title, sentence, authorised, required_bodies: technology === 'acoustic_array' ? ['Board of Police Commissioners'] : [], authorisation: null, until: null, reason: authorised ? 'An authorisation is in force.' : technology === 'mobile_trailer' ? 'Its authorisation is suspended.' : 'No authorisation has been approved.',
  keeps: (technology.startsWith('plate') ? [['plate_read', 'plate reads', true], ['plate_picture', 'pictures of plates', true], ['plate_hit', 'hits with their pictures and alerts', false]]
    : /camera|trailer/.test(technology) ? [['footage', 'footage', false]] : []).map(([data_class, title, may_be_none]) => ({ data_class, title, may_be_none })) }));

export const cameras = [
  ['C-118 Mill & 5th', 'Mill St at 5th', 'normal', 'live', 'Pictures arrive in time.', 0.2, true], ['C-121 5th ward north', 'N 5th St at Cass', 'normal', 'live', 'Pictures arrive in time.', 0.4, true],
  ['C-044 Tower Park', 'Tower Park, east gate', 'serious', 'no picture', 'The camera does not answer since its cabinet lost power.', 660, true], ['C-207 Northgate', 'N Broadway at Grand', 'caution', 'clock off', 'Its clock is 41 s behind ours; pictures are marked with our time.', 0.5, true],
  ['T-3 Delmar trailer', 'Delmar Blvd', 'off', 'not authorised', 'The authorisation of mobile trailers is suspended.', 260000, false], ['C-300 Depot yard', 'Depot, yard', 'standby', 'connecting', 'Opened two seconds ago; waits for its first key frame.', null, true],
].map(([name, place, level, word, reason, last, ok], i) => ({
  id: id('cam'), name, technology: name.startsWith('T-') ? 'mobile_trailer' : 'fixed_camera', place: { text: place, lat: 38.6301 + [0.0004, 0.0007, -0.0009, 0.0018, -0.0022, 0.0012][i], lon: -90.1902 + [0.0005, -0.0006, 0.0004, 0.0021, 0.0016, -0.0024][i] },
  heading_deg: [220, 130, 330, 200, null, 90][i], field_deg: [70, 84, null, 60, null, null][i], range_m: [80, 60, null, 90, null, null][i], enabled: true,
  state: { level, word, reason, since: ago(last === null ? 2 : Math.max(last, 4000)), last_frame_at: last === null ? null : ago(last) }, recording: ok && level !== 'serious', authorisation: ok ? camerasAuth : null, authorised_until: ok ? ahead(89 * DAY) : null, version: 1,
}));
export const readers = [['R-12 N Broadway', 'N Broadway at Mill', 'normal', 'reading', 'Reads arrive in time.', 14], ['R-13 Weir St', 'Weir St at the ring', 'caution', 'silent', 'No read for two hours; at this hour it usually has 90.', 7300]].map(([name, place, level, word, reason, last]) => ({
  id: id('rdr'), name, place: { text: place, lat: 38.6312 - (last > 100 ? 0.0032 : 0), lon: -90.1912 + (last > 100 ? 0.0031 : 0) }, heading_deg: 10, state: { level, word, reason, since: ago(9000), last_read_at: ago(last) }, authorisation: readersAuth, authorised_until: ahead(5.2 * DAY), version: 1,
}));

const alert = (level, title, place, s, why, percent, word, extra = {}) => ({
  id: id('alt'), kind: 'plate_hit', level, title, place: { text: place, lat: 38.6301 + (s % 7) * 0.0003, lon: -90.1902 + (s % 5) * 0.0005 }, at: ago(s + 2), raised_at: ago(s), deadline_at: ahead(90 - s), why, sure: { percent, word },
  unknown: ['Who drives', 'Whether the record still stands'], says: 'A plate names a car, not a person. A match alone is no ground to stop anyone.', purpose: 'stolen_vehicle', state: 'waiting', holder: null, incident: null, version: 1, ...extra,
});
export const alerts = [
  alert('critical', 'Plate hit · missing child', 'N Broadway at Mill St', 12, 'Read once by R-12; the entry is 40 minutes old and the state agrees.', 96, 'very likely', { purpose: 'missing_person' }),
  alert('serious', 'Plate hit · stolen vehicle', 'Weir St at the ring, ramp', 48, 'Read twice within a minute by R-13; the entry is two hours old.', 91, 'likely'),
  alert('serious', 'Plate hit · stolen vehicle', 'Quay St at 7th', 310, 'Read once by R-12; one character could be another.', 62, 'uncertain', { unknown: ['The state: it could not be read', 'Whether the record still stands'], state: 'acknowledged', holder: who('supervisor') }),
  alert('caution', 'Plate hit · expired tags, felony list', 'S Granary Ave', 1260, 'Read once by R-12.', null, 'not rated'),
];
const entry = { id: id('hle'), plate: 'QZ04417', state: 'RC', reason: 'Stolen vehicle', vehicle: 'Grey saloon', entered_at: ago(7300), expires_at: ahead(20 * DAY), source: 'State file, import of 12:00', version: 3 };
export const review = (a, step = 'picture') => ({ alert: a, step, opened_at: ago(1), picture: `/api/v1/alerts/${a.id}/picture`, pictures: [], typed: null, read: null, entry: null, agreement: null, differences: [] });
export function typed(a, body) {
  const plate = body.plate === entry.plate, state = body.state === entry.state;
  const differences = [];
  if (!plate) differences.push({ field: 'plate', typed: body.plate, entry: entry.plate, sentence: `You typed ${body.plate}; the entry is for ${entry.plate}.` });
  if (!state) differences.push({ field: 'state', typed: body.state, entry: entry.state, sentence: body.state === null ? 'You could not read the state; the entry says MO.' : `You typed ${body.state}; the entry says MO.` });
  return { ...review(a, 'entry'), typed: body, entry, read: { plate: 'QZ04417', state: 'RC', sure: { percent: 91, word: 'likely' } }, agreement: !plate ? 'mismatch' : body.state === null ? 'candidate' : state ? 'match' : 'mismatch', differences };
}
export const hotLists = [{ id: id('hl'), name: 'Stolen vehicles', source: 'imported', entries: 48211, imported_at: ago(9000), version: 12 }, { id: id('hl'), name: 'Entered by hand', source: 'manual', entries: 3, imported_at: null, version: 4 }];
export const entries = [entry, { ...entry, id: id('hle'), plate: 'QX99102', state: 'IL', vehicle: null, reason: 'Stolen plate' }, { ...entry, id: id('hle'), plate: 'QT10033', state: null, vehicle: 'White Ford Transit' }];

const inc = { id: id('inc'), number: '26-01412', kind: 'plate_hit', level: 'serious', title: 'Stolen vehicle seen', place: { text: 'N Broadway at Mill St', lat: 38.6294, lon: -90.1925 }, at: ago(400), opened_at: ago(320), closed_at: null, state: 'open', why: 'Rosa Alvarez read plate and state in the picture; both agree with the entry, and the live record is active.', sure: { percent: null, word: 'confirmed by a person' }, unknown: ['who drives'], says: 'A plate names a car, not a person.', purpose: 'stolen_vehicle', case: '', version: 3 };
inc.case = `incident:${inc.id}`;
export const incidents = [inc];
export const units = [['3142', 110, 930], ['4215', 190, 1800], ['3107', null, 2600]].map(([call_sign, eta_s, distance_m]) => ({ unit: { id: id('unt'), call_sign }, eta_s, distance_m, how: eta_s === null ? 'straight_line' : 'road', position_at: ago(eta_s === null ? 160 : 6), sentence: eta_s === null ? 'It stands where no street of the map is near.' : 'Nearest by travel time on the street map of August.' }));
export const assignments = [];
export const hazards = [{ text: 'Barricaded door reported here on 3 Nov.', source: 'Call 26-01190, review by 3 Dec', at: ago(19 * DAY) }];
export const message = (incident_id, me, text) => ({ id: id('msg'), incident_id, side: me.roles.includes('officer') ? 'field' : 'room', unit: me.roles.includes('officer') ? units[0].unit : null, by: who(me.name), text, at: ago(0), received_at: ago(0), seen: [] });
export const messages = [{ ...message(incidents[0].id, people.find((p) => p.name === 'analyst'), 'Tow truck is on its way, ten minutes.'), at: ago(40) }];
// A way over a grid of blocks of some 110 m, bent a little so that it does not look like graph paper.
const corner = (x, y) => [38.6204 + y * 0.001 + x * 0.00012, -90.2005 + x * 0.00128 - y * 0.0001];
const line = [corner(1, 1), corner(4, 1), corner(4, 9), corner(6, 9)];
export const route = {
  how: 'road', eta_s: 110, distance_m: 1480, sentence: '1.5 km by road at the speed limits, without traffic.', source: line[0], target: line[3], position_at: ago(6), position_stale: false, line,
  legs: [{ street: 'Quay St', turn: 'start', distance_m: 330, sentence: 'Go east on Quay St, 330 m.' }, { street: 'N Broadway', turn: 'left', distance_m: 890, sentence: 'Turn left onto N Broadway, 890 m.' }, { street: 'Mill St', turn: 'right', distance_m: 260, sentence: 'Turn right onto Mill St, 260 m.' }],
  around: Array.from({ length: 24 }, (_, k) => (k < 12 ? [corner(k - 2, -2), corner(k - 2, 12)] : [corner(-6, k - 13), corner(14, k - 13)])),
};
export const incidentDetail = (i) => ({
  ...i, assignments: assignments.filter((a) => a.incident_id === i.id), outcome: i.outcome ?? null, hazards, messages: messages.filter((m) => m.incident_id === i.id),
  cameras: cameras.slice(0, 4).map((c, k) => ({ id: c.id, name: c.name, distance_m: 40 + k * 55, level: c.state.level })), picture: `/api/v1/alerts/x/picture`, vehicle: 'Grey saloon', plate: { plate: 'QZ04417', state: 'RC' },
  timeline: [
    { at: ago(402), text: 'Read by R-12 N Broadway', by: null, level: null }, { at: ago(401), text: 'Alert raised: stolen vehicle', by: null, level: 'serious' }, { at: ago(360), text: 'Review opened', by: who('analyst'), level: null },
    { at: ago(321), text: 'Confirmed: live record active', by: who('analyst'), level: null }, ...assignments.filter((a) => a.incident_id === i.id).map((a) => ({ at: a.sent_at, text: `${a.unit.call_sign} sent`, by: a.sent_by, level: null })),
  ],
});
export const patrols = [['3142', 'free', 6], ['4215', 'free', 14], ['3107', 'assigned', 400], ['2210', 'off', null]].map(([call_sign, state, seen]) => ({ id: id('unt'), call_sign, state, place: seen === null ? null : { text: '', lat: 38.6301 + (seen % 9) * 0.0004 - 0.0015, lon: -90.1902 - (seen % 7) * 0.0005 + 0.001 }, heading_deg: seen === null ? null : (seen * 47) % 360, speed_mps: 6, position_stale: seen > 120, position_at: seen === null ? null : ago(seen), crew: state === 'off' ? [] : [who('officer')], version: 1 }));
export const proposals = [
  { id: id('prop'), kind: 'authorisation', state: 'open', title: 'Private camera links, Cherokee Street', sentence: 'Private camera links may be used by analysts for violent crime, in Cherokee Street. What is taken is kept 7 days. Sound is not taken.', payload: { technology: 'private_camera_link', keep_for_days: 7, audio: false, purposes: ['violent_crime'] }, proposed_by: who('clerk'), proposed_at: ago(7200), expires_at: ahead(6 * DAY), decided_by: null, decided_at: null, note: null, subject: null },
  { id: id('prop'), kind: 'hot_list_entry', state: 'open', title: 'QZ77120 (RC), armed robbery', sentence: 'The plate QZ77120 of River City is looked for until tomorrow, for violent crime, case 26-01388.', payload: { plate: 'QZ77120', state: 'RC', reason: 'Armed robbery', expires_at: ahead(DAY) }, proposed_by: who('analyst'), proposed_at: ago(600), expires_at: ahead(DAY), decided_by: null, decided_at: null, note: null, subject: null },
];
export const cases = [{ id: id('case'), kind: 'case', number: '26-01388', title: 'Burglary, Water Street', purpose: 'burglary_theft', state: 'open', provisional_until: null, opened_by: who('supervisor'), opened_at: ago(2 * DAY), confirmed_by: null, confirmed_at: null }, { id: id('case'), kind: 'case', number: '26-01420', title: 'Robbery, S Granary', purpose: 'violent_crime', state: 'open', provisional_until: ahead(80000), opened_by: who('analyst'), opened_at: ago(6400), confirmed_by: null, confirmed_at: null }, { id: id('case'), kind: 'case', number: '26-01431', title: 'Scrap metal, Ferry landing', purpose: 'burglary_theft', state: 'open', provisional_until: ahead(82000), opened_by: who('supervisor'), opened_at: ago(4400), confirmed_by: null, confirmed_at: null }];

const log = (s, kind, result, actor, need, sentence, purpose, about) => ({ id: id('ent'), at: ago(s), kind, actor: { id: people.find((p) => p.name === actor)?.id ?? id('per'), kind: actor === 'record' ? 'process' : 'person', name: people.find((p) => p.name === actor)?.full_name ?? actor }, need, result, reason: result === 'refused' ? 'not_authorised' : 'authorised', sentence, technology: about?.startsWith('camera') ? 'fixed_camera' : null, authorisation: result === 'allowed' && about?.startsWith('camera') ? camerasAuth : null, purpose, case: purpose ? inc.case : null, about, cause: null, leaf_index: s < 5 ? null : 20000 - s });
export const log_entries = [
  log(3, 'decision', 'allowed', 'analyst', 'alerts.view', 'Rosa Alvarez looked at the queue of alerts.', null, null), log(44, 'decision', 'refused', 'analyst', 'camera.live', 'Rosa Alvarez was refused T-3 Delmar trailer: the authorisation of mobile trailers is suspended.', 'stolen_vehicle', `camera:${cameras[4].id}`),
  log(62, 'grant_end', null, 'analyst', 'camera.live', 'The look at C-118 Mill & 5th ended after 84 s, closed by the viewer.', 'stolen_vehicle', `camera:${cameras[0].id}`), log(146, 'decision', 'allowed', 'analyst', 'camera.live', 'Rosa Alvarez was allowed to watch C-118 Mill & 5th live.', 'stolen_vehicle', `camera:${cameras[0].id}`),
  log(321, 'effect', null, 'analyst', 'alert.review', 'Rosa Alvarez confirmed a plate hit.', null, inc.case), log(900, 'lease', 'allowed', 'record', 'camera.record', 'The recorder was allowed to record 5 cameras.', null, null), log(5200, 'policy', null, 'clerk', 'policy.approve', 'Miriam Stein put “Fixed plate readers on arterials” into force.', null, `authorisation:${readersAuth}`),
];
export const entryDetail = (e) => ({
  ...e, explanation: { sentence: e.result === 'refused' ? 'The need works with mobile trailers, and no authorisation of them is in force at that place and time: the only one was suspended three days ago.' : e.result === 'allowed' ? 'Every condition was met, under “Public cameras downtown”.' : e.sentence, conditions: e.result === null ? [] : [
    { text: 'Somebody known asked: a person signed in with a second factor.', met: true }, { text: 'Analysts may ask to watch a camera live.', met: true }, { text: 'Stolen vehicle is a permitted purpose, with an open incident.', met: true },
    { text: 'An authorisation of mobile trailers is in force.', met: e.result === 'allowed' }, { text: 'The place lies in its area.', met: e.result === 'allowed' ? true : null }, { text: 'The purpose is one of its purposes.', met: e.result === 'allowed' ? true : null },
  ] },
  leaf: JSON.stringify({ about: e.about, actor: e.actor.id, agency: 'agy_x', at: e.at, id: e.id, kind: e.kind, need: e.need, reason: e.reason, result: e.result, v: 1 }), leaf_hash: 'c1d9a5b07f3e4d218a6b90f1e2d3c4b5a697887766554433221100ffeeddccbb', payload: e.kind === 'effect' ? { plate: 'QZ04417', state: 'RC' } : null, payload_erased: e.kind === 'policy',
  proof: e.leaf_index === null ? { state: 'waiting', tree_size: null, root: null, checkpoint: null, hashes: null, trouble: null } : { state: 'included', tree_size: 20001, root: 'Qm9vdCBvZiB0aGUgdHJlZSwgYmFzZTY0IG9mIDMyIGJ5dGVz', checkpoint: 'watchfloor.local/log\n20001\nQm9vdCBvZiB0aGUgdHJlZQ==\n\n— watchfloor.local/log Az3…', hashes: ['a1'.repeat(32), 'b2'.repeat(32), 'c3'.repeat(32)], trouble: null },
});
