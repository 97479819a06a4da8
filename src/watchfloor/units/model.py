"""The words of units: a unit, its crew, a position and its age. Values and pure decisions; no clock, no database."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from watchfloor.governance.model import Denied, Refused
from watchfloor.kit.canonical import canonical
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point

UnitId = NewType("UnitId", UUID)

# How long positions of units are kept. They say where officers were: no longer than a complaint about a night takes.
POSITIONS_KEPT_FOR: Final = timedelta(days=30)
# Past this a position is shown as old, with its age; a car goes a mile in the meantime.
STALE_AFTER: Final = timedelta(minutes=2)
# A device's clock may be this far ahead of ours before its time is not believed.
FUTURE_SKEW: Final = timedelta(minutes=5)
MOST_IN_A_BATCH: Final = 500
_FASTEST_MPS: Final = 120.0


class UnitState(StrEnum):
    """Whether a unit can be sent."""

    FREE = "free"
    ASSIGNED = "assigned"
    OFF = "off"  # nobody is on it


@dataclass(frozen=True, slots=True)
class Report:
    """A position as a device or a phone sent it; nothing of it is believed yet."""

    lat: float
    lon: float
    device_at: datetime | None = None
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a unit was: `at` is the time we go by, `device_at` what the device said, `received_at` when it came."""

    place: Point
    at: datetime
    device_at: datetime | None
    received_at: datetime
    clock_suspect: bool
    source_key: str
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Crew:
    """Somebody on a unit."""

    id: UUID
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is now. `busy_with` is the assignment it is on; `position_rule` its positions' retention."""

    id: UnitId
    call_sign: str
    position_rule: int
    crew: tuple[Crew, ...]
    place: Point | None
    position_at: datetime | None
    busy_with: UUID | None
    version: int
    heading_deg: float | None = None
    speed_mps: float | None = None

    @property
    def state(self) -> UnitState:
        if self.busy_with is not None:
            return UnitState.ASSIGNED
        return UnitState.FREE if self.crew else UnitState.OFF


class BadPosition(Invalid):
    """The position cannot be one."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, reason="bad_position")


class NotOnThisUnit(Refused):
    """Only who is on a unit says where it is, or what it does."""

    def __init__(self, call_sign: str) -> None:
        said = f"You are not on unit {call_sign}."
        super().__init__(Denied("not_on_this_unit", said, next_step="A supervisor can put you on it."))


def taken(report: Report, *, received_at: datetime) -> Position:
    """The position that a report gives. Device time counts when it is within retention before and 5 min after receipt.

    Raises BadPosition when the numbers cannot be a place, a speed or a heading, or name the point 0,0, which is what a
    receiver without a fix sends.
    """
    if not all(math.isfinite(x) for x in (report.lat, report.lon)) or (report.lat, report.lon) == (0.0, 0.0):
        raise BadPosition("latitude and longitude are no place: the receiver has no fix")
    try:
        place = Point(report.lat, report.lon)
    except ValueError as error:
        raise BadPosition(str(error)) from error
    _check("accuracy_m", report.accuracy_m, 0.0, 100_000.0)
    _check("speed_mps", report.speed_mps, 0.0, _FASTEST_MPS)
    _check("heading_deg", report.heading_deg, 0.0, 360.0)
    device_at = report.device_at
    believed = (
        device_at is not None and received_at - POSITIONS_KEPT_FOR <= device_at <= received_at + FUTURE_SKEW
    )
    heading = None if report.heading_deg is None else report.heading_deg % 360.0
    return Position(
        place=place,
        at=device_at if believed and device_at is not None else received_at,
        device_at=device_at,
        received_at=received_at,
        clock_suspect=device_at is not None and not believed,
        source_key=report.key or _key_of(report),
        accuracy_m=report.accuracy_m,
        speed_mps=report.speed_mps,
        heading_deg=heading,
    )


def _check(name: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not least <= value <= most:
        raise BadPosition(f"{name} is {value}; it lies between {least:g} and {most:g}")


def _key_of(report: Report) -> str:
    payload = {
        "at": rfc3339(report.device_at) if report.device_at else None,
        "lat": f"{report.lat:.7f}",
        "lon": f"{report.lon:.7f}",
    }
    return hashlib.sha256(canonical(payload)).hexdigest()


def newest(positions: Iterable[Position], *, after: datetime | None, now: datetime) -> Position | None:
    """The position that becomes the current one: the latest of these, unless what is known is later still.

    A known time that lies in the future came from a clock that ran ahead and holds nothing back.
    """
    latest = max(positions, key=lambda position: position.at, default=None)
    if latest is None or (after is not None and after <= now and latest.at <= after):
        return None
    return latest


@dataclass(frozen=True, slots=True)
class Age:
    """How old a position is, in seconds and in words; `stale` when a person should not rely on it."""

    seconds: float
    stale: bool
    words: str


def age_of(position_at: datetime | None, *, now: datetime) -> Age | None:
    """The age of a position; None when there is none."""
    if position_at is None:
        return None
    seconds = max(0.0, (now - position_at).total_seconds())
    stale = seconds > STALE_AFTER.total_seconds()
    if seconds < 60:
        return Age(seconds, stale, f"{seconds:.0f} s ago")
    if seconds < 3600:
        return Age(seconds, stale, f"{seconds / 60:.0f} min ago")
    return Age(
        seconds,
        stale,
        f"{seconds / 3600:.0f} h ago" if seconds < 86_400 else f"{seconds / 86_400:.0f} days ago",
    )
