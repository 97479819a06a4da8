"""All SQL of planned work on cameras, and of the devices that a camera has had. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.cameras.onvif import cover_store
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA
_NEWEST: Final = Order("maintenance", (("from_at", "timestamptz"), ("id", "uuid")), down=True)


@dataclass(frozen=True, slots=True)
class Window:
    """Planned work: on which cameras, from when to when, why, and whose it is. `ended_at` is of one that ended early."""

    id: UUID
    label: str
    cameras: tuple[UUID, ...]
    from_at: datetime
    to_at: datetime
    reason: str
    planned_by: UUID
    planner: str
    planned_at: datetime
    ended_at: datetime | None

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.to_at if self.ended_at is None else min(self.to_at, self.ended_at)

    @property
    def sentence(self) -> str:
        """What stands at a gap within it."""
        return f"Planned work by {self.planner}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Device:
    """A device that a camera of the registry has or had; its model where somebody said so."""

    model: str
    began_at: datetime
    ended_at: datetime | None
    reason: str
    replaced_by: str


def _window(row: Row) -> Window:
    return Window(
        row["id"], row["label"], tuple(row["cameras"]), row["from_at"], row["to_at"], row["reason"], row["planned_by"],
        row["planner"], row["planned_at"], row["ended_at"],
    )  # fmt: skip


@touches(_C, READ)
async def cameras_of(tx: Tx, cameras: Sequence[UUID], switch: str | None, feed: str | None) -> list[UUID]:
    """The cameras that these ids, this switch or this power feed name."""
    rows = await tx.fetch(
        "select id from camera where removed_at is null and (id = any(%(ids)s) or network_switch = %(switch)s::text"
        " or power_feed = %(feed)s::text) order by id",
        ids=list(cameras),
        switch=switch,
        feed=feed,
    )
    return [row["id"] for row in rows]


@touches(_C, WRITE)
async def insert_window(tx: Tx, window: Window) -> None:
    """Keep planned work."""
    await tx.execute(
        "insert into maintenance_window (id, agency_id, label, cameras, from_at, to_at, reason, planned_by, planner, planned_at)"
        " values (%(id)s, %(agency)s, %(label)s, %(cameras)s, %(from)s, %(to)s, %(reason)s, %(by)s, %(name)s, %(now)s)",
        **{
            "id": window.id, "agency": tx.agency, "label": window.label, "cameras": list(window.cameras),
            "from": window.from_at, "to": window.to_at, "reason": window.reason, "by": window.planned_by,
            "name": window.planner, "now": window.planned_at,
        },
    )  # fmt: skip


@touches(_C, WRITE)
async def end_window(tx: Tx, window: UUID) -> None:
    """End planned work now."""
    await tx.execute(
        "update maintenance_window set ended_at = %(now)s, ended_by = %(by)s where id = %(id)s and ended_at is null",
        id=window,
        now=tx.now,
        by=tx.actor,
    )


@touches(_C, READ)
async def window_of(tx: Tx, window: UUID) -> Window | None:
    """One window."""
    row = await tx.fetch_one("select * from maintenance_window where id = %(id)s", id=window)
    return _window(row) if row else None


@touches(_C, READ)
async def windows(tx: Tx, extent: Extent) -> Cut[Window]:
    """Planned work, the latest first."""
    return (await tx.fetch_page("select * from maintenance_window", _NEWEST, extent)).of(_window)


@touches(_C, READ)
async def windows_over(
    tx: Tx, cameras: Sequence[UUID], begin: datetime, end: datetime
) -> dict[UUID, list[Window]]:
    """The planned work on each of these cameras that lies in [begin, end), the earliest first."""
    rows = await tx.fetch(
        "select * from maintenance_window where from_at < %(end)s and least(to_at, coalesce(ended_at, to_at)) > %(begin)s"
        " and cameras && %(cameras)s::uuid[] order by from_at, id",
        cameras=list(cameras),
        begin=begin,
        end=end,
    )
    found: dict[UUID, list[Window]] = {camera: [] for camera in cameras}
    for window in map(_window, rows):
        for camera in window.cameras:
            if camera in found:
                found[camera].append(window)
    return found


@touches(_C, READ)
async def now_planned(tx: Tx) -> dict[UUID, Window]:
    """The planned work that goes on now, by camera."""
    rows = await tx.fetch(
        "select * from maintenance_window where from_at <= %(now)s and to_at > %(now)s"
        " and coalesce(ended_at, to_at) > %(now)s order by from_at, id",
        now=tx.now,
    )
    return {camera: window for window in map(_window, rows) for camera in window.cameras}


@touches(_C, READ, _C, WRITE)
async def _ask_anew(tx: Tx, camera: UUID, host: str) -> Row | None:
    """Nothing is known of the device any more, and it is due to be asked, at its camera's host; the model that it was."""
    return await tx.fetch_one(
        "with before as (select model from camera_device where camera_id = %(camera)s)"
        " update camera_device set manufacturer = '', model = '', firmware = '', serial = '', turns = false, presets = '[]',"
        " clock_off_ms = null, asked_at = asked_at - interval '2 days', problem = 'The new device was not asked yet.',"
        " address = regexp_replace(address, '^(https?://)(\\[[^\\]]*\\]|[^/:]+)', '\\1' || %(host)s::text)"
        " where camera_id = %(camera)s returning (select model from before) as model",
        camera=camera,
        host=f"[{host}]" if ":" in host else host,
    )


@touches(_C, READ, _C, WRITE)
async def replace_device(tx: Tx, camera: UUID, device: str, host: str, reason: str, by: str) -> str:
    """The camera has another device from now on; the model of the one before, empty where nobody had said.

    What the old one said that it is goes, and what was acknowledged of it: the new one is due to be asked, and each thing that
    it can do is a change to tell.
    """
    asked = await _ask_anew(tx, camera, host)
    await cover_store.unheld(tx, [camera])
    await tx.execute("delete from camera_capability where camera_id = %(camera)s", camera=camera)
    ended = await tx.fetch_one(
        "update camera_replacement set ended_at = %(now)s where camera_id = %(camera)s and ended_at is null returning model",
        camera=camera,
        now=tx.now,
    )
    before = str((ended and ended["model"]) or (asked and asked["model"]) or "")
    row = {"camera": camera, "agency": tx.agency, "now": tx.now}
    if ended is None:
        # The first that it had, of which nobody wrote down more than that it was registered.
        await tx.execute(
            "insert into camera_replacement (id, camera_id, agency_id, model, began_at, ended_at, reason, replaced_by)"
            " select %(id)s, id, agency_id, %(model)s, created_at, %(now)s, '', '' from camera where id = %(camera)s",
            **row, id=uuid7(tx.now), model=before,
        )  # fmt: skip
    await tx.execute(
        "insert into camera_replacement (id, camera_id, agency_id, model, began_at, ended_at, reason, replaced_by)"
        " values (%(id)s, %(camera)s, %(agency)s, %(model)s, %(now)s, null, %(reason)s, %(by)s)",
        **row, id=uuid7(tx.now), model=device, reason=reason, by=by,
    )  # fmt: skip
    return before


@touches(_C, READ)
async def devices_of(tx: Tx, camera: UUID) -> list[Device]:
    """The devices a camera has had, the one it has first; nothing of one that was never replaced."""
    rows = await tx.fetch(
        "select * from camera_replacement where camera_id = %(camera)s order by began_at desc, id desc",
        camera=camera,
    )
    return [
        Device(row["model"], row["began_at"], row["ended_at"], row["reason"], row["replaced_by"])
        for row in rows
    ]
