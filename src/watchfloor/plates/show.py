"""What a person is told of a reader: one level, one or two words, one sentence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from watchfloor.governance.model import Allowed, Denied
from watchfloor.plates.model import Reader
from watchfloor.plates.reader_store import ReaderState

SILENT_AFTER: Final = timedelta(hours=1)
LOST_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Shown:
    """`level` is one of off, standby, normal, caution, serious; `since` when it became so, where that is known."""

    level: str
    word: str
    reason: str
    since: datetime | None


def state_of(reader: Reader, state: ReaderState | None, leave: Allowed | Denied, *, now: datetime) -> Shown:
    """The one thing to know of a reader: what keeps it from working comes first."""
    if reader.retired:
        return Shown("off", "retired", "It was taken out of service.", None)
    if isinstance(leave, Denied):
        return Shown("off", "not authorised", leave.sentence, None)
    if state is None or state.heard_at is None:
        return Shown("standby", "no read yet", "It has not been heard since it was registered.", None)
    quiet = now - state.heard_at
    if quiet >= LOST_AFTER:
        return Shown("serious", "lost", f"Nothing was heard from it for {quiet.days} days.", state.heard_at)
    if quiet >= SILENT_AFTER:
        return Shown(
            "caution",
            "silent",
            f"Nothing was heard from it for {quiet.seconds // 3600} hours.",
            state.heard_at,
        )
    if state.clock_suspect and state.clock_off_ms is not None:
        minutes = abs(state.clock_off_ms) // 60_000
        side = "ahead" if state.clock_off_ms > 0 else "behind"
        words = f"Its clock is {minutes} minutes {side}; its reads carry the time of receipt."
        return Shown("caution", "clock off", words, state.heard_at)
    return Shown("normal", "reading", "Heard within the hour.", state.heard_at)
