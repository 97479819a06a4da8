"""A crew and the room write to each other about an incident, and say that they saw it. Nobody is sent by a message."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from watchfloor.dispatch import message_store, store
from watchfloor.dispatch.model import Assignment, Message, Side, reported
from watchfloor.dispatch.send import Dispatch
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.identity.store import names_of
from watchfloor.incidents import incident_store
from watchfloor.incidents.raise_alerts import INCIDENT_CHANGED
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx
from watchfloor.units import store as unit_store

MOST: Final = 500


class NotAtIncident(Refused):
    """Only the crews that are at an incident and the room write to each other about it."""

    def __init__(self) -> None:
        super().__init__(
            Denied(
                "not_at_incident",
                "Your unit is not at this incident, or not any more.",
                next_step="Call the room by radio.",
            )
        )


async def write(
    parts: Dispatch, actor: Actor, incident: UUID, text: str, *, said_at: datetime | None
) -> tuple[Message, dict[UUID, str]]:
    """Keep a message for the other side, and the names of who wrote it.

    Raises Invalid, NotFound, NotAtIncident, or Conflict when the room writes and no crew is there to read it.
    """
    text = " ".join(text.split())
    if not 1 <= len(text) <= MOST:
        raise Invalid(f"A message has 1 to {MOST} characters: it is read in a moving car.", reason="text")
    ask = Ask(actor, Need.MESSAGE_SEND, about=About("incident", incident))
    async with parts.door.open(ask) as tx:
        found = await incident_store.locked(tx, incident)
        if found is None:
            raise NotFound("There is no such incident.")
        there, own = await _crews(tx, actor, incident)
        if not there:
            raise Conflict(
                "No crew is at this incident to read it.",
                reason="nobody_there",
                next_step="Send a unit first.",
            )
        report = reported(said_at, after=found.opened_at, now=tx.now)
        side, unit = (Side.FIELD, own.unit) if own else (Side.ROOM, None)
        message = uuid7(tx.now)
        await message_store.insert_message(
            tx, message, incident, side=side, unit=unit, text=text, at=report.at
        )
        line = f"{_heading(there, own)}{report.late}: “{text}”"
        await incident_store.note(tx, incident, "message", line, at=report.at)
        await incident_store.stir(tx, incident)
        more = {"side": side.value, "unit": str(unit) if unit else None, "message": str(message)}
        await effect(tx, "message.sent", About("incident", incident), more=more, detail={"text": text})
        tx.after_commit(partial(parts.news, INCIDENT_CHANGED, tx.agency, incident))
        kept = (await message_store.messages_of(tx, [incident]))[incident]
        (new,) = [one for one in kept if one.id == message]
        return new, await names_of(tx, [new.by])


async def see(parts: Dispatch, actor: Actor, incident: UUID, until: UUID) -> int:
    """Whoever asks saw what the others wrote, up to this message; how many were new to them. Raises NotFound, NotAtIncident."""
    async with parts.door.open(Ask(actor, Need.MESSAGE_SEND, about=About("incident", incident))) as tx:
        if await incident_store.incident_of(tx, incident) is None:
            raise NotFound("There is no such incident.")
        if until not in {one.id for one in (await message_store.messages_of(tx, [incident]))[incident]}:
            raise NotFound("There is no such message.")
        _, own = await _crews(tx, actor, incident)
        side, unit = (Side.FIELD, own.unit) if own else (Side.ROOM, None)
        seen = await message_store.mark_seen(tx, incident, until, side=side, unit=unit)
        if seen:
            await effect(tx, "message.seen", About("incident", incident), more={"messages": seen})
            tx.after_commit(partial(parts.news, INCIDENT_CHANGED, tx.agency, incident))
        return seen


async def new_messages(
    tx: Tx, actor: Actor, extent: Extent | None = None
) -> Cut[tuple[UUID, int, str, datetime]]:
    """The open incidents with messages of crews that are new to the actor, and how many."""
    there = await incident_store.incidents(tx, open_only=True)
    return await message_store.unseen(tx, actor.id, [incident.id for incident in there.items], extent)


async def _crews(tx: Tx, actor: Actor, incident: UUID) -> tuple[list[Assignment], Assignment | None]:
    """Who is at the incident, and the assignment of the actor's own unit; None for the room. Raises NotAtIncident."""
    there = [sent for sent in await store.of_incident(tx, incident) if sent.state.is_open]
    unit = await unit_store.unit_of_person(tx, actor.id)
    own = next((sent for sent in there if unit is not None and sent.unit == unit.id), None)
    if own is None and not actor.roles & {Role.ANALYST, Role.SUPERVISOR}:
        raise NotAtIncident()
    return there, own


def _heading(there: list[Assignment], own: Assignment | None) -> str:
    if own is not None:
        return f"{own.call_sign} to the room"
    return f"The room to {', '.join(sent.call_sign for sent in there)}"
