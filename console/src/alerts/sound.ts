// A sound in words: how many rounds and when, who heard it, how it was told before. Pure.
import type { Sound, SoundCount, SoundVersion } from '../api/types';
import { counted, SOUND_KINDS } from '../kit/words';
import type { View } from '../map/engine';

/** How many rounds, over how long, how evenly: “3 rounds in 0.9 s, 0.40 to 0.50 s apart”. */
export function roundsText(sound: Pick<Sound, 'rounds' | 'sources'>): string {
  const at = sound.sources.filter((one) => !one.fallen).flatMap((one) => one.rounds.map((round) => Date.parse(round))).sort((a, b) => a - b);
  const said = counted(sound.rounds, 'round');
  if (at.length < 2) return said;
  const steps = at.slice(1).map((time, n) => (time - (at[n] as number)) / 1000);
  const [least, most] = [Math.min(...steps), Math.max(...steps)];
  const apart = most - least < 0.015 ? `${least.toFixed(2)} s apart` : `${least.toFixed(2)} to ${most.toFixed(2)} s apart`;
  return `${said} in ${steps.reduce((sum, step) => sum + step, 0).toFixed(1)} s, ${apart}`;
}

/** How long after the first each round was fired, to a hundredth of a second: “+0.40 s”. */
export const afterFirst = (rounds: readonly string[]): string[] =>
  rounds.map((round, n) => (n === 0 ? 'first' : `+${((Date.parse(round) - Date.parse(rounds[0] as string)) / 1000).toFixed(2)} s`));

/** Which versions of its sources these are: another text is another telling. */
export const versionsOf = (sound: Pick<Sound, 'sources'>): string => sound.sources.map((one) => `${one.version}${one.fallen ? ' fallen' : ''}`).join(', ');

/** How it was fired, if it was a weapon. */
export const FIRES: Record<SoundCount['fire'], string> = { single: 'one round', burst: 'a burst by one finger', automatic: 'an automatic weapon', two_weapons: 'two weapons' };

/** How sure the number of rounds is, and how they were fired: “89 % that it was 3; in nine of ten 3 to 4”. */
export function countText(count: SoundCount, rounds: number): string {
  const between = count.low === count.high ? '' : `; in nine of ten cases ${count.low} to ${count.high}`;
  return `${count.percent}\u00a0% that it was ${rounds}${between}`;
}

/** “a burst by one finger, 2.2 a second (81 %), if it was a weapon” */
export function fireText(count: SoundCount): string {
  const rate = count.per_s === null ? '' : `, ${count.per_s.toFixed(1)} a second`;
  return `${FIRES[count.fire]}${rate} (${count.fire_percent}\u00a0%), if it was a weapon`;
}

/** What a version changed, in a line. */
export function versionText(one: SoundVersion): string {
  if (one.fallen) return 'nothing is located there any more';
  const moved = one.moved_m === null ? '' : one.moved_m < 1 ? ', the same place' : `, moved by ${Math.round(one.moved_m)} m`;
  const kind = one.kind === null ? '' : `, ${SOUND_KINDS[one.kind]}${one.percent === null ? '' : ` ${one.percent}\u00a0%`}`;
  return `${counted(one.rounds, 'round')}, heard by ${one.heard}${kind}${moved}`;
}

/** Where a map of it begins: so near that its area is a good part of the picture; null where there is none. */
export const viewOf = (sound: Pick<Sound, 'sources'>): View | null => ringsView(sound.sources.flatMap((one) => one.area));

/** The same of rings of longitude and latitude. */
export function ringsView(rings: readonly (readonly (readonly number[])[])[]): View | null {
  const all = rings.flat();
  if (all.length === 0) return null;
  const [lons, lats] = [all.map(([lon]) => lon as number), all.map(([, lat]) => lat as number)];
  const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)];
  const lat = (south + north) / 2;
  const wide_m = Math.max((east - west) * 111_320 * Math.cos((lat * Math.PI) / 180), (north - south) * 111_320, 60);
  return { lat, lon: (west + east) / 2, zoom: Math.min(19, Math.max(11, 24.8 - Math.log2(wide_m))) };
}
