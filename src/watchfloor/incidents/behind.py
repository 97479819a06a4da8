"""The reads behind an alert, with what else they may be: to whoever typed the picture, or after the verdict. The review stays blind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.store import names_of
from watchfloor.incidents import alert_store, behind_store, in_hand, review_store
from watchfloor.incidents.behind_store import Behind
from watchfloor.incidents.in_hand import Alerts
from watchfloor.incidents.model import Alert
from watchfloor.kit.errors import Conflict, NotFound


class StillBlind(Conflict):
    """A read says its plate, and the picture is to be read before."""

    def __init__(self) -> None:
        super().__init__(
            "The read says its plate, which you read from the picture yourself before.",
            reason="still_blind",
            next_step="Open the review, and type what the picture shows.",
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert, the reads behind it, and its pictures in the order of their numbers."""

    alert: Alert
    reads: tuple[Behind, ...]
    pictures: tuple[str, ...]
    names: Mapping[UUID, str]


async def reads_of(alerts: Alerts, actor: Actor, alert: UUID) -> Shown:
    """The reads behind an alert. Raises StillBlind until its reviewer typed the picture, OtherKind, NotFound or Refused."""
    known = await in_hand.look(alerts, actor, alert)
    about = About("alert", alert)
    ask = Ask(actor, Need.ALERT_REVIEW, about=about, technology=known.technology, place=known.spot.point)
    async with alerts.door.open(ask) as tx:
        found = await alert_store.alert_of(tx, alert)
        if found is None:
            raise NotFound("There is no such alert.")
        if found.sound is not None:
            raise in_hand.OtherKind(of_sound=True)
        review = await review_store.last_review(tx, alert)
        typed = review is not None and review.reviewer == actor.id and review.typed is not None
        if found.state.is_open and not typed:
            raise StillBlind()
        await effect(tx, "alert.reads_shown", about)
        parts = await alert_store.parts_of(tx, alert)
        people = [person for person in (found.holder, found.decided_by) if person]
        return Shown(
            found,
            tuple(await behind_store.reads_behind(tx, alert)),
            tuple(dict.fromkeys(part.picture for part in parts if part.picture)),
            await names_of(tx, people),
        )
