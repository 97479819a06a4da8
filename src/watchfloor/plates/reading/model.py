"""The words of reading: a line of text on a picture, what a network makes of it, and what was seen in the end.

Values only. Pictures are arrays, blue-green-red as OpenCV has them; a quad is four corners, clockwise from the top left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from watchfloor.kit.errors import Unavailable

Picture = NDArray[np.uint8]
Quad = NDArray[np.float32]
Chances = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text that was found, not read yet. `score` is how much of it looked like text to the finder."""

    quad: Quad
    score: float

    @property
    def width(self) -> float:
        """In pixels, along the line."""
        return (
            float(np.linalg.norm(self.quad[1] - self.quad[0]) + np.linalg.norm(self.quad[2] - self.quad[3]))
            / 2
        )

    @property
    def height(self) -> float:
        """In pixels, across it."""
        return (
            float(np.linalg.norm(self.quad[3] - self.quad[0]) + np.linalg.norm(self.quad[2] - self.quad[1]))
            / 2
        )

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return float(self.quad[:, 0].mean()), float(self.quad[:, 1].mean())

    @property
    def roll(self) -> float:
        """How far it is from level: the tangent of the angle."""
        along = self.quad[1] - self.quad[0]
        return abs(float(along[1])) / max(abs(float(along[0])), 1.0)


@dataclass(frozen=True, slots=True)
class Letter:
    """What may stand at one place of a line, likeliest first: A-Z and 0-9 with their chances, which need not add up to one."""

    options: tuple[tuple[str, float], ...]

    @property
    def text(self) -> str:
        """The likeliest."""
        return self.options[0][0]

    @property
    def chance(self) -> float:
        """Of the likeliest."""
        return self.options[0][1]


@dataclass(frozen=True, slots=True)
class Reading:
    """One network's reading of one strip. `raw` is all that it wrote, marks too; `letters` what a plate can have of it."""

    letters: tuple[Letter, ...]
    raw: str

    @property
    def text(self) -> str:
        """The likeliest letters, in a row."""
        return "".join(letter.text for letter in self.letters)

    @property
    def chance(self) -> float:
        """The mean of the letters' chances; 0 for nothing."""
        return sum(letter.chance for letter in self.letters) / len(self.letters) if self.letters else 0.0


class Recogniser(Protocol):
    """Reads strips: each a picture of one line, upright, as it was cut out."""

    def read(self, strips: Sequence[Picture]) -> list[Reading]: ...


class Finder(Protocol):
    """Finds lines of text on a picture, shrunk or enlarged until its longer side is `longest` pixels."""

    def find(self, picture: Picture, longest: int) -> list[Line]: ...


@dataclass(frozen=True, slots=True)
class VehicleSeen:
    """A vehicle on a picture: left, top, right and bottom in pixels, how sure, and what its label said of it, if anything."""

    box: tuple[float, float, float, float]
    score: float
    colour: str | None = None
    body: str | None = None


class FinderFails(Unavailable):
    """What finds vehicles failed on a picture; the detail says how."""


class VehicleFinder(Protocol):
    """Finds the vehicles on a picture; raises FinderFails."""

    @property
    def name(self) -> str: ...

    def find(self, picture: Picture) -> list[VehicleSeen]: ...


@dataclass(frozen=True, slots=True)
class Guess:
    """One text that a plate may carry, and the probability that it does."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A plate on a picture. `guesses` begin with the likeliest, five at most; `state` is None where no word told it.

    `rank` is how much the line looks like a plate at all, 0 to 1; `agreed` whether a second network read the same. `vehicle` is the one
    that it is on, where a detector of vehicles found it.
    """

    line: Line
    guesses: tuple[Guess, ...]
    letters: tuple[Letter, ...]
    state: str | None
    state_sure: float
    rank: float
    agreed: bool
    vehicle: VehicleSeen | None = None

    @property
    def text(self) -> str:
        """What it says, most likely."""
        return self.guesses[0].text

    @property
    def probability(self) -> float:
        """That all of it is right."""
        return self.guesses[0].probability
