// What a column of a reader's table may say, and the file that says it: without the page.
import type { CsvMapping, MappingBody } from '../api/types';

export type ColumnOf = 'plate' | 'at' | 'date' | 'id' | 'state' | 'confidence' | 'lat' | 'lon' | 'heading' | 'lane' | 'picture';

export const COLUMNS: readonly (readonly [ColumnOf, string])[] = [
  ['plate', 'Plate'], ['at', 'Time'], ['date', 'Day, where it stands apart'], ['id', 'Id of the read'], ['state', 'State'], ['confidence', 'Confidence'],
  ['lat', 'Latitude'], ['lon', 'Longitude'], ['heading', 'Heading'], ['lane', 'Lane or camera'], ['picture', 'Picture'],
];

/** How times are written, beside the usual ways. */
export const WRITTEN: readonly (readonly [string, string])[] = [
  ['', 'As usual (2026-11-22T21:00:00Z, 2026-11-22 15:00:00, Unix time)'], ['%m/%d/%Y %I:%M:%S %p', '11/22/2026 03:00:00 PM'], ['%m/%d/%Y %H:%M:%S', '11/22/2026 15:00:00'],
  ['%d.%m.%Y %H:%M:%S', '22.11.2026 15:00:00'], ['%d/%m/%Y %H:%M:%S', '22/11/2026 15:00:00'], ['%Y%m%d %H%M%S', '20261122 150000'],
];

/** Part of a file large enough to judge by, up to the end of a line. */
export function sampleOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most);
  const end = cut.lastIndexOf('\n');
  return end > 0 ? cut.slice(0, end) : cut;
}

/** What a heading says by a mapping; null: nothing. */
export function saysOf(mapping: CsvMapping, heading: string): ColumnOf | null {
  const plain = heading.trim().toLowerCase();
  return COLUMNS.find(([name]) => (mapping[name] ?? '').trim().toLowerCase() === plain && plain !== '')?.[0] ?? null;
}

/** The mapping once a heading says something else: what it said before nobody says, and what said that before says nothing. */
export function withColumn(mapping: CsvMapping, heading: string, says: ColumnOf | null): CsvMapping {
  const before = saysOf(mapping, heading);
  const next: CsvMapping = { ...mapping };
  if (before !== null) set(next, before, null);
  if (says !== null) set(next, says, heading.trim());
  return next;
}

function set(mapping: CsvMapping, name: ColumnOf, heading: string | null): void {
  if (name === 'plate') mapping.plate = heading ?? '';
  else mapping[name] = heading;
}

/** What is sent of it: `csv.json` of an inbox is the same. */
export function bodyOf(mapping: CsvMapping): MappingBody {
  return { ...mapping };
}

/** The file for a folder of the inbox, without what is as usual. */
export function fileOf(mapping: CsvMapping): string {
  const usual: Partial<Record<string, unknown>> = { written: '', zone: '', whole: 1, separator: ',' };
  const said = Object.entries(mapping).filter(([name, value]) => value !== null && value !== usual[name]);
  return `${JSON.stringify(Object.fromEntries(said), null, 1)}\n`;
}
