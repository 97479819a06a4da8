// What to search for cameras, part by part, so that how far it has come is known. Pure.
import type { Discovery, FoundDevice } from '../api/types';

/** Everything: whoever hears the group of all devices, then each network that the settings name. */
export const ALL = 'all';

/** The parts that a choice is searched in; null is the group of all devices. */
export function partsOf(choice: string, networks: readonly string[]): (string | null)[] {
  return choice === ALL ? [null, ...networks] : [choice];
}

/** What was found before and what a part found, each device once, in the order of their addresses. */
export function together(before: readonly FoundDevice[], found: Discovery): FoundDevice[] {
  const all = new Map(before.map((one) => [one.address, one]));
  for (const one of found.items) all.set(one.address, one);
  return [...all.values()].sort((a, b) => numbers(a.host) - numbers(b.host) || a.address.localeCompare(b.address));
}

function numbers(host: string): number {
  return host.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
