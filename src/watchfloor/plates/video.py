"""How the reading of plates on a camera's own video goes: what became of its pictures, and the one sentence about it. Pure.

A picture that is not looked at has a cause, and each cause is counted: what was dropped is never silent.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final, Literal

VideoStream = Literal["main", "sub"]
"""Which stream of a camera is read."""
# Whoever reads says so every few seconds; older words are not believed.
SAID_FOR: Final = timedelta(seconds=20)
# From this share of moving pictures on it is worth a person's look.
BUSY_SHARE: Final = 0.5
_LEAST_MOVING: Final = 20


@dataclass(frozen=True, slots=True)
class Counts:
    """Pictures of one camera by what became of them; each but the last says a number of pictures.

    `pictures`: taken from the stream to be judged. Of those: `still`, nothing moved; `masked`, all of it is covered; `undecodable`;
    the rest moved: `looked` at for plates, dropped since the processor was `busy`, `failed` in the networks, or `no_leave` held any more
    when its turn came. `cpu_ms`: of looking, in milliseconds.
    """

    pictures: int = 0
    still: int = 0
    masked: int = 0
    undecodable: int = 0
    busy: int = 0
    failed: int = 0
    no_leave: int = 0
    looked: int = 0
    cpu_ms: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in NAMES))

    @property
    def moving(self) -> int:
        """Pictures on which something moved, and whose turn came or went."""
        return self.looked + self.busy + self.failed + self.no_leave

    @property
    def busy_share(self) -> float | None:
        """Of moving pictures, those that were dropped since the processor was busy; None of too few."""
        return self.busy / self.moving if self.moving >= _LEAST_MOVING else None

    @property
    def sentence(self) -> str:
        """What became of them, for a person: "Read 34 of 120 moving pictures; 86 dropped since the processor was busy"."""
        if not self.pictures:
            return "No picture came."
        dropped = [
            (self.busy, "dropped since the processor was busy"),
            (self.failed, "on which reading failed"),
            (self.no_leave, "dropped since the leave had ended"),
        ]
        passed = [
            (self.still, "still"),
            (self.masked, "covered by masks"),
            (self.undecodable, "that could not be decoded"),
        ]
        said = [f"Read {self.looked} of {self.moving} moving pictures"]
        said += [f"{count} {words}" for count, words in dropped if count]
        beside = ", ".join(f"{count} {words}" for count, words in passed if count)
        return "; ".join(said) + (f"; beside them {beside}" if beside else "") + "."


NAMES: Final = tuple(field.name for field in fields(Counts))
NOTHING: Final = Counts()
# What became of a picture, one of these.
OUTCOMES: Final = tuple(name for name in NAMES if name not in ("pictures", "cpu_ms"))


@dataclass(frozen=True, slots=True)
class Said:
    """What the process that reads last said of a camera: a level, one or two words, a sentence, since when; and its counts in all."""

    level: str
    word: str
    reason: str
    since: datetime
    said_at: datetime
    total: Counts = NOTHING


@dataclass(frozen=True, slots=True)
class Video:
    """How the reading of a camera goes: what was said last, None where nothing was yet, and the counts of two hours and of a day."""

    said: Said | None
    lately: Counts = NOTHING
    day: Counts = NOTHING


def words_of(video: Video, *, now: datetime) -> tuple[str, str, str, datetime | None] | None:
    """Level, word, sentence and since of what keeps a camera from being read; None where it is read as it should be."""
    said = video.said
    if said is None:
        return (
            "standby",
            "not begun",
            "It is taken up within seconds where the process that reads plates runs.",
            None,
        )
    if now - said.said_at > SAID_FOR:
        words = "Nothing has read this camera of late: the process that reads plates does not run."
        return "serious", "not read", words, said.said_at
    if said.level != "normal":
        return said.level, said.word, said.reason, said.since
    share = video.lately.busy_share
    if share is not None and share >= BUSY_SHARE:
        return "caution", "behind", f"Within two hours: {video.lately.sentence}", said.since
    return None
