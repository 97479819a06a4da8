"""Whether anything moved on a picture, and where: cheap, on a small grey copy. Pure; it knows no plate.

A whole picture that grows darker is no motion, nor is what a camera writes at its edge: the light that all blocks share is taken off, and
the rows at the top and at the bottom are left out. Where it errs it errs towards motion: a still picture costs a look, a missed car a read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Blocks = NDArray[np.bool_]

WIDE: Final = 160
"""How wide the small copy is, in points."""
BLOCK: Final = 8
# Of light, out of 255: what a block has to change by beside what noise changes blocks by on this picture.
_LEAST_CHANGE: Final = 6.0
_TIMES_NOISE: Final = 6.0
_LEAST_BLOCKS: Final = 2
# Where cameras write name and time.
_EDGE: Final = 0.07


@dataclass(frozen=True, slots=True)
class Moved:
    """Which blocks of a picture moved, rows by columns."""

    blocks: Blocks

    def __bool__(self) -> bool:
        return int(self.blocks.sum()) >= _LEAST_BLOCKS

    def at(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether anything moved within a box, in parts of the picture."""
        rows, columns = self.blocks.shape
        first, last = max(0, int(top * rows)), min(rows, int(bottom * rows) + 1)
        begin, end = max(0, int(left * columns)), min(columns, int(right * columns) + 1)
        return bool(self.blocks[first:last, begin:end].any())


class Gate:
    """Compares each picture of one camera with the one before."""

    def __init__(self) -> None:
        self._last: NDArray[np.float32] | None = None

    def judge(self, grey: Grey) -> Moved:
        """What moved since the picture before; everything on the first one, and on the first of another size."""
        light = _blocks(grey)
        last, self._last = self._last, light
        if last is None or last.shape != light.shape:
            return Moved(np.ones(light.shape, np.bool_))
        change = light - last
        change = np.abs(change - np.median(change))
        moved = change > max(_LEAST_CHANGE, _TIMES_NOISE * float(np.median(change)))
        edge = round(_EDGE * len(moved))
        if edge:
            moved[:edge] = moved[-edge:] = False
        return Moved(moved)

    def forget(self) -> None:
        """The next picture is a first one: what lies between is not known."""
        self._last = None


def _blocks(grey: Grey) -> NDArray[np.float32]:
    """The mean light of each block; what is left over at the right and below is left out."""
    rows, columns = grey.shape[0] // BLOCK, grey.shape[1] // BLOCK
    whole = grey[: rows * BLOCK, : columns * BLOCK].astype(np.float32)
    means: NDArray[np.float32] = whole.reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3))
    return means
