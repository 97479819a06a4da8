"""A unit says where it is: late, twice and out of order are all well. It believes nobody about another's unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from watchfloor.governance.model import About, Actor, ActorKind, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid, NotFound, TooLarge
from watchfloor.storage.tx import Tx
from watchfloor.units import store
from watchfloor.units.change import CHANGED, Units
from watchfloor.units.model import MOST_IN_A_BATCH, NotOnThisUnit, Report, Unit, newest, taken


@dataclass(frozen=True, slots=True)
class Taken:
    """How many positions were new, how many were known already, and whether the current one moved."""

    accepted: int
    repeated: int
    moved: bool


async def report(units: Units, actor: Actor, unit: UUID, reports: Sequence[Report]) -> Taken:
    """Keep the positions of a unit, all or none; the latest becomes the current one.

    Raises Invalid (nothing, or a position that cannot be one), TooLarge, NotFound, or NotOnThisUnit.
    """
    if not reports:
        raise Invalid("There is no position in this.", reason="positions")
    if len(reports) > MOST_IN_A_BATCH:
        raise TooLarge(f"At most {MOST_IN_A_BATCH} positions are taken at once.")
    # The lease is the reporter's own: what one person may do must not be answered from what another was told.
    about = About("unit" if actor.kind is ActorKind.DEVICE else "person", actor.id)
    async with units.door.open(Ask(actor, Need.UNIT_POSITION, about=about)) as tx:
        found = await _own(tx, actor, unit)
        positions = [taken(report, received_at=tx.now) for report in reports]
        await store.ensure_days(tx, found.position_rule, sorted({p.at.date() for p in positions}))
        accepted = await store.insert_positions(tx, found, positions)
        latest = newest(positions, after=found.position_at, now=tx.now)
        moved = latest is not None and await store.set_current(tx, unit, latest)
        if moved:
            agency = tx.agency
            tx.after_commit(lambda: units.news(CHANGED, agency, unit))
            if units.moved is not None and latest is not None:
                await units.moved(tx, found, latest)
        return Taken(accepted, len(positions) - accepted, moved)


async def _own(tx: Tx, actor: Actor, unit: UUID) -> Unit:
    """The unit, if this is its own device or somebody on it."""
    if actor.kind is ActorKind.DEVICE and actor.id != unit:
        # Another unit's device learns nothing about which units there are.
        raise NotFound("There is no such unit.")
    found = await store.unit_of(tx, unit)
    if found is None:
        raise NotFound("There is no such unit.")
    if actor.kind is ActorKind.PERSON and actor.id not in {member.id for member in found.crew}:
        raise NotOnThisUnit(found.call_sign)
    return found
