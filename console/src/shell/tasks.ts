// What people come to do, where that is done, and the other words they have for it: found by name in the palette.
import { session } from '../kit/session.svelte';

export interface Task { text: string; href: string; /** None: it is everybody's. */ need: string | null; also: string }

export const TASKS: readonly Task[] = [
  { text: 'Cameras without a picture', href: '/cameras?level=serious', need: 'cameras.view', also: 'dark down failed offline broken black no answer why' },
  { text: 'Cameras at dwellings', href: '/audit/dwellings', need: 'dwellings.view', also: 'home house window privacy aimed two hours court order' },
  { text: 'Look-ups of plates', href: '/audit/look-ups', need: 'look_ups.count', also: 'misuse insider neighbour review sample drawn overdue' },
  { text: 'Enter missed gunfire', href: '/sounds', need: 'sound.miss', also: 'sounds shots ledger false alerts confirmed accuracy published' },
  { text: 'Plates of staff', href: '/staff-plates', need: 'staff_plates.view', also: 'household own car register colleagues' },
  { text: 'Who saw a camera, and who could', href: '/audit/sight', need: 'audit.view', also: 'viewed watched looked opened viewers today' },
  { text: 'Register a camera', href: '/cameras/new', need: 'cameras.change', also: 'add new' },
  { text: 'Find cameras on the network', href: '/cameras/find', need: 'cameras.find', also: 'discover onvif add' },
  { text: 'Bring in a list of cameras', href: '/cameras/import', need: 'cameras.import', also: 'csv file add' },
  { text: 'Planned work on cameras', href: '/cameras?work=1', need: 'cameras.view', also: 'maintenance outage' },
  { text: 'Propose an authorisation', href: '/authorisations/new', need: 'policy.propose', also: 'approve approval policy new' },
  { text: 'Ask for an export', href: '/exports/new', need: 'export.ask', also: 'clip evidence download video' },
  { text: 'Closed incidents', href: '/incidents?state=closed', need: 'incidents.view', also: 'past earlier history old' },
  { text: 'Workstations of the room', href: '/settings?to=workstations', need: 'workstations.change', also: 'register desk browser computer' },
  { text: 'Map and streets', href: '/setup?step=map', need: 'places.import', also: 'import basemap roads' },
  { text: 'Set up this center', href: '/setup', need: 'agency.change', also: 'wizard first steps time zone agency' },
];

/** The same for the views of the rail. */
export const ALSO: Readonly<Record<string, string>> = {
  '/floor': 'queue alerts map hits', '/plates': 'search licence number read', '/hot-lists': 'wanted stolen entries', '/dispatch': 'calls send board', '/field': 'officer phone assignment',
  '/outcomes': 'results arrests recovered wrong', '/authorisations': 'approvals policy lapse expire ends', '/audit': 'log ledger who refused', '/people': 'accounts roles users invite', '/settings': 'theme sound dark light keys volume',
};

export const whyNotThen = (task: Task): string | null => (task.need === null ? null : session.whyNot(task.need));
