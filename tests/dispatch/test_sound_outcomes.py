"""What came of a sound: what it counts as, who has to look again, how far off it was."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.acoustics.located import Located, Round, ring
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.model import Ellipse
from watchfloor.dispatch.sounds.model import (
    CountsAs,
    LearntBy,
    Missed,
    NewOutcome,
    SoundCause,
    SoundEvidence,
    SoundSaid,
    checked,
    checked_miss,
    counts_as,
    holds,
    needs_second,
    off_by,
)
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point, distance_m

MIDDLE = Point(38.63, -90.2)
NOW = datetime(2026, 7, 4, 23, 0, tzinfo=UTC)
WHO = MicrophoneId(UUID(int=1))
PER_LAT = 111_320.0
PER_LON = PER_LAT * math.cos(math.radians(MIDDLE.lat))
ONE = Located(
    MIDDLE, Ellipse(5, 3, 40), Ellipse(12, 7, 40), None, (Round(NOW, ((WHO, "a"),)),), 20.0, (WHO,), ()
)


def off(east: float, north: float) -> Point:
    return Point(MIDDLE.lat + north / PER_LAT, MIDDLE.lon + east / PER_LON)


def test_nothing_found_is_neither_true_nor_false() -> None:
    assert {said: counts_as(said) for said in (*SoundSaid, None)} == {
        SoundSaid.EVIDENCE: CountsAs.CONFIRMED,
        SoundSaid.VICTIM: CountsAs.CONFIRMED,
        SoundSaid.NOTHING: CountsAs.UNDETERMINED,
        SoundSaid.FALSE: CountsAs.FALSE,
        SoundSaid.UNDETERMINED: CountsAs.UNDETERMINED,
        None: CountsAs.UNDETERMINED,
    }


@pytest.mark.parametrize(
    ("said", "stands", "needed"),
    [
        (SoundSaid.EVIDENCE, None, False),
        (SoundSaid.FALSE, None, True),
        (SoundSaid.VICTIM, SoundSaid.EVIDENCE, False),
        (SoundSaid.NOTHING, SoundSaid.EVIDENCE, True),
        (SoundSaid.EVIDENCE, SoundSaid.NOTHING, True),
        (SoundSaid.UNDETERMINED, SoundSaid.NOTHING, False),
        (SoundSaid.EVIDENCE, SoundSaid.FALSE, True),
    ],
)
def test_a_second_person_looks_where_it_counts_otherwise(
    said: SoundSaid, stands: SoundSaid | None, needed: bool
) -> None:
    assert needs_second(NewOutcome(said), stands) is needed


def test_texts_are_trimmed_and_what_is_too_long_is_refused() -> None:
    assert checked(NewOutcome(SoundSaid.NOTHING, note="  wet street ", why=" ")).note == "wet street"
    with pytest.raises(Invalid, match="At most"):
        checked(NewOutcome(SoundSaid.NOTHING, note="a" * 1001))
    with pytest.raises(Invalid, match="cannot be right"):
        checked(NewOutcome(SoundSaid.VICTIM, victims=501))
    told = NewOutcome(SoundSaid.FALSE, frozenset({SoundEvidence.VIDEO}), cause=SoundCause.FIREWORKS)
    assert checked(told) == told


def test_a_miss_is_of_the_past_year() -> None:
    missed = Missed(NOW, MIDDLE, LearntBy.CALL, " heard by a crew ")
    assert checked_miss(missed, now=NOW).note == "heard by a crew"
    for at in (NOW + timedelta(seconds=1), NOW - timedelta(days=367)):
        with pytest.raises(Invalid):
            checked_miss(replace(missed, at=at), now=NOW)


@given(st.floats(0, 360), st.floats(0.0, 2.0), st.floats(1, 80), st.floats(0.2, 1.0), st.floats(0, 179))
def test_an_ellipse_holds_what_is_within_its_edge(
    turn: float, far: float, major: float, shape: float, bearing: float
) -> None:
    """By the edge that is drawn of it: what is a tenth within is held, what is a tenth beyond is not."""
    ellipse = Ellipse(major, major * shape, bearing)
    corner = ring(MIDDLE, ellipse)[int(turn / 360 * 48) % 48]
    place = Point(MIDDLE.lat + (corner.lat - MIDDLE.lat) * far, MIDDLE.lon + (corner.lon - MIDDLE.lon) * far)
    if abs(far - 1) > 0.1 and distance_m(MIDDLE, corner) > 2:
        assert holds(MIDDLE, ellipse, place) is (far < 1)


def test_how_far_off_it_was_is_of_the_nearest_source_and_of_both_tellings() -> None:
    other = replace(ONE, middle=off(400, 0))
    found = off_by([other, ONE], [replace(ONE, middle=off(0, 30)), other], off(0, 3))
    assert (found.error_m, found.first_error_m, found.in_half, found.in_most) == (3.0, 27.0, True, True)
    away = off_by([ONE], [ONE], off(9, -9))
    assert (away.in_half, away.in_most) == (False, False), "across the long way of the ellipse"
    area = replace(
        ONE, region=(tuple(off(*corner) for corner in ((-50, -50), (50, -50), (50, 50), (-50, -50))),)
    )
    told = off_by([area], [area], off(20, 0))
    assert (told.error_m, told.in_half, told.in_most) == (None, None, True), "of an area there is no distance"
    assert not off_by([area], [area], off(-20, 20)).in_most
    with pytest.raises(Invalid, match="20 km"):
        off_by([ONE], [ONE], Point(39.0, -90.2))
