"""Other vendors' alerts are read as their files come; what a row lacks is said, and nothing of it is guessed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.architecture.tree import ROOT
from watchfloor.dispatch.sounds.vendor import VendorForm, parsed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point

NOW = datetime(2026, 11, 30, tzinfo=UTC)
EAST = ZoneInfo("America/New_York")
DC = "Coverage Area,Incident ID,Date Time,Type,Longitude-100meter,Latitude-100meter\r\n"
SHARED = ROOT.parent.parent / "shared/acoustic/alerts_dc/dc_shotspotter_2006_2011.csv"


def test_a_citys_open_data_is_read_as_it_comes() -> None:
    text = DC + "WashingtonDC7D,53-3,7/27/06 3:35,Single Gunshot,-77.001,38.861\r\n"
    found = parsed(text.encode(), VendorForm.CSV, EAST, now=NOW)
    (one,) = found.alerts
    assert (one.ref, one.place, one.what, one.area) == (
        "53-3",
        Point(38.861, -77.001),
        "Single Gunshot",
        "WashingtonDC7D",
    )
    assert one.at == datetime(2006, 7, 27, 7, 35, tzinfo=UTC), "the city's own time, in summer"
    assert one.told_at is None and found.columns["at"] == "Date Time"


def test_each_row_that_says_too_little_is_named() -> None:
    rows = (
        "a,53-1,1/27/06 3:35,Single,-77.0,38.8",
        "a,,1/27/06 3:35,Single,-77.0,38.8",
        "a,53-2,soon,Single,-77.0,38.8",
        "a,53-3,1/27/06 3:35,Single,east,38.8",
        "a,53-4,1/27/06 3:35,Single,-77.0,98.8",
        "a,53-5,1/27/36 3:35,Single,-77.0,38.8",
        "a,53-1,1/28/06 3:35,Single,-77.0,38.8",
        "a,53-6,1/28/06 3:35,Multiple,-77.1,38.9",
        "a,53-7,1/28/06 3:35,Multiple,-0.002,0.001",
        f"a,53-8,1/28/06 3:35,{'x' * 201},-77.1,38.9",
        "a,53-9,12/31/9999 23:59,Single,-77.0,38.8",
        "a,53-10,0001-01-01T00:00:00+14:00,Single,-77.0,38.8",
        "a,53-11,²²²²²²²²²,Single,-77.0,38.8",
        "a,53-\0,1/28/06 3:35,Single,-77.0,38.8",
    )
    found = parsed((DC + "\r\n".join(rows)).encode(), VendorForm.CSV, EAST, now=NOW)
    assert [one.ref for one in found.alerts] == ["53-1", "53-6"]
    said = {one.row: one.why for one in found.bad}
    assert sorted(said) == [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14]
    assert said[2] == "it has no id" and said[3] == "“soon” is no moment" and "still to come" in said[6]
    assert "that of a row before" in said[7] and "200 km" in said[9] and "longer than" in said[10]


@pytest.mark.parametrize(
    ("at", "when"),
    [
        ("2026-07-04T22:00:00Z", datetime(2026, 7, 4, 22, tzinfo=UTC)),
        ("2026-07-04 22:00:00", datetime(2026, 7, 5, 2, tzinfo=UTC)),
        ("2026/07/04 22:00:00+00", datetime(2026, 7, 4, 22, tzinfo=UTC)),
        ("7/4/2026 10:00:00 PM", datetime(2026, 7, 5, 2, tzinfo=UTC)),
        (1783202400000, datetime(2026, 7, 4, 22, tzinfo=UTC)),
        (1783202400, datetime(2026, 7, 4, 22, tzinfo=UTC)),
    ],
)
def test_moments_are_read_however_they_are_written(at: object, when: datetime) -> None:
    one = {"id": 7, "at": at, "lat": 38.6, "lon": -90.2, "told_at": None, "rounds": 3}
    for said in (
        [one],
        {"alerts": [one]},
        {
            "features": [
                {
                    "properties": {"ID": 7, "DATETIME": at, "rounds": 3},
                    "geometry": {"coordinates": [-90.2, 38.6]},
                }
            ]
        },
    ):
        (alert,) = parsed(json.dumps(said).encode(), VendorForm.JSON, EAST, now=NOW).alerts
        assert (alert.ref, alert.at, alert.what, alert.place) == ("7", when, "3 rounds", Point(38.6, -90.2))


@pytest.mark.parametrize(
    ("data", "form", "reason"),
    [
        (b"\xff\xfe", VendorForm.CSV, "file"),
        (b"name,age\r\n", VendorForm.CSV, "columns"),
        (b'id,at,lat,lon\r\n1,"2026', VendorForm.CSV, "file"),
        (b"{", VendorForm.JSON, "file"),
        (b"[1]", VendorForm.JSON, "file"),
        (b'{"alerts": {}}', VendorForm.JSON, "file"),
        (b"," * 300, VendorForm.CSV, "columns"),
        (b"i" * 140_000, VendorForm.CSV, "file"),
    ],
)
def test_a_file_of_another_form_is_refused_in_words(data: bytes, form: VendorForm, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        parsed(data, form, UTC, now=NOW)
    assert refused.value.reason == reason


NAMES = ("id", "at", "lat", "lon", "features", "alerts", "geometry", "properties", "coordinates")


def test_a_number_beyond_all_calendars_and_half_a_character_are_refused_rows() -> None:
    odd = [
        {"id": 7, "at": 10**400, "lat": 38.6, "lon": -90.2},
        {"id": "\ud800", "at": "2026-07-04T22:00:00Z", "lat": 38.6, "lon": -90.2},
    ]
    found = parsed(json.dumps(odd).encode(), VendorForm.JSON, EAST, now=NOW)
    assert not found.alerts and [one.row for one in found.bad] == [1, 2]
    assert all(one.why.encode() for one in found.bad)


ANYTHING: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=20,
)


@given(ANYTHING)
def test_whatever_a_file_says_it_is_taken_or_refused(said: object) -> None:
    try:
        found = parsed(json.dumps(said).encode(), VendorForm.JSON, EAST, now=NOW)
    except Invalid:
        return
    assert all(one.at <= NOW for one in found.alerts)


@pytest.mark.skipif(not SHARED.is_file(), reason="no alerts of Washington DC beside the project")
def test_the_alerts_of_washington_are_read() -> None:
    """Each tenth of them."""
    head, *lines = SHARED.read_text().splitlines()
    text = "\r\n".join([head, *lines[::10]])
    found = parsed(text.encode(), VendorForm.CSV, EAST, now=NOW)
    assert len(lines) == 31_642 and len(found.alerts) + len(found.bad) == len(lines[::10])
    assert len(found.alerts) > 0.99 * len(lines[::10]), found.bad[:5]
    assert {one.what for one in found.alerts} == {"Single Gunshot", "Multiple Gunshots"}
