// What the floor adds to the palette: everything on it by name, and its panels.
import { open } from '../alerts/queue.svelte';
import type { Command } from '../kit/commands';
import type { Desk } from './desk.svelte';
import type { Panel } from './layout';
import { panels } from './panels.svelte';

const PANELS: Record<Panel, string> = { queue: 'the queue', details: 'the details', dock: 'the video' };
const STEP = 64;

export function offered(desk: Desk, room: () => { width: number; height: number }): Command[] {
  const numbers = new Map((desk.data.incidents.value ?? []).map((incident) => [incident.id, incident.number]));
  const places = new Map([...open(), ...(desk.data.incidents.value ?? []), ...(desk.data.cameras.value ?? []), ...(desk.data.readers.value ?? [])].map((one) => [one.id, one.place.text]));
  return [
    ...desk.things.map((thing): Command => ({
      id: thing.id, text: thing.name, kind: thing.kind, more: [numbers.get(thing.id), places.get(thing.id), thing.word].filter((word, i, all) => word && all.indexOf(word) === i).join(' · '),
      run: () => desk.choose(thing.kind, thing.id),
    })),
    ...(Object.keys(PANELS) as Panel[]).flatMap((panel) => panelActs(panel, room)),
  ];
}

function panelActs(panel: Panel, room: () => { width: number; height: number }): Command[] {
  const [name, size] = [PANELS[panel], panels.now[panel]];
  const act = (word: string, text: string, run: () => void): Command => ({ id: `panel ${panel} ${word}`, text, kind: 'act', more: 'Panels', run });
  return [
    act('turn', size.open ? `Close ${name}` : `Open ${name}`, () => panels.turn(panel)),
    act('grow', `Make ${name} larger`, () => panels.resize(panel, size.px + STEP, room())),
    act('shrink', `Make ${name} smaller`, () => panels.resize(panel, size.px - STEP, room())),
    act('usual', `Give ${name} its usual size`, () => panels.usual(panel, room())),
  ];
}
