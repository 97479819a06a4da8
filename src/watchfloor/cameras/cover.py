"""What is painted over a camera's pictures, by when they were taken: its masks where it stood, or all of it. Pure.

All of it: of a camera whose masks go by where it stands, while it moves or stands where nobody set any; and of one that was aimed at
a dwelling for too long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from watchfloor.cameras.masks import WHOLE, Mask, Shape
from watchfloor.cameras.standing import Stand, Stood

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
NO_GROUP_IS_LONGER: Final = timedelta(minutes=2)
Shapes = tuple[Shape, ...]
Times = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Cover:
    """What is painted over, one piece after the other: until when (µs), and what."""

    pieces: tuple[tuple[int, Shapes], ...] = ()

    def at(self, captured_us: int) -> Shapes:
        """What is painted over a picture that was taken then."""
        return next((shapes for until, shapes in self.pieces if captured_us < until), ())

    def hides_all_at(self, moment: datetime) -> bool:
        """Whether nothing is seen of a picture that was taken then."""
        return WHOLE in self.at(_us(moment))

    def over(self, begin_us: int, end_us: int) -> frozenset[Shape]:
        """What is painted over at any moment of that time."""
        found: set[Shape] = set()
        begins = 0
        for until, shapes in self.pieces:
            if begins < end_us and begin_us < until:
                found |= set(shapes)
            begins = until
        return frozenset(found)

    def hides_all(self, begin_us: int, end_us: int) -> bool:
        """Whether nothing is seen of any picture of that time."""
        begins = 0
        for until, shapes in self.pieces:
            if begins < end_us and begin_us < until and WHOLE not in shapes:
                return False
            begins = until
        return begins >= end_us


OPEN: Final = Cover()


def always(shapes: Sequence[Shape]) -> Cover:
    """The same over every picture."""
    return Cover(((_us(_EVER), tuple(shapes)),)) if shapes else OPEN


def holding(masks: Sequence[Mask], stand: Stand | None) -> tuple[Mask, ...] | None:
    """The masks that hold where the camera stands (None: nobody knows); None where nobody set any: all of the picture is covered."""
    if all(mask.stand is None for mask in masks):
        return tuple(masks)
    here = [mask for mask in masks if mask.stand is not None and stand is not None and mask.stand.near(stand)]
    return (*(mask for mask in masks if mask.stand is None), *here) if here else None


def to_paint(masks: Sequence[Mask], now: datetime, stand: Stand | None = None) -> Shapes:
    """What we paint over ourselves in a live picture: what the device does not hold, or did not say for too long that it does."""
    held = holding(masks, stand)
    if held is None:
        return (WHOLE,)
    return tuple(mask.shape for mask in held if mask.painted_at(now))


def live(masks: Sequence[Mask], stood: Stood | None, now: datetime) -> Cover:
    """What is painted over in a live picture. Whoever begins to look gets the pictures since the last keyframe first: those from before
    it stood show it moving.
    """
    if stood is None or stood.until(now) < now or all(mask.stand is None for mask in masks):
        return always(to_paint(masks, now))
    here = to_paint(masks, now, stood.stand)
    if here == (WHOLE,):
        return always(here)
    if not here and now - stood.from_at > NO_GROUP_IS_LONGER:
        return OPEN
    return Cover(((_us(stood.from_at), (WHOLE,)), (_us(_EVER), here)))


def hidden_until(then: Cover, until: datetime, now: datetime) -> Cover:
    """All of it up to then, after that what is covered anyhow: whoever begins to look gets the pictures since the last keyframe first."""
    if now - until > NO_GROUP_IS_LONGER:
        return then
    return Cover(
        ((_us(until), (WHOLE,)), *((ends, shapes) for ends, shapes in then.pieces if ends > _us(until)))
    )


def to_paint_recorded(masks: Sequence[Mask], moment: datetime, stand: Stand | None = None) -> Shapes:
    """What we paint over in what was recorded then: also what the device holds only since later."""
    held = holding(masks, stand)
    if held is None:
        return (WHOLE,)
    return tuple(mask.shape for mask in held if mask.painted_at(moment))


def recorded(masks: Sequence[Mask], stood: Sequence[Stood], too_long: Times, now: datetime) -> Cover:
    """What is painted over in what was recorded, by where the camera stood and whether it was at a dwelling for too long."""
    times = [(one.from_at, one.until(now), one.stand) for one in stood]
    edges = {edge for begin, until, _ in times for edge in (begin, until)}
    edges |= {edge for span in too_long for edge in span}
    edges |= {mask.in_device_since for mask in masks if mask.in_device_since is not None}
    edges |= {mask.believed_until for mask in masks if mask.believed_until is not None}
    pieces: list[tuple[int, Shapes]] = []
    for begin, until in pairwise([_EPOCH, *sorted(edges), _EVER]):
        if any(a <= begin and until <= b for a, b in too_long):
            shapes: Shapes = (WHOLE,)
        else:
            there = next((stand for a, b, stand in times if a <= begin and until <= b), None)
            shapes = to_paint_recorded(masks, begin, there)
        if pieces and pieces[-1][1] == shapes:
            pieces.pop()
        pieces.append((_us(until), shapes))
    return Cover(tuple(pieces)) if any(shapes for _, shapes in pieces) else OPEN


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
