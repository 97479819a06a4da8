"""What a sign-up may say, and what staff may do with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.owners.conftest import OFFER
from watchfloor.owners.model import Faulty, OwnerState, SignUp, may, sign_up_of


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
