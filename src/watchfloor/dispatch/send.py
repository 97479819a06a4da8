"""A unit is proposed, sent, goes, arrives, is clear: a use case each. It takes an Answerable and nothing else to go to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from watchfloor.dispatch import store
from watchfloor.dispatch.model import (
    MOST_WARNING,
    Assignment,
    AssignmentState,
    Step,
    UnitTaken,
    reported,
    stepped,
)
from watchfloor.dispatch.propose import NobodyFree, Proposal, propose
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.identity.store import names_of
from watchfloor.incidents import incident_store
from watchfloor.incidents.answerable import Answerable
from watchfloor.incidents.model import Incident, IncidentState, Level
from watchfloor.incidents.raise_alerts import INCIDENT_CHANGED
from watchfloor.incidents.rests_on import answerable_of
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid, NotFound, Stale
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.places.atlas import Atlas
from watchfloor.places.graph import StreetGraph
from watchfloor.places.model import Eta
from watchfloor.places.route import eta_to
from watchfloor.storage.tx import Tx
from watchfloor.units import store as unit_store
from watchfloor.units.change import CHANGED as UNIT_CHANGED
from watchfloor.units.model import NotOnThisUnit, Unit

ASSIGNMENT_CHANGED: Final = "dispatch.assignment.changed"

News = Callable[[str, UUID, UUID], Awaitable[None]]

_SAID: Final = {
    AssignmentState.ACCEPTED: "accepted",
    AssignmentState.EN_ROUTE: "is on its way",
    AssignmentState.ON_SCENE: "is on scene",
    AssignmentState.CLEARED: "is clear",
    AssignmentState.CANCELLED: "was called back before it accepted",
}


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What the use cases of dispatch need: the door, the streets, where news goes."""

    door: Door
    atlas: Atlas
    news: News


async def propose_for(parts: Dispatch, actor: Actor, incident: UUID) -> Proposal | NobodyFree:
    """Who could go to an incident. Raises NotFound or NotAnswerable."""
    async with parts.door.open(Ask(actor, Need.DISPATCH_PROPOSE, about=About("incident", incident))) as tx:
        found = await _incident(tx, incident)
        answerable = await answerable_of(tx, found)
        units = (await unit_store.units(tx)).items
        graph = await parts.atlas.graph(tx)
    # Some 10 ms of CPU for a thousand units: not on the loop that everybody else waits for.
    return await asyncio.to_thread(propose, answerable, units, partial(eta_to, graph), now=tx.now)


async def send(
    parts: Dispatch, actor: Actor, incident: UUID, unit: UUID, *, warning: str | None, message: str | None
) -> Assignment:
    """Send a unit. Raises NotFound, NotAnswerable, or UnitTaken: of two who send the same unit one has it."""
    warning, message = _text(warning, "warning"), _text(message, "message")
    async with parts.door.open(Ask(actor, Need.DISPATCH_ASSIGN, about=About("incident", incident))) as tx:
        found = await incident_store.locked(tx, incident)
        if found is None:
            raise NotFound("There is no such incident.")
        answerable = await answerable_of(tx, found)
        chosen = await unit_store.unit_of(tx, unit)
        if chosen is None:
            raise NotFound("There is no such unit.")
        assignment = uuid7(tx.now)
        if not await unit_store.occupy(tx, unit, assignment):
            raise UnitTaken(chosen.call_sign, crewed=bool(chosen.crew))
        eta = await _eta(await parts.atlas.graph(tx), answerable, chosen)
        await store.insert_assignment(
            tx, assignment, incident, unit, warning=warning, message=message, eta=eta
        )
        await incident_store.set_state(tx, incident, IncidentState.ASSIGNED)
        if warning:
            await incident_store.note(tx, incident, "hazard", warning, level=Level.SERIOUS)
        await incident_store.note(tx, incident, "sent", _sent(chosen, eta))
        more: dict[str, Json] = {"incident": str(incident), "unit": str(unit), "warning": warning is not None}
        detail = {"warning": warning, "message": message}
        await effect(tx, "unit.assigned", About("assignment", assignment), more=more, detail=detail)
        _tell(parts, tx, assignment, incident, unit)
        return await _assignment(tx, assignment)


async def step(
    parts: Dispatch,
    actor: Actor,
    assignment: UUID,
    to_do: Step,
    *,
    warning_heard: bool = False,
    version: int | None = None,
    said_at: datetime | None = None,
) -> tuple[Assignment, dict[UUID, str]]:
    """A crew, or the floor for it by radio, reports how far it is; the assignment then, and the name of who sent it.

    The same step twice is done once. `said_at` is when a phone without a link was told.

    Raises NotFound, NotOnThisUnit, WrongStep, WarningUnheard or Stale.
    """
    about = About("assignment", assignment)
    async with parts.door.open(Ask(actor, Need.ASSIGNMENT_PROGRESS, about=about)) as tx:
        found = await _locked(tx, assignment)
        on_it = await _check_may(tx, actor, found)
        if version is not None and version != found.version:
            raise Stale("The assignment was changed since you read it.", next_step="Read it again.")
        after = stepped(found, to_do, warning_heard=warning_heard)
        names = await names_of(tx, [found.sent_by])
        if after is None:
            return found, names
        await store.move(tx, assignment, after)
        if not after.is_open:
            await _let_go(tx, found)
        report = reported(said_at, after=found.sent_at, now=tx.now)
        done = _SAID[after]
        if after is AssignmentState.ACCEPTED and found.warning:
            done = "heard the warning and accepted"
        said = f"{found.call_sign} {done}{'' if on_it else ', by radio'}{report.late}."
        await incident_store.note(tx, found.incident, after.value, said, at=report.at)
        more: dict[str, Json] = {"state": after.value, "by_radio": not on_it, "said_at": rfc3339(report.at)}
        await effect(tx, f"assignment.{after.value}", about, more=more)
        _tell(parts, tx, assignment, found.incident, found.unit)
        return await _assignment(tx, assignment), names


async def _locked(tx: Tx, assignment: UUID) -> Assignment:
    """The assignment, held; its incident before it, as everywhere, so that nobody waits for each other for ever."""
    known = await store.assignment_of(tx, assignment)
    if known is not None:
        await incident_store.locked(tx, known.incident)
        known = await store.locked(tx, assignment)
    if known is None:
        raise NotFound("There is no such assignment.")
    return known


async def _let_go(tx: Tx, assignment: Assignment) -> None:
    """The unit is free; an incident that nobody else is sent to is open again."""
    await unit_store.release(tx, assignment.unit, assignment.id)
    others = [a for a in await store.of_incident(tx, assignment.incident) if a.state.is_open]
    if not others:
        await incident_store.set_state(tx, assignment.incident, IncidentState.OPEN)


async def _check_may(tx: Tx, actor: Actor, assignment: Assignment) -> bool:
    """Whether the actor is on the unit. Raises NotOnThisUnit for somebody who is neither that nor on the floor."""
    unit = await unit_store.unit_of(tx, assignment.unit)
    on_it = unit is not None and actor.id in {member.id for member in unit.crew}
    if not on_it and not actor.roles & {Role.ANALYST, Role.SUPERVISOR}:
        raise NotOnThisUnit(assignment.call_sign)
    return on_it


async def _eta(graph: StreetGraph | None, answerable: Answerable, unit: Unit) -> Eta | None:
    target: Point | None = answerable.incident.spot.point
    if target is None or unit.place is None:
        return None
    (eta,) = await asyncio.to_thread(eta_to, graph, target, [unit.place])
    return eta


def _sent(unit: Unit, eta: Eta | None) -> str:
    if eta is None:
        return f"{unit.call_sign} sent; how far it is is not known."
    if eta.seconds is None:
        return f"{unit.call_sign} sent, {eta.metres / 1000:.1f} km away in a straight line."
    return f"{unit.call_sign} sent, {max(1, round(eta.seconds / 60))} min by road."


def _text(text: str | None, name: str) -> str | None:
    text = (text or "").strip() or None
    if text is not None and len(text) > MOST_WARNING:
        raise Invalid(f"At most {MOST_WARNING} characters: it is read in a moving car.", reason=name)
    return text


async def _incident(tx: Tx, incident: UUID) -> Incident:
    found = await incident_store.incident_of(tx, incident)
    if found is None:
        raise NotFound("There is no such incident.")
    return found


async def _assignment(tx: Tx, assignment: UUID) -> Assignment:
    kept = await store.assignment_of(tx, assignment)
    if kept is None:
        raise AssertionError("an assignment was kept and is not there")
    return kept


def _tell(parts: Dispatch, tx: Tx, assignment: UUID, incident: UUID, unit: UUID) -> None:
    for news, thing in ((ASSIGNMENT_CHANGED, assignment), (INCIDENT_CHANGED, incident), (UNIT_CHANGED, unit)):
        tx.after_commit(partial(parts.news, news, tx.agency, thing))
