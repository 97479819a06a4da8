"""Districts are read from a city's file as it comes, and a place is in one of them or in none."""

from __future__ import annotations

import json

import pytest

from watchfloor.kit.geo import Point
from watchfloor.places.district import read_districts, within
from watchfloor.places.model import BadMapFile, MapForm


def square(west: float, south: float, size: float = 1.0) -> list[list[list[float]]]:
    east, north = west + size, south + size
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def file_of(*districts: tuple[str | None, list[list[list[float]]]], column: str = "DISTNO") -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {column: name},
            "geometry": {"type": "Polygon", "coordinates": area},
        }
        for name, area in districts
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_a_place_is_in_the_district_that_holds_it() -> None:
    data = file_of(("2", square(-90, 38)), ("1", square(-91, 38)), ("1", square(-92, 38)))
    found = read_districts(data, MapForm.GEOJSON, None)
    assert [one.name for one in found] == ["1", "2"], "those of one name are one"
    assert within(found, Point(38.5, -91.5)) == "1" == within(found, Point(38.5, -90)), (
        "an edge is one's, not both's"
    )
    assert within(found, Point(38.5, -89.5)) == "2" and within(found, Point(40, -89.5)) is None


@pytest.mark.parametrize(
    ("data", "column", "words"),
    [
        (b"no map", None, "not a GeoJSON"),
        (file_of(("1", square(0, 0)), column="colour"), None, "no column is called a name"),
        (file_of(("1", square(0, 0))), "nothing", "no column “nothing”; it has DISTNO"),
        (file_of((None, square(0, 0))), None, "row 1 has no name"),
        (file_of(("x" * 81, square(0, 0))), None, "row 1 has no name of 1 to 80"),
        (file_of(), "DISTNO", "it has"),
        (file_of(("1", [[[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]])), None, "has no area"),
    ],
)
def test_a_file_that_says_too_little_is_refused_in_words(data: bytes, column: str | None, words: str) -> None:
    with pytest.raises(BadMapFile, match=words):
        read_districts(data, MapForm.GEOJSON, column)
