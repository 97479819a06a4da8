"""Pulses of microphones: which are kept, what a lying, late or flooding microphone comes to, how clutter is learnt."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import APIRouter
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.acoustics.test_microphones import BODY
from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from tests.fixtures.engines import Dsns
from watchfloor.acoustics import api, pulse_api
from watchfloor.acoustics.clutter import ASSUMED_PER_S, LEARNT_AFTER, Clutter, counted
from watchfloor.acoustics.microphone import Microphone, MicrophoneId, Spot
from watchfloor.acoustics.pulse import (
    DESCRIBED_A_MINUTE,
    MOST_A_MINUTE,
    MOST_PULSES,
    Judged,
    Known,
    Message,
    Pulse,
    State,
    judged,
    with_kept,
)
from watchfloor.acoustics.show import state_of
from watchfloor.acoustics.take import Intake
from watchfloor.governance.holds import HELD
from watchfloor.governance.model import Allowed
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import DataClass
from watchfloor.wiring.serve import KNOWN

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


def heard(sent: Message, before: State | None = None, known: Known | None = None) -> Judged:
    return judged(sent, MICROPHONE, before, known or Known(), received_at=NOW)


def word(state: State, after: timedelta = S) -> str:
    return state_of(MICROPHONE, YES, state, now=state.heard_at + after).word


@given(st.permutations([pulse(str(n), n * S / 10) for n in range(20)]))
def test_the_order_of_pulses_changes_nothing(pulses: list[Pulse]) -> None:
    told = heard(message(*pulses))
    assert set(told.pulses) == set(pulses) and not told.refused
    assert with_kept(told) == with_kept(heard(message(*pulses[::-1])))
    assert word(told.state) == "listening"


def test_what_comes_late_is_kept_and_said_to_be() -> None:
    told = heard(message(pulse("a", 31 * S), pulse("b", 29 * S), pulse("c", timedelta(hours=25))))
    assert told.late == {"a"} and [one.why for one in told.refused] == ["too_old"]
    assert word(told.state) == "late" and word(told.state, timedelta(minutes=4)) == "late"


@pytest.mark.parametrize(
    ("sent", "why", "words"),
    [
        (-S, "clock", "1.0 s ahead"),
        (-S / 5, None, ""),
        (1.9 * S, None, ""),
        (11 * S, "clock", "11.0 s behind"),
    ],
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
    slow = heard(message(sent=1.9 * S)).state
    assert not heard(message(pulse("a"), sent=1.9 * S), slow).clock_suspect
    jumped = heard(message(pulse("a"), sent=0.8 * S), slow)
    assert jumped.clock_suspect and word(jumped.state) == "clock jumped"
    slower = heard(message(pulse("b"), sent=3 * S), heard(message(sent=S)).state)
    assert not slower.clock_suspect, "a message may take longer than the one before"
    later = judged(
        message(pulse("c"), sent=-660 * S), MICROPHONE, jumped.state, Known(), received_at=NOW + 660 * S
    )
    assert len(later.pulses) == 1 and not later.clock_suspect


def test_a_clock_that_is_behind_is_suspect_until_a_message_comes_soon() -> None:
    told = heard(message(pulse("a", 4 * S), sent=3 * S))
    assert told.clock_suspect and len(told.pulses) == 1 and word(told.state) == "clock behind"
    soon = heard(message(pulse("b", 2 * S), sent=2 * S), told.state)
    assert not soon.clock_suspect and word(soon.state) == "listening"


def test_what_is_sent_again_is_kept_once_and_floods_nothing() -> None:
    sent = message(*(pulse(str(n)) for n in range(MOST_PULSES)), pulse("0", 2 * S))
    first = heard(sent)
    assert (len(first.pulses), first.doubled, first.refused) == (MOST_PULSES, 1, ())
    known = Known(frozenset(one.key for one in first.pulses), {NOW.replace(second=0): MOST_PULSES})
    again = heard(sent, with_kept(first), known)
    assert (len(again.pulses), again.doubled, again.refused) == (0, MOST_PULSES + 1, ())
    state = with_kept(again)
    assert (state.kept, state.doubled) == (MOST_PULSES, MOST_PULSES + 2) and word(state) == "listening"


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
    more = heard(
        message(*(pulse(f"m{n}") for n in range(200))), told.state, Known(minutes={minute: MOST_PULSES})
    )
    assert len(more.pulses) == MOST_A_MINUTE - MOST_PULSES
    assert {one.why for one in more.refused} == {"flood"} and word(more.state) == "flooding"


def test_a_silence_is_told_after_five_minutes() -> None:
    state = heard(message()).state
    assert word(state, timedelta(minutes=4)) == "listening"
    assert word(state, timedelta(minutes=6)) == "silent"
    assert state_of(MICROPHONE, YES, None, now=NOW).word == "not heard yet"


@settings(max_examples=12)
@given(st.floats(0, 2))
def test_clutter_is_learnt_from_what_comes_anyway(rate: float) -> None:
    begun = Clutter.begun(NOW)
    now, clutter = begun.minute, begun
    each = round(rate * 60)
    for _ in range(240):
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


_BAD = st.one_of(st.floats(), st.integers(), st.none(), st.text(max_size=4), st.booleans())
_NUMBERS = st.sampled_from(range(24)).flatmap(lambda n: _BAD if n == 0 else st.floats(0, 90))
_TIMES = st.one_of(
    st.datetimes().map(lambda at: at.isoformat() + "+14:00"),
    st.timedeltas(-2 * S, 2 * S).map(lambda by: rfc3339(NOW + by)),
    _BAD,
)
_SENT = st.fixed_dictionaries(
    {"sent_at": _TIMES, "pulses": st.lists(
        st.fixed_dictionaries(
            {
                "id": st.one_of(st.text(max_size=70), st.sampled_from("ab")), "at": _TIMES, "clock_bound_ms": _NUMBERS,
                "snr_db": _NUMBERS, "peak_db": _NUMBERS,
            },
            optional={"features": st.lists(_NUMBERS, max_size=30)},
        ),
        max_size=5,
    )},
    optional={"lat": _NUMBERS, "lon": _NUMBERS, "position_error_m": _NUMBERS, "microphone": st.text(max_size=8)},
)  # fmt: skip


@given(_SENT)
def test_whatever_is_sent_is_refused_in_words_or_judged(sent: dict[str, Any]) -> None:
    try:
        read = pulse_api.message_of(pulse_api.PulsesBody.model_validate_json(json.dumps(sent)))
    except (ValidationError, Invalid):
        return
    told = heard(read, heard(message()).state)
    assert len(told.pulses) + told.doubled + len(told.refused) == len(read.pulses)
    state = with_kept(told)
    assert all(math.isfinite(it) for it in (state.off_ms, state.best_off_ms, state.clutter.per_s))
    assert all(abs(NOW - one.at) <= timedelta(hours=24, seconds=10) for one in told.pulses)
    assert all(math.isfinite(it) for one in told.pulses for it in (one.snr_db, one.peak_db, *one.features))


def test_what_can_be_held_can_be_found() -> None:
    assert HELD[DataClass.PULSE] == "microphone"
    assert set(HELD.values()) == set(KNOWN)


def _routers(parts: CenterParts) -> list[APIRouter]:
    intake = Intake(parts.door, parts.clock)
    return [api.routes(parts.door), pulse_api.routes(intake)]


@dataclass
class Wire:
    """A microphone's side of the line."""

    web: CenterWeb
    device: httpx.AsyncClient
    token: str

    def one(self, key: str, ago: timedelta = S, **said: Any) -> dict[str, Any]:
        at = rfc3339(self.web.parts.clock.now() - ago)
        return {"id": key, "at": at, "clock_bound_ms": 0.4, "snr_db": 21, "peak_db": 96} | said

    async def sends(self, *pulses: dict[str, Any], **more: Any) -> httpx.Response:
        body = {"sent_at": rfc3339(self.web.parts.clock.now()), "pulses": list(pulses)} | more
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.device.post("/api/v1/acoustic-pulses", json=body, headers=headers)

    async def refused(self) -> None:
        """What cannot be is refused with its field, and where it is not, is kept by nobody."""
        far = await self.sends(self.one("c"), lat=38.7, lon=-90.199404)
        assert [it["reason"] for it in far.json()["refused"]] == ["elsewhere"]
        for field, bad in {
            "id": "",
            "at": "noon",
            "clock_bound_ms": -1,
            "features": [0] * 25,
            "snr_db": "loud",
        }.items():
            wrong = await self.sends(self.one("d") | {field: bad})
            assert wrong.status_code == 422 and wrong.json()["fields"][0]["field"] == f"pulses.0.{field}", (
                wrong.text
            )
        assert (await self.sends(lat=38.6)).json()["reason"] == "lat"
        assert (await self.sends(*(self.one(str(n)) for n in range(501)))).status_code == 422


async def test_pulses_are_kept_once_and_under_an_approval_alone(center: CenterMaker, dsns: Dsns) -> None:
    async with center(routers=_routers) as web:
        technician = await web.person("technician")
        made = (await technician.post("/api/v1/microphones", json=BODY)).json()
        neighbour = (await technician.post("/api/v1/microphones", json=BODY | {"name": "13"})).json()
        path, beside = (f"/api/v1/microphones/{it['id']}" for it in (made, neighbour))
        token = (await technician.post(f"{path}/token", json={})).json()["token"]
        wire = Wire(web, web.client(), token)
        first = wire.one("a", features=[0.5, -2.25])
        refused = await wire.sends(first)
        assert refused.status_code == 403 and "uthoris" in refused.json()["detail"]
        await web.authorise("acoustic_array", keep_by_class={"pulse": 3})
        await web.parts.door.look_now(web.parts.agency)
        answer = await wire.sends(first, wire.one("b", 40 * S), first)
        assert answer.json() == {"kept": 2, "doubled": 1, "late": 1, "clock_suspect": False, "refused": []}
        assert (await wire.sends(first, microphone=neighbour["id"])).json()["doubled"] == 1
        await web.authorise("acoustic_array", keep_by_class={"pulse": 5})
        await web.parts.door.look_now(web.parts.agency)
        assert (await wire.sends(first)).json()["doubled"] == 1, "another rule keeps it no second time"
        await wire.refused()
        told = (await technician.get(path)).json()
        assert told["state"]["word"] == "elsewhere"
        assert (told["pulses"]["kept"], told["pulses"]["doubled"]) == (2, 3)
        assert (await technician.get(beside)).json()["heard_at"] is None
        auditor = await web.person("auditor")
        log = await auditor.get("/api/v1/audit/entries", params={"about": f"microphone:{made['id']}"})
        assert "pulses.ingest" in log.text and "38.6271" not in log.text
        with psycopg.connect(dsns.superuser) as owner:
            rows = owner.execute("select key, features, late from pulse order by at").fetchall()
        assert rows == [("b", [], True), ("a", [0.5, -2.25], False)]
        assert (await technician.post(f"{path}/retire", json={})).status_code == 200
        assert (await wire.sends(wire.one("e"))).status_code == 403
        assert (await wire.device.post("/api/v1/acoustic-pulses", json={})).status_code == 401
