"""The SQL of where cameras stand and look: which of them may be for a place. It decides nothing."""

from __future__ import annotations

import math
from typing import Final, LiteralString

from watchfloor.cameras.model import Eye
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_METRES_A_DEGREE: Final = 111_000.0
_HALF_ROUND_DEG: Final = 180.0
_EYE: Final[LiteralString] = (
    "select c.id, c.name, c.lat, c.lon, c.heading_deg, c.field_deg, c.range_m from camera c where c.removed_at is null"
)
# What an index finds comes first: of ten thousand cameras the rest is reckoned of hundreds.
REACHES: Final[LiteralString] = (
    " and (c.lat between %(south)s and %(north)s and c.lon between %(west)s and %(east)s or c.range_m > %(least)s)"
    " and c.enabled and abs(c.lat - %(lat)s) * 111000 <= greatest(c.range_m, %(least)s)"
    " and abs(mod((c.lon - %(lon)s + 540)::numeric, 360) - 180) * 111000 * cosd(%(lat)s) <= greatest(c.range_m, %(least)s)"
)


@touches(DataClass.CAMERA, READ)
async def eyes_around(tx: Tx, place: Point, least_m: float) -> list[Eye]:
    """The cameras that `store.cameras_around` finds, as much of them as says where they look: of a hundred few see a place."""
    return [_eye(row) for row in await tx.fetch(_EYE + REACHES, **reaching(place, least_m))]


@touches(DataClass.CAMERA, READ)
async def eyes_unmarked(tx: Tx) -> list[Eye]:
    """Cameras in use of which somebody said where they look, and nobody that it is at a dwelling, as they stand."""
    rows = await tx.fetch(
        _EYE + " and c.enabled and c.heading_deg is not null and not exists (select from dwelling_view v"
        " where v.camera_id = c.id and v.preset = '')"
    )
    return [_eye(row) for row in rows]


def _eye(row: Row) -> Eye:
    return Eye(
        row["id"],
        row["name"],
        Point(row["lat"], row["lon"]),
        row["heading_deg"],
        row["field_deg"],
        row["range_m"],
    )


def reaching(place: Point, least_m: float) -> dict[str, float]:
    """The values that `REACHES` asks for."""
    apart = least_m / _METRES_A_DEGREE
    wide = apart / max(math.cos(math.radians(place.lat)), _METRES_A_DEGREE**-1)
    # Where the box would reach over the 180th meridian all longitudes are let through, and reckoned.
    around = wide if abs(place.lon) + wide < _HALF_ROUND_DEG else 2 * _HALF_ROUND_DEG
    return {
        "lat": place.lat,
        "lon": place.lon,
        "least": least_m,
        "south": place.lat - apart,
        "north": place.lat + apart,
        "west": place.lon - around,
        "east": place.lon + around,
    }
