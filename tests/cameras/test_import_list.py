"""What the rows of a list of cameras come to, and which files are none: read and judged without a database."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cameras.test_views import camera
from watchfloor.cameras.details import CameraKind, Details, Night
from watchfloor.cameras.import_columns import columns_of
from watchfloor.cameras.import_file import BadList, FileForm, read
from watchfloor.cameras.import_judge import Judge, Judged, Verdict
from watchfloor.cameras.model import Camera
from watchfloor.cameras.transport import Transport
from watchfloor.kit.errors import Invalid, WatchfloorError
from watchfloor.kit.geo import Point

HEADER = "Camera Name,Asset ID,Location,Latitude,Longitude,Direction,RTSP URL,Ownership,Switch\n"
MILL = "Mill St,118,Mill St at 4th,38.63,-90.2,NE,rtsp://10.0.0.5/1,municipal,SW-12\n"
KNOWN = replace(
    camera("Mill St", 0),
    place=Point(38.63, -90.2),
    place_text="Mill St at 4th",
    heading_deg=45.0,
    address="rtsp://10.0.0.5/1",
    has_login=True,
    details=Details(CameraKind.MUNICIPAL, network_switch="SW-12", night=Night.INFRARED, external_id="118"),
)


def judged(text: str, *known: Camera, **more: Any) -> list[Judged]:
    sheet = read(text.encode(), FileForm.CSV)
    nowhere = more.pop("nowhere", {})
    return Judge(columns_of(sheet, more.pop("said", {})), known, nowhere, **more).all(sheet)


def one(text: str, *known: Camera, **more: Any) -> Judged:
    (row,) = judged(text, *known, **more)
    return row


def reasons(row: Judged) -> str:
    return " ".join(f"{remark.column}: {remark.reason}" for remark in row.problems)


def test_a_new_row_is_a_camera_with_all_it_says() -> None:
    row = one(HEADER + MILL)
    assert (row.verdict, row.line, row.name) == (Verdict.NEW, 2, "Mill St") and row.fields is not None
    assert (row.fields["heading_deg"], row.fields["network_switch"], row.fields["external_id"]) == (
        45.0,
        "SW-12",
        "118",
    )
    assert (row.fields["technology"], row.fields["address"]) == ("fixed_camera", "rtsp://10.0.0.5/1")


def test_a_second_import_of_the_same_changes_nothing_and_leaves_what_it_does_not_say() -> None:
    assert one(HEADER + MILL, KNOWN).verdict is Verdict.UNCHANGED
    # An empty cell, and a column that the file lacks, leave what is there.
    assert one("name,lat,lon,switch\nMill St,38.63,-90.2,\n", KNOWN).verdict is Verdict.UNCHANGED


def test_how_a_stream_is_carried_comes_from_the_list_and_stays_where_it_says_nothing() -> None:
    pin = ":".join(["AB"] * 32)
    known = replace(KNOWN, transport=Transport.UDP)
    assert one(HEADER + MILL, known).verdict is Verdict.UNCHANGED
    row = one(f"name,transport,rtsp,fingerprint\nMill St,Auto,rtsps://10.0.0.5/1,{pin}\n", known)
    said = {change.field: (change.before, change.after) for change in row.changes}
    assert said == {
        "url": ("as registered", "another"),
        "transport": ("udp", "auto"),
        "certificate": ("none", "another"),
    }
    assert row.fields is not None and row.fields["certificate"] == pin
    for cells, reason in (
        ("pigeon,rtsp://10.0.0.5/1,", "transport: 'pigeon' is not one of tcp, udp, auto."),
        (
            "udp,rtsp://10.0.0.5/1,AB:01",
            "fingerprint: That is no certificate: enter its SHA-256 fingerprint, 64 hexadecimal digits, or the PEM of its authority.",
        ),
    ):
        assert reasons(one(f"name,transport,rtsp,fingerprint\nMill St,{cells}\n", known)) == reason


def test_a_camera_is_found_by_its_outside_id_and_told_what_changes() -> None:
    moved = (
        MILL.replace("Mill St,118", "Mill Street,118")
        .replace("10.0.0.5/1", "10.0.0.5/2")
        .replace("-90.2", "-90.201")
    )
    row = one(HEADER + moved, KNOWN)
    assert row.verdict is Verdict.CHANGED and row.moved and row.camera == KNOWN.id
    said = {change.field: (change.before, change.after) for change in row.changes}
    assert said == {
        "name": ("Mill St", "Mill Street"),
        "lon": ("-90.2", "-90.201"),
        "url": ("as registered", "another"),
    }
    assert "login is forgotten" in row.warnings[0].reason
    assert "10.0.0.5" not in str(row.changes) + str(row.warnings)


REFUSED = [
    (MILL.replace("38.63", "nan"), "Latitude: 'nan' is no number."),
    (MILL.replace("38.63", "inf"), "Latitude: 'inf' is no number."),
    (MILL.replace("38.63,-90.2", "-90.2,38.63"), "on earth: -90.2, 38.63. Latitude and longitude seem to be swapped."),
    (MILL.replace("38.63", "123"), "There is no such place on earth: 123, -90.2."),
    (MILL.replace("38.63", ""), "Latitude: It has no latitude and longitude."),
    (MILL.replace("NE", "north-ish"), "Direction: 'north-ish' is no number."),
    (MILL.replace("NE", "400"), "Direction: A heading is 0 to under 360"),
    (MILL.replace("rtsp://10.0.0.5/1", ""), "RTSP URL: A camera has an address"),
    (MILL.replace("10.0.0.5/1", "admin:pass@10.0.0.5/1"), "RTSP URL: The address holds a login"),
    (MILL.replace("rtsp:", "http:"), "RTSP URL: A camera's address begins with rtsp://"),
    (MILL.replace("municipal", "drone"), "Ownership: 'drone' is not one of municipal"),
    (MILL.replace("Mill St,118", "Mill \u202eSt,118"), "Camera Name: It holds characters that cannot be printed."),
    (MILL.replace("Mill St,118", "x" * 81 + ",118"), "Camera Name: A camera has a name of 1 to 80 characters."),
    (MILL.replace("SW-12", "SW-12,extra"), "None: It has 10 cells, and the first line names 9 columns."),
]  # fmt: skip


@pytest.mark.parametrize(("line", "reason"), REFUSED)
def test_a_row_that_cannot_be_is_refused_with_its_column_and_the_reason(line: str, reason: str) -> None:
    row = one(HEADER + line)
    assert row.verdict is Verdict.REFUSED and reason in reasons(row), reasons(row)


def test_what_stands_twice_in_the_file_is_refused_the_second_time_and_names_the_first() -> None:
    twice = judged(HEADER + MILL + MILL.replace("rtsp://10.0.0.5/1", "rtsp://10.0.0.5/9"))
    assert [row.verdict for row in twice] == [Verdict.NEW, Verdict.REFUSED]
    assert (
        reasons(twice[1])
        == "Asset ID: Line 2 has the same outside id. Camera Name: Line 2 has the same name."
    )
    other = MILL.replace("Mill St,118", "Oak St,119")
    assert "RTSP URL: Line 2 has the same address." in reasons(judged(HEADER + MILL + other)[1])


def test_another_cameras_name_is_not_taken_by_a_row() -> None:
    oak = replace(camera("Oak St", 50), details=Details(external_id="7"))
    assert "Another camera of the registry has this name." in reasons(
        one(HEADER + MILL.replace("Mill St,", "Oak St,"), KNOWN, oak)
    )
    assert "with another outside id" in reasons(one(HEADER + MILL.replace("118", "9"), KNOWN))


def test_a_place_far_from_the_city_is_taken_and_warned_of() -> None:
    # Both are places on earth: only the city says which is meant.
    row = one(HEADER + MILL.replace("38.63,-90.2", "52.1,8.6"), replace(KNOWN, place=Point(8.5, 52.0)))
    assert row.verdict is Verdict.CHANGED
    assert (
        "km from the city's other cameras. Latitude and longitude seem to be swapped."
        in row.warnings[0].reason
    )


def test_a_host_where_no_camera_may_be_is_refused_and_a_kind_is_taken_from_who_sends_the_list() -> None:
    assert "not there" in reasons(one(HEADER + MILL, nowhere={"10.0.0.5": "It may be not there."}))
    plain = "name,lat,lon,url\nMill St,38.63,-90.2,rtsp://10.0.0.5/1\n"
    assert "Say the camera's kind" in reasons(one(plain))
    assert one(plain, default_kind=CameraKind.RESIDENTIAL).fields["technology"] == "private_camera_link"  # type: ignore[index]  # a row that was refused has none: it fails here


def test_whoever_owns_a_private_camera_is_not_taken_from_a_list() -> None:
    text = "name,lat,lon,url,kind,owner_name\nMill St,38.63,-90.2,rtsp://10.0.0.5/1,{},R. Alvarez\n"
    private = one(text.format("residential"))
    assert private.fields is not None and private.fields["owner_text"] == "" and "Alvarez" not in str(private)
    assert private.warnings[0].column == "owner_name" and "kept apart" in private.warnings[0].reason
    assert one(text.format("municipal")).fields["owner_text"] == "R. Alvarez"  # type: ignore[index]  # the same


def test_what_a_database_would_not_take_is_marked_in_whatever_is_told_of_a_row() -> None:
    odd: dict[str, Any] = {
        "name": "Mill \0\ud800", "own\0er": "x", "url": "rtsp://10.0.0.5/1", "kind\ud800": "x", "lat": 38.63, "lon": -90.2,
    }  # fmt: skip
    shapes = (
        {"type": "Point", "coordinates": [-90.2, 38.63]},
        {"type": "Pol\0\ud800", "coordinates": []},
        None,
    )
    features = [{"type": "Feature", "properties": odd, "geometry": shape} for shape in shapes]
    sheet = read(json.dumps({"type": "FeatureCollection", "features": features}).encode(), FileForm.GEOJSON)
    columns = columns_of(sheet)
    for row in Judge(columns, (), {}).all(sheet):
        assert row.verdict is Verdict.REFUSED and row.name.startswith("Mill") and row.fields is None
        for text in (row.name, *columns.values(), *(f"{one.column} {one.reason}" for one in row.problems)):
            assert text.isprintable() and text.encode(), text


def test_a_column_may_be_called_anything_if_somebody_says_so() -> None:
    text = "Wo;lat;lon;url;kind\nMill St;38,63;-90,2;rtsp://10.0.0.5/1;municipal\n"
    row = one(text, said={"name": "Wo"})
    assert row.verdict is Verdict.NEW and row.fields is not None and row.fields["lat"] == 38.63
    for said in ({"nose": "Wo"}, {"name": "Wer"}):
        with pytest.raises(Invalid):
            judged(text, said=said)


def test_geojson_gives_its_points_and_properties() -> None:
    properties = {
        "name": "Mill St",
        "url": "rtsp://10.0.0.5/1",
        "kind": "municipal",
        "active": True,
        "more": {"a": 1},
    }
    good = {
        "type": "Feature",
        "id": 118,
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": [-90.2, 38.63]},
    }
    area = {
        "type": "Feature",
        "properties": {"name": "Oak"},
        "geometry": {"type": "Polygon", "coordinates": []},
    }
    sheet = read(
        json.dumps({"type": "FeatureCollection", "features": [good, area, 7]}).encode(), FileForm.GEOJSON
    )
    rows = Judge(columns_of(sheet), (), {}).all(sheet)
    assert [row.verdict for row in rows] == [Verdict.NEW, Verdict.REFUSED, Verdict.REFUSED]
    assert rows[0].fields is not None and (rows[0].fields["external_id"], rows[0].fields["lon"]) == (
        "118",
        -90.2,
    )
    assert "It is a Polygon, not a Point." in reasons(rows[1])


BAD = [
    (HEADER.encode() + MILL.encode() + b"caf\xe9,1\n", FileForm.CSV, "line 3 is not in UTF-8"),
    ((HEADER + MILL).encode() + b"\0\n", FileForm.CSV, "line 3 holds a NUL byte"),
    (b"", FileForm.CSV, "names no column"),
    (HEADER.encode(), FileForm.CSV, "has no row"),
    (b"a,a\n1,2\n", FileForm.CSV, "two of its columns are called 'a'"),
    (b"a,b\n1,2\n", FileForm.CSV, "no column names the cameras"),
    (b'name,b\n"never closed,2\n', FileForm.CSV, "is no CSV"),
    (b"name,Password\nMill,hunter2\n", FileForm.CSV, "its column 'Password' holds logins"),
    (b"name,rtsp_user\nMill,admin\n", FileForm.CSV, "holds logins"),
    (b"{", FileForm.GEOJSON, "is no JSON, line 1"),
    (b"[" * 100_000, FileForm.GEOJSON, "is no JSON"),
    (b'{"type": "FeatureCollection", "features": [{"a": NaN}]}', FileForm.GEOJSON, "NaN is no number"),
    (b'{"type": "Point"}', FileForm.GEOJSON, "no GeoJSON FeatureCollection"),
    (b'{"type": "FeatureCollection", "features": 1}', FileForm.GEOJSON, "its features are no list"),
    (
        b'{"type": "FeatureCollection", "crs": {"name": "EPSG:26915"}, "features": []}',
        FileForm.GEOJSON,
        "not degrees",
    ),
    (b"name\n" + b"x\n" * 20_001, FileForm.CSV, "more than 20,000 rows"),
]


@pytest.mark.parametrize(("data", "form", "why"), BAD)
def test_a_file_that_is_no_list_is_refused_whole_in_words(data: bytes, form: FileForm, why: str) -> None:
    with pytest.raises(BadList, match="This file cannot be used:") as said:
        columns_of(read(data, form))
    assert why in said.value.detail and "hunter2" not in said.value.detail


def test_an_empty_column_for_logins_is_passed_over_and_utf_16_is_read() -> None:
    text = HEADER.strip() + ",Password\n" + MILL.strip() + ",\n"
    sheet = read(b"\xff\xfe" + text.encode("utf-16-le"), FileForm.CSV)
    assert Judge(columns_of(sheet), (), {}).all(sheet)[0].verdict is Verdict.NEW


@given(st.binary(max_size=300), st.sampled_from(FileForm))
def test_whatever_the_bytes_are_they_are_rows_or_refused(data: bytes, form: FileForm) -> None:
    try:
        sheet = read(b"name,lat,lon,url\n" + data if form is FileForm.CSV else data, form)
        rows = Judge(columns_of(sheet), (KNOWN,), {}).all(sheet)
    except WatchfloorError:
        return
    assert len(rows) == len(sheet.rows)
