"""Who comes in over MQTT, before anybody is asked; and what is made of whatever comes then."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.acoustics import pulse_api
from watchfloor.acoustics.admit import Admission, named
from watchfloor.acoustics.pulse import MOST_SAID, with_unreadable
from watchfloor.acoustics.registry import KIND
from watchfloor.governance.forms import outside
from watchfloor.identity.secrets import Passwords
from watchfloor.identity.sign_in import Identity
from watchfloor.identity.wrong_tries import MOST_FROM_ONE_PLACE, MOST_OF_ONE, WrongTries
from watchfloor.kit.clock import ManualClock, rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.settings import IdentitySettings
from watchfloor.storage.doorkeeper import Knock, Turned

NOW = datetime(2026, 11, 29, 3, 14, 15, tzinfo=UTC)
ID = outside(KIND, UUID("0198a3b2-7c41-7def-8abc-def012345678"))
HOST = "192.0.2.7"


def admission() -> Admission:
    """One that asks nobody: there is no database."""
    nothing = cast("Any", None)
    return Admission(
        Identity(
            nothing,
            ManualClock(NOW),
            IdentitySettings(),
            Passwords(),
            nothing,
            second_factor_required=False,
        ),
        [],
    )


@pytest.mark.parametrize(
    "name",
    ["a.b", ">", "*", "", "mic_*", f"{ID}.>", f"{ID} ", ID.lower(), ID[:-1] + "O", outside("reader", UUID(int=7)), "é", "x" * 9000],
)  # fmt: skip
async def test_a_name_that_could_be_another_subject_is_refused_before_anybody_is_asked(name: str) -> None:
    at_the_door = admission()
    knock = Knock(name, "a token", HOST, over_mqtt=True, client_id=name)
    assert await at_the_door.decides(knock) == Turned("wrong")
    for password in ("", "x" * 201):
        assert await at_the_door.decides(Knock(ID, password, HOST, True, ID)) == Turned("wrong")
    assert at_the_door.outcomes == {"wrong": 3}


def test_a_connection_is_called_by_its_microphone_and_its_token_and_tells_neither() -> None:
    names = {named(UUID(int=n), token) for n in (7, 8) for token in (b"one", b"two")}
    assert len(names) == 4 and all(b"one".hex() not in name for name in names)


def test_whoever_tries_too_often_is_not_asked_about_for_a_minute_and_keeps_nobody_out() -> None:
    clock = ManualClock(NOW)
    tries = WrongTries(clock)
    for _ in range(MOST_OF_ONE):
        assert not tries.too_many("a", HOST)
        tries.wrong("a", HOST)
    assert tries.too_many("a", HOST)
    assert not tries.too_many("b", HOST) and not tries.too_many("a", "192.0.2.8")
    tries.right("b", HOST)
    for n in range(MOST_FROM_ONE_PLACE):
        tries.wrong(f"guess {n}", HOST)
    assert tries.too_many("c", HOST) and not tries.too_many("b", HOST), "it was let in from there"
    assert not tries.too_many("c", "192.0.2.8")


async def test_who_was_in_for_as_long_as_a_token_lets_it_is_known_where_it_comes_back_from() -> None:
    clock = ManualClock(NOW)
    tries = WrongTries(clock)
    tries.right("a", HOST)
    await clock.advance(timedelta(hours=30))
    for n in range(MOST_FROM_ONE_PLACE):
        tries.wrong(f"stranger {n}", HOST)
    assert tries.too_many("b", HOST) and not tries.too_many("a", HOST)


async def test_after_a_minute_it_may_be_tried_again() -> None:
    clock = ManualClock(NOW)
    tries = WrongTries(clock)
    for _ in range(MOST_OF_ONE):
        tries.wrong("a", "2001:db8::1")
    assert tries.too_many("a", "2001:db8::ffff"), "one household"
    await clock.advance(timedelta(seconds=61))
    assert not tries.too_many("a", "2001:db8::1")


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=6), st.just(rfc3339(NOW))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["sent_at", "pulses", "id", "at", "lat", "microphone", "features"]), inner),
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.one_of(st.binary(max_size=200), _JSON.map(lambda it: json.dumps(it).encode())))
def test_whatever_comes_is_read_or_refused_in_words_that_a_page_can_hold(payload: bytes) -> None:
    try:
        message = pulse_api.sent(payload, by=ID)
    except Invalid as error:
        state = with_unreadable(None, error.detail, received_at=NOW)
        assert state.unreadable and len(state.unreadable) <= MOST_SAID
        assert not state.clock_known, "nothing was said of its clock"
        assert with_unreadable(state, "again", received_at=NOW - timedelta(hours=1)).heard_at == NOW
    else:
        assert len(message.pulses) <= 500


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"[" * 100_000, "Invalid JSON"),
        (b'{"pulses": []}', "sent_at: Field required"),
        (b" " * (pulse_api.MOST_BYTES + 1), "longer than"),
        (json.dumps({"sent_at": rfc3339(NOW), "microphone": "another"}).encode(), "another microphone"),
        (json.dumps({"sent_at": "a secret of somebody"}).encode(), "sent_at: Input should be a valid datetime"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_without_repeating_it(payload: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words) as told:
        pulse_api.sent(payload, by=ID)
    assert "secret" not in told.value.detail
