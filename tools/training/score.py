"""Measures the recogniser, alone and beside the reader from the wheel: on plates drawn anew, or on a folder of pictures.

    python -m tools.training.score --drawn faces
    python -m tools.training.score --folder ../shared/alpr_us/scenes --every 2

A folder has a `groundtruth.csv` (file,x,y,w,h,plate: the plate is cut out there; or file,state,plate: the picture is the plate).
It is measured on such pictures and never trained on them. Needs the product's environment, and no torch.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tools.training.generate import generator
from watchfloor.plates.reading.model import Picture, Recogniser
from watchfloor.plates.reading.nets import LineReader
from watchfloor.plates.reading.own import OwnReader

SEED = 990_100
_LOOSE = 0.05
_ALIKE = str.maketrans("OQI", "001")


@dataclass(frozen=True)
class Answer:
    """What one picture says, and what each reader made of it."""

    truth: str
    own: str
    other: str


def scores(answers: Sequence[Answer]) -> dict[str, float | int]:
    """Exact readings by our own network and by the other, and how right the two are where they agree."""
    n = max(len(answers), 1)
    agreed = [a for a in answers if a.own == a.other and a.own]
    letters = sum(len(a.truth) for a in answers)
    return {
        "n": len(answers),
        "exact": _share(sum(a.own == a.truth for a in answers), n),
        "fold": _share(sum(a.own.translate(_ALIKE) == a.truth.translate(_ALIKE) for a in answers), n),
        "within_one": _share(sum(edits(a.own, a.truth) <= 1 for a in answers), n),
        "char_accuracy": _share(letters - sum(edits(a.own, a.truth) for a in answers), max(letters, 1)),
        "other_exact": _share(sum(a.other == a.truth for a in answers), n),
        "either_exact": _share(sum(a.truth in {a.own, a.other} for a in answers), n),
        "agree": _share(len(agreed), n),
        "right_where_agreed": _share(sum(a.own == a.truth for a in agreed), max(len(agreed), 1)),
    }


def _share(part: int, of: int) -> float:
    return round(part / of, 4)


def edits(one: str, other: str) -> int:
    """The fewest letters changed, added or left out that make the one the other."""
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        before, row[0] = row[0], n
        for m, beside in enumerate(other, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (letter != beside))
    return row[-1]


def answered(own: Recogniser, other: Recogniser, pictures: Sequence[tuple[Picture, str]]) -> list[Answer]:
    """What both make of each picture."""
    cuts = [picture for picture, _ in pictures]
    read = zip(pictures, own.read(cuts), other.read(cuts), strict=True)
    return [Answer(truth, mine.text, theirs.text) for (_, truth), mine, theirs in read]


def in_folder(folder: Path, every: int) -> Iterator[tuple[Picture, str]]:
    """The plates of a folder, cut loosely where its truth says where they are, and what they say."""
    with (folder / "groundtruth.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))[::every]
    for row in rows:
        picture = cv2.imread(str(folder / row["file"]))
        if picture is None:
            raise SystemExit(f"score: {folder / row['file']} is no picture.")
        truth = "".join(letter for letter in row["plate"].upper() if letter.isalnum())
        yield (
            (
                _cut(picture, *(int(row[key]) for key in "xywh"))
                if "x" in row
                else np.asarray(picture, np.uint8)
            ),
            truth,
        )


def _cut(picture: cv2.typing.MatLike, x: int, y: int, wide: int, high: int) -> Picture:
    spare = int(high * _LOOSE)
    return np.asarray(
        picture[max(y - spare, 0) : y + high + spare, max(x - spare, 0) : x + wide + spare], np.uint8
    )


def drawn(faces: Path, count: int) -> Iterator[tuple[Picture, str]]:
    """Plates that no training saw, as hard as the hardest it saw."""
    made = generator(faces, SEED).draw_many(0, count, level=1.0)
    for picture, text in zip(made.pictures, made.texts, strict=True):
        if text:
            yield np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8), text


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="score", description=__doc__)
    chosen_from = parser.add_mutually_exclusive_group(required=True)
    chosen_from.add_argument("--drawn", type=Path, metavar="FACES", help="the folder that fonts.sh laid out")
    chosen_from.add_argument("--folder", type=Path, help="pictures with a groundtruth.csv")
    parser.add_argument("--every", type=int, default=1, help="only every Nth picture of the folder")
    parser.add_argument("--count", type=int, default=500, help="how many plates are drawn")
    chosen = parser.parse_args(arguments)
    source = drawn(chosen.drawn, chosen.count) if chosen.drawn else in_folder(chosen.folder, chosen.every)
    print(json.dumps(scores(answered(OwnReader(), LineReader(), list(source))), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
