"""What the routes of possible hits answer."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import HotListId, Named, Place, PlateHitId, ReaderId
from watchfloor.plates.forms import HitOdds
from watchfloor.plates.model import Kind
from watchfloor.plates.record import ReaderVerdict


class OfReader(TypedDict):
    """A reader inside another thing."""

    id: ReaderId
    name: str


class OfList(TypedDict):
    """A hot list inside another thing; of one that is gone there is no name."""

    id: HotListId
    name: str | None


class PossibleEntry(TypedDict):
    """The entry as it was then."""

    plate: str
    state: str | None
    reason: str
    vehicle: str | None


class Compared(TypedDict):
    """What was read beside what is wanted; shown to whoever typed what the picture says, and to nobody else."""

    at: datetime
    clock_suspect: bool
    place: Place
    hot_list: OfList
    plate: str
    state: str | None
    confidence: float | None
    reason: str
    kind: Kind
    odds: HitOdds | None
    why_no_alarm: list[str]
    entry: PossibleEntry


class GivenVerdict(TypedDict):
    """A verdict: `undecided` where the picture did not say it, or it was taken back. `own`: by whoever asks."""

    verdict: ReaderVerdict
    at: datetime
    by: Named
    own: bool


class PossibleHit(TypedDict):
    """A hit that alerted nobody. `waits`: whoever asks may judge it. `compared` is null for all who did not."""

    id: PlateHitId
    reader: OfReader
    picture: str | None
    waits: bool
    compared: Compared | None
    judged: GivenVerdict | None


class ReaderWaiting(TypedDict):
    """A reader: how many verdicts it has in 90 days, how many of its possible hits of 30 days wait for one, and how many
    nobody can judge, for they have no picture.
    """

    reader: OfReader
    verdicts: int
    waiting: int
    unseen: int


class ReadersWaiting(TypedDict):
    """Readers by how much they lack; from `needed` verdicts on a reader's own record is used."""

    needed: int
    readers: list[ReaderWaiting]
