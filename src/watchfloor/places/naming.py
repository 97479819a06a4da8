"""What people call a place: the street that it is on, and the nearest that crosses it. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from watchfloor.kit.geo import Point
from watchfloor.places.graph import StreetGraph, unproject
from watchfloor.places.graph import project as flat
from watchfloor.places.route import set_onto

# How far around is looked for another street, in metres: a block of a dense city.
_ROUND_M: Final = (20.0, 40.0, 60.0, 90.0)
_WAYS: Final = 12


def named(graph: StreetGraph | None, place: Point) -> str:
    """“Market Street at 4th Street”, “Market Street”, or where there is no street the place in degrees."""
    if graph is not None:
        turn = np.linspace(0, 2 * np.pi, _WAYS, endpoint=False)
        here = flat(graph.streets.origin, np.array([(place.lon, place.lat)]))
        around = [here + far * np.column_stack([np.sin(turn), np.cos(turn)]) for far in _ROUND_M]
        asked = unproject(graph.streets.origin, np.concatenate([here, *around]))
        names = [_name(graph, street) for street in set_onto(graph, asked).street.tolist()]
        others = [name for name in names[1:] if name and name != names[0]]
        if names[0]:
            return f"{names[0]} at {others[0]}" if others else names[0]
    return f"{place.lat:.5f}, {place.lon:.5f}"


def _name(graph: StreetGraph, street: int) -> str:
    return graph.streets.names[int(graph.streets.name[street])] if street >= 0 else ""
