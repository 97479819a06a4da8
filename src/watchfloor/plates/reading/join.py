"""One number that was found as two lines: halves beside each other, parted by a picture, a bolt or a hyphen. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from watchfloor.plates.reading.model import Line, Reading

_MOST_GAP: Final = 1.3
_MOST_LETTERS: Final = 8
_LEAST_LETTERS: Final = 4
_SAME_HEIGHT: Final = 0.7


@dataclass(frozen=True, slots=True)
class Read:
    """A line and what it says."""

    line: Line
    reading: Reading


def with_joined(reads: Sequence[Read]) -> list[Read]:
    """The reads, and each pair of them that stands on one level as one read more."""
    joined = []
    for left in reads:
        for right in reads:
            both = len(left.reading.text) + len(right.reading.text)
            if (
                left is not right
                and left.reading.text
                and right.reading.text
                and _LEAST_LETTERS <= both <= _MOST_LETTERS
                and _beside(left.line, right.line)
            ):
                joined.append(_joined(left, right))
    return [*reads, *joined]


def _beside(left: Line, right: Line) -> bool:
    high = max(left.height, right.height)
    gap = float(np.linalg.norm((right.quad[0] + right.quad[3]) / 2 - (left.quad[1] + left.quad[2]) / 2))
    level = (
        abs(left.middle[1] - right.middle[1])
        <= 0.35 * high + 0.5 * abs(left.middle[0] - right.middle[0]) * left.roll
    )
    return (
        left.middle[0] < right.middle[0]
        and min(left.height, right.height) >= _SAME_HEIGHT * high
        and level
        and gap <= _MOST_GAP * high
    )


def _joined(left: Read, right: Read) -> Read:
    quad = np.stack([left.line.quad[0], right.line.quad[1], right.line.quad[2], left.line.quad[3]])
    return Read(
        Line(quad, min(left.line.score, right.line.score)),
        Reading(left.reading.letters + right.reading.letters, f"{left.reading.raw} {right.reading.raw}"),
    )
