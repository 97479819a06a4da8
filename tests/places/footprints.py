"""Footprints of made-up buildings, as a city's file has them."""

from __future__ import annotations

import json

WAREHOUSE = [
    [-90.1995, 38.6299],
    [-90.1994, 38.6299],
    [-90.1994, 38.6301],
    [-90.1995, 38.6301],
    [-90.1995, 38.6299],
]


def footprints(*rings: list[list[float]], kind: str | None = None) -> bytes:
    """A GeoJSON file of buildings with these outlines, all of that kind."""
    areas = [{"type": "Polygon", "coordinates": [ring]} for ring in rings]
    features = [
        {"type": "Feature", "properties": {"building": kind} if kind else {}, "geometry": area}
        for area in areas
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()
