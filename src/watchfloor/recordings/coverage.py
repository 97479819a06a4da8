"""How much of a time a camera recorded, and why not the rest: of the index and of what is known of gaps. Pure; it opens no footage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from watchfloor.cameras.model import Shown, may_be_work
from watchfloor.recordings.answers import WHOSE, Whose, of_state
from watchfloor.recordings.model import GAP_FROM_US, GAP_SENTENCES, GapReason, us
from watchfloor.recordings.planned import OF_WORK, Planned, cut

UNKNOWN: Final = "Why is not known."
NOT_BEGUN: Final = "Nothing had been recorded of it yet."
Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch of which there is no footage, why, and whose that is. Times are µs since 1970."""

    begin_us: int
    end_us: int
    reason: str
    whose: Whose = Whose.CENTER


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of a time: how long it was, how much of it was recorded, and the times of which nothing is, oldest first."""

    expected_us: int
    recorded_us: int
    holes: tuple[Hole, ...] = ()
    at_site_us: int = 0
    """What of the time its site alone keeps: not expected here, and no hole."""

    @property
    def gaps(self) -> int:
        """How often it was not recorded."""
        return len(self.holes)

    @property
    def longest(self) -> Hole | None:
        """The longest time of which nothing is."""
        return max(self.holes, key=lambda hole: hole.end_us - hole.begin_us, default=None)


def coverage(
    recorded: Sequence[Stretch],
    gaps: Sequence[tuple[int, int, GapReason]],
    state: Shown,
    *,
    begin_us: int,
    until_us: int,
    new: bool = False,
    planned: Sequence[Planned] = (),
    elsewhere: bool = False,
) -> Coverage:
    """What there is of [begin, until), where `until` is at most now; `new`: it was registered when that begins.

    `elsewhere`: what it records now is kept at its site alone.

    What lies in `planned` work is a hole of its own, with the work as its reason.

    The newest pictures of a live camera are not in the index yet: from its last footage on, or since it is live again,
    they count as recorded.
    """
    if until_us <= begin_us:
        return Coverage(0, 0)
    if elsewhere:
        state = replace(state, level="standby")  # pictures that come are not recorded here
    there = _with_newest(recorded, state, begin_us, until_us)
    holes = _between(there, begin_us, until_us)
    told = (
        Hole(
            begin,
            end,
            *_why((begin, end), gaps, state, begin_us if new else None, until_us, sentence, hole[1]),
        )
        for hole in holes
        for begin, end, sentence in cut(*hole, planned)
    )
    own, at_site_us = _without_site(told, until_us if elsewhere else None)
    expected = until_us - begin_us - at_site_us
    return Coverage(expected, expected - sum(one.end_us - one.begin_us for one in own), own, at_site_us)


def _without_site(told: Iterable[Hole], now_us: int | None) -> tuple[tuple[Hole, ...], int]:
    """The holes but those of what a site alone keeps, as that which is not over (ending `now_us`) is; and how long those are."""
    own, at_site_us = list[Hole](), 0
    for hole in told:
        if hole.reason == GAP_SENTENCES[GapReason.AT_SITE] or hole.end_us == now_us:
            at_site_us += hole.end_us - hole.begin_us
        else:
            own.append(hole)
    return tuple(own), at_site_us


def _with_newest(recorded: Sequence[Stretch], state: Shown, begin_us: int, until_us: int) -> list[Stretch]:
    there = sorted(recorded)
    if state.level != "normal":
        return there
    last = there[-1][1] if there else begin_us
    since = min(max(last, us(state.since)), until_us)
    return [*there, (since, until_us)]


def _between(there: Sequence[Stretch], begin_us: int, until_us: int) -> list[Stretch]:
    """The holes; a shorter one than a gap is a late picture."""
    holes: list[Stretch] = []
    at = begin_us
    for begin, end in (*there, (until_us, until_us)):
        if min(begin, until_us) - at >= GAP_FROM_US:
            holes.append((at, min(begin, until_us)))
        at = max(at, end)
    return holes


def _why(
    hole: Stretch,
    gaps: Sequence[tuple[int, int, GapReason]],
    state: Shown,
    registered_us: int | None,
    until_us: int,
    planned: str | None,
    hole_end_us: int,
) -> tuple[str, Whose]:
    """The reason that was kept for most of it; of one that is not over, the state the camera is in; of one planned, the work. And whose
    it is."""
    begin, end = hole
    within = [(min(b, end) - max(a, begin), reason) for a, b, reason in gaps]
    most, reason = max(within, key=lambda one: one[0], default=(0, None))
    kept = reason if most > 0 else None
    if planned is not None and (
        kept in OF_WORK or (kept is None and hole_end_us == until_us and may_be_work(state))
    ):
        return planned, Whose.WORK
    if kept is not None:
        return GAP_SENTENCES[kept], WHOSE[kept]
    if end == until_us:
        return state.reason, of_state(state.word)
    return NOT_BEGUN if begin == registered_us else UNKNOWN, Whose.CENTER
