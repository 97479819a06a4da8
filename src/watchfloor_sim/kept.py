"""What a device keeps of what it shows, for a while, and gives again when asked (ONVIF Profile G). It knows no network.

Times are those of the true clock; who replays them tells them by the device's own.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from watchfloor_sim.samples import Sample


class ReplayFault(StrEnum):
    """A way in which a replay goes wrong."""

    NOTHING = "nothing"
    """It knows the time and sends nothing of it."""
    LESS = "less"
    """Half of what was asked for, then a goodbye."""
    STOPS = "stops"
    """Half of it, then silence on an open connection."""
    BREAKS = "breaks"
    """Half of it, then the line breaks."""
    GARBAGE = "garbage"
    """Noise where the pictures should be."""
    ANOTHER_TIME = "another_time"
    """Whatever was asked for, pictures that say they are of three hours before."""
    BACKWARDS = "backwards"
    """Pictures whose times fall."""
    NO_TIMES = "no_times"
    """Pictures that do not say when they were taken."""
    REFUSES = "refuses"
    """A 455 to every PLAY."""
    WITHOUT_END = "without_end"
    """It goes on and on, over and over."""


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """One picture and when it was taken, in seconds since 1970."""

    sample: Sample
    at_s: float


class Kept:
    """The recording of one camera in the device: the last `longest_s` seconds of it."""

    def __init__(self, *, longest_s: float = 3600.0, token: str = "recording-1") -> None:
        self.token = token
        self.pictures: deque[KeptPicture] = deque()
        self.faults: set[ReplayFault] = set()
        self._longest_s = longest_s

    def keep(self, sample: Sample, at_s: float) -> None:
        """A picture was shown."""
        self.pictures.append(KeptPicture(sample, at_s))
        while self.pictures[0].at_s < at_s - self._longest_s:
            self.pictures.popleft()

    def forget(self, begin_s: float, end_s: float) -> None:
        """Lose what was kept of [begin, end)."""
        self.pictures = deque(one for one in self.pictures if not begin_s <= one.at_s < end_s)

    def between(self, begin_s: float, end_s: float) -> list[KeptPicture]:
        """The pictures of [begin, end), from the keyframe at or before its begin on."""
        found: list[KeptPicture] = []
        for one in self.pictures:
            if one.at_s >= end_s and one.sample.keyframe:
                break
            if one.sample.keyframe and one.at_s <= begin_s:
                found = []
            found.append(one)
        return found if found and found[0].sample.keyframe else []

    def turns(self, apart_s: float) -> list[tuple[float, bool]]:
        """The moments from which on there is something, or nothing: what is missing lasts longer than `apart_s`."""
        found: list[tuple[float, bool]] = []
        last: float | None = None
        for one in self.pictures:
            if last is not None and one.at_s - last > apart_s:
                found += [(last, False), (one.at_s, True)]
            elif last is None:
                found.append((one.at_s, True))
            last = one.at_s
        return found

    @property
    def earliest_s(self) -> float | None:
        return self.pictures[0].at_s if self.pictures else None

    @property
    def latest_s(self) -> float | None:
        return self.pictures[-1].at_s if self.pictures else None
