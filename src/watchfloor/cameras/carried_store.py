"""All SQL of cameras that something carries, and of where cameras stood before. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.governance.moving import There
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a camera stands or stood, and which way it looked; `until` is None where it stands now."""

    camera: UUID
    place_text: str
    place: Point
    heading_deg: float | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Move:
    """A camera and where it stands from now on; `erase_after` is when the place that it leaves is forgotten, None with the camera."""

    camera: UUID
    place_text: str
    place: Point
    heading_deg: float | None
    erase_after: datetime | None = None


_STANDS: Final[LiteralString] = (
    "select * from (select camera_id, place, lat, lon, heading_deg, since, until from camera_stood union all"
    " select id, place, lat, lon, heading_deg, coalesce(placed_at, created_at), null from camera) s"
)


def _standing(row: Row) -> Standing:
    return Standing(
        row["camera_id"], row["place"], Point(row["lat"], row["lon"]), row["heading_deg"], row["since"], row["until"]
    )  # fmt: skip


@touches(_C, READ)
async def places(tx: Tx, cameras: Sequence[UUID]) -> dict[UUID, Point]:
    """Where these cameras stand now."""
    return {camera: there.place for camera, there in (await there_now(tx, cameras)).items()}


@touches(_C, READ)
async def there_now(tx: Tx, cameras: Sequence[UUID]) -> dict[UUID, There]:
    """Where these cameras stand now, and what each of them is."""
    rows = await tx.fetch(
        "select id, lat, lon, technology from camera where id = any(%(ids)s)", ids=list(cameras)
    )
    return {
        row["id"]: There(Point(row["lat"], row["lon"]), TechnologyKind(row["technology"])) for row in rows
    }


@touches(_C, READ)
async def stood_at(tx: Tx, camera: UUID, at: datetime) -> Standing | None:
    """Where a camera stood at a time: before it was registered, where it stood first. None where there is no such camera."""
    row = await tx.fetch_one(
        _STANDS + " where camera_id = %(camera)s and (until is null or until > %(at)s)"
        " order by until nulls last limit 1",
        camera=camera,
        at=at,
    )
    return _standing(row) if row else None


@touches(_C, READ)
async def stood_between(tx: Tx, begin: datetime, end: datetime) -> dict[UUID, list[Standing]]:
    """Of the cameras that moved since `begin`: where each stood within [begin, end), the first place first."""
    rows = await tx.fetch(
        _STANDS + " where camera_id in (select o.camera_id from camera_stood o where o.until > %(begin)s)"  # noqa: S608  # ours
        " and (until is null or until > %(begin)s) order by camera_id, until nulls last",
        begin=begin,
    )
    found: dict[UUID, list[Standing]] = {}
    for standing in map(_standing, rows):
        own = found.setdefault(standing.camera, [])
        # What was first known of it holds before that, too.
        if not own or standing.since < end:
            own.append(standing)
    return found


@touches(_C, READ)
async def places_of(tx: Tx, camera: UUID, most: int) -> list[Standing]:
    """Where a camera stands and stood, the place it has now first."""
    rows = await tx.fetch(
        _STANDS + " where camera_id = %(camera)s order by until desc nulls first limit %(most)s",
        camera=camera,
        most=most,
    )
    return [_standing(row) for row in rows]


@touches(_C, READ)
async def offsets_of(tx: Tx, carrier: UUID) -> dict[UUID, float | None]:
    """The cameras that something carries, and how far the heading of each is from its own."""
    rows = await tx.fetch(
        "select id, offset_deg from camera where carrier_id = %(carrier)s and removed_at is null order by name, id",
        carrier=carrier,
    )
    return {row["id"]: row["offset_deg"] for row in rows}


@touches(_C, WRITE)
async def carry(tx: Tx, camera: UUID, kind: str, carrier: UUID, offset_deg: float | None) -> bool:
    """Say what carries a camera; False when something else does."""
    done = await tx.execute(
        "update camera set carrier = %(kind)s, carrier_id = %(carrier)s, offset_deg = %(offset)s where id = %(id)s"
        " and removed_at is null and (carrier_id is null or carrier_id = %(carrier)s)",
        id=camera,
        kind=kind,
        carrier=carrier,
        offset=offset_deg,
    )
    return bool(done)


@touches(_C, WRITE)
async def put_down(tx: Tx, carrier: UUID, cameras: Sequence[UUID] | None = None) -> None:
    """These cameras, or all that something carries, are carried no more; they stand where they stand."""
    await tx.execute(
        "update camera set carrier = null, carrier_id = null, offset_deg = null where carrier_id = %(carrier)s"
        " and (%(cameras)s::uuid[] is null or id = any(%(cameras)s))",
        carrier=carrier,
        cameras=None if cameras is None else list(cameras),
    )


@touches(_C, WRITE)
async def move(tx: Tx, moves: Sequence[Move]) -> None:
    """These cameras stand elsewhere from now on; where they stood until now is kept. It is no change of their entries."""
    rows = [
        {
            "id": one.camera, "place": one.place_text, "lat": one.place.lat, "lon": one.place.lon,
            "heading": one.heading_deg, "erase": one.erase_after, "now": tx.now,
        }
        for one in moves
    ]  # fmt: skip
    await tx.execute_many(_LEAVE, rows)
    await tx.execute_many(
        "update camera set place = %(place)s, lat = %(lat)s, lon = %(lon)s, heading_deg = %(heading)s, placed_at = %(now)s"
        " where id = %(id)s",
        rows,
    )


# Two places of one moment are one: the later is kept.
_LEAVE: Final[LiteralString] = (
    "insert into camera_stood (camera_id, agency_id, since, until, place, lat, lon, heading_deg, erase_after)"
    " select id, agency_id, coalesce(placed_at, created_at), %(now)s, place, lat, lon, heading_deg, %(erase)s from camera"
    " where id = %(id)s and coalesce(placed_at, created_at) < %(now)s and (place, lat, lon, heading_deg) is distinct from"
    " (%(place)s::text, %(lat)s::float8, %(lon)s::float8, %(heading)s::real) on conflict do nothing"
)
PLACE: Final = ("place", "lat", "lon", "heading_deg")


@touches(_C, READ)
async def before(tx: Tx, camera: UUID) -> Row | None:
    """Where a camera stands as its entry is about to change, since when, and whether something carries it."""
    return await tx.fetch_one(
        "select place, lat, lon, heading_deg, carrier, coalesce(placed_at, created_at) as since from camera where id = %(id)s",
        id=camera,
    )


@touches(_C, WRITE)
async def left(tx: Tx, camera: UUID, stood: Row) -> None:
    """Keep where a camera stood until its entry was changed, if that was elsewhere."""
    gone = await tx.execute(
        "insert into camera_stood (camera_id, agency_id, since, until, place, lat, lon, heading_deg)"
        " select id, agency_id, %(since)s, %(now)s, %(place)s, %(lat)s, %(lon)s, %(heading)s from camera c where id = %(id)s"
        " and %(since)s::timestamptz < %(now)s and (c.place, c.lat, c.lon, c.heading_deg) is distinct from"
        " (%(place)s::text, %(lat)s::float8, %(lon)s::float8, %(heading)s::real) on conflict do nothing",
        id=camera,
        since=stood["since"],
        place=stood["place"],
        lat=stood["lat"],
        lon=stood["lon"],
        heading=stood["heading_deg"],
        now=tx.now,
    )
    if gone:
        await tx.execute("update camera set placed_at = %(now)s where id = %(id)s", id=camera, now=tx.now)
