// What the rail offers and the need each entry rests on. Order is the order of the work.
import type { Role } from '../api/types';
import type { IconName } from '../kit/icons';
import { session } from '../kit/session.svelte';

export interface RailEntry { text: string; href: string; icon: IconName; /** None: it is everybody's. */ need: string | null }

export const RAIL: readonly RailEntry[] = [
  { text: 'Floor', href: '/floor', icon: 'floor', need: 'incidents.view' },
  { text: 'Incidents', href: '/incidents', icon: 'incident', need: 'incidents.view' },
  { text: 'Cameras', href: '/cameras', icon: 'camera', need: 'cameras.view' },
  { text: 'Plates', href: '/plates', icon: 'search', need: 'plates.search' },
  { text: 'Readers', href: '/readers', icon: 'reader', need: 'readers.view' },
  { text: 'Hot lists', href: '/hot-lists', icon: 'list', need: 'hot_list.view' },
  { text: 'Dispatch', href: '/dispatch', icon: 'dispatch', need: 'dispatch.propose' },
  { text: 'Units', href: '/units', icon: 'unit', need: 'units.view' },
  { text: 'Field', href: '/field', icon: 'field', need: 'assignments.view' },
  { text: 'Outcomes', href: '/outcomes', icon: 'outcome', need: 'outcomes.view' },
  { text: 'Cases', href: '/cases', icon: 'case', need: 'cases.view' },
  { text: 'Authorisations', href: '/authorisations', icon: 'authorisation', need: 'policy.view' },
  { text: 'Audit', href: '/audit', icon: 'audit', need: 'audit.view_own' },
  { text: 'People', href: '/people', icon: 'people', need: 'people.view' },
  { text: 'Settings', href: '/settings', icon: 'settings', need: null },
];

/** Views that are parts of what stands in the rail: they stand below it while one is there, and are found by name from anywhere. */
export const WITHIN: readonly (RailEntry & { of: string })[] = [
  { text: 'Walls', href: '/walls', icon: 'camera', need: 'walls.view', of: '/cameras' },
  { text: 'Trailers', href: '/trailers', icon: 'camera', need: 'trailers.view', of: '/cameras' },
  { text: 'Body cameras', href: '/body-cameras', icon: 'camera', need: 'body_cameras.view', of: '/cameras' },
  { text: 'Playback', href: '/playback', icon: 'camera', need: 'camera.playback', of: '/cameras' },
  { text: 'Canvass', href: '/canvass', icon: 'camera', need: 'canvass.view', of: '/cameras' },
  { text: 'Edge boxes', href: '/edge-boxes', icon: 'camera', need: 'boxes.view', of: '/cameras' },
  { text: 'Lendings', href: '/cameras/lendings', icon: 'camera', need: 'lendings.view', of: '/cameras' },
  { text: 'Owners', href: '/owners', icon: 'people', need: 'owners.view', of: '/cameras' },
  { text: 'Microphones', href: '/microphones', icon: 'microphone', need: 'microphones.view', of: '/readers' },
  { text: 'Sounds', href: '/sounds', icon: 'microphone', need: 'sounds.count', of: '/outcomes' },
  { text: 'Two scenes', href: '/plates/scenes', icon: 'search', need: 'plates.search', of: '/plates' },
  { text: 'Co-travellers', href: '/co-travel', icon: 'search', need: 'co_travels.view', of: '/plates' },
  { text: 'Watches', href: '/watches', icon: 'list', need: 'watch.view', of: '/hot-lists' },
  { text: 'Possible hits', href: '/possible-hits', icon: 'list', need: 'possible_hits.view', of: '/hot-lists' },
  { text: 'Exports', href: '/exports', icon: 'case', need: 'exports.view', of: '/cases' },
  { text: 'Evidence requests', href: '/evidence-requests', icon: 'case', need: 'evidence.view', of: '/cases' },
  { text: 'Sealed uses', href: '/audit/seals', icon: 'audit', need: 'use.seals_view', of: '/audit' },
];

/** Why somebody cannot go there; null when they can. */
export const whyNotThere = (entry: RailEntry): string | null => (entry.need === null ? null : session.whyNot(entry.need));

const HOMES: readonly (readonly [Role, string])[] = [
  ['analyst', '/floor'], ['supervisor', '/floor'], ['officer', '/field'], ['detective', '/floor'], ['clerk', '/authorisations'],
  ['auditor', '/audit'], ['administrator', '/people'], ['technician', '/cameras'],
];

/** Where a person starts: the first of their roles that has a place of its own. */
export function home(roles: readonly string[]): string {
  return HOMES.find(([role]) => roles.includes(role))?.[1] ?? '/authorisations';
}
