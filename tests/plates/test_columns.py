"""Reads in tables: what each column says by the reader's own mapping, and what is wrong with a row, a table or a mapping."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plates.make import jpeg
from watchfloor.plates.ingest import columns
from watchfloor.plates.ingest.claim import Claim, Rejected
from watchfloor.plates.ingest.columns import Mapping

AT = datetime(2026, 11, 22, 21, 0, 0, tzinfo=UTC)
EXPORT = Mapping(
    plate="Plate Number", date="Day", at="Time", id="Event", state="Region", confidence="Score", lat="Y", lon="X",
    heading="Direction", lane="Lane", picture="Image", written="%m/%d/%Y %I:%M:%S %p", zone="America/Chicago", whole=100.0,
    separator=";",
)  # fmt: skip
HEAD = "Event;Day;Time;plate number ;Region;Score;Y;X;Direction;Lane;Image;Comment"
ROW = "7;11/22/2026;03:00:00 PM;zqx-107;Missouri;97.5;38.64;-90.19;NB;2;seven.jpg;none"


def nothing(name: str) -> bytes | None:
    return None


def parsed(table: str, mapping: Mapping | None = None) -> tuple[Claim | Rejected, ...]:
    found = columns.parse(table.encode(), mapping, nothing)
    assert isinstance(found, tuple), found
    return found


def only(table: str, mapping: Mapping | None = None) -> Claim:
    (claim,) = parsed(table, mapping)
    assert isinstance(claim, Claim), claim
    return claim


def refused(table: bytes, mapping: Mapping | None = None) -> Rejected:
    found = columns.parse(table, mapping, nothing)
    one = found if isinstance(found, Rejected) else found[0]
    assert isinstance(one, Rejected), one
    return one


def test_a_row_says_all_that_its_mapping_finds_in_it() -> None:
    picture = jpeg()
    table = f"\ufeff{HEAD}\r\n\r\n{ROW}\r\n".encode()
    found = columns.parse(table, EXPORT, {"seven.jpg": picture}.get)
    assert isinstance(found, tuple)
    (claim,) = found
    assert isinstance(claim, Claim)
    assert (claim.plate.text, claim.state, claim.confidence) == ("ZQX107", "MO", 0.975)
    assert (claim.source_key, claim.device_at, claim.row) == ("id:7", AT, 3)
    assert (claim.position, claim.heading_deg, claim.lane) == ((38.64, -90.19), 0.0, "2")
    assert (claim.crop, claim.picture, claim.notes) == (picture, None, ())


def test_a_table_in_our_own_words_needs_no_mapping() -> None:
    claim = only(f"plate,at,picture\nZQX107,2026-11-22T21:00:00Z,{'a' * 64}\n")
    assert (claim.plate.text, claim.device_at, claim.picture) == ("ZQX107", AT, "a" * 64)
    assert claim.source_key == only(f"at,picture,plate\n2026-11-22T21:00:00Z,{'a' * 64},ZQX107").source_key
    assert claim.source_key != only("plate,at\nZQX107,2026-11-22T21:00:01Z\n").source_key


def test_a_time_without_a_zone_is_by_the_wall_of_the_agency_unless_the_mapping_says_whose() -> None:
    local = only("plate,at\nZQX107,2026-11-22 15:00:00\n")
    assert (local.device_at, local.local_at) == (None, AT.replace(hour=15, tzinfo=None))
    mapped = only(
        "plate,at\nZQX107,2026-11-22 15:00:00\n", Mapping(plate="plate", at="at", zone="America/Chicago")
    )
    assert (mapped.device_at, mapped.local_at) == (AT, None)
    own = Mapping(plate="plate", at="at", written="%d.%m.%Y %H:%M %z", zone="America/Chicago")
    assert only("plate,at\nZQX107,22.11.2026 22:00 +0100\n", own).device_at == AT


@pytest.mark.parametrize(
    ("said", "degrees"),
    [("N", 0.0), ("sb", 180.0), ("Eastbound", 90.0), ("north-west", 315.0), ("NW", 315.0), ("271", 271.0), ("", None), ("up", None)],
)  # fmt: skip
def test_a_heading_is_degrees_or_a_point_of_the_compass(said: str, degrees: float | None) -> None:
    claim = only(f"plate,id,heading\nZQX107,1,{said}\n")
    assert claim.heading_deg == degrees
    assert bool(claim.notes) == (degrees is None and said != "")


def test_what_is_off_beside_the_plate_costs_itself_and_is_said() -> None:
    claim = only("plate,id,state,confidence,picture\nZQX107,1,Atlantis,7,gone.jpg\n")
    assert (claim.state, claim.confidence, claim.crop) == (None, None, None)
    assert [note.split(" left out")[0] for note in sorted(claim.notes)] == ["confidence", "picture", "state"]


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        ("1,,,", "plate", "at least one letter"),
        ("1,♦,,", "plate", "not black diamond suit"),
        (",ZQX107,,", "at", "a time or an id"),
        ("1,ZQX107,yesterday,", "at", "the time is none"),
        ("1,ZQX107,,100", "position", "a latitude and a longitude"),
        ("1,ZQX107,,x", "lat", "no number"),
        ("1,ZQX107", None, "2 cells, the heading has 4"),
        ("1,ZQX107,,,,", None, "6 cells, the heading has 4"),
    ],
)
def test_a_row_that_is_none_costs_itself_and_not_the_others(row: str, field: str | None, says: str) -> None:
    bad, good = parsed(f"id,plate,at,lat\n{row}\n2,ZQX108,,\n")
    assert isinstance(bad, Rejected) and isinstance(good, Claim)
    assert (bad.index, bad.field) == (2, field)
    assert says in bad.detail


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (b"", "the table is empty"),
        (b"\n\n \n", "the table is empty"),
        (b"plate,at\n\xff\xfe", "not UTF-8: byte 9 is not"),
        (b"number,at\n", "no column “plate”"),
        (b"plate,lane\n", "neither a column “at” nor one “id”"),
        (b"plate,at,Plate\n", "the column “plate” 2 times"),
        (b'plate,id\n"ZQX107,1\n', "cannot be read: unexpected end of data"),
        (b"plate,id\n" + b"x" * 200_000 + b",1\n", "cannot be read: field larger"),
    ],
)
def test_what_is_no_table_is_refused_with_what_is_wrong(table: bytes, says: str) -> None:
    assert says in refused(table).detail
    assert len(refused(table).detail) < 300


def test_a_column_that_the_mapping_names_has_to_be_there_and_a_table_has_an_end() -> None:
    assert (
        "“Region”, which would say `state`"
        in refused(HEAD.replace("Region", "State").encode(), EXPORT).detail
    )
    long = "plate,id\n" + "ZQX107,1\n" * (columns.MOST_ROWS + 1)
    assert refused(long.encode()).detail == "a table has at most 50000 rows"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("[]", "cannot be read"),
        ("{", "cannot be read"),
        ({}, "missing required field `plate`"),
        ({"plate": "P", "at": "T", "colour": "C"}, "unknown field `colour`"),
        ({"plate": "P"}, "a column for `id`, or one for `at`"),
        ({"plate": "P", "id": "I", "date": "D"}, "its time of day"),
        ({"plate": "P", "id": "I", "lat": "Y"}, "`lat` and `lon` come together"),
        ({"plate": "P", "id": "I", "separator": "::"}, "`separator` is"),
        ({"plate": "P", "id": "I", "whole": 10}, "`whole` is 1 or 100"),
        ({"plate": "P", "id": "I", "zone": "Mars/Olympus"}, "`zone` is a time zone"),
        ({"plate": "P", "id": "I", "zone": "../../etc/passwd"}, "`zone` is a time zone"),
        ({"plate": "P", "id": "I", "zone": "America"}, "`zone` is a time zone"),
        ({"plate": "P", "at": "T", "written": "%H:%M"}, "`written` says day"),
        ({"plate": "P", "at": "T", "written": "%Q"}, "`written` says day"),
    ],
)
def test_a_mapping_that_is_none_is_refused_with_what_is_wrong(said: object, says: str) -> None:
    document = said if isinstance(said, str) else json.dumps(said)
    found = columns.mapping_of(document.encode())
    assert isinstance(found, Rejected)
    assert says in found.detail


def test_a_mapping_is_read_as_it_was_written() -> None:
    document = json.dumps(
        {name: said for name in EXPORT.__struct_fields__ if (said := getattr(EXPORT, name)) is not None}
    )
    assert columns.mapping_of(document.encode()) == EXPORT


@given(st.binary(max_size=400), st.sampled_from([None, EXPORT]))
def test_any_bytes_at_all_are_reads_or_refused_in_words(body: bytes, mapping: Mapping | None) -> None:
    head = b"" if mapping is None else HEAD.encode() + b"\n"
    found = columns.parse(head + body, mapping, nothing)
    for one in (found,) if isinstance(found, Rejected) else found:
        assert isinstance(one, Claim) or one.detail


@given(st.lists(st.lists(st.text(max_size=12), min_size=12, max_size=12), max_size=5))
def test_any_cells_at_all_are_reads_or_refused_in_words(rows: list[list[str]]) -> None:
    table = io.StringIO(newline="")
    csv.writer(table, delimiter=";").writerows([HEAD.split(";"), *rows])
    found = columns.parse(table.getvalue().encode(), EXPORT, nothing)
    assert isinstance(found, tuple)
    assert all(isinstance(one, Claim) or one.detail for one in found)
