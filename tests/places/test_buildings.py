"""Footprints of buildings as cities give them, and the one file that they are kept in."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from watchfloor.kit.geo import Point
from watchfloor.places.buildings import Buildings, decode, encode, read
from watchfloor.places.model import BadMapFile, MapForm

HOUSE = [[-90.2, 38.6], [-90.199, 38.6], [-90.199, 38.601], [-90.2, 38.601], [-90.2, 38.6]]
BOW = [[-90.2, 38.6], [-90.199, 38.601], [-90.199, 38.6], [-90.2, 38.601], [-90.2, 38.6]]
BETWEEN = np.array([[-90.21, 38.6005]]), Point(38.6005, -90.19)


def geojson(*geometries: object, **more: object) -> bytes:
    features = [{"type": "Feature", "properties": {}, "geometry": geometry} for geometry in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def area(*rings: object, kind: str = "Polygon") -> dict[str, object]:
    return {"type": kind, "coordinates": list(rings)}


def test_areas_are_taken_and_what_is_none_is_left_out_with_its_reason() -> None:
    line = {"type": "LineString", "coordinates": HOUSE}
    many = area([HOUSE], [[[x + 0.01, y] for x, y in HOUSE]], kind="MultiPolygon")
    metres = area([[700000, 4270000], [700010, 4270000], [700010, 4270010], [700000, 4270000]])
    flat = area([[-90.2, 38.6], [-90.1, 38.6], [-90.2, 38.6], [-90.2, 38.6]])
    found = read(geojson(area(HOUSE), many, line, None, metres, flat, area(BOW)), MapForm.GEOJSON)
    assert (len(found.shapes), found.rows) == (5, 7)  # one, two of many, and the two triangles of the bow
    assert {(s.reason, s.rows, s.first) for s in found.skipped} == {
        ("a LineString, not an area", 1, 3),
        ("no geometry", 1, 4),
        ("coordinates that are not degrees of longitude and latitude", 1, 5),
        ("an area without extent", 1, 6),
    }
    assert all(shape.is_valid for shape in found.shapes)


def test_areas_that_fall_apart_into_several_kinds_when_mended_keep_their_areas() -> None:
    """Two houses in one ring that touches itself along a line: mended, it is a collection with areas within areas."""
    ring = [
        [0, 0],
        [2, 0],
        [2, 1],
        [4, 1],
        [4, 0],
        [6, 0],
        [6, 3],
        [4, 3],
        [4, 1],
        [2, 1],
        [2, 3],
        [0, 3],
        [0, 0],
    ]
    scaled = [[-90.2 + x / 10_000, 38.6 + y / 10_000] for x, y in ring]
    found = read(geojson(area(scaled)), MapForm.GEOJSON)
    assert len(found.shapes) == 2 and not found.skipped
    assert sum(shape.area for shape in found.shapes) == pytest.approx(12e-8)


@pytest.mark.parametrize(
    ("data", "form", "words"),
    [
        (b"not json", MapForm.GEOJSON, "not a GeoJSON FeatureCollection"),
        (geojson(), MapForm.GEOJSON, "no building in the file"),
        (geojson(area(HOUSE), crs={"name": "EPSG:26915"}), MapForm.GEOJSON, "another projection"),
        (b"PAR1 nonsense PAR1", MapForm.GEOPARQUET, "not GeoParquet"),
        (b"name,from_lat,from_lon,to_lat,to_lon\nx,1,2,3,4\n", MapForm.CSV, "a column wkt; this one has"),
        (b"wkt\nPOINT (1 2)\n", MapForm.CSV, "1 x a Point, not an area"),
    ],
)
def test_a_file_that_holds_no_buildings_is_refused_in_words(data: bytes, form: MapForm, words: str) -> None:
    with pytest.raises(BadMapFile, match=words):
        read(data, form)


def test_what_is_kept_hides_what_the_file_hid() -> None:
    hole = [[-90.1996, 38.6004], [-90.1994, 38.6004], [-90.1994, 38.6006], [-90.1996, 38.6004]]
    read_in = read(geojson(area(HOUSE, hole)), MapForm.GEOJSON)
    kept = decode(encode(read_in.shapes))
    assert len(kept) == 1 and kept.hide(BETWEEN[1], BETWEEN[0]).tolist() == [True]
    (shape,) = kept.near((-90.3, 38.5, -90.0, 38.7))
    assert shapely.equals(shape, read_in.shapes[0])
    assert not len(kept.near((-90.3, 38.5, -90.25, 38.7)))


def test_which_are_dwellings_is_kept_where_the_file_says_so() -> None:
    said = {"type": "Feature", "properties": {"building": "house", "height": 7}, "geometry": area(HOUSE)}
    document = json.loads(geojson(area([[x + 0.01, y] for x, y in HOUSE])))
    document["features"].append(said)
    found = read(json.dumps(document).encode(), MapForm.GEOJSON)
    kept = decode(encode(found.shapes, found.dwellings, found.heights_m))
    box = (-90.3, 38.5, -90.0, 38.7)
    assert sorted((one.dwelling, one.height_m) for one in kept.named(box)) == [(False, 0.0), (True, 7.0)]
    assert kept.knows_dwellings and not decode(encode(found.shapes)).knows_dwellings, (
        "those kept before say nothing"
    )


def test_without_buildings_nothing_is_hidden() -> None:
    assert Buildings(()).hide(BETWEEN[1], BETWEEN[0]).tolist() == [False]


def test_a_damaged_file_says_what_to_do() -> None:
    good = encode(read(geojson(area(HOUSE)), MapForm.GEOJSON).shapes)
    squashed = bytearray(good)
    squashed[len(good) // 2] ^= 0xFF
    for bad in (b"", b"PK nonsense", good[: len(good) // 2], bytes(squashed)):
        with pytest.raises(BadMapFile) as refused:
            decode(bad)
        assert refused.value.next_step == "Import the buildings again."
