"""An incident is opened: for a confirmed alert, a call, or an officer in danger. It decides nobody's verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from watchfloor.calls import store as call_store
from watchfloor.calls.model import Call
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, Role
from watchfloor.incidents import incident_store, preserve
from watchfloor.incidents.model import (
    SAYS_NOT,
    SAYS_NOT_OF_CALLS,
    SAYS_OF_OFFICERS,
    Alert,
    Incident,
    IncidentId,
    IncidentState,
    Level,
    Origin,
    Part,
    Spot,
    Sure,
)
from watchfloor.incidents.raise_alerts import INCIDENT_CHANGED, News
from watchfloor.incidents.review import LiveRecord, Review
from watchfloor.kit.errors import Conflict, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.plates.handling import Handling
from watchfloor.storage.tx import Tx
from watchfloor.units import store as unit_store
from watchfloor.units.model import NotOnThisUnit, Unit

_OF_PRIORITY: Final = {
    1: Level.CRITICAL,
    2: Level.SERIOUS,
    3: Level.CAUTION,
    4: Level.NORMAL,
    5: Level.NORMAL,
}
_ASKED: Final = "Whether the entry still holds: the live record has not been asked."


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening an incident needs."""

    door: Door
    news: News


def incident_from_alert(
    new: IncidentId, alert: Alert, review: Review, *, by: UUID, now: datetime
) -> Incident:
    """The incident of an alert that this review confirms; its number is given when it is kept."""
    if review.entry is None or review.typed is None:
        raise ValueError("a confirmed review has an entry and what was typed")
    return Incident(
        id=new,
        number="",
        origin=Origin.ALERT,
        kind="plate_hit",
        level=alert.card.level,
        title=f"{alert.purpose.title}: wanted vehicle",
        spot=alert.spot,
        at=alert.last_seen_at,
        opened_by=by,
        opened_at=now,
        state=IncidentState.OPEN,
        closed_at=None,
        why=f"A reader read a wanted plate; a person read the same in the picture, and the live record is active: "
        f"{review.entry.reason}.",
        sure=Sure(alert.card.sure.percent, "confirmed by a person"),
        unknown=tuple(words for words in alert.card.unknown if words != _ASKED),
        says=SAYS_NOT,
        purpose=alert.purpose,
        vehicle=review.entry.vehicle or review.typed.vehicle,
        plate=review.entry.plate,
        plate_state=review.typed.state or review.entry.state,
        entered_by=review.entry.agency,
        picture=sure(alert.basis).picture,
        alert=alert.id,
        review=review.id,
    )


def seen_note(part: Part, reader: str | None) -> str:
    """A reading as the timeline tells it, at the time of the reading: the reader is its source, nobody's verdict."""
    return f"Seen by {f'reader {reader}' if reader else 'a reader'}: {part.spot.text}."


def opening_notes(
    alert: Alert, record: LiveRecord, note: str | None, *, hasty: bool
) -> Iterator[tuple[str, str, Level | None]]:
    """What the reviewer adds to the timeline of a confirmed alert's incident: kind, text, level."""
    reference = f", reference {record.reference}" if record.reference else ""
    yield (
        "confirmed",
        f"Confirmed: typed from the picture before the entry was shown; live record active{reference}.",
        None,
    )
    for word in sure(alert.basis).handling:
        yield "hazard", f"{Handling(word).words}, says the entry.", Level.CRITICAL
    if alert.lowered:
        yield "confirmed", "The same reading of this entry had been found false before.", Level.CAUTION
    if hasty:
        yield "hasty", "The review took less than two seconds; it is reported.", Level.CAUTION
    if note:
        yield "note", note, None


async def open_for_call(parts: Opening, actor: Actor, call: UUID) -> Incident:
    """Answer a call: open its incident. Raises NotFound, or Conflict when it is closed or has one."""
    async with parts.door.open(Ask(actor, Need.INCIDENT_OPEN, about=About("call", call))) as tx:
        found = await call_store.call_of(tx, call)
        if found is None:
            raise NotFound("There is no such call.")
        if found.closed_at is not None:
            raise Conflict(f"Call {found.number} is closed.", reason="closed")
        new = _for_call(IncidentId(uuid7(tx.now)), found, by=actor.id, now=tx.now)
        if not await incident_store.insert_incident(tx, new):
            raise Conflict(f"Call {found.number} has an incident already.", reason="has_incident")
        return await _opened(parts, tx, new, f"Opened for call {found.number}: {found.type}.")


async def open_for_officer(parts: Opening, actor: Actor, unit: UUID, words: str) -> Incident:
    """An officer needs help: said by somebody on the unit, or by the floor for them. Raises NotFound, NotOnThisUnit."""
    async with parts.door.open(Ask(actor, Need.INCIDENT_OPEN, about=About("unit", unit))) as tx:
        found = await unit_store.unit_of(tx, unit)
        if found is None:
            raise NotFound("There is no such unit.")
        floor = actor.roles & {Role.ANALYST, Role.SUPERVISOR}
        if not floor and actor.id not in {member.id for member in found.crew}:
            raise NotOnThisUnit(found.call_sign)
        new = _for_officer(IncidentId(uuid7(tx.now)), found, by=actor.id, now=tx.now)
        if not await incident_store.insert_incident(tx, new):
            raise AssertionError("an officer's emergency has nothing it could collide with")
        said = f"{found.call_sign} needs help: {words}" if words else f"{found.call_sign} needs help."
        return await _opened(parts, tx, new, said)


async def _opened(parts: Opening, tx: Tx, new: Incident, words: str) -> Incident:
    await incident_store.note(tx, new.id, "opened", words, level=new.level)
    await preserve.plan(tx, new.id)
    await effect(tx, "incident.opened", About("incident", new.id), more={"origin": new.origin.value})
    tx.after_commit(partial(parts.news, INCIDENT_CHANGED, tx.agency, new.id))
    kept = await incident_store.incident_of(tx, new.id)
    if kept is None:
        raise AssertionError("an incident was opened and is not there")
    return kept


def _for_call(new: IncidentId, call: Call, *, by: UUID, now: datetime) -> Incident:
    return Incident(
        id=new,
        number="",
        origin=Origin.CALL,
        kind="call",
        level=_OF_PRIORITY[call.priority],
        title=call.type,
        spot=Spot(call.place, call.point),
        at=call.taken_at,
        opened_by=by,
        opened_at=now,
        state=IncidentState.OPEN,
        closed_at=None,
        why=call.text or f"Call {call.number}.",
        sure=Sure(None, "reported by a caller"),
        unknown=(),
        says=SAYS_NOT_OF_CALLS,
        purpose=call.purpose,
        call=call.id,
    )


def _for_officer(new: IncidentId, unit: Unit, *, by: UUID, now: datetime) -> Incident:
    unknown = () if unit.place is not None else ("Where the unit is: it has not reported a position.",)
    return Incident(
        id=new,
        number="",
        origin=Origin.OFFICER,
        kind="officer_emergency",
        level=Level.CRITICAL,
        title=f"Officer in danger: {unit.call_sign}",
        spot=Spot(f"last position of {unit.call_sign}", unit.place),
        at=now,
        opened_by=by,
        opened_at=now,
        state=IncidentState.OPEN,
        closed_at=None,
        why=f"{unit.call_sign} asked for help.",
        sure=Sure(None, "reported by an officer"),
        unknown=unknown,
        says=SAYS_OF_OFFICERS,
        purpose=Purpose.OFFICER_EMERGENCY,
        unit=unit.id,
    )
