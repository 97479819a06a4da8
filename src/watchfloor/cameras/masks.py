"""Masks: what of a camera's picture nobody sees without the right to. Values and pure functions only.

A mask is a polygon in parts of the picture, so that it holds for the main and the sub stream alike. What is painted is opaque:
a blur can be undone. That of a camera which turns may hold where it stood when the mask was set, and only there (`standing.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from shapely import Polygon

from watchfloor.cameras.standing import Stand
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Invalid

Shape = tuple[tuple[float, float], ...]
"""Corners from 0 to 1: to the right, and down."""
Covered = NDArray[np.bool_]

MOST_MASKS: Final = 32
"""At one place to which a camera turns; of one that does not, in all."""
MOST_IN_ALL: Final = 256
MOST_CORNERS: Final = 32
BELIEVED_FOR: Final = timedelta(minutes=30)
"""How long what a device last said of a mask is believed: three looks at it. Whoever looks after masks may have died."""
_LEAST_AREA: Final = 0.0001
_LONGEST: Final = 200
# A mask is a little larger than it was drawn: coders mix neighbouring points.
_MARGIN: Final = 2
# On which one mask is compared with another.
_GRID: Final = (640, 360)
WHOLE: Final[Shape] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask of a camera: what it covers and why, who set it. In the device since then; `gone_at`: missed there; `asked_at`: when the
    device was last asked about it.

    `stand`: of a camera that turns, where it stood; None: it covers that part of the picture wherever the camera looks. One without
    corners says that somebody looked there and found nothing to mask. `dwelling`: the one that it covers entirely, as whoever set it says.
    """

    id: UUID
    camera: UUID
    name: str
    reason: str
    shape: Shape
    set_by: UUID
    set_at: datetime
    device_token: str | None = None
    in_device_since: datetime | None = None
    gone_at: datetime | None = None
    stand: Stand | None = None
    preset: str = ""
    asked_at: datetime | None = None
    dwelling: str = ""

    @property
    def held_by_device(self) -> bool:
        """Whether the device itself holds it, as it last said; whenever that was."""
        return self.in_device_since is not None and self.gone_at is None

    @property
    def believed_until(self) -> datetime | None:
        """Until when the device's word that it holds it is believed without another."""
        return self.asked_at + BELIEVED_FOR if self.held_by_device and self.asked_at is not None else None

    def held_at(self, moment: datetime) -> bool:
        """Whether the device held it then, by a word of it that is not too old."""
        since, until = self.in_device_since, self.believed_until
        return since is not None and until is not None and since <= moment < until

    def painted_at(self, moment: datetime) -> bool:
        """Whether we paint it over a picture that was taken then, or the device did."""
        return bool(self.shape) and not self.held_at(moment)


def checked_shape(corners: Sequence[Sequence[float]], *, may_be_none: bool = False) -> Shape:
    """The polygon of these corners; `may_be_none`: none of them is an answer. Raises Invalid."""
    if may_be_none and not corners:
        return ()
    if not 3 <= len(corners) <= MOST_CORNERS or any(len(corner) != 2 for corner in corners):
        raise Invalid(f"A mask has 3 to {MOST_CORNERS} corners, each of two numbers.", reason="corners")
    shape = tuple((float(x), float(y)) for x, y in corners)
    if not all(math.isfinite(part) and 0 <= part <= 1 for corner in shape for part in corner):
        raise Invalid("A mask’s corners lie in the picture: each number is from 0 to 1.", reason="corners")
    if area(shape) < _LEAST_AREA:
        raise Invalid("A mask covers something: its corners lie in one line.", reason="corners")
    if not Polygon(shape).is_valid:
        # Where sides cross, some fill what lies between and some do not.
        raise Invalid("The sides of a mask do not cross or touch each other.", reason="corners")
    return shape


def checked_words(name: str, reason: str) -> tuple[str, str]:
    """What a mask is called and why it is there. Raises Invalid."""
    name, reason = name.strip(), reason.strip()
    if not 0 < len(name) <= _LONGEST:
        raise Invalid(f"A mask has a name, of at most {_LONGEST} letters: what it covers.", reason="name")
    if not 0 < len(reason) <= _LONGEST:
        raise Invalid(f"A mask has a reason, of at most {_LONGEST} letters.", reason="reason")
    return name, reason


def area(shape: Shape) -> float:
    """How much of the picture it covers, from 0 to 1."""
    following = (*shape[1:], shape[0])
    return abs(sum(x * b - a * y for (x, y), (a, b) in zip(shape, following, strict=True))) / 2


def told_corners(shape: Shape) -> list[Json]:
    """The corners as the log and a manifest have them, which know no fractions: in ten-thousandths of the picture."""
    return [[round(x * 10_000), round(y * 10_000)] for x, y in shape]


def covered(shapes: Sequence[Shape], width: int, height: int) -> Covered:
    """Which points of a picture of that size are covered, each shape with a small margin."""
    found = np.zeros((height, width), np.bool_)
    for shape in shapes:
        found |= _filled(shape, width, height)
    for _ in range(_MARGIN):
        found = _grown(found)
    return found


def covers(outer: Shape, inner: Shape) -> bool:
    """Whether one leaves nothing of the other open, but for what a device rounds: about a three hundredth of the picture."""
    return not (_filled(inner, *_GRID) & ~covered([outer], *_GRID)).any()


def _filled(shape: Shape, width: int, height: int) -> Covered:
    """The points within a polygon, by rows: even-odd, as every drawing program fills it; its own line counts as within."""
    found = np.zeros((height, width), np.bool_)
    corners = np.asarray(shape, np.float64) * (width, height)
    # The middle of each row, and its edges: what a corner only touches is covered as well.
    for offset in (0.02, 0.5, 0.98):
        for row in range(max(0, int(corners[:, 1].min())), min(height, math.ceil(corners[:, 1].max()) + 1)):
            crossings = _crossings(corners, row + offset)
            for left, right in zip(crossings[::2], crossings[1::2], strict=True):
                found[row, max(0, math.floor(left)) : math.floor(right) + 1] = True
    return found


def _crossings(corners: NDArray[np.float64], y: float) -> list[float]:
    following = np.roll(corners, -1, axis=0)
    crosses = (corners[:, 1] <= y) != (following[:, 1] <= y)
    a, b = corners[crosses], following[crosses]
    return sorted((a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])).tolist())


def _grown(found: Covered) -> Covered:
    grown = found.copy()
    grown[1:] |= found[:-1]
    grown[:-1] |= found[1:]
    wide = grown.copy()
    wide[:, 1:] |= grown[:, :-1]
    wide[:, :-1] |= grown[:, 1:]
    return wide
