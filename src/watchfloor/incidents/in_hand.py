"""An alert in somebody's hand: looked at, asked for at the door, held while something is done with it. It decides no verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from watchfloor.acoustics import microphone_store
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.identity.store import names_of
from watchfloor.incidents import alert_store, live_store, review_store, sound_store
from watchfloor.incidents.model import Alert
from watchfloor.incidents.queue import Move, NotInReview, move
from watchfloor.incidents.raise_alerts import News
from watchfloor.incidents.record_system import Query, RecordSystem
from watchfloor.incidents.review import Review
from watchfloor.incidents.sound_store import ToldVersion
from watchfloor.kit.errors import Conflict, NotFound, Stale
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx


class OtherKind(Conflict):
    """What is done with hits of plates is not done with sounds, nor the other way round."""

    def __init__(self, *, of_sound: bool) -> None:
        what, other = ("a sound", "a plate") if of_sound else ("a plate", "a sound")
        super().__init__(
            f"This alert is of {what}, not of {other}.", reason="other_kind", next_step="Open its review."
        )


@dataclass(frozen=True, slots=True)
class Alerts:
    """What the use cases of alerts need: the door, where news goes, where pictures lie; how many false alerts of sounds a shift may bring
    (None: every sound is raised)."""

    door: Door
    news: News
    objects: Objects
    system: RecordSystem | None = None
    false_sounds_per_shift: float | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """An alert and its review as they are now, and the names of the colleagues in them."""

    alert: Alert
    review: Review | None
    pictures: tuple[str, ...]
    names: Mapping[UUID, str]
    queries: tuple[Query, ...] = ()
    versions: tuple[ToldVersion, ...] = ()
    microphones: Mapping[MicrophoneId, str] = field(default_factory=dict)


async def look(alerts: Alerts, actor: Actor, alert: UUID) -> Alert:
    """The alert, or NotFound: another agency's is not there."""
    async with alerts.door.open(Ask(actor, Need.ALERTS_VIEW, about=About("alert", alert))) as tx:
        found = await alert_store.alert_of(tx, alert)
    if found is None:
        raise NotFound("There is no such alert.")
    return found


async def ask_of(alerts: Alerts, actor: Actor, alert: UUID) -> Ask:
    """A review works with the technology that made the alert, where it made it."""
    known = await look(alerts, actor, alert)
    about = About("alert", alert)
    return Ask(actor, Need.ALERT_REVIEW, about=about, technology=known.technology, place=known.spot.point)


async def held_for(
    tx: Tx, actor: Actor, alert: UUID, to_do: Move, version: int | None, *, of_sound: bool = False
) -> Alert:
    """The alert, locked, after the rules said the move may be made. Typing and confirming are of plates, or `of_sound`."""
    found = await alert_store.locked(tx, alert)
    if found is None:
        raise NotFound("There is no such alert.")
    names = await _names(tx, found)
    move(
        found,
        to_do,
        by=actor.id,
        supervisor=Role.SUPERVISOR in actor.roles,
        now=tx.now,
        name_of=names,
        zone=tx.zone,
    )
    if to_do in (Move.TYPE, Move.CONFIRM) and of_sound is (found.sound is None):
        raise OtherKind(of_sound=not of_sound)
    if version is not None and version != found.version:
        raise Stale("The alert was changed since you read it.", next_step="Read it again.")
    return found


async def own_review(tx: Tx, alert: UUID) -> Review:
    """The review of the alert that this person has open. Raises NotInReview."""
    review = await review_store.open_review(tx, alert)
    if review is None or review.reviewer != tx.actor:
        raise NotInReview()
    return review


async def looked_now(tx: Tx, alert: UUID) -> Looked:
    """The alert and its review as they are. Raises NotFound."""
    found = await alert_store.alert_of(tx, alert)
    if found is None:
        raise NotFound("There is no such alert.")
    parts = await alert_store.parts_of(tx, alert)
    pictures = tuple(dict.fromkeys(part.picture for part in parts if part.picture))
    queries = await live_store.queries(tx, alert)
    versions: tuple[ToldVersion, ...] = ()
    microphones: Mapping[MicrophoneId, str] = {}
    if found.sound is not None:
        versions = await sound_store.versions_of(tx, alert)
        microphones = await microphone_store.names_of(tx, found.sound.microphones)
    names = await names_of(tx, [*_people(found), *(one.asked_by for one in queries)])
    return Looked(
        found, await review_store.last_review(tx, alert), pictures, names, queries, versions, microphones
    )


async def _names(tx: Tx, alert: Alert) -> Mapping[UUID, str]:
    return await names_of(tx, _people(alert))


def _people(alert: Alert) -> list[UUID]:
    return [person for person in (alert.holder, alert.decided_by) if person]
