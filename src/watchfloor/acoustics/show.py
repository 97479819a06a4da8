"""What a person is told of a microphone: one level, one to three words, one sentence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watchfloor.acoustics.microphone import Microphone
from watchfloor.governance.model import Allowed, Denied


@dataclass(frozen=True, slots=True)
class Shown:
    """One level, one to three words and a sentence; `since` when it became so, where that is known."""

    level: str
    word: str
    reason: str
    since: datetime | None


def state_of(microphone: Microphone, leave: Allowed | Denied) -> Shown:
    """The one thing to know of a microphone: what keeps it from working comes first."""
    if microphone.retired:
        return Shown("off", "retired", "It was taken out of service.", None)
    if isinstance(leave, Denied):
        return Shown("off", "not authorised", leave.sentence, None)
    return Shown(
        "standby", "not heard yet", "It may work here. This version takes no pulses from it yet.", None
    )
