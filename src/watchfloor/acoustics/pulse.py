"""Pulses as microphones send them: which of a message are believed, and what else they say of their microphone. Pure.

It keeps nothing and locates nothing. A clock is judged by when a message was sent, by the same clock, and when it came here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from watchfloor.acoustics.clutter import Clutter, counted
from watchfloor.acoustics.microphone import Microphone
from watchfloor.kit.geo import Point, distance_m

MOST_PULSES: Final = 500
"""In one message."""
MOST_FEATURES: Final = 24
MOST_A_MINUTE: Final = 600
"""Of one microphone: fireworks with all that they echo are some hundreds. What hears more is out of order."""
DESCRIBED_A_MINUTE: Final = 60
"""So many pulses of a minute keep their features: 24 numbers a second say less than any coder of speech needs."""
_AHEAD: Final = timedelta(milliseconds=250)
_BEHIND: Final = timedelta(seconds=10)
_JUMP: Final = timedelta(seconds=1)
_SLOW: Final = timedelta(seconds=2)
"""No way of ten minutes was shorter: a clock that is behind, or a link on which nothing comes in time."""
REMEMBERED: Final = timedelta(minutes=10)
LATE: Final = timedelta(seconds=30)
TOO_OLD: Final = timedelta(hours=24)
_APART_M: Final = 25.0
"""Beyond what both sides say that they may be off: receivers among houses are off by that."""
_MS: Final = timedelta(milliseconds=1)

Why = Literal["clock", "future", "too_old", "elsewhere", "flood"]


@dataclass(frozen=True, slots=True)
class Pulse:
    """One short loud sound. `clock_bound_ms`: how far the microphone says that its clock may be off. Levels in dB."""

    key: str
    at: datetime
    clock_bound_ms: float
    snr_db: float
    peak_db: float
    features: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What came at once. `sent_at` is by the microphone's clock at this try; where it says that it is, if it does, with metres of error."""

    sent_at: datetime
    pulses: tuple[Pulse, ...]
    position: Point | None = None
    position_error_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A pulse that is not kept, by its place in the message, and why."""

    index: int
    why: Why
    sentence: str


@dataclass(frozen=True, slots=True)
class State:
    """How a microphone does. `off_ms`: its clock less ours at the last message, the way here included; `best_off_ms`: of the one of a
    while that came the shortest way."""

    heard_at: datetime
    off_ms: float
    best_off_ms: float
    best_off_at: datetime
    clutter: Clutter
    last_pulse_at: datetime | None = None
    kept: int = 0
    doubled: int = 0
    late: int = 0
    refused: int = 0
    clock_off_at: datetime | None = None
    jumped_at: datetime | None = None
    elsewhere_at: datetime | None = None
    apart_m: float | None = None
    flooded_at: datetime | None = None
    late_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a microphone already: the ids of pulses of the last day, and how many pulses of each minute."""

    keys: frozenset[str] = frozenset()
    minutes: Mapping[datetime, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """Of a message: what may be kept, how many of it were kept before or came twice in it, which of it came late, whether its clock is
    suspect, what is refused, and how its microphone does."""

    pulses: tuple[Pulse, ...]
    doubled: int
    late: frozenset[str]
    clock_suspect: bool
    refused: tuple[Refusal, ...]
    state: State


def minute_of(at: datetime) -> datetime:
    """The minute that a moment is in."""
    return at.replace(second=0, microsecond=0)


def minutes_of(message: Message, *, received_at: datetime) -> list[datetime]:
    """The minutes of which it matters how many pulses are kept already; none that is refused for its time is among them."""
    timely = {minute_of(pulse.at) for pulse in message.pulses if abs(received_at - pulse.at) <= TOO_OLD}
    return sorted(timely)


def judged(
    message: Message,
    microphone: Microphone,
    before: State | None,
    known: Known,
    *,
    received_at: datetime,
) -> Judged:
    """Judge a message. What is kept of it is not counted yet."""
    off = message.sent_at - received_at
    state = _clock(before, off, microphone, received_at)
    suspect = _suspect(state, microphone, received_at)
    whole = _whole(message, microphone, off)
    if whole is not None:
        refused = tuple(Refusal(n, *whole) for n in range(len(message.pulses)))
        return Judged((), 0, frozenset(), suspect, refused, _refused(state, message, microphone, refused))
    seen, room = set(known.keys), Counter(dict(known.minutes))
    kept: list[Pulse] = []
    refusals: list[Refusal] = []
    for n, pulse in enumerate(message.pulses):
        if pulse.key in seen:
            continue
        minute = minute_of(pulse.at)
        why = _untimely(pulse, message, received_at) or _flood(room[minute])
        if why is not None:
            refusals.append(Refusal(n, *why))
            continue
        seen.add(pulse.key)
        room[minute] += 1
        kept.append(pulse if room[minute] <= DESCRIBED_A_MINUTE else replace(pulse, features=()))
    late = frozenset(pulse.key for pulse in kept if received_at - pulse.at > LATE)
    state = _refused(state, message, microphone, refusals)
    if late:
        state = replace(state, late=state.late + len(late), late_at=received_at)
    doubled = len(message.pulses) - len(kept) - len(refusals)
    return Judged(tuple(kept), doubled, late, suspect, tuple(refusals), state)


def with_kept(verdict: Judged) -> State:
    """The state once all that may be kept is kept."""
    state, new = verdict.state, verdict.pulses
    newest = max((pulse.at for pulse in new), default=None)
    last = state.last_pulse_at
    return replace(
        state,
        kept=state.kept + len(new),
        doubled=state.doubled + verdict.doubled,
        last_pulse_at=last if newest is None or (last is not None and last > newest) else newest,
        clutter=counted(state.clutter, [pulse.at for pulse in new], now=state.heard_at),
    )


def slow_s(state: State, microphone: Microphone) -> float | None:
    """By how many seconds its messages come after they say that they were sent, where that is too much; else None."""
    behind_ms = -state.best_off_ms - microphone.clock_bound_ms
    return -state.best_off_ms / 1000 if behind_ms > _SLOW / _MS else None


def _suspect(state: State, microphone: Microphone, now: datetime) -> bool:
    jumped = state.jumped_at is not None and now - state.jumped_at < REMEMBERED
    return jumped or slow_s(state, microphone) is not None


def _clock(before: State | None, off: timedelta, microphone: Microphone, received_at: datetime) -> State:
    """The state with what this message says of the clock.

    A way can only take longer than it is: an offset that is suddenly greater than the best of the last minutes is a jump.
    """
    off_ms, bound = off / _MS, microphone.clock_bound_ms
    if before is None:
        return State(received_at, off_ms, off_ms, received_at, Clutter.begun(received_at))
    fresh = received_at - before.best_off_at < REMEMBERED
    jumped = fresh and off_ms - before.best_off_ms > _JUMP / _MS + bound
    better = jumped or not fresh or off_ms >= before.best_off_ms
    return replace(
        before,
        heard_at=max(received_at, before.heard_at),
        off_ms=off_ms,
        best_off_ms=off_ms if better else before.best_off_ms,
        best_off_at=received_at if better else before.best_off_at,
        jumped_at=received_at if jumped else before.jumped_at,
    )


def _whole(message: Message, microphone: Microphone, off: timedelta) -> tuple[Why, str] | None:
    """Why nothing of the message is kept, if so."""
    if off > _AHEAD + microphone.clock_bound_ms * _MS:
        return "clock", f"Your clock is {off.total_seconds():.1f} s ahead of the center's."
    if off < -_BEHIND:
        return (
            "clock",
            f"Your clock is {-off.total_seconds():.1f} s behind the center's, or this took as long.",
        )
    apart = _apart(message, microphone)
    if apart is not None and apart > _APART_M + microphone.spot.error_m + message.position_error_m:
        return "elsewhere", f"You are {apart:.0f} m from where you are registered."
    return None


def _apart(message: Message, microphone: Microphone) -> float | None:
    return None if message.position is None else distance_m(message.position, microphone.spot.point)


def _untimely(pulse: Pulse, message: Message, received_at: datetime) -> tuple[Why, str] | None:
    if pulse.at > message.sent_at + _JUMP:
        return "future", "It arrived after the message was sent."
    if received_at - pulse.at > TOO_OLD:
        return "too_old", "It is of more than a day ago."
    return None


def _flood(kept: int) -> tuple[Why, str] | None:
    if kept < MOST_A_MINUTE:
        return None
    return "flood", f"More than {MOST_A_MINUTE} pulses of one minute are out of order."


def _refused(state: State, message: Message, microphone: Microphone, refused: Sequence[Refusal]) -> State:
    now, why = state.heard_at, {one.why for one in refused}
    off = message.sent_at - now
    clock = "future" in why or off > _AHEAD + microphone.clock_bound_ms * _MS or off < -_BEHIND
    apart = _apart(message, microphone)
    elsewhere = apart is not None and apart > _APART_M + microphone.spot.error_m + message.position_error_m
    return replace(
        state,
        refused=state.refused + len(refused),
        clock_off_at=now if clock else state.clock_off_at,
        elsewhere_at=now if elsewhere else state.elsewhere_at,
        apart_m=apart if apart is not None else state.apart_m,
        flooded_at=now if "flood" in why else state.flooded_at,
    )
