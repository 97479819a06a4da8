"""Pulses of microphones: which are kept, what a lying, late or flooding microphone comes to, how clutter is learnt."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from watchfloor.acoustics import pulse_api
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
    Since,
    State,
    judged,
    with_kept,
)
from watchfloor.acoustics.show import state_of
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


def heard(
    sent: Message,
    before: State | None = None,
    known: Known | None = None,
    *,
    after: timedelta = timedelta(0),
    since: timedelta = -timedelta(days=2),
    hangs: timedelta = -timedelta(days=2),
) -> Judged:
    """A message that came so much after NOW, as the authorisation stands since then, and the microphone hangs."""
    sent = replace(sent, sent_at=sent.sent_at + after)
    both = Since(NOW + since, NOW + hangs)
    return judged(sent, MICROPHONE, before, known or Known(), received_at=NOW + after, since=both)


def word(state: State, after: timedelta = S) -> str:
    return state_of(MICROPHONE, YES, state, now=state.heard_at + after).word


def reason(state: State) -> str:
    return state_of(MICROPHONE, YES, state, now=state.heard_at).reason


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
        (121 * S, "clock", "121.0 s behind"),
    ],
)
def test_a_clock_that_is_off_is_believed_nothing(sent: timedelta, why: str | None, words: str) -> None:
    told = heard(message(pulse("a", 20 * S), pulse("b", 20 * S), sent=sent))
    assert [one.why for one in told.refused] == ([] if why is None else [why, why])
    assert all(words in one.sentence for one in told.refused)
    assert word(told.state) == ("listening" if why is None else "clock off") and told.state.clock_known


def test_what_was_long_on_its_way_is_kept_as_suspect_and_the_next_is_not() -> None:
    healthy = heard(message(sent=S / 10)).state
    told = heard(message(pulse("a", 20 * S), sent=11 * S), healthy)
    assert len(told.pulses) == 1 and told.clock_suspect and not told.refused
    assert word(told.state) == "listening"
    assert not heard(message(pulse("b"), sent=S / 10), told.state).clock_suspect


@pytest.mark.parametrize("slow", range(60, 1260, 60))
def test_one_slow_message_makes_no_clock_slow_and_the_next_no_jump_whenever_it_comes(slow: int) -> None:
    state = heard(message(sent=S / 20)).state
    for n in range(60, 1320, 60):
        told = heard(message(sent=5 * S if n == slow else S / 10), state, after=n * S)
        state = told.state
        assert not told.clock_suspect and word(state) == "listening", n


def test_what_is_refused_says_nothing_of_the_way_and_is_told_as_it_was() -> None:
    state = heard(message(sent=S / 10)).state
    ahead = heard(message(pulse("a"), sent=-5 * S), state).state
    assert ahead.best == state.best
    assert "was 5.0 s ahead" in reason(heard(message(sent=S / 10), ahead, after=S).state)
    apart = heard(message(sent=-S / 5, position=Point(PLACE.lat + 0.0005, PLACE.lon)), state).state
    assert apart.best == state.best
    there = heard(message(sent=S / 10, position=PLACE), apart, after=S).state
    assert word(there) == "elsewhere" and "said that it was 56 m" in reason(there)
    future = heard(message(pulse("b", -2 * S)), state).state
    assert "still to come" in reason(heard(message(), future, after=S).state)


def test_what_came_before_the_authorisation_stood_is_refused() -> None:
    told = heard(message(pulse("a", 2 * S), pulse("b", 3 * S)), since=-2 * S)
    assert [one.key for one in told.pulses] == ["a"]
    assert [(one.index, one.why) for one in told.refused] == [(1, "not_authorised")]


def test_what_was_heard_before_it_hung_there_is_refused() -> None:
    told = heard(message(pulse("a", 2 * S), pulse("b", 3 * S), pulse("c", 5 * S)), since=-4 * S, hangs=-2 * S)
    assert [one.key for one in told.pulses] == ["a"]
    assert [(one.index, one.why) for one in told.refused] == [(1, "moved"), (2, "not_authorised")]


def test_an_id_of_another_pulse_is_refused_and_said() -> None:
    known = Known({"a": NOW - S})
    told = heard(message(pulse("a"), pulse("a", 2 * S), pulse("b"), pulse("b", 3 * S)), known=known)
    assert ([one.key for one in told.pulses], told.doubled) == (["b"], 1)
    assert [(one.index, one.why) for one in told.refused] == [(1, "id_reused"), (3, "id_reused")]
    assert word(told.state) == "ids reused"


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
    later = heard(message(pulse("c", -659 * S)), jumped.state, after=660 * S)
    assert len(later.pulses) == 1 and not later.clock_suspect


def test_a_clock_that_is_behind_is_suspect_until_a_message_comes_soon() -> None:
    told = heard(message(pulse("a", 4 * S), sent=3 * S))
    assert told.clock_suspect and len(told.pulses) == 1 and word(told.state) == "clock behind"
    soon = heard(message(pulse("b", 2 * S), sent=2 * S), told.state)
    assert not soon.clock_suspect and word(soon.state) == "listening"


def test_what_is_sent_again_is_kept_once_and_floods_nothing() -> None:
    sent = message(*(pulse(str(n)) for n in range(MOST_PULSES)), pulse("0"))
    first = heard(sent)
    assert (len(first.pulses), first.doubled, first.refused) == (MOST_PULSES, 1, ())
    known = Known({one.key: one.at for one in first.pulses}, {NOW.replace(second=0): MOST_PULSES})
    again = heard(sent, with_kept(first), known)
    assert (len(again.pulses), again.doubled, again.refused) == (0, MOST_PULSES + 1, ())
    state = with_kept(again)
    assert (state.kept, state.doubled) == (MOST_PULSES, MOST_PULSES + 2) and word(state) == "listening"


@pytest.mark.parametrize(
    ("north", "error", "kept"),
    [
        (0.0002, 0.0, True),
        (0.0004, 0.0, False),
        (0.0004, 30.0, True),
        (0.0007, 50.0, True),
        (0.0007, 49.0, False),
        (0.00071, 1000.0, False),
        (0.01, 1000.0, False),
    ],
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
    told = heard(message(*(pulse(str(n), S, features=(1, 2)) for n in range(MOST_PULSES))))
    assert len(told.pulses) == MOST_PULSES
    assert sum(bool(one.features) for one in told.pulses) == DESCRIBED_A_MINUTE
    more = heard(
        message(*(pulse(f"m{n}") for n in range(200))), told.state, Known(minutes={minute: MOST_PULSES})
    )
    assert len(more.pulses) == MOST_A_MINUTE - MOST_PULSES
    assert {one.why for one in more.refused} == {"flood"} and word(more.state) == "flooding"


def test_what_is_described_is_few_by_when_it_comes_too() -> None:
    """However it is dated: 60 of a minute is all that anybody hears of how something sounded."""

    def burst(name: str) -> Message:
        return message(*(pulse(f"{name}{n}", n * 60 * S, features=(1, 2)) for n in range(90)))

    first = heard(burst("a"))
    again = heard(burst("b"), first.state, after=S)
    later = heard(burst("c"), again.state, after=60 * S)
    described = [sum(bool(one.features) for one in told.pulses) for told in (first, again, later)]
    assert described == [DESCRIBED_A_MINUTE, 0, DESCRIBED_A_MINUTE]
    assert [len(told.pulses) for told in (first, again, later)] == [90, 90, 90]


@pytest.mark.parametrize(
    ("said", "kept"), [(0.0, 0.0), (1e-60, 0.01), (0.0137, 0.014), (0.4, 0.4), (123.4, 130), (60_000, 60_000)]
)
def test_a_pulse_is_kept_as_finely_as_it_is_of_use_and_never_as_surer_than_it_was(
    said: float, kept: float
) -> None:
    (one,) = heard(message(replace(pulse("a"), clock_bound_ms=said, snr_db=1e-60, peak_db=95.6))).pulses
    assert one.clock_bound_ms == pytest.approx(kept, rel=1e-9)
    assert (one.snr_db, one.peak_db) == (0, 96)


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


def test_what_is_refused_is_not_learnt_as_silence() -> None:
    state = with_kept(heard(message(pulse("a"))))
    for n in range(1, 180):
        told = heard(message(pulse("b"), sent=-9 * S), state, after=n * 60 * S)
        assert [one.why for one in told.refused] == ["clock"]
        state = with_kept(told)
    assert state.clutter.minutes == 1, "of all of them the one that something was kept in"


def test_however_quiet_it_is_a_pulse_an_hour_is_usual() -> None:
    clutter = Clutter.begun(NOW)
    for n in range(3000):
        clutter = counted(clutter, (), now=NOW + n * timedelta(minutes=1))
    assert clutter.per_s == pytest.approx(1 / 3600)


def test_one_that_was_away_for_ages_is_counted_with_at_once() -> None:
    """A turn for each minute of two thousand years would not end."""
    told = counted(Clutter.begun(datetime(1, 1, 1, tzinfo=UTC)), [NOW - 120 * S], now=NOW)
    assert told.minute == NOW.replace(second=0) and told.minutes < 20


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
            optional={"features": st.lists(st.one_of(_NUMBERS, st.integers(-130, 130)), max_size=30)},
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
    assert all(math.isfinite(it) for it in (state.off_ms, state.clutter.per_s))
    assert state.best is not None and math.isfinite(state.best.ms)
    assert all(abs(NOW - one.at) <= timedelta(hours=24, seconds=10) for one in told.pulses)
    assert all(math.isfinite(it) for one in told.pulses for it in (one.snr_db, one.peak_db, *one.features))


def test_what_can_be_held_can_be_found() -> None:
    assert HELD[DataClass.PULSE] == "microphone"
    assert set(HELD.values()) == set(KNOWN)
