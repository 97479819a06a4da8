"""Draws training plates: the same seed and number give the same picture and text, whoever asks and in whatever order.

python -m tools.training.generate --faces DIR --seed 1 --first 0 --count 64 --sheet plates.png
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.training.faces import Faces, load
from tools.training.plate import WORDS, Grey, Scenery, draw_plate, scenery
from tools.training.view import HEIGHT, WIDTH, look, nothing

EASY_UNTIL: Final = 60_000
"""Pictures before this number are easier, the first the easiest: a reader that has read nothing yet learns from those."""
_EMPTY: Final = 0.02


@dataclass(frozen=True)
class Generator:
    """Everything that drawing needs, loaded once."""

    faces: Faces
    around: Scenery
    seed: int

    def draw(self, number: int, *, level: float | None = None) -> tuple[Grey, str]:
        """The picture of that number and what it says; "" where it shows no plate."""
        dice = np.random.default_rng([self.seed, number])
        hard = level if level is not None else min(0.15 + number / EASY_UNTIL, 1.0)
        if dice.random() < _EMPTY:
            return nothing(dice, self.around, level=hard), ""
        plate = draw_plate(dice, self.faces, self.around, level=hard)
        return look(dice, plate, self.around, level=hard), plate.text

    def draw_many(
        self, first: int, count: int, *, level: float | None = None
    ) -> tuple[NDArray[np.uint8], list[str]]:
        """`count` pictures from number `first` on, and their texts."""
        pictures = np.empty((count, HEIGHT, WIDTH), np.uint8)
        texts = []
        for n in range(count):
            pictures[n], text = self.draw(first + n, level=level)
            texts.append(text)
        return pictures, texts


def generator(folder: Path, seed: int) -> Generator:
    """A generator with the faces of a folder that `fonts.sh` laid out."""
    return Generator(load(folder, WORDS), scenery(seed), seed)


def sheet(pictures: NDArray[np.uint8], texts: Sequence[str], columns: int = 8) -> Grey:
    """The pictures side by side with their texts below: to be looked at by a person."""
    tiles = []
    for picture, text in zip(pictures, texts, strict=True):
        tile = np.full((HEIGHT + 18, WIDTH + 6), 255, np.uint8)
        tile[3 : 3 + HEIGHT, 3 : 3 + WIDTH] = picture
        cv2.putText(tile, text or "(none)", (4, HEIGHT + 15), cv2.FONT_HERSHEY_PLAIN, 0.9, 0, 1)
        tiles.append(tile)
    while len(tiles) % columns:
        tiles.append(np.full_like(tiles[0], 255))
    return np.vstack([np.hstack(tiles[n : n + columns]) for n in range(0, len(tiles), columns)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a sheet of plates to look at."""
    parser = argparse.ArgumentParser(prog="generate", description=__doc__)
    parser.add_argument("--faces", type=Path, required=True, help="the folder that fonts.sh laid out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=EASY_UNTIL, help="the number of the first picture")
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--sheet", type=Path, required=True, help="the PNG to write")
    chosen = parser.parse_args(arguments)
    cv2.imwrite(
        str(chosen.sheet), sheet(*generator(chosen.faces, chosen.seed).draw_many(chosen.first, chosen.count))
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
