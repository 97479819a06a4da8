"""Pulses as microphones send them: which of a message are believed, and what else they say of their microphone. Pure.

It keeps nothing and locates nothing. A clock is judged by when a message was sent, by the same clock, and when it came here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from watchfloor.acoustics.clutter import Clutter, counted, passed_over
from watchfloor.acoustics.microphone import Microphone
from watchfloor.kit.geo import Point, distance_m

MOST_PULSES: Final = 500
"""In one message."""
MOST_FEATURES: Final = 24
MOST_KEY: Final = 16
"""So many signs in an id."""
MOST_A_MINUTE: Final = 600
"""Of one microphone: fireworks with all that they echo are some hundreds. What hears more is out of order."""
MOST_SAID: Final = 300
"""So many signs of what is wrong with a message that cannot be read."""
DESCRIBED_A_MINUTE: Final = 60
"""So many pulses of a minute, and so many of those that come in one, keep their features."""
_LEAST_BOUND_MS: Final = 0.01
_AHEAD: Final = timedelta(milliseconds=250)
_BEHIND: Final = timedelta(minutes=2)
"""No full message takes so long on a line that is of use."""
_LONG: Final = timedelta(seconds=10)
"""What took so long, or is so far behind, is kept as suspect."""
_BEST_OF: Final = timedelta(minutes=5)
_JUMP: Final = timedelta(seconds=1)
_SLOW: Final = timedelta(seconds=2)
"""No way of ten minutes was shorter: a clock that is behind, or a link on which nothing comes in time."""
REMEMBERED: Final = timedelta(minutes=10)
LATE: Final = timedelta(seconds=30)
TOO_OLD: Final = timedelta(hours=24)
_APART_M: Final = 25.0
"""Beyond what both sides say that they may be off: receivers among houses are off by that."""
_MOST_UNSURE_M: Final = 50.0
"""What a microphone says that its own position may be off excuses no more: else one that is sure of nothing could hang anywhere."""
_MS: Final = timedelta(milliseconds=1)

Why = Literal["clock", "future", "too_old", "not_authorised", "moved", "elsewhere", "flood", "id_reused"]
_SAYS_NOTHING: Final = frozenset[Why](
    ("clock", "future", "not_authorised", "moved", "elsewhere", "id_reused")
)
"""Of the minute that something was refused for this in, nobody knows how many pulses there were."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """One short loud sound. `clock_bound_ms`: how far the microphone says that its clock may be off. Levels in dB."""

    key: str
    at: datetime
    clock_bound_ms: float
    snr_db: float
    peak_db: float
    features: tuple[int, ...] = ()


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
class Best:
    """Its clock less ours, ms, by the messages that came the shortest way: of five minutes since `since`, and of the five before them."""

    since: datetime
    now_ms: float
    before_ms: float | None = None

    @property
    def ms(self) -> float:
        """The best of both."""
        return self.now_ms if self.before_ms is None else max(self.now_ms, self.before_ms)

    def at(self, moment: datetime) -> float | None:
        """The best as of then; None once both are over."""
        return None if moment >= self.since + 2 * _BEST_OF else self.with_one(self.now_ms, moment).ms

    def with_one(self, off_ms: float, came_at: datetime) -> Best:
        """With a message that came then."""
        if came_at < self.since + _BEST_OF:
            return replace(self, now_ms=max(self.now_ms, off_ms))
        if came_at < self.since + 2 * _BEST_OF:
            return Best(self.since + _BEST_OF, off_ms, self.now_ms)
        return Best(came_at, off_ms)


@dataclass(frozen=True, slots=True)
class State:
    """How a microphone does. `off_ms`: its clock less ours at the last message, the way here included; `best`: of those that were
    believed. `clock_off_ms` and `apart_m`: what its last refusal for that was for. `described`: so many pulses came with features in
    the minute `described_in`. `unreadable`: what was wrong with the last message that could not be read, of those that are not answered."""

    heard_at: datetime
    off_ms: float
    best: Best | None
    clutter: Clutter
    last_pulse_at: datetime | None = None
    kept: int = 0
    doubled: int = 0
    late: int = 0
    refused: int = 0
    clock_off_at: datetime | None = None
    clock_off_ms: float | None = None
    jumped_at: datetime | None = None
    elsewhere_at: datetime | None = None
    apart_m: float | None = None
    flooded_at: datetime | None = None
    reused_at: datetime | None = None
    late_at: datetime | None = None
    described_in: datetime | None = None
    described: int = 0
    unreadable_at: datetime | None = None
    unreadable: str | None = None

    @property
    def clock_known(self) -> bool:
        """Whether a message said anything of its clock: one that cannot be read does not."""
        return not (self.best is None and self.clock_off_at is None and self.elsewhere_at is None)


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a microphone already: when the pulses of the last day with these ids came to it, and how many of each minute."""

    keys: Mapping[str, datetime] = field(default_factory=dict)
    minutes: Mapping[datetime, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Since:
    """From when on what is heard is taken: `stands`, the authorisation does without a break; `hangs`, the microphone does where it is
    registered."""

    stands: datetime
    hangs: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """Of a message: what may be kept, how many of it were kept before or came twice in it, which of it came late, whether it is suspect
    (long on its way, by a clock that jumped ahead lately, or by one that is behind as far as can be told), what is refused, and how its
    microphone does."""

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
    since: Since,
) -> Judged:
    """Judge a message. What is kept of it is not counted yet."""
    off = message.sent_at - received_at
    whole = _whole(message, microphone, off)
    state = _clock(before, off, microphone, received_at, believed=whole is None)
    suspect = off < -_LONG or _suspect(state, microphone, received_at)
    if whole is not None:
        refused = tuple(Refusal(n, *whole) for n in range(len(message.pulses)))
        state = _refused(state, message, microphone, refused, [whole[0]])
        return Judged((), 0, frozenset(), suspect, refused, state)
    kept, refusals, state = _sorted_out(message, state, known, received_at, since)
    late = frozenset(pulse.key for pulse in kept if received_at - pulse.at > LATE)
    state = _refused(state, message, microphone, refusals, [one.why for one in refusals])
    if late:
        state = replace(state, late=state.late + len(late), late_at=received_at)
    doubled = len(message.pulses) - len(kept) - len(refusals)
    return Judged(tuple(kept), doubled, late, suspect, tuple(refusals), state)


def _sorted_out(
    message: Message, state: State, known: Known, received_at: datetime, since: Since
) -> tuple[list[Pulse], list[Refusal], State]:
    """What is kept of a message that is believed, what is refused, and the state with how much of it is described."""
    seen, room = dict(known.keys), Counter(dict(known.minutes))
    coming = minute_of(received_at)
    described = state.described if state.described_in == coming else 0
    kept: list[Pulse] = []
    refusals: list[Refusal] = []
    for n, pulse in enumerate(message.pulses):
        if seen.get(pulse.key) == pulse.at:
            continue
        minute = minute_of(pulse.at)
        why = _untimely(pulse, message, received_at, since)
        why = why or _reused(pulse, seen) or _flood(room[minute])
        if why is not None:
            refusals.append(Refusal(n, *why))
            continue
        seen[pulse.key] = pulse.at
        room[minute] += 1
        few = max(room[minute], described + 1) <= DESCRIBED_A_MINUTE
        kept.append(_coarse(pulse, described=few))
        described += bool(kept[-1].features)
    return kept, refusals, replace(state, described_in=coming, described=described)


def _coarse(pulse: Pulse, *, described: bool) -> Pulse:
    """The pulse as finely as it is of use: a decibel, two digits of the clock's bound. What is finer could carry something else."""
    return replace(
        pulse,
        clock_bound_ms=_two_digits(pulse.clock_bound_ms),
        snr_db=round(pulse.snr_db),
        peak_db=round(pulse.peak_db),
        features=pulse.features if described else (),
    )


def _two_digits(bound_ms: float) -> float:
    """No less than it was."""
    if bound_ms < _LEAST_BOUND_MS:
        return _LEAST_BOUND_MS if bound_ms > 0 else 0.0
    step = 10.0 ** (math.floor(math.log10(bound_ms)) - 1)
    return math.ceil(round(bound_ms / step, 6)) * step


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


def with_unreadable(before: State | None, why: str, *, received_at: datetime) -> State:
    """The state with a message that cannot be read: it was heard, and what it said of its clock and of sounds nobody knows."""
    state = before or State(received_at, 0.0, None, Clutter.begun(received_at))
    now = max(received_at, state.heard_at)
    return replace(
        state,
        heard_at=now,
        unreadable_at=received_at,
        unreadable=why[:MOST_SAID],
        clutter=passed_over(state.clutter, now=now),
    )


def with_flooded(before: State | None, *, received_at: datetime) -> State:
    """The state with more messages than may wait of one: it was heard."""
    state = before or State(received_at, 0.0, None, Clutter.begun(received_at))
    return replace(state, heard_at=max(received_at, state.heard_at), flooded_at=received_at)


def slow_s(state: State, microphone: Microphone) -> float | None:
    """By how many seconds its messages come after they say that they were sent, where that is too much; else None."""
    if state.best is None:
        return None
    behind_ms = -state.best.ms - microphone.clock_bound_ms
    return -state.best.ms / 1000 if behind_ms > _SLOW / _MS else None


def _suspect(state: State, microphone: Microphone, now: datetime) -> bool:
    jumped = state.jumped_at is not None and now - state.jumped_at < REMEMBERED
    return jumped or slow_s(state, microphone) is not None


def _clock(
    before: State | None, off: timedelta, microphone: Microphone, received_at: datetime, *, believed: bool
) -> State:
    """The state with what this message says of the clock; one that is refused says nothing of how short the way is.

    A way can only take longer than it is: an offset that is suddenly greater than the best of the last minutes is a jump.
    """
    off_ms, bound = off / _MS, microphone.clock_bound_ms
    if before is None:
        best = Best(received_at, off_ms) if believed else None
        return State(received_at, off_ms, best, Clutter.begun(received_at))
    lately = before.best.at(received_at) if before.best else None
    jumped = lately is not None and off_ms - lately > _JUMP / _MS + bound
    best = before.best
    if believed:
        best = best.with_one(off_ms, received_at) if best else Best(received_at, off_ms)
    return replace(
        before,
        heard_at=max(received_at, before.heard_at),
        off_ms=off_ms,
        best=best,
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
    unsure_m = min(message.position_error_m, _MOST_UNSURE_M)
    if apart is not None and apart > _APART_M + microphone.spot.error_m + unsure_m:
        return "elsewhere", f"You are {apart:.0f} m from where you are registered."
    return None


def _apart(message: Message, microphone: Microphone) -> float | None:
    return None if message.position is None else distance_m(message.position, microphone.spot.point)


def _untimely(pulse: Pulse, message: Message, received_at: datetime, since: Since) -> tuple[Why, str] | None:
    if pulse.at > message.sent_at + _JUMP:
        return "future", "It arrived after the message was sent."
    if received_at - pulse.at > TOO_OLD:
        return "too_old", "It is of more than a day ago."
    if pulse.at < since.stands:
        return "not_authorised", "It arrived before listening was authorised, or while that was suspended."
    if pulse.at < since.hangs:
        return "moved", "It arrived before you hung where you are registered now."
    return None


def _reused(pulse: Pulse, seen: Mapping[str, datetime]) -> tuple[Why, str] | None:
    if pulse.key not in seen:
        return None
    return "id_reused", "Another pulse of the last day has its id."


def _flood(kept: int) -> tuple[Why, str] | None:
    if kept < MOST_A_MINUTE:
        return None
    return "flood", f"More than {MOST_A_MINUTE} pulses of one minute are out of order."


def _refused(
    state: State, message: Message, microphone: Microphone, refused: Sequence[Refusal], whys: Sequence[Why]
) -> State:
    """The state with what was refused; a message without pulses can be refused, too."""
    now, why = state.heard_at, frozenset(whys)
    new = replace(state, refused=state.refused + len(refused))
    if why & {"clock", "future"}:
        new = replace(new, clock_off_at=now, clock_off_ms=state.off_ms if "clock" in why else None)
    if "elsewhere" in why:
        new = replace(new, elsewhere_at=now, apart_m=_apart(message, microphone))
    if "flood" in why:
        new = replace(new, flooded_at=now)
    if "id_reused" in why:
        new = replace(new, reused_at=now)
    return replace(new, clutter=passed_over(new.clutter, now=now)) if why & _SAYS_NOTHING else new
