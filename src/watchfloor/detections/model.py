"""What any sensor's claim has in common: which sensor, when, where, and how far it may be off. It decides nothing.

A detection is one sensor's claim. What we come to believe from one or more of them is an event; what asks for a
person's attention is an alert.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from watchfloor.kit.geo import Point

DetectionId = NewType("DetectionId", UUID)


class DetectionKind(StrEnum):
    """What sort of claim it is."""

    PLATE_HIT = "plate_hit"


@dataclass(frozen=True, slots=True)
class Where:
    """A place in words and degrees; `within_m` is the radius that holds the true place nine times in ten."""

    text: str
    point: Point
    within_m: float


@dataclass(frozen=True, slots=True)
class Detection:
    """One sensor's claim. `at` is the time we go by and may be off by `at_off` either way; `why` is a sentence.

    `says_not` is what the claim is not, shown with it wherever it goes.
    """

    id: DetectionId
    kind: DetectionKind
    sensor: UUID
    at: datetime
    at_off: timedelta
    where: Where
    why: str
    says_not: str
