"""Cameras that partner centers lend to us, and what is recorded here of them: kept as the recorder that has them learns it.

A partner's words are judged before they come here; what it lends, it says, and its own door decides each moment of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.partners.model import Lent
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA
NOT_HERE: Final = "It is no longer recorded here, as the registry says."
OTHER_LEAVE: Final = "It is recorded under another lending since."
# A stretch is as exact as a recorder knows it. Its center is asked once a minute under what, the first picture is of before it was opened,
# and one that has yet to hear that the registry was changed goes on: what lies so near a stretch may be of it, and is said to be.
_ABOUT: Final = timedelta(minutes=2)
_NEWEST: Final = Order("borrowed-cameras", (("since", "timestamptz"), ("id", "uuid")), down=True)
_BORROWED: Final[LiteralString] = (
    "select b.*, c.name as camera_name from borrowed_camera b join camera c on c.id = b.camera_id"
)
# One stretch at a time: a lending that follows another is a stretch of its own. Of what was opened at an address that the registry has no
# more nothing is believed: a recorder that has yet to hear of it speaks of another partner's camera, and not of the one that is borrowed.
_ENDS_OTHERS: Final[LiteralString] = (
    "update borrowed_camera b set ended_at = %(now)s, ended_why = %(why)s"
    " from unnest(%(cameras)s::uuid[], %(addresses)s::text[], %(lendings)s::text[]) as s (camera, address, lending)"
    " where b.camera_id = s.camera and b.address = s.address and b.ended_at is null and b.lending <> s.lending"
    " returning b.camera_id, b.lending"
)
_GOES_ON: Final[LiteralString] = (
    "update borrowed_camera b set until = s.until, last_at = %(now)s"
    " from unnest(%(cameras)s::uuid[], %(addresses)s::text[], %(untils)s::timestamptz[]) as s (camera, address, until)"
    " where b.camera_id = s.camera and b.address = s.address and b.ended_at is null"
)
# What the registry says otherwise by now begins nothing: its recorder has yet to hear of it.
_BEGINS: Final[LiteralString] = (
    "insert into borrowed_camera (id, camera_id, agency_id, center, address, lending, until, since, last_at)"
    " select s.id, c.id, %(agency)s, t.name, c.address, s.lending, s.until, least(s.since, %(now)s), %(now)s"
    " from unnest(%(ids)s::uuid[], %(cameras)s::uuid[], %(addresses)s::text[], %(lendings)s::text[], %(untils)s::timestamptz[],"
    " %(sinces)s::timestamptz[]) as s (id, camera, address, lending, until, since) join camera c on c.id = s.camera"
    " and c.address = s.address and c.enabled and c.removed_at is null and c.footage_kept is distinct from %(there)s"
    " join camera_site t on t.id = c.site_id on conflict (camera_id) where ended_at is null do nothing returning camera_id, lending, until"
)
# An address names the center and the camera over there: another one is another camera.
_NOT_THAT: Final[LiteralString] = (
    "update borrowed_camera b set ended_at = %(now)s, ended_why = %(why)s from camera c where c.id = b.camera_id"
    " and b.ended_at is null and (c.id = %(camera)s or c.site_id = %(site)s) and (c.removed_at is not null or not c.enabled"
    " or c.site_id is null or c.footage_kept = %(there)s or c.address <> b.address) returning b.camera_id, b.lending"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A camera that a recorder opened at an address, under what, and since when a picture of it may have been recorded so."""

    camera: UUID
    address: str
    lent: Lent
    since: datetime


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A stretch in which a camera of a partner is or was recorded here, under which leave; `ended_why` in the partner's words or ours.

    `last_at` is to the minute. One that ended and began again is two.
    """

    id: UUID
    camera: UUID
    camera_name: str
    center: str
    lending: str
    since: datetime
    last_at: datetime
    until: datetime
    ended_at: datetime | None
    ended_why: str | None

    def may_be_of(self, begin: datetime, end: datetime) -> bool:
        """Whether what was recorded in [begin, end) may have been recorded under it."""
        return self.since - _ABOUT < end and (self.ended_at is None or begin < self.ended_at + _ABOUT)

    def as_json(self) -> dict[str, Json]:
        """As a manifest of an export says under whose leave it was recorded."""
        return {
            "center": self.center,
            "lending": self.lending,
            "recorded_from": rfc3339(self.since),
            "recorded_to": rfc3339(self.ended_at or self.last_at),
            "lent_until": rfc3339(self.until),
        }


def _borrowed(row: Row) -> Borrowed:
    return Borrowed(
        row["id"], row["camera_id"], row["camera_name"], row["center"], row["lending"], row["since"], row["last_at"], row["until"],
        row["ended_at"], row["ended_why"],
    )  # fmt: skip


@touches(_C, WRITE)
async def records(tx: Tx, found: Sequence[Recorded]) -> None:
    """These cameras are recorded under these lendings; the log has when each stretch of that began, and when the one before ended."""
    cameras, lendings = [one.camera for one in found], [one.lent.lending for one in found]
    addresses, untils = [one.address for one in found], [one.lent.until for one in found]
    for row in await tx.fetch(
        _ENDS_OTHERS, cameras=cameras, addresses=addresses, lendings=lendings, why=OTHER_LEAVE, now=tx.now
    ):
        await _told_end(tx, row, OTHER_LEAVE)
    await tx.execute(_GOES_ON, cameras=cameras, addresses=addresses, untils=untils, now=tx.now)
    begun = await tx.fetch(
        _BEGINS, ids=[uuid7(tx.now) for _ in found], cameras=cameras, addresses=addresses, lendings=lendings, untils=untils,
        sinces=[one.since for one in found], agency=tx.agency, there=FootageKept.AT_SITE.value, now=tx.now,
    )  # fmt: skip
    for row in begun:
        more: dict[str, Json] = {"lending": row["lending"], "until": rfc3339(row["until"])}
        await effect(tx, "borrowed_camera.begun", About("camera", row["camera_id"]), more=more)


@touches(_C, WRITE)
async def ended(tx: Tx, camera: UUID, why: str) -> None:
    """Its center lends it no more; the log has that, once."""
    rows = await tx.fetch(
        "update borrowed_camera set ended_at = %(now)s, ended_why = %(why)s where camera_id = %(camera)s and ended_at is null"
        " returning camera_id, lending",
        camera=camera,
        why=why,
        now=tx.now,
    )
    for row in rows:
        await _told_end(tx, row, why)


@touches(_C, WRITE)
async def moved(tx: Tx, *, camera: UUID | None = None, site: UUID | None = None) -> None:
    """The registry was changed for a camera, or for all of a site: what is not the borrowed one any more is over."""
    for row in await tx.fetch(
        _NOT_THAT, camera=camera, site=site, there=FootageKept.AT_SITE.value, why=NOT_HERE, now=tx.now
    ):
        await _told_end(tx, row, NOT_HERE)


async def _told_end(tx: Tx, row: Row, why: str) -> None:
    more: dict[str, Json] = {"lending": row["lending"]}
    await effect(
        tx, "borrowed_camera.ended", About("camera", row["camera_id"]), more=more, detail={"why": why}
    )


@touches(_C, READ)
async def ever(tx: Tx, camera: UUID) -> bool:
    """Whether a camera was ever recorded here by its partner's leave."""
    return (
        await tx.fetch_one("select from borrowed_camera where camera_id = %(id)s limit 1", id=camera)
        is not None
    )


@touches(_C, READ)
async def over(tx: Tx, camera: UUID, begin: datetime, end: datetime) -> Sequence[Borrowed]:
    """Under what a camera was borrowed at some of that time, or may have been."""
    rows = await tx.fetch(
        _BORROWED
        + " where b.camera_id = %(camera)s and b.since < %(end)s and coalesce(b.ended_at, 'infinity') > %(begin)s"
        " order by b.since, b.lending",
        camera=camera,
        begin=begin - _ABOUT,
        end=end + _ABOUT,
    )
    return [_borrowed(row) for row in rows]


@touches(_C, READ)
async def borrowed(tx: Tx, extent: Extent) -> Cut[Borrowed]:
    """Every stretch in which a camera is or was borrowed, the newest first."""
    return (await tx.fetch_page(_BORROWED, _NEWEST, extent)).of(_borrowed)
