// What can be asked of the center, by what it is about: a list of a hundred is read by its headings.

const OF: readonly (readonly [string, readonly string[]])[] = [
  ['Cameras and video', ['camera', 'cameras', 'coverage', 'footage', 'bookmarks', 'canvass', 'walls', 'presets', 'dwellings', 'masks', 'device', 'devices', 'capability', 'maintenance', 'box', 'boxes', 'body_cameras']],
  ['Plates and hot lists', ['plates', 'reader', 'readers', 'hot_list', 'look_ups', 'staff_plates']],
  ['Alerts, incidents and units', ['alert', 'alerts', 'incident', 'incidents', 'dispatch', 'assignment', 'assignments', 'unit', 'units', 'message', 'outcome', 'outcomes']],
  ['Cases and evidence', ['cases', 'export', 'exports', 'holds', 'use']],
  ['Owners of cameras', ['owners', 'own_cameras', 'sharing', 'mail']],
  ['Authorisations, retention and the log', ['policy', 'retention', 'audit']],
];
const REST = 'People and the center';

/** The needs under their headings, each in the order it came; a heading without any is left out. */
export function grouped<T extends { need: string }>(needs: readonly T[]): { name: string; needs: T[] }[] {
  const nameOf = new Map(OF.flatMap(([name, stems]) => stems.map((stem) => [stem, name] as const)));
  return [...OF.map(([name]) => name), REST]
    .map((name) => ({ name, needs: needs.filter((one) => (nameOf.get(one.need.split('.')[0] ?? '') ?? REST) === name) }))
    .filter((group) => group.needs.length > 0);
}
