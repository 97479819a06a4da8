"""A person says where a trailer stands from now on, and why; or that it is taken away. What is on it goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Allowed, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Conflict, Invalid, Stale
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.trailers import store
from watchfloor.trailers.aboard import leave_there, move_all
from watchfloor.trailers.change import held
from watchfloor.trailers.model import Ended, Placement, PlacementId, TrailerId
from watchfloor.trailers.parts import Trailers, tell


@dataclass(frozen=True, slots=True)
class Placing:
    """Where it is to stand, which way it looks, in which words, and why."""

    place_text: str
    place: Point
    heading_deg: float
    reason: str


async def place(
    trailers: Trailers, actor: Actor, trailer: UUID, placing: Placing, *, version: int | None
) -> PlacementId:
    """It stands here from now on. Where no authorisation covers the place it stands there and records nothing, and is told so.

    Raises NotFound, Invalid or Stale.
    """
    text, reason = checked(placing)
    detail = {"place": text, "reason": reason}
    about = About("trailer", trailer)
    async with trailers.door.open(Ask(actor, Need.TRAILER_PLACE, about=about, detail=detail)) as tx:
        found = await held(tx, trailer)
        if version is not None and version != found.version:
            raise Stale("The trailer was changed since you read it.", next_step="Read it again.")
        leave = await leave_there(tx, placing.place)
        under = leave.authorisation.id if isinstance(leave, Allowed) and leave.authorisation else None
        placement = Placement(
            PlacementId(uuid7(tx.now)), TrailerId(trailer), text, placing.place, placing.heading_deg, reason, tx.now,
            actor.id, under,
        )  # fmt: skip
        await store.end_placement(tx, trailer, Ended.PLACED, by=actor.id)
        await store.insert_placement(tx, placement)
        await store.touch(tx, trailer)
        await move_all(tx, trailers.news, found, text, placing.place, placing.heading_deg)
        await effect(
            tx,
            "trailer.placed",
            about,
            detail=detail,
            more={
                "placement": str(placement.id),
                "under": str(under) if under else None,
                "covered": under is not None,
            },
        )
        tell(trailers, tx, trailer)
        return placement.id


async def take_away(
    trailers: Trailers, actor: Actor, trailer: UUID, reason: str, *, version: int | None
) -> None:
    """It is hauled from where it stands: from here on it may be anywhere, and that is no alarm. Raises NotFound or Conflict."""
    reason = _reason(reason)
    about = About("trailer", trailer)
    async with trailers.door.open(
        Ask(actor, Need.TRAILER_PLACE, about=about, detail={"reason": reason})
    ) as tx:
        found = await held(tx, trailer)
        if version is not None and version != found.version:
            raise Stale("The trailer was changed since you read it.", next_step="Read it again.")
        if found.placement is None:
            raise Conflict("It stands nowhere.", reason="not_placed")
        await store.end_placement(tx, trailer, Ended.TAKEN_AWAY, by=actor.id)
        await store.touch(tx, trailer)
        await effect(tx, "trailer.taken_away", about, detail={"reason": reason})
        tell(trailers, tx, trailer)


def checked(placing: Placing) -> tuple[str, str]:
    """The words of a placement in one line each. Raises Invalid."""
    text = " ".join(placing.place_text.split())
    if not 1 <= len(text) <= 200 or not text.isprintable():
        raise Invalid("Say where it stands as a person would, in 1 to 200 characters.", reason="place")
    if not 0 <= placing.heading_deg < 360:
        raise Invalid("A heading is 0 to under 360 degrees, clockwise from north.", reason="heading_deg")
    return text, _reason(placing.reason)


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not 3 <= len(reason) <= 300 or not reason.isprintable():
        raise Invalid("Say why, in 3 to 300 characters.", reason="reason")
    return reason
