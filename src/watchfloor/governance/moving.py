"""Where a thing stands that can be moved, and what a camera is that is lent: the door asks at each decision, so that nobody goes on under
the place it has left, or what it is no more.

It decides nothing; `decide` judges the place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from watchfloor.governance.decide import OF_STORED, covers
from watchfloor.governance.model import Ask, Authorisation
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point
from watchfloor.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class There:
    """Where a thing stands now; of a camera also what it is by now."""

    place: Point
    technology: TechnologyKind | None = None


# How things of a kind stand now, by id: the slices that keep them stand above and say.
Whereabouts = Callable[[Tx, str, Sequence[UUID]], Awaitable[Mapping[UUID, There]]]

# A camera on a trailer or on somebody, and a reader, which may stand on a trailer.
MOVE: Final = frozenset(
    {
        TechnologyKind.MOBILE_TRAILER,
        TechnologyKind.BODY_CAMERA,
        TechnologyKind.PLATE_READER,
        TechnologyKind.PLATE_READING_ON_VIDEO,
    }
)
_THINGS: Final = ("camera", "reader")
# About what was recorded, of now or of before: whoever asks says where the camera stood at that time.
_THEN: Final = OF_STORED | {Need.CAMERA_SNAPSHOT}


async def as_they_stand(tx: Tx, asks: Sequence[Ask], whereabouts: Whereabouts | None) -> list[Ask]:
    """The asks, each with the place where its thing stands now; of what was recorded, the place it had then stays. Of a camera that is
    lent, with what it is now as well: its stream lasts for months, in which somebody may move it, or enter it as its owner's."""
    found: dict[UUID, There] = {}
    for kind in _THINGS if whereabouts is not None else ():
        ids = sorted({ask.about.id for ask in asks if _moves(ask, kind) and ask.about and ask.about.id})
        if ids and whereabouts is not None:
            found |= await whereabouts(tx, kind, ids)
    return [
        _as_it_is(ask, found[ask.about.id])
        if ask.about is not None and ask.about.id in found and ask.need not in _THEN
        else ask
        for ask in asks
    ]


def _as_it_is(ask: Ask, there: There) -> Ask:
    technology = there.technology if ask.need is Need.CAMERA_LENT else None
    return replace(ask, place=there.place, technology=technology or ask.technology)


def _moves(ask: Ask, kind: str) -> bool:
    may = ask.technology in MOVE or ask.need is Need.CAMERA_LENT
    return may and ask.about is not None and ask.about.kind == kind


def leave_changes(authorisations: Sequence[Authorisation], before: Point | None, after: Point | None) -> bool:
    """Whether any of these covers the one place and not the other: then whoever records and watches has to ask anew."""
    return any(covers(one.area, before) != covers(one.area, after) for one in authorisations)
