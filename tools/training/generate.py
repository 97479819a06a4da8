"""Draws training plates: the same seed and number give the same picture and text, whoever asks and in whatever order.

python -m tools.training.generate --faces DIR --seed 1 --first 0 --count 64 --sheet plates.png
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.training.clutter import texts
from tools.training.faces import Faces, Wording, load
from tools.training.issued import Issued, draw_issued, words
from tools.training.line import Box
from tools.training.plate import DEALERS, WORDS, Grey, Scenery, draw_plate, scenery
from tools.training.view import HEIGHT, WIDTH, View, look, near, nothing, street

EASY_UNTIL: Final = 60_000
"""Pictures before this number are easier, the first the easiest: a reader that has read nothing yet learns from those."""
_EMPTY: Final = 0.02
STREETS_HARDEST: Final = 0.9
STREETS_EASIER: Final = 1.8
NEAR: Final = 0.7
"""How hard a street is drawn: up to the first, the easier ones the oftener the larger the second. So that of the plates on them about as
many are read as cameras of ordinary quality show readable; set by that share alone, before any photograph is looked at. And how many
pictures are of a near camera, at a gate or a kerb."""


@dataclass(frozen=True)
class Drawn:
    """Pictures, what each says, and how far along its width each letter of it stands, from 0 to 1."""

    pictures: NDArray[np.uint8]
    texts: list[str]
    places: list[NDArray[np.float64]]


@dataclass(frozen=True)
class Street:
    """A whole picture, what its one plate says and who issued it, and the box of the serial's line."""

    picture: Grey
    issued: Issued
    line: Box

    @property
    def text(self) -> str:
        """What the plate says."""
        return self.issued.serial.text


@dataclass(frozen=True)
class Generator:
    """Everything that drawing needs, loaded once."""

    faces: Faces
    around: Scenery
    seed: int

    def draw(self, number: int, *, level: float | None = None) -> tuple[View, str]:
        """The picture of that number and what it says; "" where it shows no plate."""
        dice = np.random.default_rng([self.seed, number])
        hard = level if level is not None else min(0.15 + number / EASY_UNTIL, 1.0)
        if dice.random() < _EMPTY:
            return nothing(dice, self.around, level=hard), ""
        plate = draw_plate(dice, self.faces, self.around, level=hard)
        return look(dice, plate, self.around, level=hard), plate.text

    def draw_street(self, number: int, *, level: float | None = None) -> Street:
        """A whole picture with one plate as a jurisdiction issues it: for measuring and weighing, never for training."""
        dice = np.random.default_rng([self.seed, number, 1])
        hard = level if level is not None else STREETS_HARDEST * float(dice.random()) ** STREETS_EASIER
        issued = draw_issued(dice)
        plate = draw_plate(dice, self.faces, self.around, level=hard, issued=issued)
        seen, line = street(dice, plate, self.around, self.faces.others, level=hard)
        if dice.random() < NEAR:
            seen, line = near(dice, seen, line)
        return Street(seen, issued, line)

    def draw_many(self, first: int, count: int, *, level: float | None = None) -> Drawn:
        """`count` pictures from number `first` on."""
        drawn = [self.draw(first + n, level=level) for n in range(count)]
        pictures = np.stack([view.picture for view, _ in drawn])
        return Drawn(pictures, [text for _, text in drawn], [view.places for view, _ in drawn])


def generator(folder: Path, seed: int, *, kind: str = "serial") -> Generator:
    """A generator with the faces of a folder that `fonts.sh` laid out: those for training, or the "held" that no training sees."""
    wording = Wording(WORDS, texts(seed), words(), DEALERS)
    return Generator(load(folder, wording, kind=kind), scenery(seed), seed)


def sheet(drawn: Drawn, columns: int = 8) -> Grey:
    """The pictures side by side with their texts below: to be looked at by a person."""
    tiles = []
    for picture, text in zip(drawn.pictures, drawn.texts, strict=True):
        tile = np.full((HEIGHT + 18, WIDTH + 6), 255, np.uint8)
        tile[3 : 3 + HEIGHT, 3 : 3 + WIDTH] = picture
        cv2.putText(tile, text or "(none)", (4, HEIGHT + 15), cv2.FONT_HERSHEY_PLAIN, 0.9, 0, 1)
        tiles.append(tile)
    while len(tiles) % columns:
        tiles.append(np.full_like(tiles[0], 255))
    return np.vstack([np.hstack(tiles[n : n + columns]) for n in range(0, len(tiles), columns)])


def write_streets(drawing: Generator, numbers: range, into: Path) -> None:
    """Whole pictures with one plate each, easy ones and hard ones, and where and what each is."""
    into.mkdir(parents=True, exist_ok=True)
    with (into / "groundtruth.csv").open("w", newline="") as file:
        truth = csv.writer(file)
        truth.writerow(("file", "x", "y", "w", "h", "plate"))
        for number in numbers:
            drawn = drawing.draw_street(number)
            name = f"street-{number:06}.png"
            cv2.imwrite(str(into / name), drawn.picture)
            line = drawn.line
            box = (round(side) for side in (line.left, line.top, line.width, line.height))
            truth.writerow((name, *box, drawn.text))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a sheet of plates to look at, or a folder of streets to measure on."""
    parser = argparse.ArgumentParser(prog="generate", description=__doc__)
    parser.add_argument("--faces", type=Path, required=True, help="the folder that fonts.sh laid out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=EASY_UNTIL, help="the number of the first picture")
    parser.add_argument("--count", type=int, default=64)
    to = parser.add_mutually_exclusive_group(required=True)
    to.add_argument("--sheet", type=Path, help="the PNG to write: plates as the network is given them")
    to.add_argument("--streets", type=Path, help="the folder to write: whole pictures and groundtruth.csv")
    chosen = parser.parse_args(arguments)
    if chosen.sheet is not None:
        drawing = generator(chosen.faces, chosen.seed)
        cv2.imwrite(str(chosen.sheet), sheet(drawing.draw_many(chosen.first, chosen.count)))
    else:
        drawing = generator(chosen.faces, chosen.seed, kind="held")
        write_streets(drawing, range(chosen.first, chosen.first + chosen.count), chosen.streets)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
