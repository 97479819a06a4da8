"""All SQL of plate readers that stand on trailers, and of where readers stood before. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_R: Final = DataClass.READER


@dataclass(frozen=True, slots=True)
class Move:
    """A reader and where it stands from now on."""

    reader: UUID
    place_text: str
    place: Point
    heading_deg: float | None


@touches(_R, READ)
async def places(tx: Tx, readers: Sequence[UUID]) -> dict[UUID, Point]:
    """Where these readers stand now."""
    rows = await tx.fetch("select id, lat, lon from reader where id = any(%(ids)s)", ids=list(readers))
    return {row["id"]: Point(row["lat"], row["lon"]) for row in rows}


@touches(_R, READ)
async def on_trailer(tx: Tx, trailer: UUID) -> dict[UUID, float | None]:
    """The readers of a trailer, and how far the heading of each is from its own."""
    rows = await tx.fetch(
        "select id, offset_deg from reader where trailer_id = %(trailer)s and retired_at is null order by name, id",
        trailer=trailer,
    )
    return {row["id"]: row["offset_deg"] for row in rows}


@touches(_R, WRITE)
async def carry(tx: Tx, reader: UUID, trailer: UUID, offset_deg: float | None) -> bool:
    """Say that a reader stands on a trailer; False when it stands on another."""
    done = await tx.execute(
        "update reader set trailer_id = %(trailer)s, offset_deg = %(offset)s where id = %(id)s and retired_at is null"
        " and (trailer_id is null or trailer_id = %(trailer)s)",
        id=reader,
        trailer=trailer,
        offset=offset_deg,
    )
    return bool(done)


@touches(_R, WRITE)
async def put_down(tx: Tx, trailer: UUID, readers: Sequence[UUID] | None = None) -> None:
    """These readers, or all of a trailer, stand on it no more; they stand where they stand."""
    await tx.execute(
        "update reader set trailer_id = null, offset_deg = null where trailer_id = %(trailer)s"
        " and (%(readers)s::uuid[] is null or id = any(%(readers)s))",
        trailer=trailer,
        readers=None if readers is None else list(readers),
    )


@touches(_R, WRITE)
async def move(tx: Tx, moves: Sequence[Move]) -> None:
    """These readers stand elsewhere from now on; where they stood until now is kept."""
    rows = [
        {
            "id": one.reader, "place": one.place_text, "lat": one.place.lat, "lon": one.place.lon,
            "heading": one.heading_deg, "now": tx.now,
        }
        for one in moves
    ]  # fmt: skip
    await tx.execute_many(
        "insert into reader_stood (reader_id, agency_id, since, until, place, lat, lon, heading_deg)"
        " select id, agency_id, coalesce(placed_at, created_at), %(now)s, place, lat, lon, heading_deg from reader"
        " where id = %(id)s and coalesce(placed_at, created_at) < %(now)s and (place, lat, lon, heading_deg) is distinct from"
        " (%(place)s::text, %(lat)s::float8, %(lon)s::float8, %(heading)s::real) on conflict do nothing",
        rows,
    )
    await tx.execute_many(
        "update reader set place = %(place)s, lat = %(lat)s, lon = %(lon)s, heading_deg = %(heading)s, placed_at = %(now)s"
        " where id = %(id)s",
        rows,
    )
