// Finding a command by its name. Pure; what commands there are is told by whoever offers them.

export interface Command {
  /** Told apart by this; the same in every list. */
  id: string;
  text: string;
  /** What kind it is: "view", "act", "camera". Searched too. */
  kind: string;
  /** A word more: where, in which state. Searched too. */
  more?: string;
  /** Other words that people have for it. Searched, not shown. */
  also?: string;
  key?: string;
  /** Why it cannot be done now; then it is shown, and does nothing. */
  why?: string | null;
  run: () => void;
}

/** How well a command fits: null when a word of the search is nowhere in it. Lower is better. */
export function fit(command: Command, words: readonly string[]): number | null {
  const name = command.text.toLowerCase();
  const rest = `${command.kind} ${command.more ?? ''} ${command.also ?? ''}`.toLowerCase();
  let score = 0;
  for (const word of words) {
    if (name === word) continue;
    if (name.startsWith(word)) score += 1;
    else if (beginsWord(name, word)) score += 2;
    else if (name.includes(word)) score += 4;
    else if (beginsWord(rest, word)) score += 6;
    else return null;
  }
  return score + name.length / 1000;
}

/** The best fitting commands, the first of equals first. Without a word, what is offered in its order. */
export function find(commands: readonly Command[], text: string, most: number): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return commands.slice(0, most);
  const found: { command: Command; score: number; at: number }[] = [];
  commands.forEach((command, at) => {
    const score = fit(command, words);
    if (score !== null) found.push({ command, score, at });
  });
  return found.sort((a, b) => a.score - b.score || a.at - b.at).slice(0, most).map(({ command }) => command);
}

function beginsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] as string)) return true;
  }
  return false;
}
