"""Work on cameras is planned, and ended early: a gap then has a cause and an owner, and nobody is alarmed. It stops no camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras import maintenance_store as store
from watchfloor.cameras.maintenance_store import Window
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.ids import uuid7

LONGEST: Final = timedelta(days=7)
# Whoever says “from now” took a moment to say it.
_PAST: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody plans: on cameras by name, or on all of one switch or power feed; from when to when, and why."""

    cameras: Sequence[UUID]
    network_switch: str | None
    power_feed: str | None
    from_at: datetime
    to_at: datetime
    reason: str


async def plan(door: Door, actor: Actor, wanted: Plan) -> Window:
    """Keep a window of planned work. Raises Invalid or Refused."""
    reason = " ".join(wanted.reason.split())
    ask = Ask(actor, Need.MAINTENANCE_CHANGE, about=About("maintenance"), detail={"reason": reason[:300]})
    async with door.open(ask) as tx:
        check(wanted, reason, tx.now)
        cameras = await store.cameras_of(
            tx, wanted.cameras, wanted.network_switch or None, wanted.power_feed or None
        )
        if not cameras or len(cameras) < len(set(wanted.cameras)):
            raise Invalid("There is no such camera, or none on it.", reason="cameras")
        window = Window(
            uuid7(tx.now), _label(wanted, len(cameras)), tuple(cameras), max(wanted.from_at, tx.now - _PAST),
            wanted.to_at, reason, actor.id, actor.name, tx.now, None,
        )  # fmt: skip
        await store.insert_window(tx, window)
        await effect(
            tx,
            "maintenance.planned",
            About("maintenance", window.id),
            detail={"label": window.label, "reason": reason},
            more={
                "cameras": len(cameras), "from": rfc3339(window.from_at), "to": rfc3339(window.to_at),
            },
        )  # fmt: skip
    return window


async def end(door: Door, actor: Actor, window: UUID) -> Window:
    """End planned work now: what is down from here on is an outage again. Raises NotFound, Conflict or Refused."""
    ask = Ask(actor, Need.MAINTENANCE_CHANGE, about=About("maintenance", window))
    async with door.open(ask) as tx:
        found = await store.window_of(tx, window)
        if found is None:
            raise NotFound("There is no such planned work.")
        if found.ends_at <= tx.now:
            raise Conflict("This planned work is over.", reason="over")
        await store.end_window(tx, window)
        await effect(tx, "maintenance.ended", About("maintenance", window))
        ended = await store.window_of(tx, window)
    if ended is None:
        raise NotFound("There is no such planned work.")
    return ended


def check(wanted: Plan, reason: str, now: datetime) -> None:
    """Raises Invalid for a plan that cannot be."""
    named = [bool(wanted.cameras), bool(wanted.network_switch), bool(wanted.power_feed)]
    if sum(named) != 1:
        raise Invalid("Name cameras, or a switch, or a power feed: one of them.", reason="cameras")
    if wanted.from_at < now - _PAST:
        raise Invalid("Work is planned before it begins; what is past cannot be planned.", reason="from")
    if not wanted.from_at < wanted.to_at <= wanted.from_at + LONGEST:
        raise Invalid("Planned work ends after it begins, within seven days.", reason="to")
    if not 3 <= len(reason) <= 300:
        raise Invalid("Say what is done, in 3 to 300 characters.", reason="reason")


def _label(wanted: Plan, count: int) -> str:
    if wanted.network_switch:
        return f"Switch {wanted.network_switch}"
    if wanted.power_feed:
        return f"Power feed {wanted.power_feed}"
    return "1 camera" if count == 1 else f"{count} cameras"
