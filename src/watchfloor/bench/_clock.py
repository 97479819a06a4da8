"""How a page of a bench reads the clock that a simulated camera burns into its pictures (`watchfloor_sim/burnt_clock.py`)."""

from __future__ import annotations

from typing import Final

READ_CLOCK: Final = """
function readClock(luma, width) {
  const side = Math.floor(width / 32), at = (r, c) => luma((c + .5) * side | 0, (r + .5) * side | 0);
  const mean = (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4, bit = (r, c) => at(r, c) > mean ? 1 : 0;
  const bits = [], tail = [];
  for (let c = 2; c < 32; c++) bits.push(bit(0, c));
  for (let c = 2; c < 20; c++) bits.push(bit(1, c));
  for (let c = 20; c < 32; c++) tail.push(bit(1, c));
  const bytes = [0, 1, 2, 3, 4, 5].map(i => parseInt(bits.slice(8 * i, 8 * i + 8).join(''), 2));
  const check = bytes.reduce((a, b) => a ^ b);
  return tail.join('') === check.toString(2).padStart(8, '0') + '1010' ? bytes.reduce((a, b) => a * 256 + b) : null;
}
"""
"""JavaScript: `readClock(luma, width)` is the moment in ms, null where there is none; `luma(x, y)` is how bright a point is."""
