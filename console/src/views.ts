// The views there are, by address.
import type { Component } from 'svelte';
import AlertReview from './alerts/Review.svelte';
import Queue from './alerts/Queue.svelte';
import AuditEntry from './audit/AuditEntry.svelte';
import AuditList from './audit/AuditList.svelte';
import CameraList from './cameras/CameraList.svelte';
import CameraNew from './cameras/CameraNew.svelte';
import CameraPage from './cameras/CameraPage.svelte';
import Cases from './cases/Cases.svelte';
import Field from './field/Field.svelte';
import Authorisation from './governance/Authorisation.svelte';
import Authorisations from './governance/Authorisations.svelte';
import Propose from './governance/Propose.svelte';
import Incidents from './incidents/Incidents.svelte';
import IncidentPage from './incidents/IncidentPage.svelte';
import People from './people/People.svelte';
import Units from './units/Units.svelte';
import HotList from './plates/HotList.svelte';
import HotLists from './plates/HotLists.svelte';
import Readers from './plates/Readers.svelte';

export const VIEWS: readonly (readonly [string, string])[] = [
  ['/queue', 'queue'], ['/alerts/:id', 'review'], ['/incidents', 'incidents'], ['/incidents/:id', 'incident'], ['/cameras', 'cameras'],
  ['/cameras/new', 'camera-new'], ['/cameras/:id', 'camera'], ['/readers', 'readers'], ['/hot-lists', 'hot-lists'], ['/hot-lists/:id', 'hot-list'],
  ['/field', 'field'], ['/cases', 'cases'], ['/authorisations', 'authorisations'], ['/authorisations/new', 'propose'],
  ['/authorisations/:id', 'authorisation'], ['/audit', 'audit'], ['/audit/:id', 'audit-entry'], ['/people', 'people'], ['/units', 'units'],
];

/** Views of a whole. */
export const WHOLE: Readonly<Record<string, Component>> = {
  queue: Queue, incidents: Incidents, cameras: CameraList, 'camera-new': CameraNew, readers: Readers, 'hot-lists': HotLists, field: Field, cases: Cases,
  authorisations: Authorisations, propose: Propose, audit: AuditList, people: People, units: Units,
};

/** Views of one thing, by its id. */
export const ONE: Readonly<Record<string, Component<{ id: string }>>> = {
  review: AlertReview, incident: IncidentPage, camera: CameraPage, 'hot-list': HotList, authorisation: Authorisation, 'audit-entry': AuditEntry,
};
