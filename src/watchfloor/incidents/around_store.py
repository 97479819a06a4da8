"""All SQL of what happened around a place in a span of time: alerts and incidents, for a camera's time bar. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_COLUMNS: Final[LiteralString] = "select id, at, level, title from "
# What is past its retention is not there, though the sweep be late.
_AROUND: Final[LiteralString] = (
    " where (erase_after is null or erase_after > %(now)s) and at >= %(begin)s and at < %(end)s"
    " and abs(lat - %(lat)s) * 111000 <= %(within)s and abs(lon - %(lon)s) * 111000 * cosd(%(lat)s) <= %(within)s"
)
_ALERTS: Final = Order("alerts around", (("at", "timestamptz"), ("id", "uuid")))
_INCIDENTS: Final = Order("incidents around", (("at", "timestamptz"), ("id", "uuid")))


@dataclass(frozen=True, slots=True)
class Around:
    """A place, how far around it, and from when to when."""

    place: Point
    within_m: float
    begin: datetime
    end: datetime


@touches(DataClass.ALERT, READ)
async def alerts_around(tx: Tx, around: Around, extent: Extent) -> Cut[Row]:
    """Alerts of there and then, the first one first."""
    return await tx.fetch_page(
        _COLUMNS + "alert" + _AROUND + " and state <> 'kept_back'", _ALERTS, extent, **_params(tx, around)
    )


@touches(DataClass.INCIDENT, READ)
async def incidents_around(tx: Tx, around: Around, extent: Extent) -> Cut[Row]:
    """Incidents of there and then, the first one first."""
    return await tx.fetch_page(_COLUMNS + "incident" + _AROUND, _INCIDENTS, extent, **_params(tx, around))


def _params(tx: Tx, around: Around) -> dict[str, object]:
    return {
        "now": tx.now,
        "begin": around.begin,
        "end": around.end,
        "lat": around.place.lat,
        "lon": around.place.lon,
        "within": around.within_m,
    }
