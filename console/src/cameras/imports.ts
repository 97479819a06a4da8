// Lists of cameras: their words, and their rows as text that a spreadsheet takes and does not run. Pure.
import type { CameraImport, CameraImportRow, StatusLevel } from '../api/types';
import { counted } from '../kit/words';

export type Verdict = CameraImportRow['verdict'];
export const VERDICTS: readonly (readonly [Verdict, string])[] = [['new', 'new'], ['changed', 'changed'], ['unchanged', 'as they are'], ['refused', 'refused']];
export const LEVELS: Record<Verdict, StatusLevel> = { new: 'normal', changed: 'standby', unchanged: 'off', refused: 'serious' };

/** What the file is, by its name; null where it says nothing. */
export function typeOf(name: string): 'text/csv' | 'application/geo+json' | null {
  if (/\.(csv|tsv|txt)$/i.test(name)) return 'text/csv';
  return /\.(geo)?json$/i.test(name) ? 'application/geo+json' : null;
}

export function stateWord(one: CameraImport): string {
  if (one.state === 'previewed') return 'Looked at; nothing has changed';
  if (one.state === 'waiting') return 'Being applied';
  return one.failed === 0 ? 'Applied' : `Applied; ${counted(one.failed, 'row')} could not be kept`;
}

const at = (column: string | null): string => (column === null ? '' : `${column}: `);

/** What a row says, a line each: what is wrong, what to look at, what changes, what became of it. */
export function saysOf(row: CameraImportRow): string[] {
  return [
    ...(row.outcome === null || row.outcome === '' ? [] : [`Not kept: ${row.outcome}`]),
    ...row.problems.map((one) => at(one.column) + one.reason), ...row.warnings.map((one) => `${at(one.column)}${one.reason}`),
    ...row.changes.map((one) => `${one.field}: ${one.before} → ${one.after}`),
  ];
}

/** A spreadsheet runs what begins like a formula: such a cell begins with an apostrophe instead. A plain number stays one. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvOf(rows: readonly CameraImportRow[]): string {
  const lines = rows.map((row) => [String(row.line), row.verdict, row.name, saysOf(row).join(' ')].map(cell).join(','));
  return ['line,verdict,camera,says', ...lines].join('\r\n') + '\r\n';
}
