"""Fits what the reading of plates weighs, on drawn streets alone: which line is a plate's number (`rank.py`), how much the second network
has to say (`vote.py`), and how probable a reading is (`calibrate.py`).

    .venv/bin/python -m tools.training.fit --faces faces --count 800

The streets bear typefaces that the network was not trained with, since a road's plates do too. How the fit holds is checked on either half
of the streets by weights fitted on the other; what is printed goes into the three modules by hand. Needs the product's environment,
and no torch.
"""

from __future__ import annotations

import argparse
import json
import math
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
from watchfloor.plates.reading.look import Eyes, Heard, candidates, heard_on, told_of
from watchfloor.plates.reading.model import Line, Picture, Seen

Rows = NDArray[np.float64]

SEED: Final = 770_200
_LEAST_WIDE: Final = 0.75
# What is plain without a picture, and what the fit begins from: what seldom occurs on the streets drawn keeps to it.
PLAIN: Final = {
    "fits": 1.0,
    "time": -5.0,
    "web or phone": -4.0,
    "a word": -4.0,
    "dwarfed": -2.0,
    "edge": -1.0,
    "no digits": -2.0,
    "short": -2.0,
    "long": -2.0,
    "small letters": -3.0,
    "marks": -1.0,
}
_HELD: Final = 1.0
VOICES: Final = (0.0, 0.25, 0.5, 1.0)
"""How much the second network may have to say beside one look of the first."""
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


@dataclass
class Gathered:
    """Lines with whether each is the number; and, by how much the second network had to say, readings with whether each is right."""

    lines: Samples = field(default_factory=Samples)
    readings: dict[float, Samples] = field(default_factory=lambda: {voice: Samples() for voice in VOICES})
    first_right: list[bool] = field(default_factory=list)


def gathered(eyes: Eyes, drawing: Generator, numbers: range) -> Gathered:
    """What the streets of these numbers show."""
    found = Gathered()
    for number in numbers:
        street = drawing.draw_street(number)
        picture: Picture = np.asarray(cv2.cvtColor(street.picture, cv2.COLOR_GRAY2BGR), np.uint8)
        coarse = candidates(eyes, picture)
        for candidate in coarse:
            line = candidate.read.line
            found.lines.add(candidate.looks.values, right=_is_number(line, street.line), street=number)
        heard = heard_on(eyes, picture, coarse)
        first = max(heard, key=lambda each: each.candidate.rank, default=None)
        told = told_of(eyes, picture, first) if first is not None else None
        found.first_right.append(told is not None and told.text == street.text)
        for each in heard:
            if _inside(each.line, street.line):
                _weigh(eyes, picture, each, street.text, number, found)
    return found


def _weigh(eyes: Eyes, picture: Picture, heard: Heard, text: str, number: int, found: Gathered) -> None:
    for voice, samples in found.readings.items():
        seen = told_of(eyes, picture, heard, voice=voice)
        if seen is not None:
            samples.add(_looks(eyes, seen), right=seen.text == text, street=number)


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


def told_by(rows: Rows, weights: Sequence[float]) -> NDArray[np.float64]:
    """How probable each row is by these weights."""
    told: NDArray[np.float64] = 1 / (1 + np.exp(-(rows @ np.array(weights))))
    return told


def checked(told: NDArray[np.float64], right: NDArray[np.bool_]) -> list[dict[str, float | int]]:
    """Of what was told so probable, how much was so."""
    table: list[dict[str, float | int]] = []
    for least, most in pairwise(_BINS):
        inside = (told >= least) & ((told < most) | (most == 1.0))
        if inside.any():
            told_of, right_of = round(float(told[inside].mean()), 3), round(float(right[inside].mean()), 3)
            table.append({"from": least, "n": int(inside.sum()), "told": told_of, "right": right_of})
    return table


def weighed(samples: Samples, begin: Mapping[str, float]) -> dict[str, object]:
    """The weights fitted on all of it; and how those fitted on either half of the streets hold on the other."""
    halves = [samples.half(which) for which in (0, 1)]
    start = list(begin.values())
    told = [told_by(halves[1 - which][0], fitted(*halves[which], start)) for which in (0, 1)]
    rows, right = (np.concatenate([half[part] for half in halves]) for part in (0, 1))
    return {
        "n": len(right),
        "weights": dict(zip(begin, fitted(rows, right, start), strict=True)),
        "checked": checked(np.concatenate(told), np.concatenate([halves[1][1], halves[0][1]])),
    }


def voiced(readings: Mapping[float, Samples]) -> tuple[float, dict[str, float]]:
    """The smallest voice that is not plainly worse than the best, by two standard errors; and with each the share that is right.

    The network is at home on drawn streets, whatever their typefaces: what it gains here may be less on a road.
    """
    right = {voice: np.array(samples.right, float) for voice, samples in readings.items()}
    best = max(right, key=lambda voice: (right[voice].mean(), -voice))
    for voice in sorted(right):
        behind = right[best] - right[voice]
        if behind.mean() <= 2 * behind.std() / math.sqrt(len(behind)):
            best = voice
            break
    return best, {str(voice): round(float(each.mean()), 3) for voice, each in right.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw, look, fit, and print the weights and how they hold."""
    parser = argparse.ArgumentParser(prog="fit", description=__doc__)
    parser.add_argument("--faces", type=Path, required=True, help="the folder that fonts.sh laid out")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=800, help="how many streets; about 0.3 s of CPU each")
    chosen = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    drawing = generator(chosen.faces, chosen.seed, kind="held")
    found = gathered(opened("us,eu"), drawing, range(chosen.count))
    voice, shares = voiced(found.readings)
    print(json.dumps({
        "first_right": round(float(np.mean(found.first_right)), 3),
        "rank": weighed(found.lines, {name: PLAIN.get(name, 0.0) for name in ranking.WEIGHTS}),
        "voice": {"chosen": voice, "right": shares},
        "probability": weighed(found.readings[voice], dict.fromkeys(calibrate.WEIGHTS, 0.0)),
    }, indent=1))  # fmt: skip
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
