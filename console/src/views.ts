// The views there are, by address, and where each one's program is. A view is loaded when it is first wanted, and kept.
import type { Component } from 'svelte';

type Whole = Component;
type One = Component<{ id: string }>;
type Load<C> = () => Promise<{ default: C }>;

export const VIEWS: readonly (readonly [string, string])[] = [
  ['/edge-boxes', 'edge-boxes'], ['/body-cameras', 'body-cameras'],
  ['/floor', 'floor'], ['/alerts/:id', 'review'], ['/alerts/:id/reads', 'alert-reads'], ['/incidents', 'incidents'], ['/incidents/:id', 'incident'], ['/cameras', 'cameras'],
  ['/cameras/new', 'camera-new'], ['/cameras/find', 'camera-find'], ['/cameras/import', 'camera-imports'], ['/cameras/import/:id', 'camera-import'], ['/cameras/sites', 'sites'], ['/cameras/lendings', 'lendings'], ['/cameras/sites/:id', 'site'], ['/walls', 'walls'], ['/playback', 'playback'], ['/walls/:id', 'wall'], ['/cameras/:id', 'camera'], ['/plates', 'plates'], ['/plates/scenes', 'scenes'], ['/co-travel', 'co-travels'], ['/co-travel/:id', 'co-travel'], ['/dispatch', 'dispatch'], ['/outcomes', 'outcomes'], ['/sounds', 'sounds'], ['/sounds/:id', 'sound'], ['/readers', 'readers'], ['/microphones', 'microphones'], ['/microphones/:id', 'microphone'], ['/readers/:id', 'reader'], ['/readers/:id/columns', 'reader-columns'], ['/hot-lists', 'hot-lists'], ['/hot-lists/:id', 'hot-list'], ['/alert-budget', 'alert-budget'], ['/watches', 'watches'], ['/possible-hits', 'possible-hits'], ['/watches/:id', 'watch'],
  ['/field', 'field'], ['/cases', 'cases'], ['/evidence-requests', 'evidence-requests'], ['/cases/:id', 'case'], ['/canvass', 'canvass'], ['/exports', 'exports'], ['/exports/new', 'export-new'], ['/exports/:id', 'export'], ['/authorisations', 'authorisations'], ['/authorisations/new', 'propose'],
  ['/authorisations/:id', 'authorisation'], ['/audit', 'audit'], ['/audit/sight', 'sight'], ['/audit/seals', 'seals'], ['/audit/dwellings', 'dwellings'], ['/audit/look-ups', 'look-ups'], ['/audit/look-ups/:id', 'look-up'], ['/staff-plates', 'staff-plates'], ['/audit/:id', 'audit-entry'], ['/people', 'people'], ['/owners', 'owners'], ['/units', 'units'], ['/trailers', 'trailers'], ['/trailers/:id', 'trailer'],
  ['/setup', 'setup'], ['/settings', 'settings'],
];

/** Views of a whole. */
const WHOLE: Readonly<Record<string, Load<Whole>>> = {
  'edge-boxes': () => import('./boxes/Boxes.svelte'), 'body-cameras': () => import('./body/BodyCameras.svelte'),
  floor: () => import('./floor/Floor.svelte'), incidents: () => import('./incidents/Incidents.svelte'), cameras: () => import('./cameras/CameraList.svelte'),
  walls: () => import('./walls/Wall.svelte'), playback: () => import('./playback/Playback.svelte'), 'camera-find': () => import('./devices/FindCameras.svelte'), sites: () => import('./sites/Sites.svelte'), lendings: () => import('./sites/Lendings.svelte'), 'camera-imports': () => import('./cameras/ImportList.svelte'), 'camera-new': () => import('./cameras/CameraNew.svelte'), plates: () => import('./plates/Plates.svelte'), scenes: () => import('./plates/Scenes.svelte'), 'co-travels': () => import('./plates/CoTravels.svelte'), dispatch: () => import('./dispatch/Board.svelte'), outcomes: () => import('./outcomes/Outcomes.svelte'), sounds: () => import('./sounds/Sounds.svelte'), readers: () => import('./plates/Readers.svelte'), microphones: () => import('./acoustics/Microphones.svelte'), 'hot-lists': () => import('./plates/HotLists.svelte'), 'alert-budget': () => import('./plates/AlertBudget.svelte'), watches: () => import('./plates/Watches.svelte'), 'possible-hits': () => import('./plates/PossibleHits.svelte'),
  field: () => import('./field/Field.svelte'), cases: () => import('./cases/Cases.svelte'), canvass: () => import('./canvass/Canvass.svelte'), 'evidence-requests': () => import('./asking/Requests.svelte'), exports: () => import('./exports/Exports.svelte'), 'export-new': () => import('./exports/ExportNew.svelte'), authorisations: () => import('./governance/Authorisations.svelte'),
  propose: () => import('./governance/Propose.svelte'), audit: () => import('./audit/AuditList.svelte'), sight: () => import('./audit/Sight.svelte'), seals: () => import('./audit/Seals.svelte'), dwellings: () => import('./audit/Dwellings.svelte'), 'look-ups': () => import('./lookups/LookUps.svelte'), 'staff-plates': () => import('./lookups/StaffPlates.svelte'), people: () => import('./people/People.svelte'), owners: () => import('./owners/Owners.svelte'),
  units: () => import('./units/Units.svelte'), trailers: () => import('./trailers/Trailers.svelte'), setup: () => import('./setup/Setup.svelte'), settings: () => import('./settings/Settings.svelte'),
};

/** Views of one thing, by its id. */
const ONE: Readonly<Record<string, Load<One>>> = {
  review: () => import('./alerts/Review.svelte'), 'alert-reads': () => import('./alerts/AlertReadsPage.svelte'), incident: () => import('./incidents/IncidentPage.svelte'), case: () => import('./cases/CasePage.svelte'), camera: () => import('./cameras/CameraPage.svelte'), site: () => import('./sites/SitePage.svelte'), 'camera-import': () => import('./cameras/ImportOne.svelte'), wall: () => import('./walls/Wall.svelte'),
  sound: () => import('./sounds/SoundPage.svelte'), microphone: () => import('./acoustics/MicrophonePage.svelte'), export: () => import('./exports/ExportPage.svelte'), 'hot-list': () => import('./plates/HotList.svelte'), watch: () => import('./plates/WatchPage.svelte'), 'co-travel': () => import('./plates/CoTravelPage.svelte'), authorisation: () => import('./governance/Authorisation.svelte'), 'audit-entry': () => import('./audit/AuditEntry.svelte'), 'look-up': () => import('./lookups/LookUp.svelte'), trailer: () => import('./trailers/TrailerPage.svelte'), reader: () => import('./plates/ReaderPage.svelte'), 'reader-columns': () => import('./plates/ReaderColumns.svelte'),
};

export type Shown = { kind: 'whole'; view: Whole } | { kind: 'one'; view: One };
const kept = new Map<string, Shown>();

/** The view when it is here already. */
export const here = (name: string): Shown | null => kept.get(name) ?? null;

/** Bring the view. Rejects when its program does not come. */
export async function bring(name: string): Promise<Shown> {
  const [whole, one] = [WHOLE[name], ONE[name]];
  const shown: Shown = whole !== undefined ? { kind: 'whole', view: (await whole()).default } : { kind: 'one', view: (await (one as Load<One>)()).default };
  kept.set(name, shown);
  return shown;
}
