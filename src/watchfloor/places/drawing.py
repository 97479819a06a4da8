"""The streets of a map as lines to draw where there is no basemap: GeoJSON, one feature for each name and kind. It draws nothing."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import msgspec

from watchfloor.places.graph import Floats, Streets, lon_lat

MEDIA_TYPE: Final = "application/geo+json"
# As a basemap calls them (Protomaps), by their limit: 55 and 35 miles per hour.
_KINDS: Final = ((24.5, "highway"), (15.6, "major_road"), (0.0, "minor_road"))
# About a metre: what lies nearer cannot be told apart on the screen.
_DIGITS: Final = 5
MOST: Final = 80_000


def geojson(streets: Streets, most: int = MOST) -> bytes:
    """The FeatureCollection. Of more than `most` streets the longest are drawn."""
    degrees = lon_lat(streets.origin, streets.shape).round(_DIGITS)
    lines: dict[tuple[str, str], list[list[list[float]]]] = defaultdict(list)
    for at in _longest(streets.metres, most):
        speed = streets.metres[at] / max(streets.seconds[at], 1e-6)
        kind = next(word for least, word in _KINDS if speed >= least)
        points = degrees[streets.shape_of[at] : streets.shape_of[at + 1]]
        lines[streets.names[streets.name[at]], kind].append(points.tolist())
    return msgspec.json.encode({
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"kind": kind} | ({"name": name} if name else {}),
                "geometry": {"type": "MultiLineString", "coordinates": coordinates},
            }
            for (name, kind), coordinates in lines.items()
        ],
    })  # fmt: skip


def _longest(metres: Floats, most: int) -> list[int]:
    order: list[int] = (-metres).argsort(kind="stable")[:most].tolist()
    return sorted(order)
