"""The streets of the invented block: a grid by a river, as GeoJSON centrelines. No city has them."""

from __future__ import annotations

import json

_ACROSS = ("Mill St", "Tanner St", "Ferry St", "Granary St", "Lock St", "Weir St", "Quay St")
_ALONG = ("1st St", "2nd St", "3rd St", "4th St", "5th St", "6th St", "7th St", "8th St", "9th St")
_STEP = 0.0018  # degrees: about 200 m by 160 m
_CORNER = (38.6216, -90.2076)


def streets_geojson() -> bytes:
    """Every block of the grid as a line of its own, with its name and limit."""
    lat0, lon0 = _CORNER
    features = []
    for row, name in enumerate(_ACROSS):
        for column in range(len(_ALONG) - 1):
            start, end = lon0 + column * _STEP, lon0 + (column + 1) * _STEP
            features.append(_line(name, [(start, lat0 + row * _STEP), (end, lat0 + row * _STEP)]))
    for column, name in enumerate(_ALONG):
        for row in range(len(_ACROSS) - 1):
            start, end = lat0 + row * _STEP, lat0 + (row + 1) * _STEP
            features.append(_line(name, [(lon0 + column * _STEP, start), (lon0 + column * _STEP, end)]))
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _line(name: str, points: list[tuple[float, float]]) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"name": name, "speed_kmh": 40},
        "geometry": {"type": "LineString", "coordinates": [list(point) for point in points]},
    }
