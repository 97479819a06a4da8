"""Identifiers: in the order they were made, the same inside and outside, and a bad one refused in words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.kit.ids import BadId, decode, encode, first_of, name_uuid, uuid7

NOW = datetime(2026, 11, 22, 3, 0, 0, 123_000, tzinfo=UTC)
UUIDS = st.integers(0, 2**128 - 1).map(lambda number: UUID(int=number))
LARGEST = UUID(int=2**128 - 1)


def millis_of(made: UUID) -> int:
    return made.int >> 80


def test_it_is_a_version_7_of_its_millisecond() -> None:
    later = NOW + timedelta(days=900)
    made = uuid7(later)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert millis_of(made) == int(later.timestamp() * 1000)


def test_those_of_one_instant_are_in_the_order_they_were_made_and_never_the_same() -> None:
    later = NOW + timedelta(days=901)
    made = [uuid7(later) for _ in range(10_000)]
    assert made == sorted(set(made))
    # Four thousand have room in a millisecond; what is over is dated the next.
    assert millis_of(made[-1]) - millis_of(made[0]) == 10_000 // 4096


def test_no_id_of_an_instant_or_later_is_less_than_its_first() -> None:
    later = NOW + timedelta(days=903)
    assert uuid7(later - timedelta(milliseconds=1)) < first_of(later) < uuid7(later)


def test_a_clock_that_is_set_back_reorders_nothing() -> None:
    later = NOW + timedelta(days=902)
    before = uuid7(later)
    assert uuid7(later - timedelta(hours=1)) > before


def test_threads_that_make_ids_at_once_make_no_two_the_same() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: uuid7(NOW), range(4000)))
    assert len(set(made)) == 4000


@given(UUIDS)
def test_what_goes_out_comes_back(value: UUID) -> None:
    text = encode("cam", value)
    assert len(text) == 4 + 26
    assert decode("cam", text) == value
    assert decode("cam", text.lower()) == value


@given(UUIDS, UUIDS)
def test_the_outside_form_keeps_the_order(one: UUID, other: UUID) -> None:
    assert (encode("alt", one) < encode("alt", other)) == (one < other)


def test_what_people_mistake_for_one_and_zero_is_read_as_such() -> None:
    assert decode("cam", "cam_0000000000000000000000O0iL") == decode("cam", "cam_00000000000000000000000011")


def test_the_largest_and_the_smallest_have_a_form_and_what_is_larger_has_none() -> None:
    assert encode("cam", LARGEST) == "cam_7ZZZZZZZZZZZZZZZZZZZZZZZZZ"
    assert encode("cam", UUID(int=0)) == "cam_" + "0" * 26
    with pytest.raises(BadId, match="out of range"):
        decode("cam", "cam_80000000000000000000000000")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not an identifier of the form cam_…"),
        ("cam", "not an identifier of the form cam_…"),
        ("cam_", "not an identifier of the form cam_…"),
        ("cam_0000000000000000000000000", "not an identifier of the form cam_…"),
        ("cam_000000000000000000000000000", "not an identifier of the form cam_…"),
        ("rdr_00000000000000000000000000", "not an identifier of the form cam_…"),
        ("CAM_00000000000000000000000000", "not an identifier of the form cam_…"),
        ("cam_0000000000000000000000000U", "a character that no identifier has"),
        ("cam_0000000000000000000000000-", "a character that no identifier has"),
        ("cam_000000000000000000000000_0", "a character that no identifier has"),
        ("cam_0000000000000000000000000é", "a character that no identifier has"),
        ("x" * 5000, "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is not"),
    ],
)
def test_what_is_no_identifier_of_that_kind_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(BadId, match=says):
        decode("cam", text)


def test_what_is_known_by_its_name_has_the_same_id_everywhere() -> None:
    assert name_uuid("record") == name_uuid("record") != name_uuid("sense")
