// The words a person reads for the words on the wire. The glossary's words, sentence case, no jargon of the machine.
import type { Alert, AlertState, AssignmentState, Authorisation, Case, DismissReason, Entry, Grounds, Handling, ListKind, Priority, Reply, Result, Role, SoundKind, UnitState } from '../api/types';

const ROLES: Record<Role, [one: string, many: string]> = {
  analyst: ['Analyst', 'analysts'], detective: ['Detective', 'detectives'], supervisor: ['Supervisor', 'supervisors'],
  officer: ['Field officer', 'field officers'], owner: ['Camera owner', 'camera owners'], technician: ['Technician', 'technicians'],
  administrator: ['Administrator', 'administrators'], clerk: ['Clerk of the approving body', 'clerks of the approving body'],
  auditor: ['Auditor', 'auditors'], partner: ['Partner center', 'partner centers'], machine: ['Machine', 'machines'],
};
export const PEOPLE_ROLES: readonly Role[] = ['analyst', 'detective', 'supervisor', 'officer', 'technician', 'administrator', 'clerk', 'auditor', 'owner', 'partner'];

/** What each role is for, as one says it to somebody who has to choose. */
export const ROLE_DOES: Readonly<Record<Role, string>> = {
  analyst: 'Works on the floor: reviews alerts, looks at cameras, sends units.', detective: 'Searches and plays back for a case.',
  supervisor: 'Leads the floor, and approves what a clerk or an analyst proposes.', officer: 'Is on the street, with a phone or in a car.',
  owner: 'Links a camera of their own, and sees on a page of their own what became of it.', technician: 'Registers and mends cameras and readers.',
  administrator: 'Keeps accounts, devices and maps. Sees none of what is recorded.', clerk: 'Enters what the council or another body approved.',
  auditor: 'Reads the log: who asked for what, when and why. Sees no footage.',
  partner: 'No person: another center, which looks at the cameras that it is offered.', machine: 'No person.',
};

export const roleWord = (role: string): string => ROLES[role as Role]?.[0] ?? plain(role);

/** "Analysts and supervisors" */
export function rolesSentence(roles: readonly string[]): string {
  const many = roles.filter((role) => role !== 'machine').map((role) => ROLES[role as Role]?.[1] ?? plain(role));
  return many.length === 0 ? 'No person' : capital(listed(many));
}

const TECHNOLOGIES: Record<string, string> = {
  fixed_camera: 'Fixed cameras', mobile_trailer: 'Mobile trailers', private_camera_link: 'Private camera links', body_camera: 'Body cameras', plate_reader: 'Plate readers',
  plate_reading_on_video: 'Plate reading on video', acoustic_array: 'Acoustic arrays', audio: 'Audio', object_search: 'Object search',
};
export const technologyWord = (word: string): string => TECHNOLOGIES[word] ?? capital(plain(word));

export const DATA_CLASSES: Record<string, string> = {
  footage: 'footage', plate_read: 'plate reads', plate_picture: 'pictures of plates', plate_hit: 'hits with their pictures and alerts',
};

export const PURPOSES: Record<string, string> = {
  violent_crime: 'Violent crime', shots_fired: 'Shots fired', stolen_vehicle: 'Stolen vehicle', burglary_theft: 'Burglary or theft',
  hit_and_run: 'Crash with injury, hit and run', missing_person: 'Missing or endangered person', officer_emergency: 'Officer in danger',
  rescue: 'Fire, medical or rescue', court_order: 'Court order, disclosure or complaint', patrol_monitoring: 'Patrol monitoring of public cameras',
  equipment_care: 'Care of the equipment', oversight: 'Oversight and audit', immigration_enforcement: 'Immigration enforcement',
  reproductive_health: 'Reproductive health care', lawful_protest: 'Lawful protest, religion, press or assembly', personal_interest: 'Personal interest',
};
export const purposeWord = (word: string): string => PURPOSES[word] ?? capital(plain(word));

export const ALERT_STATES: Record<AlertState, string> = {
  waiting: 'Waiting', acknowledged: 'Acknowledged', in_review: 'In review', escalated: 'Unclaimed in time: with the supervisors', confirmed: 'Confirmed', dismissed: 'Dismissed', kept_back: 'Kept back',
};
export const AUTHORISATION_STATES: Record<Authorisation['state'], string> = {
  waiting: 'Waits for approval', not_yet: 'Not yet in force', in_force: 'In force', suspended: 'Suspended', expired: 'Expired',
};
export const CASE_STATES: Record<Case['state'], string> = { open: 'Open', closed: 'Closed', lapsed: 'Lapsed' };
export const ASSIGNMENT_STATES: Record<AssignmentState, string> = {
  sent: 'Sent', accepted: 'Accepted', en_route: 'En route', on_scene: 'On scene', cleared: 'Cleared', cancelled: 'Cancelled',
};
export const REPLIES: Record<Reply, string> = {
  active: 'Active: the record stands', cancelled: 'Cancelled: the record was taken back', no_record: 'No record of it', unreachable: 'The record system does not answer',
};
export const DISMISS_REASONS: Record<DismissReason, string> = {
  misread: 'The plate was misread', other_state: 'Another state issued the plate', other_vehicle: 'Another vehicle than the entry describes',
  record_cancelled: 'The live record is cancelled', no_record: 'The live record does not exist', entry_expired: 'The entry has expired', entry_withdrawn: 'The entry was withdrawn',
  fireworks: 'Fireworks', backfire: 'A vehicle’s backfire', work_noise: 'Work: construction, a nail gun', thunder: 'Thunder', lawful_fire: 'Lawful gunfire: a range, a salute, training',
  nothing_there: 'Nothing was there: noise that fitted a place',
  duplicate: 'The same as another alert', test: 'A test', other: 'Something else',
};
const OF_SOUNDS: readonly DismissReason[] = ['fireworks', 'backfire', 'work_noise', 'thunder', 'lawful_fire', 'nothing_there'];
const OF_ANY: readonly DismissReason[] = ['duplicate', 'test', 'other'];
/** The reasons that an alert of this kind can be dismissed for, in their order. */
export const dismissReasons = (kind: Alert['kind']): [DismissReason, string][] =>
  (Object.entries(DISMISS_REASONS) as [DismissReason, string][]).filter(([reason]) => OF_ANY.includes(reason) || OF_SOUNDS.includes(reason) === (kind === 'impulse'));
export const SOUND_KINDS: Record<SoundKind, string> = { gunfire: 'gunfire', fireworks: 'fireworks', other_impulsive: 'another impulsive sound', unknown_impulsive: 'unknown' };
export const GROUNDS: Record<Grounds, string> = {
  call: 'Callers report it', camera: 'It is seen on a camera', officer: 'An officer heard or saw it', pattern: 'By rounds, rhythm and microphones alone: nobody saw it',
};
export const RESULTS: Record<Result, string> = {
  arrest: 'Arrest', force_used: 'Force was used', vehicle_recovered: 'Vehicle recovered', person_helped: 'Person helped', nothing_found: 'Nothing found', wrong_alert: 'Wrong alert',
};
export const LIST_SOURCES: Record<ListKind, string> = { imported: 'Filled from files', manual: 'Entered by hand, two persons each', api: 'Written by a machine of its owner' };
export const PRIORITIES: Record<Priority, string> = { urgent: 'Urgent: one level higher', usual: 'Usual', low: 'Low: one level lower' };
/** The kinds of files of national records that can be taken at all. */
export const FILE_KINDS: Record<string, string> = {
  stolen_vehicle: 'Stolen vehicles', stolen_plate: 'Stolen plates', wanted_person: 'Wanted persons', protection_order: 'Protection orders', extreme_risk_order: 'Extreme risk protection orders',
  missing_person: 'Missing persons', gang: 'Gangs', threat_screening: 'Threat screening (terrorism)', supervised_release: 'Supervised release', sex_offender: 'Sex offender registry',
  protective_interest: 'Protective interest', violent_person: 'Violent persons',
};
export const HANDLING: Record<Handling, string> = {
  do_not_stop: 'Do not stop: watch only', armed: 'Armed and dangerous', explosives: 'Knows explosives', violent: 'Violent tendencies', escape_risk: 'Escape risk', suicidal: 'Suicidal',
  medical: 'Needs medical care', prints: 'Hold the vehicle for prints',
};
export const UNIT_STATES: Record<UnitState, string> = { free: 'free', assigned: 'assigned', off: 'off duty' };
export const ENTRY_KINDS: Record<Entry['kind'], string> = {
  decision: 'Decision', effect: 'Effect', lease: 'Lease', grant_end: 'End of a look', revocation: 'Ended by the rules', erasure: 'Erasure', summary: 'Summary of a day', receipt: 'Receipt', policy: 'Policy', restore: 'Restore',
};

/** The issuing places a plate can name: states, territories, provinces and what is common on the road. */
export const PLATE_STATES: readonly string[] = (
  'AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY ' +
  'AS GU MP PR VI AB BC MB NB NL NS NT NU ON PE QC SK YT'
).split(' ');

export function listed(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
}

/** Several sentences or half sentences as running text, each with its capital and its full stop. */
export function sentences(words: readonly string[]): string {
  return words.map((word) => word.trim()).filter((word) => word !== '').map((word) => capital(/[.!?…]$/.test(word) ? word : `${word}.`)).join(' ');
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const plain = (word: string): string => word.replaceAll('_', ' ');
