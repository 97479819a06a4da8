"""The way of a crew to what it was sent to: from where its unit was last to the incident's place. It sends nobody."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.dispatch import store
from watchfloor.dispatch.model import Assignment, AssignmentState
from watchfloor.dispatch.send import Dispatch
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.incidents import incident_store
from watchfloor.incidents.model import Incident
from watchfloor.kit.errors import NotFound
from watchfloor.kit.geo import Point
from watchfloor.places.graph import StreetGraph
from watchfloor.places.legs import Route, route_to
from watchfloor.storage.tx import Tx
from watchfloor.units import store as unit_store
from watchfloor.units.model import Age, NotOnThisUnit, Unit, age_of

_ON_THE_WAY: Final = frozenset({AssignmentState.SENT, AssignmentState.ACCEPTED, AssignmentState.EN_ROUTE})


@dataclass(frozen=True, slots=True)
class Guided:
    """The way, if both ends are known; `sentence` says what it rests on, or what is missing."""

    route: Route | None
    source: Point | None
    target: Point | None
    position_at: datetime | None
    age: Age | None
    sentence: str


async def guide(parts: Dispatch, actor: Actor, assignment: UUID) -> Guided:
    """The way there. Raises NotFound, or NotOnThisUnit for whoever is not on the unit that was sent."""
    about = About("assignment", assignment)
    async with parts.door.open(Ask(actor, Need.ASSIGNMENTS_VIEW, about=about)) as tx:
        found, unit = await own_assignment(tx, actor, assignment)
        incident = await incident_store.incident_of(tx, found.incident)
        graph = await parts.atlas.graph(tx)
        now = tx.now
    return await _guided(incident, unit, graph, now=now)


async def guide_all(parts: Dispatch, actor: Actor, incident: UUID) -> list[tuple[Assignment, Guided]]:
    """The ways of all who were sent to an incident and are not there yet, for the room. Raises NotFound."""
    async with parts.door.open(Ask(actor, Need.INCIDENTS_VIEW, about=About("incident", incident))) as tx:
        found = await incident_store.incident_of(tx, incident)
        if found is None:
            raise NotFound("There is no such incident.")
        sent = [one for one in await store.of_incident(tx, incident) if one.state in _ON_THE_WAY]
        units = [(one, await unit_store.unit_of(tx, one.unit)) for one in sent]
        graph = await parts.atlas.graph(tx)
        now = tx.now
    return [(one, await _guided(found, unit, graph, now=now)) for one, unit in units if unit is not None]


async def _guided(
    incident: Incident | None, unit: Unit, graph: StreetGraph | None, *, now: datetime
) -> Guided:
    target = incident.spot.point if incident else None
    age = age_of(unit.position_at, now=now)
    if target is None or unit.place is None:
        return Guided(None, unit.place, target, unit.position_at, age, _missing(unit, incident))
    # A search through a whole city is some 10 ms of CPU: not on the loop that everybody else waits for.
    route = await asyncio.to_thread(route_to, graph, target, unit.place)
    old = f" From where {unit.call_sign} was {age.words}." if age and age.stale else ""
    return Guided(route, unit.place, target, unit.position_at, age, route.eta.why + old)


async def own_assignment(tx: Tx, actor: Actor, assignment: UUID) -> tuple[Assignment, Unit]:
    """An assignment that the actor's unit is on now, and the unit. Raises NotFound, NotOnThisUnit."""
    found = await store.assignment_of(tx, assignment)
    if found is None:
        raise NotFound("There is no such assignment.")
    unit = await unit_store.unit_of_person(tx, actor.id)
    if unit is None or unit.id != found.unit or not found.state.is_open:
        raise NotOnThisUnit(found.call_sign)
    return found, unit


def _missing(unit: Unit, incident: Incident | None) -> str:
    if incident is None or incident.spot.point is None:
        return "Where the incident is on the map is not known; its place is known in words only."
    return f"Where {unit.call_sign} is is not known: its locator or this phone has not said it yet."
