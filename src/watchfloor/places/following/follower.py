"""One vehicle, read by read: its way so far, and what may come. It keeps what it found, so that a new read costs one search; of
reads further back than it looks the way alone.

Pure but for that memory; the same reads give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from watchfloor.kit.geo import Point
from watchfloor.places.following.ahead import Ahead, Outlook, ahead, outlook
from watchfloor.places.following.pace import Pace, pace_of
from watchfloor.places.following.roads import Roads, Spot, Stations, spot_at, spot_of
from watchfloor.places.following.track import Leg, leg, quickest
from watchfloor.places.following.ways import Trees, out_of

# Reads further back say nothing of where it goes now.
_LOOKS_BACK: Final = 2
# Unseen so long, a drive is another one.
NEW_DRIVE_S: Final = 1_800.0


@dataclass(frozen=True, slots=True)
class Pass:
    """One read: where, when, which way the vehicle went, where the reader says it, and at which station: -1, where none stands."""

    point: Point
    at: datetime
    heading_deg: float | None = None
    station: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A read with the way that led to it. Off every street of the map `spot` is None, and nothing leads there or on.

    `out` and `view`, of many megabytes in a city, are None of reads that are looked back to no more.
    """

    passed: Pass
    spot: Spot | None
    leg: Leg | None
    out: Trees | None
    view: Outlook | None


class Follower:
    """Follows one vehicle over the roads past the stations."""

    def __init__(self, roads: Roads, stations: Stations) -> None:
        self._roads, self.stations = roads, stations
        self.steps: list[Step] = []

    def since(self, first: int) -> Follower:
        """One that goes on from here, and knows no more than the steps from the so-manieth on."""
        found = Follower(self._roads, self.stations)
        found.steps = self.steps[first:]
        return found

    def see(self, passed: Pass) -> Step:
        """It was read once more, not before the last time."""
        if passed.station >= 0:
            spot: Spot | None = spot_at(self._roads, self.stations, passed.station, passed.heading_deg)
        else:
            spot = spot_of(self._roads, passed.point, passed.heading_deg)
        before = [step for step in self.steps if step.out is not None]
        if spot is None:
            step = Step(passed, None, None, None, None)
        else:
            found = self._led(before, passed, spot)
            if found is not None and spot.way == 0:
                spot = replace(spot, way=found.arrives)
            out = out_of(self._roads, spot)
            trees = [
                one.out for one in before[: -_LOOKS_BACK - 1 : -1] if one.out and self._recent(one, passed)
            ]
            step = Step(passed, spot, found, out, outlook(self._roads, self.stations, out, trees))
        self.steps.append(step)
        for at in [at for at, one in enumerate(self.steps) if one.out is not None][:-_LOOKS_BACK]:
            self.steps[at] = replace(self.steps[at], out=None, view=None)
        return step

    @property
    def pace(self) -> Pace:
        """What its ways so far say of how fast it drives."""
        legs = [step.leg for step in self.steps if step.leg is not None]
        return pace_of((one.seconds, (one.until - one.since).total_seconds()) for one in legs)

    def ahead(self, now: datetime) -> Ahead | None:
        """What may come, as of now; None before it was read on a street."""
        last = self.steps[-1] if self.steps else None
        if last is None or last.view is None:
            return None
        return ahead(last.view, self.pace, max((now - last.passed.at).total_seconds(), 0.0))

    def way_to(self, station: int) -> tuple[Point, ...]:
        """The quickest way from where it was last read to a station, as a line; none where there is none."""
        out = self.steps[-1].out if self.steps else None
        if out is None:
            return ()
        return quickest(self._roads, out, spot_at(self._roads, self.stations, station, None))

    def _led(self, before: list[Step], passed: Pass, spot: Spot) -> Leg | None:
        last = before[-1] if before else None
        if last is None or last.out is None or not self._recent(last, passed):
            return None
        since = last.passed.at
        return leg(self._roads, self.stations, last.out, spot, since=since, until=passed.at, pace=self.pace)

    @staticmethod
    def _recent(step: Step, passed: Pass) -> bool:
        return (passed.at - step.passed.at).total_seconds() < NEW_DRIVE_S
