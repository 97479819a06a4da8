"""All SQL of units: the units, who is on them, where they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches
from watchfloor.units.model import Crew, Position, Unit, UnitId

_U: Final = DataClass.UNIT
_BY_CALL_SIGN: Final = Order("units", (("call_sign", "text"), ("id", "uuid")))

_UNIT: Final[LiteralString] = (
    "select u.*, array(select c.person_id from unit_crew c where c.unit_id = u.id and c.until is null"
    " order by c.since, c.person_id) as crew from unit u where u.retired_at is null"
)


def _unit(row: Row) -> Unit:
    known = row["lat"] is not None
    return Unit(
        id=UnitId(row["id"]),
        call_sign=row["call_sign"],
        position_rule=row["rule"],
        crew=tuple(Crew(person, "") for person in row["crew"]),
        place=Point(row["lat"], row["lon"]) if known else None,
        position_at=row["position_at"],
        busy_with=row["busy_with"],
        version=row["version"],
        heading_deg=row["heading_deg"] if known else None,
        speed_mps=row["speed_mps"] if known else None,
    )


@touches(_U, READ)
async def units(tx: Tx, extent: Extent | None = None) -> Cut[Unit]:
    """Units that are not retired, by call sign, crews without names; every one of them without an extent."""
    return (await tx.fetch_page(_UNIT, _BY_CALL_SIGN, extent)).of(_unit)


@touches(_U, READ)
async def unit_of(tx: Tx, unit: UUID) -> Unit | None:
    """One unit."""
    row = await tx.fetch_one(_UNIT + " and u.id = %(id)s", id=unit)
    return _unit(row) if row else None


@touches(_U, READ)
async def unit_of_person(tx: Tx, person: UUID) -> Unit | None:
    """The unit somebody is on at present."""
    of_person: LiteralString = (
        " and u.id = (select c.unit_id from unit_crew c where c.person_id = %(person)s and c.until is null)"
    )
    row = await tx.fetch_one(_UNIT + of_person, person=person)
    return _unit(row) if row else None


@touches(_U, WRITE)
async def insert_unit(tx: Tx, unit: UUID, call_sign: str, rule: int) -> bool:
    """Create a unit; False when the call sign is taken."""
    done = await tx.execute(
        "insert into unit (id, agency_id, call_sign, rule, created_by, created_at, version)"
        " values (%(id)s, %(agency)s, %(call_sign)s, %(rule)s, %(by)s, %(now)s, 1) on conflict do nothing",
        id=unit,
        agency=tx.agency,
        call_sign=call_sign,
        rule=rule,
        by=tx.actor,
        now=tx.now,
    )
    return bool(done)


@touches(_U, WRITE)
async def retire_unit(tx: Tx, unit: UUID) -> bool:
    """Take a unit out of service, its crew off it; False while it is on an assignment, or not there."""
    done = await tx.execute(
        "update unit set retired_at = %(now)s, version = version + 1"
        " where id = %(id)s and retired_at is null and busy_with is null",
        id=unit,
        now=tx.now,
    )
    if done:
        await tx.execute(
            "update unit_crew set until = %(now)s where unit_id = %(id)s and until is null",
            id=unit,
            now=tx.now,
        )
    return bool(done)


@touches(_U, WRITE)
async def set_crew(tx: Tx, unit: UUID, people: Sequence[UUID]) -> None:
    """These people, and nobody else, are on the unit from now; they leave whatever unit they were on."""
    await tx.execute(
        "update unit_crew set until = %(now)s where until is null"
        " and ((unit_id = %(unit)s and not person_id = any(%(people)s))"
        "   or (unit_id <> %(unit)s and person_id = any(%(people)s)))",
        unit=unit,
        people=list(people),
        now=tx.now,
    )
    await tx.execute_many(
        "insert into unit_crew (unit_id, agency_id, person_id, since, set_by)"
        " values (%(unit)s, %(agency)s, %(person)s, %(now)s, %(by)s)"
        " on conflict (person_id) where until is null do nothing",
        [{"unit": unit, "agency": tx.agency, "person": p, "now": tx.now, "by": tx.actor} for p in people],
    )
    await tx.execute("update unit set version = version + 1 where id = %(unit)s", unit=unit)


@touches(_U, WRITE)
async def occupy(tx: Tx, unit: UUID, assignment: UUID) -> bool:
    """Take the unit for an assignment; False when another has it, or nobody is on it: whoever is first has it."""
    done = await tx.execute(
        "update unit u set busy_with = %(assignment)s, version = version + 1"
        " where u.id = %(unit)s and u.busy_with is null and u.retired_at is null"
        " and exists (select from unit_crew c where c.unit_id = u.id and c.until is null)",
        unit=unit,
        assignment=assignment,
    )
    return bool(done)


@touches(_U, WRITE)
async def release(tx: Tx, unit: UUID, assignment: UUID) -> None:
    """Let the unit go, if this assignment still has it."""
    await tx.execute(
        "update unit set busy_with = null, version = version + 1 where id = %(unit)s and busy_with = %(assignment)s",
        unit=unit,
        assignment=assignment,
    )


@touches(DataClass.UNIT_POSITION, WRITE)
async def ensure_days(tx: Tx, rule: int, days: Sequence[date]) -> None:
    """Make room for positions of these days where there is none: the sweep makes it ahead, late positions need older.

    Two makers at once take turns; nobody waits while there is nothing to make.
    """
    rows = await tx.fetch(
        "select day from unnest(%(days)s::date[]) as wanted (day)"
        " where to_regclass(wf_partition_name('unit_position', %(rule)s::smallint, day)) is null",
        rule=rule,
        days=list(days),
    )
    if not rows:
        return
    await tx.execute("select pg_advisory_xact_lock(hashtext('wf_partitions'))")
    for row in rows:
        await tx.execute(
            "call wf_partition_create('unit_position', %(rule)s::smallint, %(day)s)",
            rule=rule,
            day=row["day"],
        )


@touches(DataClass.UNIT_POSITION, WRITE)
async def insert_positions(tx: Tx, unit: Unit, positions: Sequence[Position]) -> int:
    """Keep positions; one that was kept before is passed over. The number of new ones.

    A position whose clock is not believed has our time, which differs from try to try: it is known by its key alone.
    """
    counts = await tx.execute_many(
        "insert into unit_position (agency_id, rule, at, unit_id, source_key, lat, lon, accuracy_m, speed_mps,"
        " heading_deg, device_at, received_at, clock_suspect)"
        " select %(agency)s, %(rule)s, %(at)s, %(unit)s, %(key)s, %(lat)s, %(lon)s, %(accuracy)s, %(speed)s,"
        " %(heading)s, %(device_at)s, %(received_at)s, %(suspect)s"
        " where not exists (select from unit_position p where p.unit_id = %(unit)s and p.source_key = %(key)s"
        "   and p.rule = %(rule)s and p.at > %(received_at)s - interval '1 hour' and p.clock_suspect)"
        " on conflict do nothing",
        [
            {
                "agency": tx.agency,
                "rule": unit.position_rule,
                "at": position.at,
                "unit": unit.id,
                "key": position.source_key,
                "lat": position.place.lat,
                "lon": position.place.lon,
                "accuracy": position.accuracy_m,
                "speed": position.speed_mps,
                "heading": position.heading_deg,
                "device_at": position.device_at,
                "received_at": position.received_at,
                "suspect": position.clock_suspect,
            }
            for position in positions
        ],
    )
    return sum(counts)


@touches(_U, WRITE)
async def set_current(tx: Tx, unit: UUID, position: Position) -> bool:
    """Make this the current position unless a later one came meanwhile."""
    done = await tx.execute(
        "update unit set lat = %(lat)s, lon = %(lon)s, accuracy_m = %(accuracy)s, speed_mps = %(speed)s,"
        " heading_deg = %(heading)s, position_at = %(at)s, position_received_at = %(received_at)s,"
        " clock_suspect = %(suspect)s"
        " where id = %(id)s and (position_at is null or position_at < %(at)s or position_at > %(now)s)",
        id=unit,
        lat=position.place.lat,
        lon=position.place.lon,
        accuracy=position.accuracy_m,
        speed=position.speed_mps,
        heading=position.heading_deg,
        at=position.at,
        received_at=position.received_at,
        suspect=position.clock_suspect,
        now=tx.now,
    )
    return bool(done)
