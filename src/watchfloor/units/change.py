"""Units are created, crewed and retired: a use case each. It never says where a unit is; `report.py` does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import rule_for
from watchfloor.identity.people import issue_token
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Stale
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx
from watchfloor.units import store
from watchfloor.units.model import POSITIONS_KEPT_FOR, Crew, Position, Unit

CHANGED: Final = "units.unit.changed"
MOST_ON_A_UNIT: Final = 12

News = Callable[[str, UUID, UUID], Awaitable[None]]
# What goes with a unit that is elsewhere now, in the same transaction: the slices above say.
Moved = Callable[[Tx, Unit, Position], Awaitable[None]]
# What ends with a unit that is retired, in the same transaction.
Retired = Callable[[Tx, Unit], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Units:
    """What the use cases of units need: the door, where news goes (its type, the agency, the thing), what goes with a unit and ends
    with it."""

    door: Door
    news: News
    moved: Moved | None = None
    retired: Retired | None = None


async def create(units: Units, actor: Actor, call_sign: str) -> Unit:
    """A new unit, with nobody on it. Raises Conflict when the call sign is taken."""
    call_sign = " ".join(call_sign.split()).upper()
    if not 1 <= len(call_sign) <= 20:
        raise Invalid("A call sign has 1 to 20 characters.", reason="call_sign")
    async with units.door.open(Ask(actor, Need.UNITS_CHANGE)) as tx:
        unit = uuid7(tx.now)
        rule = await rule_for(tx, POSITIONS_KEPT_FOR)
        if not await store.insert_unit(tx, unit, call_sign, rule):
            raise Conflict(f"There is a unit {call_sign} already.", reason="call_sign_taken")
        await effect(tx, "unit.created", About("unit", unit), detail={"call_sign": call_sign})
        _tell(units, tx, unit)
        return await named(tx, await _there(tx, unit))


async def crew(
    units: Units, actor: Actor, unit: UUID, people: Sequence[UUID], *, version: int | None
) -> Unit:
    """Say who is on a unit; they leave the unit they were on. Raises NotFound, Invalid, Stale or Conflict."""
    people = list(dict.fromkeys(people))
    if len(people) > MOST_ON_A_UNIT:
        raise Invalid(f"At most {MOST_ON_A_UNIT} people are on a unit.", reason="people")
    ask = Ask(
        actor, Need.UNITS_CHANGE, about=About("unit", unit), detail={"people": [str(p) for p in people]}
    )
    async with units.door.open(ask) as tx:
        before = await _there(tx, unit)
        if version is not None and version != before.version:
            raise Stale("The unit was changed since you read it.", next_step="Read it again.")
        if not people and before.busy_with is not None:
            raise Conflict(f"{before.call_sign} is on an assignment; clear it first.", reason="unit_assigned")
        if len(await names_of(tx, people)) != len(people):
            raise Invalid("There is nobody of that id in this agency.", reason="people")
        await _check_others(tx, unit, people)
        await store.set_crew(tx, unit, people)
        await effect(tx, "unit.crewed", About("unit", unit), detail={"people": [str(p) for p in people]})
        _tell(units, tx, unit)
        return await named(tx, await _there(tx, unit))


async def _check_others(tx: Tx, unit: UUID, people: Sequence[UUID]) -> None:
    """A unit on an assignment must not be left empty because its crew was put on another."""
    for other in (await store.units(tx)).items:
        left = [member for member in other.crew if member.id not in people]
        if other.id != unit and other.busy_with is not None and other.crew and not left:
            raise Conflict(
                f"{other.call_sign} is on an assignment and would have nobody on it.", reason="unit_assigned"
            )


async def retire(units: Units, actor: Actor, unit: UUID) -> None:
    """Take a unit out of service, and back what was given to it. Raises NotFound, or Conflict while it is on an assignment."""
    async with units.door.open(Ask(actor, Need.UNITS_CHANGE, about=About("unit", unit))) as tx:
        before = await _there(tx, unit)
        if not await store.retire_unit(tx, unit):
            raise Conflict(f"{before.call_sign} is on an assignment; clear it first.", reason="unit_assigned")
        await effect(tx, "unit.retired", About("unit", unit))
        if units.retired is not None:
            await units.retired(tx, before)
        _tell(units, tx, unit)


async def token(units: Units, actor: Actor, unit: UUID) -> str:
    """A new token for the vehicle's own device, shown once; the earlier one ends. Raises NotFound."""
    async with units.door.open(Ask(actor, Need.DEVICES_CHANGE, about=About("unit", unit))) as tx:
        await _there(tx, unit)
        return await issue_token(tx, device=unit, kind="unit")


async def every(tx: Tx, extent: Extent | None = None) -> Cut[Unit]:
    """Units with the names of their crews, by call sign; all of them without an extent."""
    found = await store.units(tx, extent)
    names = await names_of(tx, [member.id for unit in found.items for member in unit.crew])
    return found.of(lambda unit: _with_names(unit, names))


async def named(tx: Tx, unit: Unit) -> Unit:
    """The unit with the names of its crew."""
    return _with_names(unit, await names_of(tx, [member.id for member in unit.crew]))


def _with_names(unit: Unit, names: dict[UUID, str]) -> Unit:
    return replace(unit, crew=tuple(Crew(member.id, names.get(member.id, "")) for member in unit.crew))


async def _there(tx: Tx, unit: UUID) -> Unit:
    found = await store.unit_of(tx, unit)
    if found is None:
        raise NotFound("There is no such unit.")
    return found


def _tell(units: Units, tx: Tx, unit: UUID) -> None:
    agency = tx.agency
    tx.after_commit(lambda: units.news(CHANGED, agency, unit))
