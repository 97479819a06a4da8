"""Street files as cities give them: their columns, their codes, and what is wrong with them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from watchfloor.places.columns import ColumnMapping, guess, level_of, speed_of, travel_of, turned
from watchfloor.places.model import UNKNOWN_SPEED_MPS, BadMapFile, Centrelines, MapForm, Travel
from watchfloor.places.streets import read

LINE: dict[str, object] = {"type": "LineString", "coordinates": [[-90.2, 38.6], [-90.19, 38.6]]}


def geojson(*features: tuple[dict[str, object] | None, dict[str, object]], **more: object) -> bytes:
    rows = [{"type": "Feature", "geometry": geometry, "properties": row} for geometry, row in features]
    return json.dumps({"type": "FeatureCollection", "features": rows, **more}).encode()


def from_geojson(*features: tuple[dict[str, object] | None, dict[str, object]]) -> Centrelines:
    return read(geojson(*features), MapForm.GEOJSON)


def geoparquet(crs: object = "absent", **columns: list[object]) -> bytes:
    wkb = shapely.to_wkb(shapely.from_geojson(json.dumps(LINE)))
    column: dict[str, object] = {"encoding": "WKB", "geometry_types": ["LineString"]}
    if crs != "absent":
        column["crs"] = crs
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    table = pa.table({**columns, "geometry": [wkb]}).replace_schema_metadata({"geo": json.dumps(geo)})
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def test_a_plain_file_needs_no_mapping() -> None:
    found = from_geojson((LINE, {"name": "N  Broadway ", "oneway": "F", "speed_mph": 30}))
    (line,) = found.lines
    assert (line.name, line.travel, round(line.speed_mps, 2)) == ("N Broadway", Travel.ALONG, 13.41)
    assert line.points.tolist() == [[-90.2, 38.6], [-90.19, 38.6]]


def test_a_csv_of_ends_is_enough() -> None:
    text = "name,from_lat,from_lon,to_lat,to_lon,one_way,speed_kmh\nMill St,38.6,-90.2,38.6,-90.19,T,50\n"
    (line,) = read(text.encode("utf-8-sig"), MapForm.CSV).lines
    assert (line.name, line.travel, round(line.speed_mps, 2)) == ("Mill St", Travel.AGAINST, 13.89)


def test_a_csv_may_carry_whole_lines() -> None:
    text = 'name,wkt\nMill St,"LINESTRING (-90.2 38.6, -90.195 38.601, -90.19 38.6)"\n'
    assert len(read(text.encode(), MapForm.CSV).lines[0].points) == 3


def test_a_line_of_several_parts_is_several_streets() -> None:
    parts: dict[str, object] = {
        "type": "MultiLineString",
        "coordinates": [[[-90.2, 38.6], [-90.19, 38.6]], [[-90.1, 38.6], [-90.1, 38.7]]],
    }
    assert len(from_geojson((parts, {})).lines) == 2


def test_rows_that_are_no_streets_are_left_out_and_counted_with_the_reason() -> None:
    point: dict[str, object] = {"type": "Point", "coordinates": [-90.2, 38.6]}
    same: dict[str, object] = {"type": "LineString", "coordinates": [[-90.2, 38.6], [-90.2, 38.6]]}
    far: dict[str, object] = {"type": "LineString", "coordinates": [[871000, 998000], [871000, 998100]]}
    found = from_geojson(
        (LINE, {"oneway": "B"}),
        (point, {}),
        (None, {}),
        (same, {}),
        (far, {}),
        (LINE, {"oneway": "sometimes"}),
        (LINE, {"vacated": 1}),
        (LINE, {"vacated": 1}),
    )
    assert len(found.lines) == 1 and found.rows == 8
    assert {(s.reason, s.rows, s.first) for s in found.skipped} == {
        ("a Point, not a line", 1, 2),
        ("no geometry", 1, 3),
        ("a line without length", 1, 4),
        ("coordinates that are not degrees of longitude and latitude", 1, 5),
        ("the one-way code 'sometimes' is not known", 1, 6),
        ("marked as no street any more", 2, 7),
    }


@pytest.mark.parametrize(
    ("data", "form", "words"),
    [
        (b"not json", MapForm.GEOJSON, "not a GeoJSON FeatureCollection"),
        (b'{"type": "Feature"}', MapForm.GEOJSON, "not a GeoJSON FeatureCollection"),
        (geojson(), MapForm.GEOJSON, "no street in the file"),
        (geojson((LINE, {}), crs={"name": "EPSG:26915"}), MapForm.GEOJSON, "another projection"),
        (b"PAR1 nonsense PAR1", MapForm.GEOPARQUET, "not GeoParquet"),
        (b"", MapForm.GEOPARQUET, "not GeoParquet"),
        (
            geoparquet(crs={"id": {"authority": "EPSG", "code": 26915}}),
            MapForm.GEOPARQUET,
            "another projection",
        ),
        (geoparquet(crs=None), MapForm.GEOPARQUET, "another projection"),
        (b"name,street\nx,y\n", MapForm.CSV, "a column wkt, or from_lat"),
        (b"\xff\xfe\x00", MapForm.CSV, "not UTF-8"),
        (b"name,from_lat,from_lon,to_lat,to_lon\nx,a,b,c,d\n", MapForm.CSV, "1 x no geometry"),
    ],
)
def test_a_file_that_is_no_street_network_is_refused_in_words(data: bytes, form: MapForm, words: str) -> None:
    with pytest.raises(BadMapFile, match=words):
        read(data, form)


def test_geoparquet_in_degrees_is_taken_however_it_says_so() -> None:
    for crs in (
        "absent",
        {"id": {"authority": "EPSG", "code": 4326}},
        {"id": {"authority": "OGC", "code": "CRS84"}},
    ):
        assert len(read(geoparquet(crs=crs, name=["Mill St"]), MapForm.GEOPARQUET).lines) == 1


def test_a_mapping_names_the_files_own_columns() -> None:
    data = geojson((LINE, {"strasse": "Hauptstr", "einbahn": "T", "tempo": 30}))
    mapping = ColumnMapping(name="strasse", one_way="einbahn", speed_kmh="tempo")
    (line,) = read(data, MapForm.GEOJSON, mapping=mapping).lines
    assert (line.name, line.travel, round(line.speed_mps, 2)) == ("Hauptstr", Travel.AGAINST, 8.33)


def test_a_mapping_to_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadMapFile, match=r"no column 'einbahn' .for one_way.; it has: name"):
        read(geojson((LINE, {"name": "x"})), MapForm.GEOJSON, mapping=ColumnMapping(one_way="einbahn"))


@pytest.mark.parametrize(
    ("code", "travel"),
    [
        *[(code, Travel.BOTH) for code in ("B", None, "", "no", "0")],
        *[(code, Travel.ALONG) for code in ("F", "yes", True, "FT", 1)],
        *[(code, Travel.AGAINST) for code in ("TF", "-1", -1)],
    ],
)
def test_one_way_codes_of_several_vendors(code: object, travel: Travel) -> None:
    assert travel_of(code) is travel


@pytest.mark.parametrize(
    ("mph", "kmh", "mps"),
    [
        (30, None, 13.4112),
        ("30 mph", None, 13.4112),
        (None, "50", 13.889),
        (None, "30 mph", 13.4112),
        (0, 50, 13.889),
    ]
    + [(x, None, UNKNOWN_SPEED_MPS) for x in (None, 0, -5, 900, "fast", float("nan"), float("inf"), 1)],
)
def test_a_limit_nobody_can_believe_gives_the_cautious_default(mph: object, kmh: object, mps: float) -> None:
    assert speed_of(mph=mph, kmh=kmh) == pytest.approx(mps, rel=1e-3)


@pytest.mark.parametrize(
    ("heading", "drawn", "travel", "was_turned"),
    [
        ("N", 180.0, Travel.AGAINST, True),
        ("n", 350.0, Travel.ALONG, False),
        ("SW", 200.0, Travel.ALONG, False),
        (" ", 180.0, Travel.ALONG, False),
        (None, 180.0, Travel.ALONG, False),
        ("UP", 180.0, Travel.ALONG, False),
    ],
)
def test_the_compass_is_believed_before_the_drawing(
    heading: object, drawn: float, travel: Travel, was_turned: bool
) -> None:
    assert turned(Travel.ALONG, heading=heading, drawn_deg=drawn) == (travel, was_turned)
    assert turned(Travel.BOTH, heading=heading, drawn_deg=drawn) == (Travel.BOTH, False)


def test_levels_are_small_whole_numbers_or_the_ground() -> None:
    assert [level_of(x) for x in (2, "1", None, " ", "x", 1e9, float("nan"))] == [2, 1, 0, 0, 0, 0, 0]


def test_what_a_file_does_not_say_is_said_to_whoever_imports_it() -> None:
    remarks = " ".join(from_geojson((LINE, {"name": "x"})).remarks)
    assert all(words in remarks for words in ("one-way", "25 mph", "levels", "Turn restrictions"))


@pytest.mark.material
def test_the_streets_of_st_louis(material: Path) -> None:
    found = read((material / "geo/stl_streets.parquet").read_bytes(), MapForm.GEOPARQUET)
    assert found.rows == 19_858
    assert [s.reason for s in found.skipped] == ["marked as no street any more"]
    assert sum(line.travel is not Travel.BOTH for line in found.lines) > 3_000
    assert any("drawn against the traffic" in remark for remark in found.remarks)
    assert all(np.isfinite(line.points).all() for line in found.lines)
    columns = pq.read_schema(material / "geo/stl_streets.parquet").names
    assert guess(columns) == ColumnMapping(
        name="FULLNAME",
        one_way="OneWayCode",
        heading="DIRECTION",
        speed_mph="SPEED_LIMI",
        from_level="FromElevation",
        to_level="ToElevation",
        leave_out=("Vacated", "Road_Type"),
    )
