"""To follow a vehicle under an open incident, to agree as the second person, and to stop: each by a person, each in the log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Case, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import CaseKind, TechnologyKind
from watchfloor.incidents import incident_store
from watchfloor.incidents.model import Incident
from watchfloor.incidents.raise_alerts import INCIDENT_CHANGED, News
from watchfloor.investigations.following import store
from watchfloor.investigations.following.model import (
    ALONE_FOR,
    LONGEST_BACK_MIN,
    AloneTooLong,
    Ended,
    Follow,
    FollowedAlready,
    FollowId,
    NotFollowed,
    Sighting,
)
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.plates import search_store
from watchfloor.plates.hotlist import key_of
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.model import Plate
from watchfloor.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Following:
    """What the use cases need."""

    door: Door
    news: News


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to follow: the incident's own plate where none is given, and how far is looked back."""

    plate: Plate | None
    state: str | None
    back_min: int


async def start(parts: Following, look_ups: LookUps, actor: Actor, incident: UUID, wish: Wish) -> Follow:
    """Follow a vehicle; what readers read of it so long ago is looked up at once, which counts as a search of its plate.

    Raises Invalid, NotFound, Refused, FollowedAlready, AloneTooLong, or Conflict for an incident that is closed.
    """
    plate, state, back_min = wish.plate, wish.state, wish.back_min
    if not 0 <= back_min <= LONGEST_BACK_MIN:
        raise Invalid(f"One looks back at most {LONGEST_BACK_MIN} minutes.", reason="minutes")
    found = await incident_asked(parts.door, actor, incident)
    if plate is None:
        if state is not None:
            raise Invalid(
                "A state is given with its plate.", reason="state", next_step="Type the plate, too."
            )
        plate, state = _own_plate(found), found.plate_state
    detail: dict[str, Json] = {"plate": plate.text, "state": state, "minutes": back_min}
    ask = Ask(
        actor,
        Need.FOLLOW_START,
        why_of(found),
        technology=TechnologyKind.PLATE_READER,
        about=About("incident", incident),
        detail=detail,
    )
    async with parts.door.open(ask) as tx:
        await look_ups.admit(tx)
        new = _new(tx, incident, plate, state, timedelta(minutes=back_min))
        read = await _begin(parts, tx, new, detail)
        await look_ups.looked_up(tx, way="follow", why=ask.why, plates={plate.folded}, found=read)
        return new


async def _begin(parts: Following, tx: Tx, new: Follow, detail: dict[str, Json]) -> int:
    """How many reads of it there were."""
    locked = await incident_store.locked(tx, new.incident)
    if locked is None or locked.closed_at is not None:
        raise Conflict(
            "The incident is closed.",
            reason="incident_closed",
            next_step="Open an incident for what goes on; a vehicle is followed under an open one alone.",
        )
    await _end_over(tx, new.incident)
    # One person's hour is one: to stop and to begin again makes it no longer.
    alone_since = await store.alone_since(tx, new.incident, new.key)
    new = replace(new, ratify_by=min(new.started_at, alone_since or new.started_at) + ALONE_FOR)
    if new.ratify_by is not None and new.ratify_by <= tx.now:
        raise AloneTooLong()
    if not await store.insert_follow(tx, new):
        raise FollowedAlready()
    read = await read_before(tx, new)
    await store.insert_sightings(tx, read)
    more: dict[str, Json] = {"follow": str(new.id), "sightings": len(read)}
    await effect(tx, "follow.started", About("incident", new.incident), more=more, detail=detail)
    # Whoever sees the incident reads this; which plate, whoever may see what is followed.
    words = f"Following a vehicle: {_so_far(len(read), tx.now - new.looked_back_to)}"
    await incident_store.note(tx, new.incident, "follow", words)
    _told(parts, tx, new.incident)
    await incident_store.stir(tx, new.incident)
    return len(read)


async def ratify(parts: Following, actor: Actor, incident: UUID) -> None:
    """Agree as the second person: it goes on until the incident ends. Raises NotFollowed, Refused or Conflict."""
    found = await incident_asked(parts.door, actor, incident)
    ask = Ask(
        actor,
        Need.FOLLOW_AGREE,
        why_of(found),
        technology=TechnologyKind.PLATE_READER,
        about=About("incident", incident),
    )
    async with parts.door.open(ask) as tx:
        await incident_store.locked(tx, incident)
        follow = await _going_on(tx, incident)
        if follow.started_by == actor.id:
            raise Conflict(
                "Whoever began to follow it cannot be the second person.",
                reason="same_person",
                next_step="Ask a colleague: any analyst or supervisor can agree, from any device.",
            )
        if not await store.ratify(tx, follow.id):
            raise Conflict("A second person has agreed already.", reason="ratified_already")
        await effect(tx, "follow.ratified", About("incident", incident), more={"follow": str(follow.id)})
        await incident_store.note(
            tx, incident, "follow", "A second person agrees that the vehicle is followed."
        )
        _told(parts, tx, incident)
        await incident_store.stir(tx, incident)


async def stop(parts: Following, actor: Actor, incident: UUID) -> None:
    """Follow it no more: by anybody of the floor, at once. Raises NotFollowed or Refused."""
    async with parts.door.open(Ask(actor, Need.FOLLOW_STOP, about=About("incident", incident))) as tx:
        await incident_store.locked(tx, incident)
        follow = await _going_on(tx, incident)
        await finish(parts, tx, follow, Ended.STOPPED, by=actor.id)


async def finish(parts: Following, tx: Tx, follow: Follow, why: Ended, *, by: UUID | None) -> None:
    """End it, say so, and tell whoever watches."""
    # The incident first, as whoever begins does: two that end and begin must not wait for each other.
    await incident_store.locked(tx, follow.incident)
    if not await store.end(tx, follow.id, why, by=by):
        return
    more: dict[str, Json] = {"follow": str(follow.id), "why": why.value}
    await effect(tx, "follow.ended", About("incident", follow.incident), more=more)
    words = {
        Ended.STOPPED: "The vehicle is followed no more.",
        Ended.INCIDENT_CLOSED: "The vehicle is followed no more: the incident is closed.",
        Ended.NOT_RATIFIED: "The vehicle is followed no more: no second person agreed within 60 minutes.",
        Ended.NOT_AUTHORISED: "The vehicle is followed no more: plate readers are not authorised any more.",
    }[why]
    await incident_store.note(tx, follow.incident, "follow", words, by_actor=by is not None)
    _told(parts, tx, follow.incident)
    await incident_store.stir(tx, follow.incident)


async def incident_asked(door: Door, actor: Actor, incident: UUID) -> Incident:
    """The incident, for whoever may see it: its purpose and its number are what the use is booked under."""
    async with door.open(Ask(actor, Need.INCIDENTS_VIEW, about=About("incident", incident))) as tx:
        found = await incident_store.incident_of(tx, incident)
    if found is None:
        raise NotFound("There is no such incident.")
    return found


def why_of(incident: Incident) -> Why:
    """The purpose and the case of an incident."""
    return Why(incident.purpose, Case(CaseKind.INCIDENT, incident.id))


async def read_before(tx: Tx, follow: Follow, *, brief: bool = False) -> list[Sighting]:
    """What readers read of it since it is looked back to. What is kept for minutes is given where it is asked for, without
    its picture: to follow a vehicle is no way to keep it longer.
    """
    reads = await search_store.reads_of_key(tx, follow.key, follow.looked_back_to, brief=brief)
    return [
        Sighting(
            store.new_id(tx.now),
            follow.id,
            one.read.device,
            one.reader,
            one.place,
            one.point,
            one.read.at,
            one.read.received_at,
            one.read.plate,
            one.read.state,
            one.read.heading_deg,
            None if brief else one.read.picture,
        )
        for one in reads
        if None in (one.read.state, follow.state) or one.read.state == follow.state
    ]


async def _going_on(tx: Tx, incident: UUID) -> Follow:
    follow = next((one for one in await store.open_follows(tx) if one.incident == incident), None)
    if follow is None:
        raise NotFollowed()
    return follow


async def _end_over(tx: Tx, incident: UUID) -> None:
    """What ended by its hour a moment ago and is not written down yet stands in nobody's way."""
    for follow, why in await store.over(tx):
        if follow.incident == incident:
            await store.end(tx, follow.id, why, by=None)


def _own_plate(incident: Incident) -> Plate:
    if incident.plate is None:
        raise Invalid("The incident names no plate.", reason="plate", next_step="Type the plate to follow.")
    return Plate(incident.plate)


def _new(tx: Tx, incident: UUID, plate: Plate, state: str | None, back: timedelta) -> Follow:
    return Follow(
        FollowId(uuid7(tx.now)),
        incident,
        plate,
        state,
        key_of(plate.text),
        tx.now - back,
        tx.actor,
        tx.now,
        tx.now + ALONE_FOR,
    )


def _so_far(reads: int, back: timedelta) -> str:
    back_min = round(back / timedelta(minutes=1))
    if not reads:
        return f"no reads of it in the last {back_min} minutes."
    return f"{reads} {'read' if reads == 1 else 'reads'} of it in the last {back_min} minutes."


def _told(parts: Following, tx: Tx, incident: UUID) -> None:
    tx.after_commit(partial(parts.news, INCIDENT_CHANGED, tx.agency, incident))
