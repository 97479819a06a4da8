"""All SQL of where cameras that turn stand and stood. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras.standing import COVERED_IN, FRESH, Stand, Stood
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA


@dataclass(frozen=True, slots=True)
class Followed:
    """A camera whose masks go by where it stands: whom to ask, what is known, when it was last told to turn."""

    camera: UUID
    device: str
    profile: str
    known: Stood | None
    turned_at: datetime | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """A camera that is about to be told to turn: how long to wait before, so that nobody is shown more of where it was known to stand;
    and by when it has heard it, if at all."""

    wait: timedelta
    by: datetime


def _stood(row: Row) -> Stood:
    stand = Stand(row["device"], row["pan"], row["tilt"], row["zoom"])
    return Stood(stand, row["from_at"], row["seen_at"], row["until_at"])


def device_name(row: Row) -> str:
    """By which the same numbers of another device are told apart."""
    if row["serial"]:
        return f"{row['serial']} {row['profile']}"
    return f"{row['address']} {row['profile']}"


@touches(_C, READ)
async def followed(tx: Tx) -> list[Followed]:
    """Every camera with masks that hold where it stands, and whose device is asked for that."""
    rows = await tx.fetch(
        "select d.camera_id, d.address, d.profile, d.serial, d.turned_at, s.device, s.pan, s.tilt, s.zoom, s.from_at, s.seen_at,"
        " s.until_at from camera_device d join camera c on c.id = d.camera_id left join camera_stand s on s.camera_id = c.id"
        " and s.until_at is null where c.removed_at is null and c.enabled and d.turns and exists (select 1 from camera_mask m"
        " where m.camera_id = c.id and m.removed_at is null and m.pan is not null) order by d.camera_id"
    )
    return [
        Followed(
            row["camera_id"],
            device_name(row),
            row["profile"],
            _stood(row) if row["device"] is not None else None,
            row["turned_at"],
        )
        for row in rows
    ]


@touches(_C, READ)
async def turned_at(tx: Tx, camera: UUID) -> datetime | None:
    """When it was last told to turn; while it is being told, when it has heard it at the latest."""
    row = await tx.fetch_one(
        "select turned_at from camera_device where camera_id = %(camera)s", camera=camera
    )
    return row["turned_at"] if row else None


@touches(_C, READ)
async def device_named(tx: Tx, camera: UUID) -> tuple[str, str] | None:
    """How the camera's device is told from others, and the profile by which it turns; None where it does not, as far as anybody knows."""
    row = await tx.fetch_one(
        "select address, profile, serial from camera_device where camera_id = %(camera)s and turns",
        camera=camera,
    )
    return (device_name(row), row["profile"]) if row else None


@touches(_C, READ)
async def now(tx: Tx) -> Mapping[UUID, Stood]:
    """Where each stands that is known to stand somewhere."""
    return {
        row["camera_id"]: _stood(row)
        for row in await tx.fetch("select * from camera_stand where until_at is null")
    }


@touches(_C, READ)
async def then(tx: Tx, camera: UUID, begin: datetime, end: datetime) -> list[Stood]:
    """Where it stood in a time, the oldest first."""
    rows = await tx.fetch(
        "select * from camera_stand where camera_id = %(camera)s and from_at < %(end)s"
        " and (until_at is null or until_at > %(begin)s) order by from_at",
        camera=camera,
        begin=begin,
        end=end,
    )
    return [_stood(row) for row in rows]


@touches(_C, READ, _C, WRITE)
async def keep(tx: Tx, camera: UUID, stood: Stood) -> None:
    """What is known of where it stands: seen there again, or gone from there, or there since now."""
    done = await tx.execute(
        "update camera_stand set seen_at = greatest(seen_at, %(seen)s), until_at = %(until)s where camera_id = %(camera)s"
        " and from_at = %(from)s and until_at is null",
        camera=camera,
        seen=stood.seen_at,
        until=stood.until_at,
        **{"from": stood.from_at},
    )
    if not done and stood.until_at is None and stood.from_at == stood.seen_at:
        stand = stood.stand
        # Told to turn meanwhile, it does not stand.
        await tx.execute(
            "insert into camera_stand (id, camera_id, agency_id, device, pan, tilt, zoom, from_at, seen_at) select %(id)s, %(camera)s,"
            " %(agency)s, %(device)s, %(pan)s, %(tilt)s, %(zoom)s, %(from)s, %(from)s from camera_device d where d.camera_id = %(camera)s"
            " and (d.turned_at is null or d.turned_at < %(from)s) on conflict (camera_id) where until_at is null do nothing",
            id=uuid7(tx.now),
            camera=camera,
            agency=tx.agency,
            device=stand.device,
            pan=stand.pan,
            tilt=stand.tilt,
            zoom=stand.zoom,
            **{"from": stood.from_at},
        )


@touches(_C, READ, _C, WRITE)
async def leaves(tx: Tx, camera: UUID, within: timedelta) -> Leaving:
    """It is about to be told to turn, which may take so long: as long as nobody knows whether it has heard it, it may be turning."""
    stood = await tx.execute(
        "update camera_stand set until_at = greatest(from_at, least(seen_at + %(fresh)s, %(now)s)) where camera_id = %(camera)s"
        " and until_at is null",
        camera=camera,
        fresh=FRESH,
        now=tx.now,
    )
    wait = COVERED_IN if stood else timedelta()
    leaving = Leaving(wait, tx.now + wait + within)
    await tx.execute(
        "update camera_device set turned_at = %(by)s where camera_id = %(camera)s",
        camera=camera,
        by=leaving.by,
    )
    return leaving


@touches(_C, WRITE)
async def told(tx: Tx, camera: UUID, leaving: Leaving) -> None:
    """Its device answered, or nobody waits for that any more: it was told to turn by now, unless it was told again meanwhile."""
    await tx.execute(
        "update camera_device set turned_at = %(now)s where camera_id = %(camera)s and turned_at = %(by)s",
        camera=camera,
        by=leaving.by,
        now=tx.now,
    )


@touches(_C, WRITE)
async def forget(tx: Tx, before: datetime) -> int:
    """Forget where cameras stood before; of what is older nobody knows, and all of it is covered."""
    return await tx.execute("delete from camera_stand where until_at < %(before)s", before=before)
