// A sentence that appears on hover and on focus, and that a screen reader hears with the control. One at a time, Escape takes it away.

let shown: HTMLElement | null = null;
let over: HTMLElement | null = null;
let count = 0;

export function tip(node: HTMLElement, text: string | null): { update(text: string | null): void; destroy(): void } {
  let current = text;
  const description = document.createElement('span');
  description.id = `tip-${++count}`;
  description.hidden = true; // A description is read with its control, not once more beside it.
  const describe = () => {
    if (current) {
      description.textContent = current;
      if (!description.isConnected) node.after(description);
      node.setAttribute('aria-describedby', description.id);
    } else {
      description.remove();
      if (node.getAttribute('aria-describedby') === description.id) node.removeAttribute('aria-describedby');
    }
  };
  const show = () => {
    hide();
    if (current) [shown, over] = [bubble(node, current), node];
  };
  const onkey = (event: KeyboardEvent) => { if (event.key === 'Escape') hide(); };
  node.addEventListener('pointerenter', show);
  node.addEventListener('pointerleave', hide);
  node.addEventListener('focus', show);
  node.addEventListener('blur', hide);
  node.addEventListener('keydown', onkey);
  describe();
  return {
    update(next) {
      current = next;
      describe();
      // What is being read says what holds now.
      if (shown !== null && over === node) {
        if (next) show();
        else hide();
      }
    },
    destroy() {
      hide();
      description.remove();
    },
  };
}

function hide(): void {
  shown?.remove();
  shown = over = null;
}

function bubble(node: HTMLElement, text: string): HTMLElement {
  const made = document.createElement('div');
  made.className = 'tip';
  made.setAttribute('aria-hidden', 'true');
  made.textContent = text;
  (node.closest('dialog') ?? document.body).append(made);
  const box = node.getBoundingClientRect();
  const own = made.getBoundingClientRect();
  const beside = box.left < 100 && box.width < 100 && innerWidth > 600;
  const left = beside ? box.right + 6 : Math.min(Math.max(8, box.left + box.width / 2 - own.width / 2), innerWidth - own.width - 8);
  const above = box.top - own.height - 6;
  const top = beside ? box.top + box.height / 2 - own.height / 2 : above > 8 ? above : box.bottom + 6;
  made.style.left = `${left}px`;
  made.style.top = `${top}px`;
  return made;
}
