"""What the routes of units answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import Named, Place, UnitId
from watchfloor.units.model import UnitState


class Unit(TypedDict):
    """A unit, who is on it, and where it was last; `position_stale` is null where there is no position, or no time to judge it by."""

    id: UnitId
    call_sign: str
    state: UnitState
    place: Place | None
    position_at: datetime | None
    heading_deg: Annotated[float | None, Field(description="Where it goes, clockwise from north.")]
    speed_mps: float | None
    position_stale: bool | None
    crew: list[Named]
    version: int


class UnitNamed(TypedDict):
    """A unit inside another thing."""

    id: UnitId
    call_sign: str


class Reported(TypedDict):
    """What came of positions: how many were taken, how many were there before, and whether the unit is elsewhere now."""

    accepted: int
    repeated: int
    moved: bool
