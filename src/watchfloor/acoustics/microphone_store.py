"""All SQL of the registry of microphones. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from watchfloor.acoustics.microphone import Microphone, MicrophoneId, Place, Spot
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_BY_NAME: Final = Order("microphones", (("name", "text"), ("id", "uuid")))


def _of_row(row: Row) -> Microphone:
    return Microphone(
        MicrophoneId(row["id"]),
        row["name"],
        Spot(Point(row["lat"], row["lon"]), row["height_m"], row["error_m"], row["mount"]),
        row["clock_bound_ms"],
        row["noise_db"],
        row["retired_at"] is not None,
        row["version"],
    )


def _to_row(new: Microphone) -> dict[str, object]:
    return {
        "id": new.id,
        "name": new.name,
        "lat": new.spot.point.lat,
        "lon": new.spot.point.lon,
        "height": new.spot.height_m,
        "error": new.spot.error_m,
        "mount": new.spot.mount,
        "clock_bound": new.clock_bound_ms,
        "noise": new.noise_db,
    }


@touches(DataClass.MICROPHONE, READ)
async def microphones(tx: Tx, extent: Extent | None = None) -> Cut[Microphone]:
    """Microphones of the agency, the retired included, by name; every one of them without an extent."""
    return (await tx.fetch_page("select * from microphone where true", _BY_NAME, extent)).of(_of_row)


@touches(DataClass.MICROPHONE, READ)
async def microphone(tx: Tx, microphone_id: UUID) -> Microphone | None:
    """One microphone."""
    row = await tx.fetch_one("select * from microphone where id = %(id)s", id=microphone_id)
    return _of_row(row) if row else None


@touches(DataClass.MICROPHONE, READ)
async def names_of(tx: Tx, microphones: Sequence[UUID]) -> dict[MicrophoneId, str]:
    """What these are called, the retired included."""
    rows = await tx.fetch("select id, name from microphone where id = any(%(ids)s)", ids=list(microphones))
    return {MicrophoneId(row["id"]): row["name"] for row in rows}


@touches(DataClass.MICROPHONE, READ)
async def in_service(tx: Tx, microphone_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these that are microphones of the agency, and not retired."""
    rows = await tx.fetch(
        "select id from microphone where id = any(%(ids)s) and retired_at is null", ids=list(microphone_ids)
    )
    return {row["id"] for row in rows}


@touches(DataClass.MICROPHONE, READ)
async def all_in_service(tx: Tx) -> list[UUID]:
    """Every microphone of the agency that is not retired."""
    rows = await tx.fetch("select id from microphone where retired_at is null order by id")
    return [row["id"] for row in rows]


@touches(DataClass.MICROPHONE, READ)
async def was_registered(tx: Tx, microphone_id: UUID) -> bool:
    """Whether there is or was such a microphone: what a hold can be of."""
    return await microphone(tx, microphone_id) is not None


@touches(DataClass.MICROPHONE, WRITE)
async def held(tx: Tx, microphone_id: UUID) -> Microphone | None:
    """One microphone; whoever else changes it waits until this transaction ends."""
    row = await tx.fetch_one("select * from microphone where id = %(id)s for update", id=microphone_id)
    return _of_row(row) if row else None


@touches(DataClass.MICROPHONE, WRITE)
async def insert(tx: Tx, new: Microphone) -> bool:
    """Register a microphone; False when the agency has one of that name."""
    count = await tx.execute(
        "insert into microphone (id, agency_id, name, lat, lon, height_m, error_m, clock_bound_ms, noise_db, mount, created_at,"
        " created_by, version) values (%(id)s, %(agency)s, %(name)s, %(lat)s, %(lon)s, %(height)s, %(error)s, %(clock_bound)s,"
        " %(noise)s, %(mount)s, %(now)s, %(by)s, 1) on conflict (agency_id, name) do nothing",
        agency=tx.agency,
        now=tx.now,
        by=tx.actor,
        **_to_row(new),
    )
    await _keep_place(tx, new.id)
    return count == 1


@touches(DataClass.MICROPHONE, WRITE)
async def change(tx: Tx, new: Microphone) -> bool:
    """Write what is registered of it anew; False when another has that name."""
    count = await tx.execute(
        "update microphone m set name = %(name)s, lat = %(lat)s, lon = %(lon)s, height_m = %(height)s, error_m = %(error)s,"
        " clock_bound_ms = %(clock_bound)s, noise_db = %(noise)s, mount = %(mount)s, version = version + 1"
        " where id = %(id)s and not exists (select from microphone o where o.id <> m.id and o.name = %(name)s)",
        **_to_row(new),
    )
    await _keep_place(tx, new.id)
    return count == 1


@touches(DataClass.MICROPHONE, WRITE)
async def _keep_place(tx: Tx, microphone_id: UUID) -> None:
    """Keep where it is registered, if that or its error is new."""
    await tx.execute(
        "insert into microphone_place (microphone_id, agency_id, version, lat, lon, height_m, error_m, since)"
        " select m.id, m.agency_id, m.version, m.lat, m.lon, m.height_m, m.error_m,"
        " case when (m.lat, m.lon, m.height_m) is distinct from (p.lat, p.lon, p.height_m) then %(now)s else p.since end"
        " from microphone m left join lateral (select * from microphone_place where microphone_id = m.id"
        " order by version desc limit 1) p on true where m.id = %(id)s"
        " and (m.lat, m.lon, m.height_m, m.error_m) is distinct from (p.lat, p.lon, p.height_m, p.error_m)",
        now=tx.now,
        id=microphone_id,
    )


@touches(DataClass.MICROPHONE, READ)
async def place(tx: Tx, microphone_id: UUID, version: int) -> Place | None:
    """Where it was registered as that version; None of a microphone that there is not, and of a version from before it was last moved, if
    that was before places were kept."""
    row = await tx.fetch_one(
        "select * from microphone_place where microphone_id = %(id)s and version <= %(version)s order by version desc limit 1",
        id=microphone_id,
        version=version,
    )
    return (
        Place(Point(row["lat"], row["lon"]), row["height_m"], row["error_m"], row["since"]) if row else None
    )


@touches(DataClass.MICROPHONE, WRITE)
async def retire(tx: Tx, microphone_id: UUID) -> None:
    """Take it out of service."""
    await tx.execute(
        "update microphone set retired_at = %(now)s, version = version + 1 where id = %(id)s and retired_at is null",
        now=tx.now,
        id=microphone_id,
    )
