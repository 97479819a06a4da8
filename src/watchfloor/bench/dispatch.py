"""What it costs to know how soon each of a city's units can be at a place, by road."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import numpy as np

from watchfloor.bench._say import at_least, say
from watchfloor.bench._streets import graph_of
from watchfloor.kit.geo import Point
from watchfloor.places.graph import StreetGraph
from watchfloor.places.route import eta_to

_EARTH_DEG_M: Final = np.pi * 6_371_008.8 / 180
# A car stands beside the street that it is on, by what a receiver says of it.
_BESIDE_M: Final = 20.0
_WARM_UP: Final = 5


def run(
    units: int = 1_000,
    places: int = 200,
    streets: Path | None = None,
    seed: int = 7,
    *,
    as_json: bool = False,
) -> dict[str, float]:
    """Ask for the nearest of `units` to each of `places`, of the invented city or of a file of streets.

    Example: watchfloor bench dispatch --units 1000 --streets streets.parquet --json
    """
    at_least(1, units=units)
    at_least(2, places=places)
    graph = graph_of(streets)
    figures = _measured(graph, units, places, np.random.default_rng(seed))
    say(figures, as_json=as_json)
    return figures


def _measured(graph: StreetGraph, units: int, places: int, chance: np.random.Generator) -> dict[str, float]:
    cars = _beside_streets(graph, units, chance)
    spent: list[float] = []
    by_road = 0
    for number, target in enumerate(_beside_streets(graph, places + _WARM_UP, chance)):
        began = time.process_time()
        found = eta_to(graph, target, cars)
        if number >= _WARM_UP:
            spent.append(1000 * (time.process_time() - began))
            by_road += sum(eta.by == "road" for eta in found)
    return {
        "nodes": graph.size,
        "units": units,
        "places": places,
        "by_road": round(by_road / (units * places), 4),
        "nearest_ms": round(float(np.median(spent)), 2),
        "nearest_p95_ms": round(float(np.percentile(spent, 95)), 2),
    }


def _beside_streets(graph: StreetGraph, count: int, chance: np.random.Generator) -> list[Point]:
    """So many places near crossings of the map, drawn evenly over them."""
    origin = graph.streets.origin
    metres = graph.streets.nodes[chance.integers(0, graph.size, count)]
    metres = metres + chance.normal(0, _BESIDE_M, (count, 2))
    east = _EARTH_DEG_M * np.cos(np.radians(origin.lat))
    return [Point(origin.lat + y / _EARTH_DEG_M, origin.lon + x / east) for x, y in metres.tolist()]
