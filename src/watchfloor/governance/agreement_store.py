"""All SQL by which the door learns what owners agreed. It decides nothing; the slice of owners changes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

from watchfloor.governance.agreement import Agreement, Agreements, Mode, Window
from watchfloor.governance.model import Ask
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.tx import Row, Tx, touches

# Where incidents are open: the slice that keeps them stands above and says.
OpenIncidents = Callable[[Tx], Awaitable[Sequence[Point]]]

# The agreement about a camera that was said yes to last, with the end of the owner's last yes to a request.
AGREEMENT: Final[LiteralString] = (
    "select a.*, (select max(y.until) from agreement_request y where y.agreement_id = a.id and y.yes) as yes_until"
    " from agreement a where a.agreed_at is not null"
)


def agreement_of(row: Row) -> Agreement:
    """The value of a row of `agreement`."""
    return Agreement(
        row["id"], row["camera_id"], Mode(row["mode"]), row["radius_m"], windows_of(row["hours"]), ZoneInfo(row["time_zone"]),
        Point(row["lat"], row["lon"]), row["begins_at"], row["ends_at"], row["suspended_at"], row["revoked_at"], row["yes_until"],
    )  # fmt: skip


def windows_of(kept: Sequence[Sequence[int]]) -> tuple[Window, ...]:
    """Windows as a row keeps them."""
    return tuple(Window(day, begin, end) for day, begin, end in kept)


@touches(DataClass.AGREEMENT, READ)
async def agreements(tx: Tx, cameras: Sequence[UUID]) -> dict[UUID, Agreement]:
    """What is agreed about these cameras: of each the newest that was said yes to."""
    rows = await tx.fetch(
        AGREEMENT + " and a.camera_id = any(%(cameras)s) order by a.agreed_at, a.id",
        cameras=list(cameras),
    )
    return {row["camera_id"]: agreement_of(row) for row in rows}


@touches(DataClass.AUDIT, READ)
async def suspensions(tx: Tx, agreement: UUID) -> list[tuple[datetime, datetime]]:
    """From when to when its owner had suspended it, as the log has it; one that is not over, until now."""
    rows = await tx.fetch(
        "select at, reason from audit_entry where about_id = %(agreement)s and kind = 'effect'"
        " and reason in ('agreement.suspended', 'agreement.resumed') order by at",
        agreement=agreement,
    )
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for row in rows:
        if row["reason"] == "agreement.suspended":
            since = since or row["at"]
        elif since is not None:
            found.append((since, row["at"]))
            since = None
    return found if since is None else [*found, (since, tx.now)]


@touches(DataClass.AGREEMENT, READ)
async def agreements_about(tx: Tx, asks: Sequence[Ask], incidents: OpenIncidents | None) -> Agreements:
    """What asks about owners' cameras rest on; nothing is read for others."""
    cameras = {
        ask.about.id
        for ask in asks
        if ask.technology is TechnologyKind.PRIVATE_CAMERA_LINK and ask.about is not None and ask.about.id
    }
    if not cameras:
        return Agreements()
    found = await agreements(tx, sorted(cameras))
    near = any(one.mode is Mode.INCIDENT for one in found.values())
    return Agreements(found, await incidents(tx) if near and incidents is not None else ())
