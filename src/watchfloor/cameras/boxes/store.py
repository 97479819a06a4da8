"""All SQL of edge boxes: who they are, by what they are known, which cameras they have, what they last said. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.cameras.boxes.model import Box, BoxCamera, Said
from watchfloor.cameras.boxes.wire import DiskTrouble
from watchfloor.cameras.model import Camera
from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA
_BY_NAME: Final = Order("edge_boxes", (("name", "text"), ("id", "uuid")))
_BOX: Final[LiteralString] = (
    "select b.*, s.linked_at, s.seen_at, s.software, s.clock_off_ms, s.kept_bytes, s.most_bytes, s.oldest_at, s.missing, s.disk, s.lost,"
    " coalesce((select jsonb_agg(jsonb_build_array(c.id, c.name, split_part(c.address, '/', 3)) order by c.name)"
    " from edge_camera e join camera c on c.id = e.camera_id where e.box_id = b.id and c.removed_at is null), '[]') as cameras"
    " from edge_box b left join edge_state s on s.box_id = b.id where true"
)


def _box(row: Row) -> Box:
    said = None
    if row["seen_at"] is not None:
        said = Said(
            row["linked_at"], row["seen_at"], row["software"], row["clock_off_ms"], row["kept_bytes"], row["most_bytes"],
            row["oldest_at"], tuple(row["missing"]), DiskTrouble(row["disk"]) if row["disk"] else None, row["lost"],
        )  # fmt: skip
    cameras = tuple(BoxCamera(UUID(camera), name, key) for camera, name, key in row["cameras"])
    return Box(
        row["id"], row["agency_id"], row["name"], row["created_at"], row["code_until"], row["enrolled_at"],
        row["certificate_until"], row["revoked_at"], row["version"], cameras,
        tuple(bytes(one) for one in row["certificates"]), said,
    )  # fmt: skip


@touches(_C, READ)
async def boxes(tx: Tx, extent: Extent | None = None) -> Cut[Box]:
    """Edge boxes that were not revoked, by name."""
    return (await tx.fetch_page(_BOX + " and b.revoked_at is null", _BY_NAME, extent)).of(_box)


@touches(_C, READ)
async def box_of(tx: Tx, box: UUID) -> Box | None:
    """One of them, also when it was revoked."""
    row = await tx.fetch_one(_BOX + " and b.id = %(id)s", id=box)
    return _box(row) if row else None


@touches(_C, READ)
async def owners_of(tx: Tx, cameras: Sequence[UUID]) -> dict[UUID, str]:
    """The names of the boxes that have these cameras, by camera."""
    rows = await tx.fetch(
        "select e.camera_id, b.name from edge_camera e join edge_box b on b.id = e.box_id where e.camera_id = any(%(cameras)s)",
        cameras=list(cameras),
    )
    return {row["camera_id"]: row["name"] for row in rows}


@touches(_C, READ)
async def waiting(tx: Tx) -> list[BoxCamera]:
    """Cameras that are registered as behind a box and that no box has, by name."""
    rows = await tx.fetch(
        "select c.id, c.name, split_part(c.address, '/', 3) as key from camera c where c.removed_at is null"
        " and c.address like 'edge://%%' and not exists (select from edge_camera e where e.camera_id = c.id) order by c.name limit 500"
    )
    return [BoxCamera(row["id"], row["name"], row["key"]) for row in rows]


@touches(_C, WRITE)
async def insert_box(tx: Tx, box: UUID, name: str) -> bool:
    """A new box; False when the name is taken."""
    done = await tx.execute(
        "insert into edge_box (id, agency_id, name, created_at, created_by, version) values (%(id)s, %(agency)s, %(name)s,"
        " %(now)s, %(by)s, 1) on conflict do nothing",
        id=box,
        agency=tx.agency,
        name=name,
        now=tx.now,
        by=tx.actor,
    )
    return bool(done)


@touches(_C, WRITE)
async def put_code(tx: Tx, box: UUID, hashed: bytes, until: datetime) -> None:
    """A one-time code in place of any before."""
    await tx.execute(
        "update edge_box set code_hash = %(hash)s, code_until = %(until)s, version = version + 1 where id = %(id)s",
        id=box,
        hash=hashed,
        until=until,
    )


@touches(_C, WRITE)
async def use_code(tx: Tx, box: UUID, hashed: bytes) -> bool:
    """Use up the code of a box; False when it is another, was used, is over, or the box was revoked."""
    done = await tx.execute(
        "update edge_box set code_hash = null, code_until = null, version = version + 1 where id = %(id)s"
        " and code_hash = %(hash)s and code_until > %(now)s and revoked_at is null",
        id=box,
        hash=hashed,
        now=tx.now,
    )
    return bool(done)


@touches(_C, WRITE)
async def put_certificates(tx: Tx, box: UUID, fingerprints: Sequence[bytes], until: datetime) -> None:
    """By what the box is known from now on; who had it before and is not among them is nobody."""
    await tx.execute(
        "update edge_box set certificates = %(prints)s, certificate_until = %(until)s,"
        " enrolled_at = coalesce(enrolled_at, %(now)s), version = version + 1 where id = %(id)s",
        id=box,
        prints=list(fingerprints),
        until=until,
        now=tx.now,
    )


@touches(_C, WRITE)
async def add_certificate(tx: Tx, box: UUID, has: bytes, fresh: bytes, until: datetime) -> bool:
    """The next certificate of whoever has that one; False when that one holds no more."""
    done = await tx.execute(
        "update edge_box set certificates = array[%(has)s, %(fresh)s]::bytea[], certificate_until = %(until)s,"
        " version = version + 1 where id = %(id)s and %(has)s::bytea = any(certificates) and revoked_at is null",
        id=box,
        has=has,
        fresh=fresh,
        until=until,
    )
    return bool(done)


@touches(_C, WRITE)
async def revoke(tx: Tx, box: UUID) -> None:
    """The box is nobody any more, and has no cameras."""
    await tx.execute("delete from edge_camera where box_id = %(id)s", id=box)
    await tx.execute(
        "update edge_box set revoked_at = %(now)s, revoked_by = %(by)s, certificates = '{}', code_hash = null,"
        " code_until = null, version = version + 1 where id = %(id)s",
        id=box,
        now=tx.now,
        by=tx.actor,
    )


@touches(_C, WRITE)
async def put_cameras(tx: Tx, box: UUID, cameras: Sequence[Camera]) -> None:
    """The box has these cameras and no others."""
    await tx.execute(
        "delete from edge_camera where box_id = %(id)s and camera_id <> all(%(cameras)s)",
        id=box,
        cameras=[camera.id for camera in cameras],
    )
    await tx.execute_many(
        "insert into edge_camera (camera_id, agency_id, box_id) values (%(camera)s, %(agency)s, %(box)s)"
        " on conflict (camera_id) do update set box_id = excluded.box_id",
        [{"camera": camera.id, "agency": tx.agency, "box": box} for camera in cameras],
    )
    await tx.execute("update edge_box set version = version + 1 where id = %(id)s", id=box)


@touches(_C, WRITE)
async def say(tx: Tx, box: UUID, said: Mapping[str, object]) -> None:
    """Keep what a box says, or that it is away."""
    await tx.execute(
        "insert into edge_state (box_id, agency_id, linked_at, seen_at, software, clock_off_ms, kept_bytes, most_bytes, oldest_at,"
        " missing, disk, lost) values (%(box)s, %(agency)s, %(linked_at)s, %(seen_at)s, %(software)s, %(clock_off_ms)s, %(kept_bytes)s,"
        " %(most_bytes)s, %(oldest_at)s, %(missing)s, %(disk)s, %(lost)s)"
        " on conflict (box_id) do update set linked_at = excluded.linked_at,"
        " seen_at = excluded.seen_at, software = excluded.software, clock_off_ms = excluded.clock_off_ms,"
        " kept_bytes = excluded.kept_bytes, most_bytes = excluded.most_bytes, oldest_at = excluded.oldest_at,"
        " missing = excluded.missing, disk = excluded.disk, lost = excluded.lost",
        box=box,
        agency=tx.agency,
        **said,
    )


@touches(_C, WRITE)
async def gone(tx: Tx, box: UUID) -> None:
    """The box's connection is over."""
    await tx.execute("update edge_state set linked_at = null where box_id = %(box)s", box=box)
