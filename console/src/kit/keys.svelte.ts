// Single keys for whoever works twelve hours here. They may be turned off; they never fire while somebody types, and never confirm.

import { untrack } from 'svelte';

export interface Shortcut { key: string; text: string; act: () => void; /** The key as a person reads it, when it differs. */ shown?: string; /** One of many of a kind: its fellow says it in the sheet. */ unlisted?: boolean; /** Why it does nothing now. */ why?: () => string | null }

interface Layer { name: string; shortcuts: Shortcut[]; /** Holds in an open dialog too: it is the dialog's own. */ inDialog: boolean }

const STORED = 'watchfloor.letter-keys';

class Keys {
  layers = $state.raw<Layer[]>([]);
  #asleep = 0;
  letters = $state(localStorage.getItem(STORED) !== 'off');

  start(): void {
    addEventListener('keydown', (event) => this.#press(event));
  }

  turnLetters(on: boolean): void {
    this.letters = on;
    localStorage.setItem(STORED, on ? 'on' : 'off');
  }

  /** While a view stands its shortcuts hold, before those of the views beneath. Use as the return of `$effect`. */
  bind(name: string, shortcuts: Shortcut[], { inDialog = false } = {}): () => void {
    const layer: Layer = { name, shortcuts, inDialog };
    // Untracked: who binds in an effect must not be run again by what it bound.
    this.layers = [...untrack(() => this.layers), layer];
    return () => {
      this.layers = untrack(() => this.layers).filter((other) => other !== layer);
    };
  }

  /** No key does anything while the returned function was not called; use as the return of `$effect`. */
  sleep(): () => void {
    this.#asleep += 1;
    return () => { this.#asleep -= 1; };
  }

  #press(event: KeyboardEvent): void {
    if (this.#asleep > 0 || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) return;
    const covered = document.querySelector('dialog[open]') !== null;
    const plain = event.key.length === 1;
    if (plain && event.key !== '?' && event.key !== ' ' && !this.letters) return;
    // A focused button or link keeps Enter and Space for itself.
    if ((event.key === 'Enter' || event.key === ' ') && event.target instanceof Element && event.target.closest('button, a, summary, [role="slider"]')) return;
    const key = plain ? event.key.toLowerCase() : event.key;
    for (const layer of this.layers.toReversed()) {
      if (covered && !layer.inDialog) continue;
      const found = layer.shortcuts.find((shortcut) => shortcut.key === key);
      if (found) {
        event.preventDefault();
        found.act();
        return;
      }
    }
  }
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'range'].includes(target.type) || target.type === 'range';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

export const keys = new Keys();
