"""Pulses of microphones: which are kept, what a lying, late or flooding microphone comes to, how clutter is learnt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import APIRouter
from hypothesis import given
from hypothesis import strategies as st

from tests.acoustics.test_microphones import BODY
from tests.fixtures.center import CenterMaker, CenterParts
from watchfloor.acoustics import api, pulse_api
from watchfloor.acoustics.clutter import ASSUMED_PER_S, LEARNT_AFTER, Clutter, counted
from watchfloor.acoustics.microphone import Microphone, MicrophoneId, Spot
from watchfloor.acoustics.pulse import (
    DESCRIBED_A_MINUTE,
    MOST_A_MINUTE,
    MOST_PULSES,
    Judged,
    Message,
    Pulse,
    State,
    judged,
    with_kept,
)
from watchfloor.acoustics.show import state_of
from watchfloor.acoustics.take import Intake
from watchfloor.governance.model import Allowed
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.geo import Point

NOW = datetime(2026, 11, 29, 3, 14, 15, tzinfo=UTC)
PLACE = Point(38.627103, -90.199404)
S = timedelta(seconds=1)
MICROPHONE = Microphone(
    MicrophoneId(UUID(int=7)), "12", Spot(PLACE, None, 3.0, ""), 0.5, None, retired=False, version=1
)
YES = Allowed("ok", "It is authorised.", None, None)


def pulse(key: str, ago: timedelta = S, **said: Any) -> Pulse:
    return Pulse(key, NOW - ago, 0.5, 20.0, 95.0, **said)


def message(*pulses: Pulse, sent: timedelta = timedelta(0), **said: Any) -> Message:
    """A message that was sent so much before it came, by the microphone's clock."""
    return Message(NOW - sent, pulses, **said)


def heard(sent: Message, before: State | None = None, known: dict[datetime, int] | None = None) -> Judged:
    return judged(sent, MICROPHONE, before, known or {}, received_at=NOW)


def word(state: State, after: timedelta = S) -> str:
    return state_of(MICROPHONE, YES, state, now=state.heard_at + after).word


@given(st.permutations([pulse(str(n), n * S / 10) for n in range(20)]))
def test_the_order_of_pulses_changes_nothing(pulses: list[Pulse]) -> None:
    told = heard(message(*pulses))
    assert set(told.pulses) == set(pulses) and not told.refused
    assert with_kept(told.state, pulses, 0) == with_kept(told.state, pulses[::-1], 0)
    assert word(told.state) == "listening"


def test_what_comes_late_is_kept_and_said_to_be() -> None:
    told = heard(message(pulse("a", 31 * S), pulse("b", 29 * S), pulse("c", timedelta(hours=25))))
    assert told.late == {"a"} and [one.why for one in told.refused] == ["too_old"]
    assert word(told.state) == "late" and word(told.state, timedelta(minutes=4)) == "late"


@pytest.mark.parametrize(
    ("sent", "why", "words"),
    [(-S, "clock", "1.0 s ahead"), (-S / 5, None, ""), (9 * S, None, ""), (11 * S, "clock", "11.0 s behind")],
)
def test_a_clock_that_is_off_is_believed_nothing(sent: timedelta, why: str | None, words: str) -> None:
    told = heard(message(pulse("a", 20 * S), pulse("b", 20 * S), sent=sent))
    assert [one.why for one in told.refused] == ([] if why is None else [why, why])
    assert all(words in one.sentence for one in told.refused)
    assert word(told.state) == ("listening" if why is None else "clock off")


def test_a_pulse_that_arrived_after_it_was_sent_is_refused() -> None:
    told = heard(message(pulse("a", -2 * S), pulse("b")))
    assert [(one.index, one.why) for one in told.refused] == [(0, "future")] and len(told.pulses) == 1
    assert word(told.state) == "clock off"


def test_a_clock_that_jumps_is_suspect_for_ten_minutes_and_a_slow_way_is_none() -> None:
    slow = heard(message(sent=3 * S)).state
    assert not heard(message(pulse("a"), sent=3 * S), slow).clock_suspect
    jumped = heard(message(pulse("a"), sent=S), slow)
    assert jumped.clock_suspect and word(jumped.state) == "clock jumped"
    slower = heard(message(pulse("b"), sent=3 * S), heard(message(sent=S)).state)
    assert not slower.clock_suspect, "a message may take longer than the one before"
    later = judged(message(pulse("c")), MICROPHONE, jumped.state, {}, received_at=NOW + timedelta(minutes=11))
    assert not later.clock_suspect


@pytest.mark.parametrize(
    ("north", "error", "kept"), [(0.0002, 0.0, True), (0.0004, 0.0, False), (0.0004, 30.0, True)]
)
def test_a_microphone_that_says_it_is_elsewhere_is_not_believed(
    north: float, error: float, kept: bool
) -> None:
    there = Point(PLACE.lat + north, PLACE.lon)
    told = heard(message(pulse("a"), position=there, position_error_m=error))
    assert bool(told.pulses) is kept
    assert word(told.state) == ("listening" if kept else "elsewhere")
    assert "38.62" not in str(told.refused), "what it is told says how far, and not where"


def test_what_floods_is_kept_up_to_a_bound_and_described_to_a_lower_one() -> None:
    minute = NOW.replace(second=0)
    told = heard(message(*(pulse(str(n), S, features=(1.0, 2.0)) for n in range(MOST_PULSES))))
    assert len(told.pulses) == MOST_PULSES
    assert sum(bool(one.features) for one in told.pulses) == DESCRIBED_A_MINUTE
    more = heard(message(*(pulse(f"m{n}") for n in range(200))), told.state, {minute: MOST_PULSES})
    assert len(more.pulses) == MOST_A_MINUTE - MOST_PULSES
    assert {one.why for one in more.refused} == {"flood"} and word(more.state) == "flooding"


def test_a_silence_is_told_after_five_minutes() -> None:
    state = heard(message()).state
    assert word(state, timedelta(minutes=4)) == "listening"
    assert word(state, timedelta(minutes=6)) == "silent"
    assert state_of(MICROPHONE, YES, None, now=NOW).word == "not heard yet"


@given(st.floats(0, 2), st.integers(0, 1000))
def test_clutter_is_learnt_from_what_comes_anyway(rate: float, seed: int) -> None:
    begun = Clutter.begun(NOW)
    now, clutter = begun.minute, begun
    each = round(rate * 60)
    for _ in range(300):
        now += timedelta(minutes=1)
        clutter = counted(clutter, [now - (n % 59 + 1) * S for n in range(each)], now=now)
    expected = each / 60 if each else ASSUMED_PER_S * 0.5
    assert clutter.learnt
    assert abs(clutter.per_s - expected) <= 0.1 * expected + 0.05


def test_a_night_of_fireworks_is_not_learnt_as_clutter() -> None:
    begun = Clutter.begun(NOW)
    now, clutter = begun.minute, begun
    for n in range(LEARNT_AFTER * 4):
        now += timedelta(minutes=1)
        burst = 500 if n % 60 > 54 else 6
        clutter = counted(clutter, [now - S] * burst, now=now)
    assert clutter.per_s < 0.2


@given(st.lists(st.integers(0, 3600), max_size=60), st.randoms())
def test_clutter_does_not_depend_on_the_order_of_arrival(ago: list[int], shuffle: Any) -> None:
    arrivals = [NOW - n * S for n in ago]
    before = Clutter.begun(NOW - timedelta(hours=1))
    told = counted(before, arrivals, now=NOW)
    shuffle.shuffle(arrivals)
    assert counted(before, arrivals, now=NOW) == told
    assert counted(told, arrivals, now=NOW).minutes == told.minutes


def _routers(parts: CenterParts) -> list[APIRouter]:
    intake = Intake(parts.door, parts.clock)
    return [api.routes(parts.door), pulse_api.routes(intake)]


async def test_pulses_are_kept_once_and_under_an_approval_alone(center: CenterMaker, dsns: Any) -> None:
    async with center(routers=_routers) as web:
        technician, clock = await web.person("technician"), web.parts.clock
        made = (await technician.post("/api/v1/microphones", json=BODY)).json()
        path = f"/api/v1/microphones/{made['id']}"
        token = (await technician.post(f"{path}/token", json={})).json()["token"]
        device = web.client()

        async def sends(*pulses: dict[str, Any], **more: Any) -> httpx.Response:
            body = {"sent_at": rfc3339(clock.now()), "pulses": list(pulses)} | more
            return await device.post(
                "/api/v1/acoustic-pulses", json=body, headers={"Authorization": f"Bearer {token}"}
            )

        def one(key: str, ago: timedelta = S, **said: Any) -> dict[str, Any]:
            at = rfc3339(clock.now() - ago)
            return {"id": key, "at": at, "clock_bound_ms": 0.4, "snr_db": 21, "peak_db": 96} | said

        first = one("a", features=[0.5, -2.25])
        refused = await sends(first)
        assert refused.status_code == 403 and "uthoris" in refused.json()["detail"]
        await web.authorise("acoustic_array", keep_by_class={"pulse": 3})
        answer = await sends(first, one("b", 40 * S), first)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"kept": 2, "doubled": 1, "late": 1, "clock_suspect": False, "refused": []}
        assert (await sends(first)).json()["doubled"] == 1
        far = await sends(one("c"), lat=38.7, lon=-90.199404)
        assert [it["reason"] for it in far.json()["refused"]] == ["elsewhere"]
        for bad in (
            {"id": ""},
            {"at": "noon"},
            {"clock_bound_ms": -1},
            {"features": [0] * 25},
            {"snr_db": "loud"},
        ):
            wrong = await sends(one("d") | bad)
            assert wrong.status_code == 422 and wrong.json()["fields"][0]["field"].startswith("pulses.0."), (
                wrong.text
            )
        assert (await sends(lat=38.6)).json()["reason"] == "lat"
        assert (await sends(*(one(str(n)) for n in range(501)))).status_code == 422
        told = (await technician.get(path)).json()
        assert told["state"]["word"] == "elsewhere" and (
            told["pulses"]["kept"],
            told["pulses"]["doubled"],
        ) == (2, 2)
        with psycopg.connect(dsns.superuser) as owner:
            rows = owner.execute("select key, features, late from pulse order by at").fetchall()
        assert rows == [("b", [], True), ("a", [0.5, -2.25], False)]
        assert (await technician.post(f"{path}/retire", json={})).status_code == 200
        assert (await sends(one("e"))).status_code == 403
        other = await device.post("/api/v1/acoustic-pulses", json={"sent_at": rfc3339(clock.now())})
        assert other.status_code == 401
