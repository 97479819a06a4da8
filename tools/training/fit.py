"""Fits what `rank.py` and `calibrate.py` weigh, on drawn streets alone: which line is a plate's number, and how probable a reading is.

    .venv/bin/python -m tools.training.fit --faces faces --count 800

Every second street is fitted on and the others are checked against; what is printed goes into the two modules by hand. Needs the
product's environment, and no torch.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from tools.training.generate import Generator, generator
from tools.training.line import Box
from watchfloor.plates.reading import calibrate
from watchfloor.plates.reading import rank as ranking
from watchfloor.plates.reading.eyes import opened
from watchfloor.plates.reading.formats import fits, judged
from watchfloor.plates.reading.look import Eyes, candidates, plates_on
from watchfloor.plates.reading.model import Line, Picture, Seen

Rows = NDArray[np.float64]

SEED: Final = 770_200
_LEAST_WIDE: Final = 0.75
# What is plain without a picture, and what the fit begins from: what seldom occurs on the streets drawn keeps to it.
PLAIN: Final = {
    "time": -5.0,
    "web or phone": -4.0,
    "a word": -4.0,
    "dwarfed": -2.0,
    "edge": -1.0,
    "no digits": -2.0,
}
_HELD: Final = 1.0
_BINS: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)


@dataclass
class Samples:
    """What was looked at, one row each, and whether it was what it was taken for; `street` tells the two halves apart."""

    rows: list[tuple[float, ...]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    street: list[int] = field(default_factory=list)

    def add(self, row: tuple[float, ...], *, right: bool, street: int) -> None:
        """One more."""
        self.rows.append(row)
        self.right.append(right)
        self.street.append(street)

    def half(self, which: int) -> tuple[Rows, NDArray[np.bool_]]:
        """The rows of every second street."""
        chosen = np.array(self.street) % 2 == which
        return np.array(self.rows)[chosen], np.array(self.right)[chosen]


def gathered(eyes: Eyes, drawing: Generator, numbers: range) -> tuple[Samples, Samples]:
    """Lines with whether each is the number, and readings of the plate with whether each is right."""
    lines, readings = Samples(), Samples()
    for number in numbers:
        grey, text, box = drawing.draw_street(number, level=0.1 + 0.9 * (number // 2 % 10) / 9)
        picture: Picture = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
        for candidate in candidates(eyes, picture):
            line = candidate.read.line
            lines.add(candidate.looks.values, right=_is_number(line, box), street=number)
        for seen in plates_on(eyes, picture):
            if _inside(seen.line, box):
                readings.add(_looks(eyes, seen), right=seen.text == text, street=number)
    return lines, readings


def _inside(line: Line, box: Box) -> bool:
    x, y = line.middle
    return box.left <= x <= box.right and box.top <= y <= box.bottom


def _is_number(line: Line, box: Box) -> bool:
    return _inside(line, box) and line.width >= _LEAST_WIDE * box.width


def _looks(eyes: Eyes, seen: Seen) -> tuple[float, ...]:
    """What `calibrate` weighed of this plate: its guesses before they were told as probable as they are."""
    weights = eyes.weights.shaped(seen.line.width / max(seen.line.height, 1.0)).when(seen.state)
    guesses = judged(seen.letters, weights)
    return calibrate.looks(guesses, seen.letters, agreed=seen.agreed, fits=fits(guesses[0].text, weights))


def fitted(rows: Rows, right: NDArray[np.bool_], begin: Sequence[float]) -> list[float]:
    """Logistic regression, each weight but the first held a little to where it began."""
    signs = np.where(right, 1.0, -1.0)
    start = np.array(begin)
    held = np.array([0.0, *[_HELD] * (len(begin) - 1)])

    def loss(weights: Rows) -> tuple[float, Rows]:
        margins = signs * (rows @ weights)
        missed = -signs / (1 + np.exp(np.clip(margins, -500, 500)))
        off = weights - start
        return float(
            np.logaddexp(0, -margins).sum() + (held * off * off).sum() / 2
        ), rows.T @ missed + held * off

    return [round(float(weight), 2) for weight in minimize(loss, start, jac=True, method="L-BFGS-B").x]


def checked(rows: Rows, right: NDArray[np.bool_], weights: Sequence[float]) -> list[dict[str, float | int]]:
    """Of what was told so probable, how much was so."""
    told = 1 / (1 + np.exp(-(rows @ np.array(weights))))
    table: list[dict[str, float | int]] = []
    for least, most in pairwise(_BINS):
        inside = (told >= least) & ((told < most) | (most == 1.0))
        if inside.any():
            told_of, right_of = round(float(told[inside].mean()), 3), round(float(right[inside].mean()), 3)
            table.append({"from": least, "n": int(inside.sum()), "told": told_of, "right": right_of})
    return table


def _of(samples: Samples, names: Sequence[str], plain: Mapping[str, float]) -> dict[str, object]:
    weights = fitted(*samples.half(0), [plain.get(name, 0.0) for name in names])
    return {"weights": dict(zip(names, weights, strict=True)), "checked": checked(*samples.half(1), weights)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw, look, fit, and print the weights and how they hold."""
    parser = argparse.ArgumentParser(prog="fit", description=__doc__)
    parser.add_argument("--faces", type=Path, required=True, help="the folder that fonts.sh laid out")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=800, help="how many streets; about 0.4 s of CPU each")
    chosen = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    lines, readings = gathered(opened("us,eu"), generator(chosen.faces, chosen.seed), range(chosen.count))
    print(json.dumps({
        "rank": _of(lines, list(ranking.WEIGHTS), PLAIN),
        "probability": _of(readings, list(calibrate.WEIGHTS), {}),
    }, indent=1))  # fmt: skip
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
