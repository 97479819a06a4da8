"""What a person is told of a reader: one level, one or two words, one sentence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from watchfloor.governance.model import Allowed, Denied
from watchfloor.plates.health import CLOCK_OFF, DRIFT_MS_A_DAY, LATE, REJECTED_SHARE, Health, silent_for
from watchfloor.plates.model import Reader
from watchfloor.plates.reader_store import ReaderState
from watchfloor.plates.video import Video, words_of

SILENT_AFTER: Final = timedelta(hours=1)
LOST_AFTER: Final = timedelta(hours=24)
_MS: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """`level` is one of off, standby, normal, caution, serious; `since` when it became so, where that is known."""

    level: str
    word: str
    reason: str
    since: datetime | None


def state_of(
    reader: Reader,
    state: ReaderState | None,
    leave: Allowed | Denied,
    *,
    now: datetime,
    health: Health | None = None,
    video: Video | None = None,
) -> Shown:
    """The one thing to know of a reader: what keeps it from working comes first. `video`: of one that is a camera."""
    if reader.retired:
        return Shown("off", "retired", "It was taken out of service.", None)
    if isinstance(leave, Denied):
        return Shown("off", "not authorised", leave.sentence, None)
    if reader.camera is not None:
        return _on_video(video or Video(None), state, health, now=now)
    if state is None or state.heard_at is None:
        return Shown("standby", "no read yet", "It has not been heard since it was registered.", None)
    if health is not None and (unusual := _unusual(state, health, now=now)) is not None:
        return unusual
    if (health is None or health.missed is None) and (
        fixed := _by_the_clock(state.heard_at, now=now)
    ) is not None:
        return fixed
    if state.clock_suspect and state.clock_off_ms is not None:
        minutes = abs(state.clock_off_ms) // 60_000
        side = "ahead" if state.clock_off_ms > 0 else "behind"
        words = f"Its clock is {minutes} minutes {side}; its reads carry the time of receipt."
        return Shown("caution", "clock off", words, state.heard_at)
    if health is not None and (fault := _faulty(state, health)) is not None:
        return fault
    return Shown("normal", "reading", _usual_words(health), state.heard_at)


def _on_video(video: Video, state: ReaderState | None, health: Health | None, *, now: datetime) -> Shown:
    """Of a camera whose plates are read here: what keeps it from that, a silence that is not usual, or how it goes."""
    kept_from = words_of(video, now=now)
    if kept_from is not None:
        return Shown(*kept_from)
    since = video.said.since if video.said else None
    read = state is not None and state.last_read_at is not None
    if state is not None and read and health is not None and (unusual := _unusual(state, health, now=now)):
        return unusual
    how = f"{video.said.reason} " if video.said and video.said.reason else ""
    return Shown("normal", "reading", f"{how}Within two hours: {video.lately.sentence}", since)


def _usual_words(health: Health | None) -> str:
    if health is None or health.usual_now is None:
        return "Heard within the hour; what is usual for it is known after two weeks."
    return f"{health.last_hour} reads within the hour, of usually {health.usual_now:.0f}."


def _unusual(state: ReaderState, health: Health, *, now: datetime) -> Shown | None:
    """A silence that is not usual at this hour. A reader that is heard and reads nothing is silent, too: it may look at a wall."""
    since = state.last_read_at or state.heard_at
    if since is None or (word := silent_for(health, now - since)) is None:
        return None
    words = f"Nothing was read for {_lasting(now - since)}, in which {health.missed:.0f} reads are usual."
    return Shown("serious" if word == "lost" else "caution", word, words, since)


def _by_the_clock(heard_at: datetime, *, now: datetime) -> Shown | None:
    """Of a reader without a usual: silent after an hour, lost after a day."""
    quiet = now - heard_at
    if quiet >= LOST_AFTER:
        return Shown("serious", "lost", f"Nothing was heard from it for {quiet.days} days.", heard_at)
    if quiet >= SILENT_AFTER:
        return Shown(
            "caution", "silent", f"Nothing was heard from it for {quiet.seconds // 3600} hours.", heard_at
        )
    return None


def _faulty(state: ReaderState, health: Health) -> Shown | None:
    """Its clock, what it sends that is no read, what it sends late: in the order of how soon somebody should go."""
    skew, since = health.skew, state.heard_at
    if skew is not None and abs(skew.off_ms) >= CLOCK_OFF // _MS:
        side = "ahead" if skew.off_ms > 0 else "behind"
        return Shown(
            "caution", "clock off", f"Its clock is {abs(skew.off_ms) // 1000} seconds {side}.", since
        )
    if skew is not None and skew.drift_ms_a_day is not None and abs(skew.drift_ms_a_day) >= DRIFT_MS_A_DAY:
        words = f"Its clock drifts by {abs(skew.drift_ms_a_day) / 1000:.0f} seconds a day: nothing sets it."
        return Shown("caution", "clock drifts", words, since)
    if health.rejected_share is not None and health.rejected_share >= REJECTED_SHARE:
        words = f"{health.rejected_share:.0%} of what it sent within a day could not be taken."
        return Shown("caution", "rejected", words, since)
    if health.late_s is not None and health.late_s >= LATE // timedelta(seconds=1):
        return Shown("caution", "behind", f"Its reads come up to {health.late_s // 60} minutes late.", since)
    return None


def _lasting(for_: timedelta) -> str:
    minutes = int(for_ / timedelta(minutes=1))
    return (
        f"{minutes} minutes"
        if minutes < 120
        else f"{minutes // 60} hours"
        if minutes < 2880
        else f"{for_.days} days"
    )
