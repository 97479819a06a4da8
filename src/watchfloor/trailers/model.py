"""The words of trailers: a trailer, a placement, what it says of itself. Values and pure decisions; no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point, distance_m
from watchfloor.units.model import Position

TrailerId = NewType("TrailerId", UUID)
PlacementId = NewType("PlacementId", UUID)

MOST_REPORTS: Final = 100
# No trailer is hauled faster: a position that would need it is a receiver's error.
FASTEST_MPS: Final = 60.0
# Nearer than this a jump is the ordinary error of a receiver.
_JUMP_M: Final = 300.0
# A position no better than this says nothing about whether the trailer was moved.
VAGUE_M: Final = 200.0
# On the way its cameras follow it by steps of this: each is a place in their history.
STEP_M: Final = 25.0


class Lights(StrEnum):
    """What the lights of a trailer do."""

    OFF = "off"
    ON = "on"
    STROBE = "strobe"


class Ended(StrEnum):
    """How a placement ended. `moved` is the trailer's own word: it is away, and nobody said so."""

    PLACED = "placed"
    TAKEN_AWAY = "taken_away"
    MOVED = "moved"
    RETIRED = "retired"


class TrailerStanding(StrEnum):
    """How a trailer stands: where it was placed, on its way, away without anybody's word, or never placed yet."""

    PLACED = "placed"
    UNDER_WAY = "under_way"
    MOVED = "moved"
    NOT_PLACED = "not_placed"


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on a person is warned: the settings of trailers."""

    moved_m: float
    battery_low_pct: float
    signal_low_dbm: float
    stale_after: timedelta


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a trailer was placed, from when to when, by whom and why; `authorisation` is what it stood under at first."""

    id: PlacementId
    trailer: TrailerId
    place_text: str
    place: Point
    heading_deg: float
    reason: str
    placed_at: datetime
    placed_by: UUID
    authorisation: UUID | None
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    ended_how: Ended | None = None


@dataclass(frozen=True, slots=True)
class Switched:
    """The last time somebody switched the lights, and what came of it."""

    asked: Lights
    at: datetime
    by: UUID
    ok: bool
    answer: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a trailer last said of itself. `doubt` is why its newest position was not believed."""

    place: Point | None = None
    position_at: datetime | None = None
    clock_suspect: bool = False
    doubt: str | None = None
    away_since: datetime | None = None
    moved_at: datetime | None = None
    battery_pct: float | None = None
    solar_w: float | None = None
    signal_dbm: float | None = None
    carrier: str | None = None
    lights: Lights | None = None
    heard_at: datetime | None = None
    switched: Switched | None = None


@dataclass(frozen=True, slots=True)
class Trailer:
    """A trailer as it is now."""

    id: TrailerId
    name: str
    version: int
    placement: Placement | None
    ever_placed: bool
    told: Told
    lights_url: str | None = None

    @property
    def standing(self) -> TrailerStanding:
        if self.told.moved_at is not None:
            return TrailerStanding.MOVED
        if self.placement is not None:
            return TrailerStanding.PLACED
        return TrailerStanding.UNDER_WAY if self.ever_placed else TrailerStanding.NOT_PLACED

    @property
    def place(self) -> Point | None:
        """Where it stands, as far as anybody knows: where it was placed, else where it says that it is."""
        return self.placement.place if self.placement is not None else self.told.place


@dataclass(frozen=True, slots=True)
class Status:
    """What a trailer says of its condition; None where it says nothing of it."""

    battery_pct: float | None = None
    solar_w: float | None = None
    signal_dbm: float | None = None
    carrier: str | None = None
    lights: Lights | None = None

    @property
    def empty(self) -> bool:
        return self == Status()


class BadReport(Invalid):
    """What was sent cannot be what a trailer says."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail, reason=name)


def checked(status: Status) -> Status:
    """The same, with the name of the network in one line. Raises BadReport."""
    bounds = (
        ("battery_pct", status.battery_pct, 0.0, 100.0),
        ("solar_w", status.solar_w, 0.0, 10_000.0),
        ("signal_dbm", status.signal_dbm, -150.0, 0.0),
    )
    for name, value, least, most in bounds:
        if value is not None and not least <= value <= most:
            raise BadReport(name, f"{name} is {value}; it lies between {least:g} and {most:g}.")
    carrier = " ".join((status.carrier or "").split())
    if len(carrier) > 40 or not carrier.isprintable():
        raise BadReport("carrier", "The name of the network has at most 40 characters that can be printed.")
    return Status(status.battery_pct, status.solar_w, status.signal_dbm, carrier or None, status.lights)


def doubt_of(position: Position, told: Told) -> str | None:
    """Why a position is not believed: too vague, or farther from the last one than a trailer gets in that time."""
    if position.accuracy_m is not None and position.accuracy_m > VAGUE_M:
        return f"The position is only good to {position.accuracy_m:.0f} m."
    if told.place is None or told.position_at is None:
        return None
    far = distance_m(told.place, position.place)
    seconds = max(1.0, (position.at - told.position_at).total_seconds())
    if far > _JUMP_M and far / seconds > FASTEST_MPS:
        return f"The position is {far / 1000:.1f} km from the last one {seconds:.0f} s before; no trailer is hauled so fast."
    return None


def is_away(position: Position, placement: Placement, limits: Limits) -> bool:
    """Whether a position says that the trailer is not where it was placed, its error taken off."""
    return distance_m(position.place, placement.place) - (position.accuracy_m or 0.0) > limits.moved_m


def heading_of(carrier_deg: float, offset_deg: float | None) -> float | None:
    """Where what is on a trailer looks, by how far its heading is from the trailer's; None where nobody said."""
    return None if offset_deg is None else (carrier_deg + offset_deg) % 360.0


def offset_of(heading_deg: float | None, carrier_deg: float | None) -> float | None:
    """How far a heading is from that of the trailer: of one that stands nowhere yet, from north."""
    return None if heading_deg is None else (heading_deg - (carrier_deg or 0.0)) % 360.0
