"""What a canvass found, in one act: the time of each camera is held for the case, and owners are asked for theirs.

Either all of it is done or nothing is. It asks for no export: that is of pictures, and each camera of it passes the door by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.model import kept_alone
from watchfloor.evidence.asking import Asking, Sent, Wanted, ask_one
from watchfloor.governance import holds
from watchfloor.governance.audit import effect
from watchfloor.governance.holds import Placed, Wish
from watchfloor.governance.model import About, Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Conflict, Invalid
from watchfloor.storage.classes import DataClass
from watchfloor.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of a canvass is preserved and who is asked; `place` and `words` are read by owners, `reason` by nobody outside."""

    cameras: Sequence[UUID]
    owners: Sequence[UUID]
    from_at: datetime
    to_at: datetime
    reason: str
    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Preserved:
    """A hold for each camera but those that other centers keep, and a request for each owner."""

    holds: tuple[Placed, ...]
    from_sites: int
    of_partners: tuple[Camera, ...]
    asked: tuple[Sent, ...]

    @property
    def cameras(self) -> list[UUID]:
        """Those of which something is kept here."""
        return [one.hold.about for one in self.holds]


async def preserve(parts: Asking, actor: Actor, why: Why, chosen: Chosen) -> Preserved:
    """Hold and ask. Raises Invalid, NotFound, Conflict, Refused; then nothing is held and nobody asked."""
    if not chosen.cameras and not chosen.owners:
        raise Invalid("Choose a camera or an owner.", reason="cameras")
    detail = {"reason": chosen.reason}
    if chosen.owners:
        detail |= {"place": chosen.place, "words": chosen.words}
    ask = Ask(actor, Need.CANVASS_PRESERVE, why, detail=detail)
    async with parts.owners.door.open(ask) as tx:
        known = await camera_store.cameras_of(tx, chosen.cameras)
        theirs = {one.id: one for one in known if kept_alone(one)}
        placed = [await _held(tx, why, chosen, one) for one in chosen.cameras if one not in theirs]
        asked = [await _asked(parts, tx, why, chosen, owner) for owner in chosen.owners]
    at_site = (one.id not in theirs and one.details.footage_kept is FootageKept.AT_SITE for one in known)
    return Preserved(tuple(placed), sum(at_site), tuple(theirs.values()), tuple(asked))


async def _held(tx: Tx, why: Why, chosen: Chosen, camera: UUID) -> Placed:
    wish = Wish(DataClass.FOOTAGE, camera, chosen.from_at, chosen.to_at, chosen.reason)
    placed = await holds.place_in(tx, why, wish, {"camera": camera_store.was_registered})
    # Found by who asks the log for the camera: the decision is about all of them.
    await effect(tx, "canvass.preserved", About("camera", camera), more={"hold": str(placed.hold.id)})
    return placed


async def _asked(parts: Asking, tx: Tx, why: Why, chosen: Chosen, owner: UUID) -> Sent:
    wanted = Wanted(chosen.place, chosen.from_at, chosen.to_at, chosen.words, owner=owner)
    try:
        return await ask_one(parts, tx, why, wanted)
    except Conflict as often:
        raise Conflict(
            often.detail,
            reason=often.reason,
            next_step="Nothing was preserved yet: leave out the owner, and press again.",
        ) from often
