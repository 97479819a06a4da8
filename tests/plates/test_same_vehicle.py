"""Whether a read and a wanted entry are the same vehicle, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.governance.words import Purpose
from watchfloor.plates.model import (
    BadPlate,
    BadState,
    Candidate,
    EntryId,
    Grade,
    HotListId,
    Kind,
    Match,
    Mismatch,
    Plate,
    PlateRead,
    ReaderId,
    Wanted,
    grade_of,
    moment,
    same_vehicle,
    state_of,
)

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
READ = PlateRead(
    device=ReaderId(UUID(int=1)),
    source_key="1",
    plate=Plate("ABC123"),
    state="MO",
    confidence=0.97,
    device_at=NOW,
    received_at=NOW,
    at=NOW,
    clock_suspect=False,
)
WANTED = Wanted(
    id=EntryId(UUID(int=2)),
    list=HotListId(UUID(int=3)),
    plate=Plate("ABC123"),
    state="MO",
    reason="stolen vehicle",
    purpose=Purpose.STOLEN_VEHICLE,
    expires_at=NOW + timedelta(days=1),
)


def test_a_match_says_every_field_agrees() -> None:
    match = same_vehicle(READ, WANTED, now=NOW)
    assert isinstance(match, Match)
    assert match.strict
    assert match.reason == "plate and state agree"


def test_an_entry_matches_until_the_moment_it_expires_and_never_after() -> None:
    last = WANTED.expires_at - timedelta(microseconds=1)
    assert isinstance(same_vehicle(READ, WANTED, now=last), Match)
    for late in (WANTED.expires_at, WANTED.expires_at + timedelta(days=400)):
        assert same_vehicle(READ, WANTED, now=late) == Mismatch("the entry has expired")


def test_another_plate_or_another_state_is_a_mismatch_that_says_so() -> None:
    assert same_vehicle(replace(READ, plate=Plate("ABC124")), WANTED, now=NOW) == Mismatch("another plate")
    assert same_vehicle(replace(READ, state="IL"), WANTED, now=NOW) == Mismatch("another state")


def test_an_unread_state_is_a_candidate() -> None:
    answer = same_vehicle(replace(READ, state=None), WANTED, now=NOW)
    assert isinstance(answer, Candidate)
    assert answer.reason == "the state is unread"


def test_a_doubted_character_is_a_candidate_at_best_and_never_of_alarm_grade() -> None:
    misread = replace(READ, plate=Plate("ABC128"))
    answer = same_vehicle(misread, WANTED, now=NOW, step=Kind.SUBSTITUTION)
    assert isinstance(answer, Candidate)
    assert (answer.kind, answer.strict, grade_of(answer)) == (Kind.SUBSTITUTION, False, Grade.POSSIBLE)
    assert answer.reason == "the state agrees, one character that the reader doubted is another"
    assert isinstance(same_vehicle(replace(misread, state="IL"), WANTED, now=NOW, step=Kind.EXTRA), Mismatch)


@pytest.mark.parametrize("plate", ["ABC123", "A8C1Z3"])
def test_an_unread_state_is_never_of_alarm_grade(plate: str) -> None:
    answer = same_vehicle(replace(READ, plate=Plate(plate), state=None), WANTED, now=NOW)
    assert isinstance(answer, Candidate)
    assert grade_of(answer) is Grade.POSSIBLE
    whole = same_vehicle(replace(READ, plate=Plate(plate)), WANTED, now=NOW)
    assert isinstance(whole, Match)
    assert grade_of(whole) is Grade.ALARM


def test_an_entry_without_a_state_is_a_candidate() -> None:
    answer = same_vehicle(READ, replace(WANTED, state=None), now=NOW)
    assert isinstance(answer, Candidate)
    assert answer.reason == "the entry names no state"


def test_alike_characters_match_but_never_strictly_and_the_reason_names_them_without_the_plate() -> None:
    answer = same_vehicle(replace(READ, plate=Plate("A8C1Z3")), WANTED, now=NOW)
    assert isinstance(answer, Match)
    assert not answer.strict
    assert answer.reason == "plate and state agree, when 8 and B; Z and 2 count as one"
    assert "A8C" not in answer.reason


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("abc-123", "ABC123"),
        (" AB 12·CD ", "AB12CD"),
        ("ＡＢＣ１２３", "ABC123"),
        ("M-ÖL 123", "MOL123"),
        ("straße", "STRASSE"),
        ("1", "1"),
        ("♥LUV U", "LUVU"),
    ],
)
def test_a_plate_has_one_form_however_it_is_written(raw: str, text: str) -> None:
    assert Plate.of(raw).text == text


@pytest.mark.parametrize(
    "raw",
    ["", "---", "A" * 13, "ABC\x00123", "ABC😀", "١٢٣٤", "А123ВС", "A" * 100_000, "AB\u202e12", "AB;drop"],
)
def test_what_is_no_plate_is_refused_without_repeating_it(raw: str) -> None:
    with pytest.raises(BadPlate) as caught:
        Plate.of(raw)
    assert caught.value.reason == "bad_plate"
    if len(raw) > 3:
        assert raw not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_a_plate_of_the_known_alphabet_or_refused(raw: str) -> None:
    try:
        plate = Plate.of(raw)
    except BadPlate:
        return
    assert plate.text.isascii()
    assert plate.text.isalnum()
    assert 1 <= len(plate.text) <= 12
    assert Plate.of(plate.text) == plate


def test_a_plate_shows_at_most_its_last_two_characters_wherever_it_is_written() -> None:
    plate = Plate("ABC123")
    assert repr(plate) == str(plate) == f"{plate}" == "Plate(…23)"
    assert "ABC" not in f"{READ} {WANTED} {same_vehicle(READ, WANTED, now=NOW)}"
    assert repr(Plate("AB12")) == "Plate(…)"


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        ("MO", "MO"),
        ("us-mo", "MO"),
        ("US_IL", "IL"),
        (" tx ", "TX"),
        ("", None),
        (None, None),
        ("unknown", None),
        ("--", None),
    ],
)
def test_a_state_is_taken_in_every_usual_writing_and_unknown_is_unread(
    raw: str | None, state: str | None
) -> None:
    assert state_of(raw) == state


@pytest.mark.parametrize("raw", ["M", "Missouri", "M0", "ÄÖ", "US-", "12"])
def test_what_is_no_state_is_refused(raw: str) -> None:
    with pytest.raises(BadState):
        state_of(raw)


@pytest.mark.parametrize(
    ("offset", "suspect"),
    [
        (timedelta(0), False),
        (timedelta(minutes=5), False),
        (timedelta(minutes=5, microseconds=1), True),
        (-timedelta(days=30), False),
        (-timedelta(days=30, microseconds=1), True),
        (timedelta(days=365 * 40), True),
    ],
)
def test_a_devices_time_is_believed_within_retention_and_five_minutes_ahead(
    offset: timedelta, suspect: bool
) -> None:
    when = moment(device_at=NOW + offset, received_at=NOW, keep_for=timedelta(days=30))
    assert when.clock_suspect is suspect
    assert when.at == (NOW if suspect else NOW + offset)


def test_a_device_without_a_clock_gets_the_time_of_receipt_and_no_suspicion() -> None:
    when = moment(device_at=None, received_at=NOW, keep_for=timedelta(days=30))
    assert (when.at, when.clock_suspect) == (NOW, False)
