"""River City as map layers, under the names and kinds of the Protomaps schema: what the basemap is made of.

`tools/city_map.py` makes `basemap.pmtiles` of it; while a demo runs only the buildings are asked for, to be imported.
"""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import shapely
from shapely import affinity
from shapely.geometry import LineString, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge

from watchfloor_sim.city.areas import districts, land, parks, river, water
from watchfloor_sim.city.lay import paths, streets
from watchfloor_sim.city.plan import CITY, RIVER, RIVER_ROAD, Kind
from watchfloor_sim.city.shape import in_degrees, lines_of, polygons_of

BASEMAP: Final = Path(__file__).parent / "basemap.pmtiles"
LEAST_ZOOM: Final = 10
MOST_ZOOM: Final = 15
# From which zoom on a thing is drawn.
_ROADS_FROM: Final[dict[Kind, int]] = {"highway": 10, "major_road": 10, "minor_road": 12, "path": 14}
_BUILDINGS_FROM: Final = 14
_SETBACK_M: Final = 13.0
_GAP_M: Final = 1.6


@dataclass(frozen=True, slots=True)
class Lots:
    """How a district is built: the size of its lots, and how many of a hundred have a house."""

    wide_m: float
    deep_m: float
    built: int
    floors: tuple[int, int]


_BUILT: Final = {
    "Old Mill": Lots(30, 26, 92, (3, 9)),
    "Northgate": Lots(24, 22, 78, (2, 4)),
    "Westhill": Lots(20, 20, 74, (1, 3)),
    "Eastbank": Lots(24, 22, 70, (1, 3)),
    "South Yards": Lots(60, 48, 60, (1, 2)),
}


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """A thing on the map: its shape in metres, what it is, and from which zoom on it is drawn."""

    shape: BaseGeometry
    properties: dict[str, str | int]
    from_zoom: int = LEAST_ZOOM

    def as_json(self) -> dict[str, object]:
        """GeoJSON in degrees, with the zoom as tippecanoe reads it."""
        return {
            "type": "Feature",
            "properties": self.properties,
            "geometry": mapping(in_degrees(self.shape)),
            "tippecanoe": {"minzoom": self.from_zoom},
        }


def layers() -> dict[str, list[Feature]]:
    """Every layer by its name."""
    return {
        "earth": [Feature(land(), {"kind": "earth"})],
        "water": [Feature(water(), {"kind": "river", "name": RIVER})],
        "landuse": [Feature(area.shape, {"kind": area.kind, "name": area.name}) for area in parks()],
        "roads": list(_roads()),
        "buildings": list(buildings()),
        "boundaries": [Feature(line, {"kind": "district"}, 11) for line in _boundaries()],
        "places": list(_places()),
    }


def _roads() -> Iterator[Feature]:
    """A whole street as one feature, so that its name is drawn along it and not at every block."""
    drawn: defaultdict[tuple[str, Kind], list[LineString]] = defaultdict(list)
    for street in (*streets(), *paths()):
        drawn[street.name, street.kind].append(street.line)
    for (name, kind), lines in sorted(drawn.items()):
        whole = linemerge(lines) if len(lines) > 1 else lines[0]
        for part in lines_of(whole):
            yield Feature(part, {"kind": kind, "name": name}, _ROADS_FROM[kind])


def _boundaries() -> list[LineString]:
    """Between districts and around them, each line once."""
    edges = shapely.unary_union([LineString(district.exterior.coords) for district in districts().values()])
    return lines_of(linemerge(lines_of(edges)))


def _places() -> Iterator[Feature]:
    yield Feature(districts()["Old Mill"].representative_point(), {"kind": "locality", "name": CITY})
    for name, district in districts().items():
        yield Feature(district.representative_point(), {"kind": "neighbourhood", "name": name}, 12)


@cache
def buildings() -> tuple[Feature, ...]:
    """Houses along the streets of each block: the same ones each time."""
    chance = random.Random(1790)
    blocks = polygons_of(shapely.polygonize([street.line for street in streets()]))
    closed = shapely.unary_union([river().buffer(RIVER_ROAD[1]), *(area.shape.buffer(8) for area in parks())])
    found: list[Feature] = []
    for block in sorted(blocks, key=lambda block: block.centroid.coords[0]):
        lots = next((_BUILT[name] for name in _BUILT if districts()[name].contains(block.centroid)), None)
        inner = block.buffer(-_SETBACK_M)
        if lots is None or inner.is_empty or block.intersects(closed):
            continue
        found += [
            Feature(house, {"kind": "building", "height": 4 * chance.randint(*lots.floors)}, _BUILDINGS_FROM)
            for house in _houses(inner, lots, chance)
        ]
    return tuple(found)


def buildings_geojson() -> bytes:
    """The footprints of all houses: for the import of buildings."""
    features = [
        {"type": "Feature", "properties": {}, "geometry": mapping(in_degrees(house.shape))}
        for house in buildings()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _houses(inner: BaseGeometry, lots: Lots, chance: random.Random) -> Iterator[Polygon]:
    """Along the edge of a block; its middle is yards."""
    frame = inner.minimum_rotated_rectangle
    first, second = shapely.get_coordinates(frame)[:2].tolist()
    turn = math.atan2(second[1] - first[1], second[0] - first[0])
    level = affinity.rotate(inner, -turn, origin=(first[0], first[1]), use_radians=True)
    west, south, east, north = level.bounds
    across = max(1, round((east - west) / lots.wide_m))
    along = max(1, round((north - south) / lots.deep_m))
    wide, deep = (east - west) / across, (north - south) / along
    for column in range(across):
        for row in range(along):
            at_edge = column in (0, across - 1) or row in (0, along - 1)
            x, y = west + column * wide, south + row * deep
            shy = chance.uniform(0, 0.25) * deep
            lot = box(x + _GAP_M, y + _GAP_M, x + wide - _GAP_M, y + deep - _GAP_M - shy)
            if chance.randrange(100) < lots.built and at_edge and level.contains(lot):
                yield affinity.rotate(lot, turn, origin=(first[0], first[1]), use_radians=True)
