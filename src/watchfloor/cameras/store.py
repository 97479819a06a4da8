"""All SQL of cameras: the registry, sealed logins, states, which recorder has which camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.cameras import carried_store, eye_store
from watchfloor.cameras.details import CameraKind, Details, FootageKept, Mount, Night
from watchfloor.cameras.model import Camera, CameraId, Carried, Said
from watchfloor.cameras.onvif import cover_store
from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.transport import Transport
from watchfloor.cameras.vault import Sealed
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.places.model import Box
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA
_BY_NAME: Final = Order("cameras", (("name", "text"), ("id", "uuid")))
# Degrees: about 500 m, so that one camera is an area too.
_AROUND: Final = 0.005

_CAMERA: Final[LiteralString] = (
    "select c.*,"
    " (select b.name from edge_camera e join edge_box b on b.id = e.box_id where e.camera_id = c.id) as box,"
    " exists (select from camera_secret s where s.camera_id = c.id)"
    " or exists (select from camera_site_secret s where s.site_id = c.site_id) as has_login,"
    " (select t.name from camera_site t where t.id = c.site_id) as site_name, s.status, s.reason,"
    " s.since, s.said_at, s.recording, s.last_frame_at, s.skew_ms, s.width, s.height, s.mime, s.repaired"
    " from camera c left join camera_state s on s.camera_id = c.id where c.removed_at is null"
)


@dataclass(frozen=True, slots=True)
class Held:
    """A camera this recorder has: its epoch, when it was taken, and whether it was taken from one that failed; since when that had it."""

    camera: UUID
    epoch: int
    taken_at: datetime
    failed: bool = False
    had_since: datetime | None = None


def _said(row: Row) -> Said | None:
    if row["status"] is None:
        return None
    return Said(
        CameraStatus(row["status"]), row["reason"], row["since"], row["said_at"], row["recording"], row["last_frame_at"],
        row["skew_ms"], row["width"], row["height"], row["mime"], row["repaired"],
    )  # fmt: skip


def _camera(row: Row) -> Camera:
    return Camera(
        CameraId(row["id"]),
        row["agency_id"],
        row["name"],
        TechnologyKind(row["technology"]),
        row["address"],
        row["place"],
        Point(row["lat"], row["lon"]),
        row["heading_deg"],
        row["enabled"],
        row["has_login"],
        row["version"],
        row["created_at"],
        _said(row),
        row["field_deg"],
        row["range_m"],
        row["sub_address"],
        _details(row),
        row["box"],
        row["site_name"],
        Carried(row["carrier"], row["carrier_id"]) if row["carrier"] else None,
        row["placed_at"],
        row["replay_address"],
        Transport(row["transport"]),
        row["certificate"],
    )


def _details(row: Row) -> Details:
    return Details(
        CameraKind(row["kind"]) if row["kind"] else None,
        Mount(row["mount"]) if row["mount"] else None,
        row["height_m"],
        Night(row["night"]),
        row["owner_text"],
        row["network_switch"],
        row["power_feed"],
        FootageKept(row["footage_kept"]),
        row["external_id"],
        row["site_id"],
        row["channel"],
    )


@touches(_C, READ)
async def cameras(tx: Tx, extent: Extent | None = None) -> Cut[Camera]:
    """Cameras that are not removed, by name; every one of them without an extent."""
    return (await tx.fetch_page(_CAMERA, _BY_NAME, extent)).of(_camera)


@touches(_C, READ)
async def reach(tx: Tx) -> Box | None:
    """The area in which cameras stand, with a few hundred metres around it; None without cameras."""
    row = await tx.fetch_one(
        "select min(lon) as west, min(lat) as south, max(lon) as east, max(lat) as north from camera where removed_at is null"
    )
    if row is None or row["west"] is None:
        return None
    return Box(
        max(row["west"] - _AROUND, -180.0),
        max(row["south"] - _AROUND, -90.0),
        min(row["east"] + _AROUND, 180.0),
        min(row["north"] + _AROUND, 90.0),
    )


@touches(_C, READ)
async def camera_of(tx: Tx, camera: UUID) -> Camera | None:
    """One camera."""
    row = await tx.fetch_one(_CAMERA + " and c.id = %(id)s", id=camera)
    return _camera(row) if row else None


@touches(_C, READ)
async def cameras_at(tx: Tx, sites: Sequence[UUID]) -> list[Camera]:
    """The cameras of these sites."""
    rows = await tx.fetch(_CAMERA + " and c.site_id = any(%(sites)s)", sites=list(sites))
    return [_camera(row) for row in rows]


@touches(_C, READ)
async def cameras_around(tx: Tx, place: Point, least_m: float) -> list[Camera]:
    """Cameras in use that reach as far as the place or stand within `least_m` of it, by the box around each."""
    rows = await tx.fetch(_CAMERA + eye_store.REACHES, **eye_store.reaching(place, least_m))
    return [_camera(row) for row in rows]


@touches(_C, READ)
async def cameras_into(tx: Tx, place: Point, radius_m: float, assumed_m: float) -> list[Camera]:
    """Cameras in use that may see something within the radius, by the box around each; `assumed_m` where nobody said how far."""
    rows = await tx.fetch(
        _CAMERA
        + " and c.enabled and abs(c.lat - %(lat)s) * 111000 <= coalesce(c.range_m, %(assumed)s) + %(radius)s"
        " and abs(mod((c.lon - %(lon)s + 540)::numeric, 360) - 180) * 111000 * cosd(%(lat)s)"
        " <= coalesce(c.range_m, %(assumed)s) + %(radius)s",
        lat=place.lat,
        lon=place.lon,
        radius=radius_m,
        assumed=assumed_m,
    )
    return [_camera(row) for row in rows]


@touches(_C, READ)
async def movable(tx: Tx) -> list[tuple[Camera, bool]]:
    """The cameras in use that could look elsewhere, on trailers or since they turn; and whether they turn."""
    turning = {row["camera_id"] for row in await tx.fetch("select camera_id from camera_device where turns")}
    rows = await tx.fetch(
        _CAMERA + " and c.enabled and (c.technology = %(trailer)s or c.id = any(%(turning)s))",
        trailer=TechnologyKind.MOBILE_TRAILER.value,
        turning=list(turning),
    )
    return [(_camera(row), row["id"] in turning) for row in rows]


@touches(_C, READ)
async def cameras_of(tx: Tx, cameras: Sequence[UUID]) -> list[Camera]:
    """These cameras, but those that were removed, by name."""
    rows = await tx.fetch(
        _CAMERA + " and c.id = any(%(cameras)s) order by c.name, c.id", cameras=list(cameras)
    )
    return [_camera(row) for row in rows]


@touches(_C, READ)
async def names_ever(tx: Tx, cameras: Sequence[UUID]) -> dict[UUID, str]:
    """The names of these cameras, those that were removed as well."""
    rows = await tx.fetch("select id, name from camera where id = any(%(cameras)s)", cameras=list(cameras))
    return {row["id"]: row["name"] for row in rows}


@touches(_C, READ)
async def was_registered(tx: Tx, camera: UUID) -> bool:
    """Whether there is such a camera, or was: what it recorded stays after it."""
    return await tx.fetch_one("select from camera where id = %(id)s", id=camera) is not None


@touches(_C, READ)
async def cameras_in_use(tx: Tx, cameras: Sequence[UUID]) -> list[Camera]:
    """Those of these cameras that are switched on."""
    rows = await tx.fetch(_CAMERA + " and c.enabled and c.id = any(%(cameras)s)", cameras=list(cameras))
    return [_camera(row) for row in rows]


@touches(_C, WRITE)
async def insert_camera(
    tx: Tx, camera: UUID, fields: Mapping[str, object], *, by: UUID | None = None
) -> bool:
    """Register a camera; False when the name or outside id is taken. `fields` are the columns people give, `by` who."""
    done = await tx.execute(
        "insert into camera (id, agency_id, name, technology, address, sub_address, replay_address, place, lat, lon, heading_deg,"
        " field_deg, range_m, enabled, kind, mount, height_m, night, owner_text, network_switch, power_feed, footage_kept, external_id,"
        " site_id, channel, transport, certificate, created_at, created_by, version) values (%(id)s, %(agency)s, %(name)s,"
        " %(technology)s, %(address)s,"
        " %(sub_address)s, %(replay_address)s, %(place)s, %(lat)s, %(lon)s, %(heading_deg)s, %(field_deg)s, %(range_m)s, %(enabled)s,"
        " %(kind)s, %(mount)s, %(height_m)s, %(night)s, %(owner_text)s, %(network_switch)s, %(power_feed)s, %(footage_kept)s,"
        " %(external_id)s, %(site_id)s, %(channel)s, %(transport)s, %(certificate)s, %(now)s, %(by)s, 1)"
        " on conflict do nothing",
        id=camera,
        agency=tx.agency,
        by=by or tx.actor,
        now=tx.now,
        **fields,
    )
    return bool(done)


@touches(_C, READ, _C, WRITE)
async def update_camera(tx: Tx, camera: UUID, fields: Mapping[str, object]) -> bool:
    """Change what people give; False when the name or outside id is taken by another. Of one that is carried the place stays."""
    before = await carried_store.before(tx, camera)
    if before is not None and before["carrier"] is not None:
        fields = {**fields, **{name: before[name] for name in carried_store.PLACE}}
    await cover_store.moves(tx, camera, fields["address"])
    await cover_store.leaves_site(tx, camera, fields["site_id"])
    done = await tx.execute(
        "update camera c set name = %(name)s, technology = %(technology)s, address = %(address)s, place = %(place)s,"
        " sub_address = %(sub_address)s, replay_address = %(replay_address)s, lat = %(lat)s, lon = %(lon)s, heading_deg = %(heading_deg)s,"
        " field_deg = %(field_deg)s, range_m = %(range_m)s, enabled = %(enabled)s, kind = %(kind)s, mount = %(mount)s,"
        " height_m = %(height_m)s, night = %(night)s, owner_text = %(owner_text)s, network_switch = %(network_switch)s,"
        " power_feed = %(power_feed)s, footage_kept = %(footage_kept)s, external_id = %(external_id)s,"
        " site_id = %(site_id)s, channel = %(channel)s, transport = %(transport)s, certificate = %(certificate)s, version = version + 1"
        " where c.id = %(id)s and c.removed_at is null and not exists (select from camera o where o.id <> c.id"
        " and o.removed_at is null and (o.name = %(name)s or o.external_id = %(external_id)s"
        " or o.site_id = %(site_id)s::uuid and o.channel = %(channel)s))",
        id=camera,
        **fields,
    )
    if done and before is not None:
        await carried_store.left(tx, camera, before)
    return bool(done)


@touches(_C, WRITE)
async def remove_camera(tx: Tx, camera: UUID) -> None:
    """Take a camera out of the registry. Its footage stays until its retention ends."""
    await tx.execute(
        "update camera set removed_at = %(now)s, enabled = false, version = version + 1"
        " where id = %(id)s and removed_at is null",
        id=camera,
        now=tx.now,
    )


@touches(DataClass.CAMERA_SECRET, WRITE)
async def put_secret(tx: Tx, camera: UUID, sealed: bytes | None) -> None:
    """Keep the sealed login, or forget it."""
    if sealed is None:
        await tx.execute("delete from camera_secret where camera_id = %(id)s", id=camera)
        return
    await tx.execute(
        "insert into camera_secret (camera_id, agency_id, sealed, changed_at, changed_by)"
        " values (%(id)s, %(agency)s, %(sealed)s, %(now)s, %(by)s) on conflict (camera_id)"
        " do update set sealed = excluded.sealed, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        id=camera,
        agency=tx.agency,
        sealed=sealed,
        now=tx.now,
        by=tx.actor,
    )


@touches(_C, DataClass.CAMERA_SECRET, READ)
async def secrets_of(tx: Tx, cameras: Sequence[UUID]) -> dict[UUID, Sealed]:
    """The sealed logins of these cameras: their own, else that of their site."""
    rows = await tx.fetch(
        "select c.id, s.sealed as own, t.sealed as of_site, c.site_id from camera c"
        " left join camera_secret s on s.camera_id = c.id left join camera_site_secret t on t.site_id = c.site_id"
        " where c.id = any(%(cameras)s) and coalesce(s.sealed, t.sealed) is not null",
        cameras=list(cameras),
    )
    return {
        row["id"]: Sealed(row["own"]) if row["own"] else Sealed(row["of_site"], row["site_id"])
        for row in rows
    }


@touches(_C, WRITE)
async def say(tx: Tx, states: Sequence[Mapping[str, object]]) -> None:
    """Keep what the recorder says of its cameras, all at once."""
    await tx.execute_many(
        "insert into camera_state (camera_id, agency_id, status, reason, since, said_at, recording, last_frame_at,"
        " skew_ms, width, height, mime, repaired) values (%(camera)s, %(agency)s, %(status)s, %(reason)s,"
        " %(since)s, %(now)s, %(recording)s, %(last_frame_at)s, %(skew_ms)s, %(width)s, %(height)s, %(mime)s,"
        " %(repaired)s)"
        " on conflict (camera_id) do update set status = excluded.status, reason = excluded.reason,"
        " since = excluded.since, said_at = excluded.said_at, recording = excluded.recording,"
        " last_frame_at = excluded.last_frame_at, skew_ms = excluded.skew_ms, width = excluded.width,"
        " height = excluded.height, mime = excluded.mime,"
        " repaired = excluded.repaired",
        [{**state, "agency": tx.agency, "now": tx.now} for state in states],
    )


@touches(DataClass.MACHINERY, READ)
async def tap_of(tx: Tx, camera: UUID) -> tuple[str, int] | None:
    """Where the camera's recorder can be tapped, and the epoch in which it has the camera; None when nobody has it."""
    row = await tx.fetch_one(
        "select w.url, a.epoch from camera_assignment a join worker w on w.id = a.worker_id"
        " where a.camera_id = %(camera)s and w.until > clock_timestamp() and w.url is not null",
        camera=camera,
    )
    return (row["url"], row["epoch"]) if row else None


@touches(DataClass.MACHINERY, READ)
async def held_by(tx: Tx, worker: UUID) -> list[Held]:
    """The cameras a recorder has."""
    rows = await tx.fetch(
        "select camera_id, epoch, taken_at from camera_assignment where worker_id = %(worker)s", worker=worker
    )
    return [Held(row["camera_id"], row["epoch"], row["taken_at"]) for row in rows]


@touches(_C, READ, DataClass.MACHINERY, READ)
async def turn(tx: Tx, worker: UUID, *, free: bool) -> str | None:
    """A word that is another whenever what a recorder has, or an entry of it, is; None when (`free`) one can be taken."""
    row = await tx.fetch_one(
        "select md5(coalesce(string_agg(concat_ws(' ', a.camera_id, a.epoch, c.version, c.enabled and c.removed_at is null"
        "), ',' order by a.camera_id), '')) as held, %(free)s and exists (select from camera c left join camera_assignment"
        " o on o.camera_id = c.id left join worker w on w.id = o.worker_id where c.removed_at is null and c.enabled"
        " and (w.id is null or w.until <= clock_timestamp())) as free from camera_assignment a join camera c"
        " on c.id = a.camera_id where a.worker_id = %(worker)s",
        worker=worker,
        free=free,
    )
    return str(row["held"]) if row and not row["free"] else None


@touches(_C, READ, DataClass.MACHINERY, READ, DataClass.MACHINERY, WRITE)
async def take(tx: Tx, worker: UUID, most: int) -> list[Held]:
    """Take cameras that no living recorder has, `most` at most; each taking raises the camera's epoch.

    Whether a recorder lives is judged by the database's clock. Two takers of one camera: the second finds it taken.
    """
    rows = await tx.fetch(
        "with free as (select c.id, w.id is not null and w.stopped_at is null as failed,"
        "   case when w.id is not null then a.taken_at end as had_since"
        "   from camera c left join camera_assignment a on a.camera_id = c.id left join worker w on w.id = a.worker_id"
        "   where c.removed_at is null and c.enabled and (w.id is null or w.until <= clock_timestamp())"
        "   order by c.id limit %(most)s for update of c skip locked),"
        " taken as (insert into camera_assignment as now_has (camera_id, agency_id, worker_id, epoch, taken_at)"
        "   select free.id, %(agency)s, %(worker)s, 1, clock_timestamp() from free"
        "   on conflict (camera_id) do update set worker_id = excluded.worker_id, epoch = now_has.epoch + 1,"
        "   taken_at = excluded.taken_at where now_has.worker_id <> excluded.worker_id and not exists"
        "   (select from worker w where w.id = now_has.worker_id and w.until > clock_timestamp())"
        "   returning camera_id, epoch, taken_at)"
        " select taken.*, free.failed, free.had_since from taken join free on free.id = taken.camera_id",
        agency=tx.agency,
        worker=worker,
        most=most,
    )
    return [Held(r["camera_id"], r["epoch"], r["taken_at"], r["failed"], r["had_since"]) for r in rows]


@touches(DataClass.MACHINERY, WRITE)
async def let_go(tx: Tx, worker: UUID, cameras: Sequence[UUID]) -> None:
    """Give cameras back; the row stays, for its epoch."""
    await tx.execute(
        "update camera_assignment set worker_id = %(nobody)s"
        " where worker_id = %(worker)s and camera_id = any(%(cameras)s)",
        worker=worker,
        cameras=list(cameras),
        nobody=UUID(int=0),
    )
