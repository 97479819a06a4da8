"""What a person is told of a microphone: one level, one to three words, one sentence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from watchfloor.acoustics.microphone import Microphone
from watchfloor.acoustics.pulse import MOST_A_MINUTE, REMEMBERED, State, slow_s
from watchfloor.governance.model import Allowed, Denied

SILENT_AFTER: Final = timedelta(minutes=5)
"""A microphone that hears nothing says at least once a minute that it is there."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One level, one to three words and a sentence; `since` when it became so, where that is known."""

    level: str
    word: str
    reason: str
    since: datetime | None


def state_of(microphone: Microphone, leave: Allowed | Denied, state: State | None, *, now: datetime) -> Shown:
    """The one thing to know of a microphone: what keeps it from working comes first."""
    if microphone.retired:
        return Shown("off", "retired", "It was taken out of service.", None)
    if isinstance(leave, Denied):
        return Shown("off", "not authorised", leave.sentence, None)
    if state is None:
        return Shown("standby", "not heard yet", "Nothing came from it since it was registered.", None)
    if now - state.heard_at > SILENT_AFTER:
        minutes = (now - state.heard_at) // timedelta(minutes=1)
        return Shown("serious", "silent", f"Nothing came from it for {_lasting(minutes)}.", state.heard_at)
    return _faulty(microphone, state, now=now) or Shown("normal", "listening", _usual(state), None)


def _faulty(microphone: Microphone, state: State, *, now: datetime) -> Shown | None:
    """What was wrong within the last minutes, in the order of what it spoils."""

    def lately(at: datetime | None) -> bool:
        return at is not None and now - at < REMEMBERED

    if lately(state.clock_off_at):
        return Shown("serious", "clock off", _clock_off(state), state.clock_off_at)
    if lately(state.elsewhere_at) and state.apart_m is not None:
        words = f"It said that it was {state.apart_m:.0f} m from where it is registered: what it heard there was not taken."
        return Shown("serious", "elsewhere", words, state.elsewhere_at)
    if lately(state.unreadable_at):
        words = f"It sent what cannot be read, and nothing of that is kept: {state.unreadable}"
        return Shown("serious", "unreadable", words, state.unreadable_at)
    if lately(state.flooded_at):
        words = (
            f"It sends too much: of more than {MOST_A_MINUTE} pulses a minute those beyond are not taken, and over MQTT it is put out "
            "while more waits of it than its share."
        )
        return Shown("caution", "flooding", words, state.flooded_at)
    if lately(state.reused_at):
        words = "It gave a pulse the id of another of the last day: that one was not taken. Its ids begin anew too soon."
        return Shown("caution", "ids reused", words, state.reused_at)
    if lately(state.jumped_at):
        words = "Its clock jumped: for ten minutes its pulses are kept as suspect."
        return Shown("caution", "clock jumped", words, state.jumped_at)
    slow = slow_s(state, microphone)
    if slow is not None:
        words = f"Its messages come {slow:.1f} s after it says that it sent them, and are kept as suspect: a slow clock or a slow link."
        return Shown("caution", "clock behind", words, None)
    if lately(state.late_at):
        words = "Its pulses come more than 30 s late, too late to tell anybody in time."
        return Shown("caution", "late", words, state.late_at)
    return None


def _clock_off(state: State) -> str:
    """Of its last message that was not taken: by now its clock may be right again."""
    off_ms = state.clock_off_ms
    if off_ms is None:
        return "It told of a sound that was still to come, by its own clock: that was not taken."
    side = "ahead" if off_ms > 0 else "behind"
    return f"Its clock was {abs(off_ms) / 1000:.1f} s {side}: what it said by that was not taken."


def _usual(state: State) -> str:
    if not state.clutter.learnt:
        return "It is heard. How much it reports anyway is known after an hour."
    return f"It is heard. {state.clutter.per_s * 60:.1f} pulses a minute are usual for it."


def _lasting(minutes: int) -> str:
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"


def minutes_up(before: State | None, now: datetime) -> int:
    """How many more minutes a microphone was there: those that began since it was heard `before`, if that is no longer than a silence."""
    if before is None or not timedelta() <= now - before.heard_at <= SILENT_AFTER:
        return 0
    return int(now.timestamp() // 60 - before.heard_at.timestamp() // 60)
