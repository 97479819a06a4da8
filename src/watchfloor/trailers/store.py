"""All SQL of trailers: each one, where it was placed, what it said of itself last. It decides nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches
from watchfloor.trailers.model import (
    Ended,
    Lights,
    Placement,
    PlacementId,
    Status,
    Switched,
    Told,
    Trailer,
    TrailerId,
)
from watchfloor.units.model import Position

_T: Final = DataClass.TRAILER
_BY_NAME: Final = Order("trailers", (("name", "text"), ("id", "uuid")))
_NEWEST: Final = Order("placements", (("placed_at", "timestamptz"), ("id", "uuid")), down=True)

_TRAILER: Final[LiteralString] = (
    "select t.id, t.name, t.version, s.lat, s.lon, s.position_at, s.clock_suspect, s.doubt, s.away_since, s.moved_at, s.battery_pct,"
    " s.solar_w, s.signal_dbm, s.carrier, s.lights, s.heard_at, s.lights_asked, s.lights_asked_at, s.lights_asked_by, s.lights_ok,"
    " s.lights_answer, p.id as placement_id, p.place, p.lat as placed_lat, p.lon as placed_lon, p.heading_deg, p.reason,"
    " p.placed_at, p.placed_by, p.authorisation_id,"
    " exists (select from trailer_placement e where e.trailer_id = t.id) as ever_placed, t.lights_url from trailer t"
    " left join trailer_state s on s.trailer_id = t.id"
    " left join trailer_placement p on p.trailer_id = t.id and p.ended_at is null where t.retired_at is null"
)


def _trailer(row: Row) -> Trailer:
    placement = None
    if row["placement_id"] is not None:
        placement = Placement(
            PlacementId(row["placement_id"]), TrailerId(row["id"]), row["place"],
            Point(row["placed_lat"], row["placed_lon"]), row["heading_deg"], row["reason"], row["placed_at"], row["placed_by"],
            row["authorisation_id"],
        )  # fmt: skip
    return Trailer(
        TrailerId(row["id"]),
        row["name"],
        row["version"],
        placement,
        row["ever_placed"],
        _told(row),
        row["lights_url"],
    )


def _told(row: Row) -> Told:
    switched = None
    if row["lights_asked"] is not None:
        switched = Switched(
            Lights(row["lights_asked"]), row["lights_asked_at"], row["lights_asked_by"], row["lights_ok"], row["lights_answer"]
        )  # fmt: skip
    return Told(
        Point(row["lat"], row["lon"]) if row["lat"] is not None else None,
        row["position_at"],
        bool(row["clock_suspect"]),
        row["doubt"],
        row["away_since"],
        row["moved_at"],
        row["battery_pct"],
        row["solar_w"],
        row["signal_dbm"],
        row["carrier"],
        Lights(row["lights"]) if row["lights"] else None,
        row["heard_at"],
        switched,
    )


def placement_of_row(row: Row) -> Placement:
    """The value of a row of `trailer_placement`."""
    return Placement(
        PlacementId(row["id"]), TrailerId(row["trailer_id"]), row["place"], Point(row["lat"], row["lon"]), row["heading_deg"],
        row["reason"], row["placed_at"], row["placed_by"], row["authorisation_id"], row["ended_at"], row["ended_by"],
        Ended(row["ended_how"]) if row["ended_how"] else None,
    )  # fmt: skip


@touches(_T, READ)
async def trailers(tx: Tx, extent: Extent | None = None) -> Cut[Trailer]:
    """Trailers that are not retired, by name; every one of them without an extent."""
    return (await tx.fetch_page(_TRAILER, _BY_NAME, extent)).of(_trailer)


@touches(_T, READ)
async def trailer_of(tx: Tx, trailer: UUID) -> Trailer | None:
    """One trailer."""
    row = await tx.fetch_one(_TRAILER + " and t.id = %(id)s", id=trailer)
    return _trailer(row) if row else None


@touches(_T, WRITE)
async def lock(tx: Tx, trailer: UUID) -> None:
    """Whoever else changes this trailer waits until this transaction ends."""
    await tx.execute("select from trailer where id = %(id)s for update", id=trailer)


@touches(_T, WRITE)
async def insert_trailer(tx: Tx, trailer: UUID, name: str) -> bool:
    """Register a trailer; False when the name is taken."""
    done = await tx.execute(
        "insert into trailer (id, agency_id, name, created_at, created_by, version)"
        " values (%(id)s, %(agency)s, %(name)s, %(now)s, %(by)s, 1) on conflict do nothing",
        id=trailer,
        agency=tx.agency,
        name=name,
        now=tx.now,
        by=tx.actor,
    )
    if done:
        await tx.execute(
            "insert into trailer_state (trailer_id, agency_id, clock_suspect) values (%(id)s, %(agency)s, false)",
            id=trailer,
            agency=tx.agency,
        )
    return bool(done)


@touches(_T, WRITE)
async def rename(tx: Tx, trailer: UUID, name: str) -> bool:
    """Give it this name, and say that it was changed; False when another has the name."""
    done = await tx.execute(
        "update trailer t set name = %(name)s, version = version + 1 where id = %(id)s and not exists"
        " (select from trailer o where o.id <> t.id and o.name = %(name)s and o.retired_at is null)",
        id=trailer,
        name=name,
    )
    return bool(done)


@touches(_T, WRITE)
async def retire(tx: Tx, trailer: UUID) -> None:
    """Take it out of service. Where it stood, and what was counted there, stays."""
    await tx.execute(
        "update trailer set retired_at = %(now)s, version = version + 1 where id = %(id)s and retired_at is null",
        id=trailer,
        now=tx.now,
    )


@touches(_T, WRITE)
async def end_placement(tx: Tx, trailer: UUID, how: Ended, *, by: UUID | None) -> None:
    """It stands there no more."""
    await tx.execute(
        "update trailer_placement set ended_at = %(now)s, ended_by = %(by)s, ended_how = %(how)s"
        " where trailer_id = %(trailer)s and ended_at is null",
        trailer=trailer,
        how=how.value,
        by=by,
        now=tx.now,
    )


@touches(_T, WRITE)
async def insert_placement(tx: Tx, placement: Placement) -> None:
    """It stands there from now on; whatever it said of being away is of before."""
    await tx.execute(
        "insert into trailer_placement (id, agency_id, trailer_id, place, lat, lon, heading_deg, reason, placed_at, placed_by,"
        " authorisation_id) values (%(id)s, %(agency)s, %(trailer)s, %(place)s, %(lat)s, %(lon)s, %(heading)s, %(reason)s,"
        " %(at)s, %(by)s, %(authorisation)s)",
        id=placement.id, agency=tx.agency, trailer=placement.trailer, place=placement.place_text, lat=placement.place.lat,
        lon=placement.place.lon, heading=placement.heading_deg, reason=placement.reason, at=placement.placed_at,
        by=placement.placed_by, authorisation=placement.authorisation,
    )  # fmt: skip
    await tx.execute(
        "update trailer_state set away_since = null, moved_at = null, doubt = null where trailer_id = %(id)s",
        id=placement.trailer,
    )


@touches(_T, WRITE)
async def touch(tx: Tx, trailer: UUID) -> None:
    """It was changed: what was read of it before is stale."""
    await tx.execute("update trailer set version = version + 1 where id = %(id)s", id=trailer)


@touches(_T, READ)
async def placements(tx: Tx, trailer: UUID, extent: Extent | None = None) -> Cut[Placement]:
    """Where a trailer was placed, the newest first."""
    rows = await tx.fetch_page(
        "select * from trailer_placement where trailer_id = %(trailer)s", _NEWEST, extent, trailer=trailer
    )
    return rows.of(placement_of_row)


@touches(_T, WRITE)
async def keep_status(tx: Tx, trailer: UUID, status: Status) -> None:
    """Keep what it said of its condition; what it said nothing of stays."""
    await tx.execute(
        "update trailer_state set battery_pct = coalesce(%(battery)s, battery_pct), solar_w = coalesce(%(solar)s, solar_w),"
        " signal_dbm = coalesce(%(signal)s, signal_dbm), carrier = coalesce(%(carrier)s, carrier),"
        " lights = coalesce(%(lights)s, lights), heard_at = %(now)s where trailer_id = %(id)s",
        id=trailer,
        battery=status.battery_pct,
        solar=status.solar_w,
        signal=status.signal_dbm,
        carrier=status.carrier,
        lights=status.lights.value if status.lights else None,
        now=tx.now,
    )


@touches(_T, WRITE)
async def keep_position(tx: Tx, trailer: UUID, position: Position, away_since: datetime | None) -> None:
    """Keep where it says that it is."""
    await tx.execute(
        "update trailer_state set lat = %(lat)s, lon = %(lon)s, position_at = %(at)s, clock_suspect = %(suspect)s, doubt = null,"
        " away_since = %(away)s where trailer_id = %(id)s",
        id=trailer,
        lat=position.place.lat,
        lon=position.place.lon,
        at=position.at,
        suspect=position.clock_suspect,
        away=away_since,
    )


@touches(_T, WRITE)
async def keep_doubt(tx: Tx, trailer: UUID, doubt: str) -> None:
    """Keep why its newest position was not believed."""
    await tx.execute(
        "update trailer_state set doubt = %(doubt)s where trailer_id = %(id)s", id=trailer, doubt=doubt
    )


@touches(_T, WRITE)
async def say_moved(tx: Tx, trailer: UUID) -> None:
    """It is away, and nobody said so."""
    await tx.execute(
        "update trailer_state set moved_at = coalesce(moved_at, %(now)s), away_since = coalesce(away_since, %(now)s)"
        " where trailer_id = %(id)s",
        id=trailer,
        now=tx.now,
    )


@touches(_T, WRITE)
async def keep_switched(tx: Tx, trailer: UUID, switched: Switched) -> None:
    """Keep who switched its lights, and what came of it; where it did, that is how they are."""
    await tx.execute(
        "update trailer_state set lights_asked = %(asked)s, lights_asked_at = %(at)s, lights_asked_by = %(by)s, lights_ok = %(ok)s,"
        " lights_answer = %(answer)s, lights = case when %(ok)s then %(asked)s else lights end where trailer_id = %(id)s",
        id=trailer,
        asked=switched.asked.value,
        at=switched.at,
        by=switched.by,
        ok=switched.ok,
        answer=switched.answer,
    )


@touches(_T, DataClass.CAMERA_SECRET, WRITE)
async def keep_lights(tx: Tx, trailer: UUID, url: str, sealed: bytes) -> None:
    """Keep where its lights are switched, and the sealed secret of that."""
    await tx.execute(
        "update trailer set lights_url = %(url)s, version = version + 1 where id = %(id)s",
        id=trailer,
        url=url,
    )
    await tx.execute(
        "insert into trailer_lights (trailer_id, agency_id, sealed, changed_at, changed_by)"
        " values (%(id)s, %(agency)s, %(sealed)s, %(now)s, %(by)s) on conflict (trailer_id) do update"
        " set sealed = excluded.sealed, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        id=trailer,
        agency=tx.agency,
        sealed=sealed,
        now=tx.now,
        by=tx.actor,
    )


@touches(_T, DataClass.CAMERA_SECRET, WRITE)
async def forget_lights(tx: Tx, trailer: UUID) -> None:
    """Forget how its lights are switched."""
    await tx.execute(
        "update trailer set lights_url = null, version = version + 1 where id = %(id)s", id=trailer
    )
    await tx.execute("delete from trailer_lights where trailer_id = %(id)s", id=trailer)


@touches(DataClass.CAMERA_SECRET, READ)
async def secret_of(tx: Tx, trailer: UUID) -> bytes | None:
    """The sealed secret by which the switching of its lights is signed."""
    row = await tx.fetch_one("select sealed from trailer_lights where trailer_id = %(id)s", id=trailer)
    return row["sealed"] if row else None
