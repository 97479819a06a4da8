"""From pulses as they come to what is located in some seconds, whatever the order in which they came. Pure.

Time is cut into slots. Each slot, with the one before, is looked at in every neighbourhood for hints that something was fired; what the
hints are of (`due`) is then explained in one piece, from before the first to after the last. So what is told of some seconds depends on
the pulses of those and on nothing else: not on when they came, nor on who was looking when. It keeps nothing and reads no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from watchfloor.acoustics.due import Cover, Due, Hint, by_time
from watchfloor.acoustics.evidence import evidence_of
from watchfloor.acoustics.explain import explained
from watchfloor.acoustics.located import Heard, Located, located, moment, seconds
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.model import Air, Floats, Pulses
from watchfloor.acoustics.neighbourhood import Ear, Frame, Neighbourhood, near
from watchfloor.acoustics.weather import Weather
from watchfloor.kit.geo import Point

# So far from a hint microphones take part.
_REACH_M: Final = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The pulses from `begins_s` until `ends_s`, in seconds since 1970: whose and which each is, and when it arrived."""

    begins_s: float
    ends_s: float
    heard: tuple[Heard, ...]
    times_s: Floats
    peaks_db: Floats | None = None
    """How loud each was; None where nobody asks."""

    @classmethod
    def of_nothing(cls, begins_s: float, ends_s: float) -> Stretch:
        """Of which nobody is asked what they heard."""
        return cls(begins_s, ends_s, (), np.empty(0))

    def part(self, begins_s: float, ends_s: float) -> Stretch:
        """Those of them from then until then."""
        begins, ends = max(begins_s, self.begins_s), min(ends_s, self.ends_s)
        on = np.flatnonzero((self.times_s >= begins) & (self.times_s < ends))
        peaks = self.peaks_db[on] if self.peaks_db is not None else None
        return Stretch(begins, ends, tuple(self.heard[k] for k in on.tolist()), self.times_s[on], peaks)

    def within(self, frame: Frame) -> tuple[Pulses, tuple[Heard, ...], Floats | None]:
        """What the ears of a frame have of it, in seconds after its beginning, which pulses those are, how loud each; in one order."""
        number: dict[MicrophoneId, int] = {ear.id: k for k, ear in enumerate(frame.ears)}
        mine = [
            (number[one[0]], at, one, k)
            for k, (one, at) in enumerate(zip(self.heard, self.times_s.tolist(), strict=True))
            if one[0] in number
        ]
        mine.sort()
        pulses = Pulses(
            np.array([one[0] for one in mine], dtype=np.intp),
            np.array([one[1] for one in mine], dtype=np.float64) - self.begins_s,
            0.0,
            self.ends_s - self.begins_s,
        )
        peaks = self.peaks_db[[one[3] for one in mine]] if self.peaks_db is not None else None
        return pulses, tuple(one[2] for one in mine), peaks


@dataclass(frozen=True, slots=True)
class Account:
    """All that is located of what was fired between two moments where `cover` holds, by these microphones: whatever was told of there
    before, heard by no other, and is not here has fallen."""

    begins: datetime
    ends: datetime
    cover: Cover
    sources: tuple[Located, ...]
    ears: frozenset[MicrophoneId]


def hints(neighbourhoods: Iterable[Neighbourhood], stretch: Stretch, air: Air) -> tuple[Hint, ...]:
    """What the stretch of a slot hints at, in all neighbourhoods."""
    found = []
    for one in neighbourhoods:
        pulses, _, _ = stretch.within(one.frame)
        for source in explained(one.frame.array, pulses, air):
            if one.is_ours(*source.place_m):
                fired = [stretch.begins_s + shot.at_s for shot in source.shots]
                found.append(Hint(one.frame.point(*source.place_m), min(fired), max(fired)))
    return tuple(sorted(found, key=by_time))


def heard_by(ears: Sequence[Ear], one: Due) -> tuple[Ear, ...]:
    """Those of these ears that could have heard what is to be told; none where that is that nothing was fired."""
    return near(ears, one.cover.mine.points, _REACH_M) if one.cover.mine is not None else ()


def account(ears: Sequence[Ear], one: Due, stretch: Stretch, weather: Weather) -> Account:
    """What is located of what is due; `stretch` reaches over all of its block, whatever of that is still to come."""
    told: list[Located] = []
    if one.block is not None:
        there = stretch.part(one.begins_s, one.ends_s)
        for points in one.block.parts:
            told += _of_part(ears, points, one.cover, there, weather)
    surest: list[Located] = []
    for source in sorted(told, key=lambda found: (-found.log_odds, found.at, found.middle.lat)):
        # At the edge of two squares it is found by both.
        if not any(source.pulses & other.pulses for other in surest):
            surest.append(source)
    return Account(
        moment(one.cover.from_s),
        moment(one.cover.until_s),
        one.cover,
        tuple(sorted(surest, key=lambda found: (found.at, found.middle.lat))),
        frozenset(ear.id for ear in ears),
    )


def _of_part(
    ears: Sequence[Ear], points: Sequence[Point], cover: Cover, stretch: Stretch, weather: Weather
) -> Iterator[Located]:
    """The sources of a part of a block, by all who could have heard it: as much of each as is the block's own to tell."""
    those = near(ears, points, _REACH_M)
    if not those:
        return
    frame = Frame.of(those)
    pulses, heard, peaks = stretch.within(frame)
    for source in explained(frame.array, pulses, weather.air):
        evidence = evidence_of(source, frame.array, pulses, weather.air, peaks_db=peaks)
        found = _within(located(frame, source, heard, stretch.begins_s, weather, evidence), cover)
        if found is not None and cover.holds(found.middle, found.at):
            yield found


def _within(found: Located, cover: Cover) -> Located | None:
    """A source with those of its rounds that were fired from then until then; None where none was. Who fires across a cut is told on both
    sides of it, each round once."""
    rounds = tuple(one for one in found.rounds if cover.from_s <= seconds(one.at) < cover.until_s)
    if len(rounds) == len(found.rounds):
        return found
    heard = tuple(sorted({who for one in rounds for who, _ in one.heard}))
    return replace(found, rounds=rounds, heard=heard, counted=None) if rounds else None
