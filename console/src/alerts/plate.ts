// What a reviewer typed beside what the entry says, character by character. Pure; it decides nothing: the server compares.

export type Mark = 'same' | 'alike' | 'other' | 'missing';
export interface Compared { typed: string; entry: string; mark: Mark }

/** Letters and digits that a plate's type does not tell apart for certain. */
const ALIKE: readonly string[] = ['O0DQ', 'I1L', 'B8', 'S5', 'Z2', 'G6', 'VY', 'UV'];

/** Capitals and digits alone: how plates are kept. Spaces, dashes and dots are a matter of the plate's picture. */
export function plateText(typed: string): string {
  return typed.toUpperCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

export function alike(a: string, b: string): boolean {
  return a !== b && ALIKE.some((group) => group.includes(a) && group.includes(b));
}

/** The two laid side by side with the fewest differences (edit distance; an alike letter costs half). '' where one has no character. */
export function compare(typed: string, entry: string): Compared[] {
  const a = [...plateText(typed)];
  const b = [...plateText(entry)];
  const cost: number[][] = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)));
  const at = (i: number, j: number): number => cost[i]?.[j] ?? Infinity;
  const swap = (x: string, y: string) => (x === y ? 0 : alike(x, y) ? 0.5 : 1);
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const row = cost[i];
      if (row) row[j] = Math.min(at(i - 1, j - 1) + swap(a[i - 1] ?? '', b[j - 1] ?? ''), at(i - 1, j) + 1, at(i, j - 1) + 1);
    }
  }
  const out: Compared[] = [];
  let i = a.length;
  let j = b.length;
  while (i > 0 || j > 0) {
    const x = a[i - 1] ?? '';
    const y = b[j - 1] ?? '';
    if (i > 0 && j > 0 && at(i, j) === at(i - 1, j - 1) + swap(x, y)) {
      out.push({ typed: x, entry: y, mark: x === y ? 'same' : alike(x, y) ? 'alike' : 'other' });
      i -= 1;
      j -= 1;
    } else if (i > 0 && at(i, j) === at(i - 1, j) + 1) {
      out.push({ typed: x, entry: '', mark: 'missing' });
      i -= 1;
    } else {
      out.push({ typed: '', entry: y, mark: 'missing' });
      j -= 1;
    }
  }
  return out.reverse();
}

/** "7 characters agree" or which do not, for whoever does not see the marks. */
export function compareSentence(compared: readonly Compared[]): string {
  const wrong = compared.filter((c) => c.mark !== 'same');
  if (wrong.length === 0) return `All ${compared.length} characters agree.`;
  return wrong
    .map((c) => {
      const place = compared.indexOf(c) + 1;
      if (c.typed === '') return `Character ${place}: the entry has ${c.entry}, you typed none.`;
      if (c.entry === '') return `Character ${place}: you typed ${c.typed}, the entry has none.`;
      return `Character ${place}: you typed ${c.typed}, the entry says ${c.entry}${c.mark === 'alike' ? ', which looks alike' : ''}.`;
    })
    .join(' ');
}
