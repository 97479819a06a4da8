"""Where a thing stands that can be moved: the door asks at each decision, so that nobody goes on under the place it has left.

It decides nothing; `decide` judges the place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from watchfloor.governance.decide import OF_STORED, covers
from watchfloor.governance.model import Ask, Authorisation
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point
from watchfloor.storage.tx import Tx

# Where things of a kind stand now, by id: the slices that keep them stand above and say.
Whereabouts = Callable[[Tx, str, Sequence[UUID]], Awaitable[Mapping[UUID, Point]]]

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
    """The asks, each with the place where its thing stands now; of what was recorded, the place it had then stays."""
    places: dict[UUID, Point] = {}
    for kind in _THINGS if whereabouts is not None else ():
        ids = sorted({ask.about.id for ask in asks if _moves(ask, kind) and ask.about and ask.about.id})
        if ids and whereabouts is not None:
            places |= await whereabouts(tx, kind, ids)
    return [
        replace(ask, place=places[ask.about.id])
        if ask.about is not None and ask.about.id in places and ask.need not in _THEN
        else ask
        for ask in asks
    ]


def _moves(ask: Ask, kind: str) -> bool:
    return ask.technology in MOVE and ask.about is not None and ask.about.kind == kind


def leave_changes(authorisations: Sequence[Authorisation], before: Point | None, after: Point | None) -> bool:
    """Whether any of these covers the one place and not the other: then whoever records and watches has to ask anew."""
    return any(covers(one.area, before) != covers(one.area, after) for one in authorisations)
