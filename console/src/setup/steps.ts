// How far a center is set up, read from what there is on the server; nothing is remembered for it. Pure.
import { counted, listed, roleWord } from '../kit/words';

export const STEPS = ['agency', 'people', 'map', 'camera', 'authorisation'] as const;
export type Step = (typeof STEPS)[number];
export const TITLES: Record<Step, string> = {
  agency: 'Agency and time zone', people: 'First people', map: 'Map and streets', camera: 'First camera', authorisation: 'What comes next',
};

/** What a center is called until somebody names it. */
export const UNNAMED = 'Our agency';
/** Whom it takes until something can be recorded, looked at and held to account: two of them put authorisations into force. */
export const NEEDED = ['supervisor', 'clerk', 'analyst', 'auditor'] as const;

export interface There {
  agency: { name: string; time_zone: string };
  people: readonly { roles: readonly string[]; state: string }[];
  basemap: boolean;
  streets: number;
  cameras: number;
  authorised: number;
}
export interface Standing { done: boolean; text: string }

export function missing(people: There['people']): string[] {
  const held = new Set(people.filter((one) => one.state !== 'suspended').flatMap((one) => one.roles));
  return NEEDED.filter((role) => !held.has(role));
}

export function standing(step: Step, there: There): Standing {
  switch (step) {
    case 'agency':
      return there.agency.name === UNNAMED ? { done: false, text: 'Has no name yet' } : { done: true, text: `${there.agency.name}, ${there.agency.time_zone}` };
    case 'people': {
      const nobody = missing(there.people);
      return { done: nobody.length === 0, text: nobody.length === 0 ? counted(there.people.length, 'person', 'people') : `Nobody yet as ${listed(nobody.map((role) => roleWord(role).toLowerCase()), 'or')}` };
    }
    case 'map':
      return { done: there.basemap && there.streets > 0, text: there.basemap ? (there.streets > 0 ? `A map, ${counted(there.streets, 'street')}` : 'A map, no streets yet') : there.streets > 0 ? 'Streets, no map yet' : 'No map yet' };
    case 'camera':
      return { done: there.cameras > 0, text: there.cameras === 0 ? 'None yet' : counted(there.cameras, 'camera') };
    case 'authorisation':
      return { done: there.authorised > 0, text: there.authorised === 0 ? 'Nothing is authorised yet' : `${counted(there.authorised, 'technology', 'technologies')} authorised` };
  }
}

/** The step that an address names; without one the first that is not done. */
export function stepOf(asked: string | null, there: There): Step {
  return STEPS.find((step) => step === asked) ?? STEPS.find((step) => !standing(step, there).done) ?? 'authorisation';
}

export function after(step: Step): Step | null {
  return STEPS[STEPS.indexOf(step) + 1] ?? null;
}

/** The form of a file of streets, by the end of its name; null where it is none we take. */
export function streetForm(name: string): 'geojson' | 'csv' | 'geoparquet' | null {
  const end = name.toLowerCase().split('.').at(-1) ?? '';
  return end === 'geojson' || end === 'json' ? 'geojson' : end === 'csv' ? 'csv' : end === 'parquet' || end === 'geoparquet' ? 'geoparquet' : null;
}
