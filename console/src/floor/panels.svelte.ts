// The floor's panels as this person last had them, in this browser.
import { LIMITS, read, resized, turned, type Layout, type Panel } from './layout';

const STORED = 'watchfloor.floor';

class Panels {
  now = $state.raw<Layout>(read(localStorage.getItem(STORED)));

  resize(panel: Panel, px: number, room: { width: number; height: number }): void {
    this.#keep(resized(this.now, panel, px, room));
  }

  turn(panel: Panel): void {
    this.#keep(turned(this.now, panel));
  }

  usual(panel: Panel, room: { width: number; height: number }): void {
    this.resize(panel, LIMITS[panel].usual, room);
  }

  #keep(layout: Layout): void {
    this.now = layout;
    localStorage.setItem(STORED, JSON.stringify(layout));
  }
}

export const panels = new Panels();
