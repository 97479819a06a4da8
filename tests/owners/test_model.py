"""What a sign-up may say, and what staff may do with it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.owners.conftest import OFFER
from watchfloor.owners.model import Faulty, OwnerState, SignUp, may, sign_up_of
from watchfloor.owners.own_html import of_words
from watchfloor.owners.uses import Use, UseWay


def test_an_offer_is_kept_as_it_was_meant() -> None:
    said = sign_up_of(OFFER | {"name": "  Mill   Street\tHardware ", "email": " Shop@Example.org "})
    assert isinstance(said, SignUp)
    assert (said.name, said.email, said.cameras) == ("Mill Street Hardware", "shop@example.org", 2)
    assert "Hardware" not in repr(said) and "example.org" not in repr(said)


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"email": "nobody"}, "email", "Write an e-mail address"),
        ({"email": "a@b.c\nBcc: all@example.org"}, "email", "Write an e-mail address"),
        ({"email": "x" * 300 + "@example.org"}, "email", "Write an e-mail address"),
        ({"name": ""}, "name", "at least 2 characters"),
        ({"name": "n" * 200}, "name", "at most 120 characters"),
        ({"name": "Mill\u202eteertS"}, "name", "that can be printed"),
        ({"note": "\0"}, "note", "that can be printed"),
        ({"address": "", "lat": "", "lon": ""}, "address", "or its point on a map"),
        ({"lat": "nan", "lon": "0"}, "place", "Write both numbers"),
        ({"lat": "91", "lon": "0"}, "place", "Write both numbers"),
        ({"cameras": "-1"}, "cameras", "1 to 500"),
        ({"cameras": "٣"}, "cameras", "1 to 500"),
        ({"kind": "police"}, "kind", "Choose whether"),
        ({"shares": ""}, "shares", "Choose what"),
        ({"terms": "no"}, "terms", "needs your yes"),
    ],
)
def test_what_is_wrong_with_an_offer_is_said_beside_its_field(
    said: dict[str, str], field: str, words: str
) -> None:
    answer = sign_up_of(OFFER | said)
    assert isinstance(answer, Faulty)
    assert list(answer.faults) == [field] and words in answer.faults[field]


@given(st.dictionaries(st.sampled_from([*OFFER, "phone", "make", "note"]), st.text(max_size=400)))
def test_whatever_is_typed_gets_an_answer_and_nothing_unprintable_is_kept(said: dict[str, str]) -> None:
    answer = sign_up_of(OFFER | said)
    if isinstance(answer, SignUp):
        kept = (answer.name, answer.email, answer.phone, answer.address, answer.make, answer.note)
        assert all(one.isprintable() or one == "\n" for text in kept for one in text if one != " ")
        assert all("\n" not in text for text in kept[:5])


def test_staff_decide_once_and_about_proved_addresses_alone() -> None:
    free = {
        (state, act) for state in OwnerState for act in ("accept", "ask", "refuse") if may(state, act) is None
    }
    waiting = {
        (state, act)
        for state in (OwnerState.WAITING, OwnerState.ASKED)
        for act in ("accept", "ask", "refuse")
    }
    assert free == waiting | {(OwnerState.UNVERIFIED, "refuse")}


def test_within_which_time_a_use_was_is_told_with_both_days_where_they_differ_and_a_picture_by_its_moment() -> (
    None
):
    zone, begin = ZoneInfo("America/Chicago"), datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

    def told(to: timedelta | None) -> str:
        of = None if to is None else (begin, begin + to)
        use = Use(
            UUID(int=1), UUID(int=2), "Door", begin, UseWay.PLAYBACK, ("analyst",), None, None, 5.0, 1, of
        )
        return re.sub("<[^>]*>", "", of_words(use, zone))

    assert told(None) == ""
    assert told(timedelta(0)) == "of 21 Nov 2026, 22:00:00 CST"
    assert told(timedelta(hours=1)) == "within 21 Nov 2026, 22:00:00 CST to 23:00:00 CST"
    # What was shown may be a minute before midnight and one after: not the hours between.
    assert told(timedelta(hours=3)) == "within 21 Nov 2026, 22:00:00 CST to 22 Nov 2026, 01:00:00 CST"
