// The focus, where something opens or goes away. A modal dialog gives it back to whatever opened it, however it ends: the browser
// does so at Escape alone, and not where the dialog is taken away by the view that showed it.

let leaving: HTMLElement | null = null;

/** Show the dialog and begin at what the first of these selectors finds in it; as a Svelte action. */
export function modal(node: HTMLDialogElement, firsts: readonly string[]): { destroy: () => void } {
  const active = document.activeElement;
  // A dialog that follows another in one step goes back to where the first came from.
  const opener = active instanceof HTMLElement && active !== document.body ? active : leaving;
  node.showModal();
  firsts.map((first) => node.querySelector<HTMLElement>(first)).find((found) => found !== null)?.focus();
  return {
    destroy() {
      leaving = opener;
      queueMicrotask(() => {
        if (leaving === opener) leaving = null;
        if (opener === null || (document.activeElement !== document.body && document.activeElement !== null)) return;
        // What opened it may have gone with what was done: then one is at the view's name.
        if (opener.isConnected) opener.focus();
        else document.querySelector<HTMLElement>('main h1[tabindex]')?.focus({ preventScroll: true });
      });
    },
  };
}

/** Where the focus went with what had it, it goes on here; as a Svelte action. */
export function arrive(node: HTMLElement): { destroy: () => void } {
  const frame = requestAnimationFrame(() => {
    if (document.activeElement === document.body || document.activeElement === null) node.focus({ preventScroll: true });
  });
  return { destroy: () => cancelAnimationFrame(frame) };
}
