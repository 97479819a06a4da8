"""What a located source is taken for. Pure.

`classify` weighs what a sound was, and no alert says it yet: its weights rest on assumptions that nobody has measured. What does not know
says so: every source that is told is an unknown impulse until what was measured stands in `kind_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from watchfloor.acoustics.located import Located


class SoundKind(StrEnum):
    """What a sound may be taken for: by the machine, and by a person."""

    GUNFIRE = "gunfire"
    FIREWORKS = "fireworks"
    OTHER = "other_impulsive"
    UNKNOWN = "unknown_impulsive"


@dataclass(frozen=True, slots=True)
class TakenFor:
    """A kind, in percent where there is a number, and the sentence that says what that rests on."""

    kind: SoundKind
    percent: int | None
    sentence: str


def kind_of(source: Located) -> TakenFor:
    """What a source is taken for."""
    many = "a round" if len(source.rounds) == 1 else f"{len(source.rounds)} rounds"
    return TakenFor(
        SoundKind.UNKNOWN,
        None,
        f"Of unknown kind: nothing here tells {many} of gunfire from fireworks or a backfire.",
    )
