"""The figures of sounds: sums that add up, small numbers told together so that none can be had, months and uptime."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.dispatch.sounds.model import CountsAs, LearntBy, SoundSaid
from watchfloor.kit.errors import Invalid
from watchfloor.reports.sounds.count import Entry, Service, figures, spread, sums, uptime
from watchfloor.reports.sounds.publish import public, span_of
from watchfloor.reports.sounds.small import FEWEST, SEVERAL, together

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def entry(
    month: str = "2026-11", district: str = "North", said: SoundSaid | None = None, **more: object
) -> Entry:
    given_: dict[str, object] = {
        "how": None,
        "waits": False,
        "verdict": "confirmed",
        "called": False,
        "lead_s": None,
        "others": (),
        "times_s": {},
        "error_m": None,
        "first_error_m": None,
        "in_half": None,
        "in_most": None,
        "minutes": 0.0,
    }
    return Entry(month=month, district=district, said=said, **(given_ | more))  # type: ignore[arg-type]  # fields by name


ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from(["2026-09", "2026-10", "2026-11"]),
        st.sampled_from(["North", "South", "East", "West", ""]),
        st.sampled_from([*SoundSaid, None]),
        how=st.sampled_from([None, None, None, None, LearntBy.CALL]),
    ),
    max_size=160,
)


@given(ENTRIES)
def test_every_table_is_of_the_same_sounds(entries: list[Entry]) -> None:
    for counted in (figures(entries), public(entries, "2026-11")):
        assert counted.total == sums(entries)
        for rows in (counted.months, counted.districts, counted.both):
            assert sum(row.sums.alerts for row in rows) == counted.total.alerts
            assert sum(row.sums.missed for row in rows) == counted.total.missed
            for what in CountsAs:
                assert sum(row.sums.counted(what) for row in rows) == counted.total.counted(what)
        assert sum(counted.total.counted(what) for what in CountsAs) == counted.total.alerts


@given(ENTRIES, st.sets(st.sampled_from(["2026-09", "2026-10"]), min_size=1))
def test_no_row_is_of_a_handful_nor_is_the_rest_of_a_month(entries: list[Entry], asked: set[str]) -> None:
    """Whoever takes the districts that are told apart from the whole is left with none, or with enough; nor are any other months told
    otherwise."""
    told = together(entries, "2026-11")
    counts = Counter((one.month, one.district) for one in told)
    apart = {key for key in counts if key[1] != SEVERAL}
    assert all(counts[key] >= FEWEST for key in apart) and not [key for key in apart if key[0] == "2026-11"]
    for month in {month for month, _ in apart}:
        assert counts[month, SEVERAL] == 0 or counts[month, SEVERAL] >= FEWEST
    assert [one.month for one in told] == [one.month for one in entries]
    of_these = [one for one in entries if one.month in asked]
    assert together(of_these, "2026-11") == [one for one in told if one.month in asked]


def test_a_district_with_enough_in_a_month_is_told_apart_once_it_is_over() -> None:
    entries = [
        entry(month, district)
        for month in ("2026-10", "2026-11")
        for district in ("North", "South", "East")
        for _ in range(12)
    ]
    assert {one.district for one in together(entries, "2026-12")} == {"North", "South", "East"}
    few = [*entries, *(entry("2026-11", "West") for _ in range(3))]
    told = {(one.month, one.district) for one in together(few, "2026-12")}
    assert ("2026-11", "North") in told and ("2026-10", "East") in told
    assert ("2026-11", "East") not in told and ("2026-11", SEVERAL) in told, "East goes with West"
    assert {one.district for one in together(few[:5], "2026-12")} == {SEVERAL}
    assert {one.district for one in together(entries, "2026-10")} == {SEVERAL}, "no month is over"


def test_calls_places_and_minutes_are_of_what_is_known() -> None:
    told = [
        entry(
            said=SoundSaid.EVIDENCE,
            called=True,
            lead_s=40.0,
            error_m=4.0,
            first_error_m=9.0,
            in_half=True,
            in_most=True,
            minutes=31.0,
        ),
        entry(
            said=SoundSaid.VICTIM, called=True, lead_s=-10.0, others=("Raven",), in_most=True, minutes=80.5
        ),
        entry(said=SoundSaid.NOTHING, error_m=20.0, in_half=False, in_most=False, times_s={"travel": 1.5}),
        entry(how=LearntBy.VICTIM),
    ]
    counted = figures(told)
    every, confirmed = counted.calls["all"], counted.calls["confirmed"]
    assert (every.alerts, every.called, every.leads, every.told_first, every.lead_s) == (3, 2, 2, 1, 15.0)
    assert (confirmed.alerts, confirmed.called) == (2, 2)
    assert counted.also_told == {"Raven": 1}
    places = counted.places
    assert (places.known, places.last.count, places.last.median, places.last.most) == (3, 2, 12.0, 20.0)
    assert (places.within_15_m, places.within_25_m, places.half, places.most) == (1, 2, (1, 2), (2, 3))
    assert counted.latency["travel"].count == 1 and counted.latency["person"].median is None
    assert counted.spent[SoundSaid.VICTIM].minutes == 80.5 and counted.spent[SoundSaid.NOTHING].sent == 0
    assert counted.missed == {LearntBy.VICTIM: 1}
    assert spread([]).p95 is None and spread([3.0]).p90 == 3.0


def test_microphones_are_counted_from_when_it_was_counted() -> None:
    month = ("2026-11", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    before = ("2026-10", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
    services = [
        Service(datetime(2026, 1, 1, tzinfo=UTC), None),
        Service(datetime(2026, 11, 28, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC)),
    ]
    since = datetime(2026, 11, 28, 12, tzinfo=UTC)
    (found,) = uptime([before, month], {"2026-11": 2880}, services, counted_since=since, now=NOW)
    assert (found.month, found.heard) == ("2026-11", 2880)
    assert found.registered == (2 * 24 + 12) * 60, (
        "two days of the one, the half day that is counted of the other"
    )
    assert uptime([month], {}, services, counted_since=None, now=NOW) == ()


def test_months_are_the_last_twelve_or_those_asked_for() -> None:
    usual = span_of(None, None, NOW).names
    assert (usual[0], usual[-1], len(usual)) == ("2025-12", "2026-11", 12)
    assert span_of("2026-01", "2026-02", NOW).names == ("2026-01", "2026-02")
    for first, last in (("2026-03", "2026-02"), ("2020-01", "2026-01"), ("26-01", None), (None, "2026-00")):
        with pytest.raises(Invalid):
            span_of(first, last, NOW)
