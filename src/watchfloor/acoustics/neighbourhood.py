"""Microphones that are up, cut into neighbourhoods that can be looked at one at a time. Pure.

A city's array is not looked at in one piece: the work grows faster than it. Each microphone is one neighbourhood's own; those around
belong to it besides, so that what is fired at its edge is heard from all sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.model import Array, Floats
from watchfloor.kit.geo import Point

_METRES_PER_DEGREE: Final = 111_320.0
# So many of its own at most, and no wider than this, in metres: what costs a core a tenth of a second.
MOST_OWN: Final = 40
WIDEST_M: Final = 4_000.0
AROUND_M: Final = 600.0
"""Whoever stands so near to a neighbourhood's own is looked at with it."""
# Height above the ground where nobody said: what street lamps are.
_HEIGHT_M: Final = 6.0


@dataclass(frozen=True, slots=True)
class Ear:
    """A microphone that is up: exactly where, metres above the ground, how far it may be from there, how many pulses a second it reports
    anyway."""

    id: MicrophoneId
    point: Point = field(repr=False)
    height_m: float | None = field(repr=False)
    clutter_per_s: float
    error_m: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Ears in a flat frame of their own: metres east and north of their middle."""

    ears: tuple[Ear, ...]
    origin: Point
    array: Array

    @staticmethod
    def of(ears: Sequence[Ear]) -> Frame:
        """The frame of these, of which there is one at least; in the order of their ids, whatever theirs is."""
        ordered = tuple(sorted(ears, key=lambda ear: ear.id))
        origin = Point(
            float(np.mean([ear.point.lat for ear in ordered])),
            float(np.mean([ear.point.lon for ear in ordered])),
        )
        flat = flattened(origin, [ear.point for ear in ordered])
        heights = [_HEIGHT_M if ear.height_m is None else ear.height_m for ear in ordered]
        clutter = np.array([ear.clutter_per_s for ear in ordered])
        return Frame(ordered, origin, Array(np.column_stack([flat, heights]), clutter))

    def point(self, x_m: float, y_m: float) -> Point:
        """Where a place of the frame is."""
        lat = self.origin.lat + y_m / _METRES_PER_DEGREE
        return Point(lat, self.origin.lon + x_m / (_METRES_PER_DEGREE * _narrower(self.origin)))


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhood:
    """A frame, and which of its ears are its own."""

    frame: Frame
    own: Floats
    """Where those stand (k, 2), in metres of the frame."""

    def is_ours(self, x_m: float, y_m: float) -> bool:
        """Whether a place is this one's to tell of: nearest to one of its own, or hardly farther than from a neighbour's."""
        here = np.array([x_m, y_m])
        nearest = float(np.hypot(*(self.frame.array.places_m[:, :2] - here).T).min())
        return float(np.hypot(*(self.own - here).T).min()) <= nearest + AROUND_M / 2


def flattened(origin: Point, points: Sequence[Point]) -> Floats:
    """Points as metres east and north of a point (k, 2); right to a centimetre a kilometre within a city."""
    degrees = np.array([(p.lon - origin.lon, p.lat - origin.lat) for p in points]).reshape(-1, 2)
    flat: Floats = degrees * np.array([_METRES_PER_DEGREE * _narrower(origin), _METRES_PER_DEGREE])
    return flat


def _narrower(origin: Point) -> float:
    return float(max(np.cos(np.radians(origin.lat)), 1e-6))


def neighbourhoods(ears: Sequence[Ear]) -> tuple[Neighbourhood, ...]:
    """All neighbourhoods, each of `MOST_OWN` ears at most and of those around; the same whatever the order of the ears."""
    if not ears:
        return ()
    whole = Frame.of(ears)
    flat = whole.array.places_m[:, :2]
    found = []
    for own in _halved(flat, np.arange(len(flat))):
        low, high = flat[own].min(axis=0) - AROUND_M, flat[own].max(axis=0) + AROUND_M
        there = ((flat >= low) & (flat <= high)).all(axis=1)
        frame = Frame.of([whole.ears[k] for k in np.flatnonzero(there).tolist()])
        mine = [whole.ears[k].point for k in own.tolist()]
        found.append(Neighbourhood(frame, flattened(frame.origin, mine)))
    return tuple(found)


def near(ears: Sequence[Ear], points: Sequence[Point], reach_m: float) -> tuple[Ear, ...]:
    """The ears within so many metres of any of these points."""
    if not ears or not points:
        return ()
    flat = flattened(points[0], [ear.point for ear in ears])
    away = np.hypot(*(flat[:, None, :] - flattened(points[0], points)[None, :, :]).T).min(axis=0)
    return tuple(ear for ear, metres in zip(ears, away.tolist(), strict=True) if metres <= reach_m)


def _halved(
    flat: Floats, which: np.ndarray[tuple[int, ...], np.dtype[np.intp]]
) -> list[np.ndarray[tuple[int, ...], np.dtype[np.intp]]]:
    """Halved across the longer side until each part is small enough."""
    wide = np.ptp(flat[which], axis=0)
    if len(which) <= MOST_OWN and float(wide.max()) <= WIDEST_M:
        return [which]
    axis = int(wide.argmax())
    if len(which) <= MOST_OWN:
        # Few and far apart: at the widest gap, so that those who stand together stay so.
        order = which[np.argsort(flat[which, axis], kind="stable")]
        cut = int(np.diff(flat[order, axis]).argmax()) + 1
    else:
        order = which[np.lexsort((flat[which, 1 - axis], flat[which, axis]))]
        cut = len(order) // 2
    return [*_halved(flat, order[:cut]), *_halved(flat, order[cut:])]
