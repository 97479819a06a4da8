"""Our own recogniser: a small network, trained on drawn plates alone (`tools/training`), that reads a strip a second time.

It is a second opinion: it has a voice where the reader from the wheel doubts (`vote.py`), and what it reads alone is not told to anybody.
Where the two agree, which learnt from other pictures, both are seldom wrong in the same way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from watchfloor.kit.errors import Unavailable
from watchfloor.plates.reading.letters import Alphabet
from watchfloor.plates.reading.model import Chances, Picture, Reading
from watchfloor.plates.reading.nets import ran, session_of

WEIGHTS: Final = Path(__file__).parent / "weights"
_MOST_AT_ONCE: Final = 32


class OwnReader:
    """Reads strips of any size and shape, each stretched to what the network was trained with."""

    def __init__(self, folder: Path = WEIGHTS) -> None:
        sheet = _sheet(folder)
        self._size = int(sheet["width"]), int(sheet["height"])
        self._alphabet = Alphabet(["", *str(sheet["alphabet"])])
        self._session = session_of(folder / "recogniser.onnx")

    def read(self, strips: Sequence[Picture]) -> list[Reading]:
        """What each strip says; a reading without letters where there is no plate."""
        readings: list[Reading] = []
        for first in range(0, len(strips), _MOST_AT_ONCE):
            given = np.stack([self._stretched(strip) for strip in strips[first : first + _MOST_AT_ONCE]])
            readings += [self._alphabet.reading(chances) for chances in ran(self._session, given)]
        return readings

    def _stretched(self, strip: Picture) -> Chances:
        """Grey, at the network's size. Light and contrast it evens out itself."""
        grey = cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY) if strip.ndim == 3 else strip
        wide, high = self._size
        shrinks = grey.shape[1] > 2 * wide or grey.shape[0] > 2 * high
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(grey, self._size, interpolation=how), np.float32)[None]


def _sheet(folder: Path) -> dict[str, str | int | float]:
    """What the weights are, once they are known to be those that the sheet speaks of."""
    try:
        sheet: dict[str, str | int | float] = json.loads((folder / "recogniser.json").read_text())
        found = hashlib.sha256((folder / "recogniser.onnx").read_bytes()).hexdigest()
    except OSError as missing:
        raise Unavailable(
            f"The weights of our own recogniser cannot be read: {missing}.",
            next_step="Install watchfloor again.",
        ) from missing
    if found != sheet["sha256"]:
        raise Unavailable(
            f"The weights in {folder} are not those that were released with it: their SHA-256 is {found}.",
            next_step="Install watchfloor again.",
        )
    return sheet
