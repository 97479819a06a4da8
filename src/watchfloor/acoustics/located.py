"""A located source as the world knows it: degrees, moments, the pulses that speak for it. Values, and what is told of them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NewType
from uuid import UUID

import numpy as np
import shapely

from watchfloor.acoustics.hearing import heard as hears
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.model import Air, Ellipse, Region, Source
from watchfloor.acoustics.neighbourhood import Frame
from watchfloor.acoustics.sound import travel_s
from watchfloor.kit.geo import Point

SourceId = NewType("SourceId", UUID)
Heard = tuple[MicrophoneId, str]
"""A pulse: whose, and its id there."""
Ring = tuple[Point, ...]

# Three sensors fit some place whatever they heard: a point rests on four at least, and on an ellipse that a crew can search.
FEWEST_FOR_A_POINT: Final = 4
WIDEST_POINT_M: Final = 100.0
# A microphone so likely to report a shot so far away should have heard it.
_SHOULD_HEAR: Final = 0.5
_CORNERS: Final = 48
_AIR: Final = Air()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Round:
    """One round: when it was fired, to a millisecond, and the pulses that are of it."""

    at: datetime
    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class Located:
    """A source. `middle` is where its ellipses are; where there is a `region` (rings, in degrees) it is nothing to rely on.

    `log_odds` is the log-likelihood of its pulses as its own against clutter; `heard` and `missed` are the microphones that have a
    pulse of it, and those that have none and should have.
    """

    middle: Point = field(repr=False)
    half: Ellipse
    most: Ellipse
    region: tuple[Ring, ...] | None
    rounds: tuple[Round, ...]
    log_odds: float
    heard: tuple[MicrophoneId, ...]
    missed: tuple[MicrophoneId, ...]

    @property
    def at(self) -> datetime:
        """When the first round was fired."""
        return self.rounds[0].at

    @property
    def until(self) -> datetime:
        """When the last round was fired."""
        return self.rounds[-1].at

    @property
    def point(self) -> Point | None:
        """Where it was, if that is sure enough to be told as a point."""
        return self.middle if self.region is None else None

    @property
    def pulses(self) -> frozenset[Heard]:
        """All pulses that speak for it."""
        return frozenset(pulse for one in self.rounds for pulse in one.heard)


def located(frame: Frame, source: Source, keys: Sequence[Heard], begins_s: float) -> Located:
    """A source of the frame; `keys` are whose pulses the reckoning was given, in that order, its times after `begins_s` (since 1970)."""
    rounds = tuple(
        Round(moment(begins_s + shot.at_s), tuple(sorted(keys[k] for k in shot.pulses.tolist() if k >= 0)))
        for shot in source.shots
    )
    heard = tuple(sorted({who for one in rounds for who, _ in one.heard}))
    middle = frame.point(*source.place_m)
    _, way = travel_s(frame.array, _AIR, np.array([source.place_m]))
    should = np.flatnonzero(hears(way[0]) >= _SHOULD_HEAR).tolist()
    missed = tuple(sorted({frame.ears[k].id for k in should} - set(heard)))
    slack = _slack_m(frame, set(heard))
    half, most = _wider(source.half, 1.177 * slack), _wider(source.most, 2.448 * slack)
    region = _region(frame, source.region) if source.region is not None else None
    if region is None and (len(heard) < FEWEST_FOR_A_POINT or most.major_m > WIDEST_POINT_M):
        region = (ring(middle, most),)
    return Located(
        Point(round(middle.lat, 6), round(middle.lon, 6)),
        half,
        most,
        region,
        rounds,
        round(source.log_odds, 1),
        heard,
        missed,
    )


def moment(at_s: float) -> datetime:
    """Seconds since 1970 as a moment, to a millisecond: finer is nothing known."""
    return _EPOCH + timedelta(milliseconds=round(at_s * 1000))


def seconds(at: datetime) -> float:
    """A moment as seconds since 1970."""
    return (at - _EPOCH) / timedelta(seconds=1)


def ring(middle: Point, ellipse: Ellipse) -> Ring:
    """The edge of an ellipse as a closed ring."""
    turn = np.linspace(0.0, 2 * np.pi, _CORNERS + 1)
    along, across = ellipse.major_m * np.cos(turn), ellipse.minor_m * np.sin(turn)
    way = np.radians(ellipse.bearing_deg)
    east, north = along * np.sin(way) + across * np.cos(way), along * np.cos(way) - across * np.sin(way)
    per_lat = 111_320.0
    per_lon = per_lat * float(np.cos(np.radians(middle.lat)))
    return tuple(
        Point(round(middle.lat + n / per_lat, 6), round(middle.lon + e / per_lon, 6))
        for e, n in zip(east.tolist(), north.tolist(), strict=True)
    )


def _slack_m(frame: Frame, heard: Collection[MicrophoneId]) -> float:
    """What the registry's own errors add, a standard deviation: each microphone's is its own, so that of many counts for less."""
    errors = [ear.error_m for ear in frame.ears if ear.id in heard]
    return float(np.sqrt(np.square(errors).sum())) / max(len(errors), 1)


def _wider(ellipse: Ellipse, slack_m: float) -> Ellipse:
    major, minor = float(np.hypot(ellipse.major_m, slack_m)), float(np.hypot(ellipse.minor_m, slack_m))
    return Ellipse(round(major, 1), round(minor, 1), round(ellipse.bearing_deg, 0) % 180)


def _region(frame: Frame, region: Region) -> tuple[Ring, ...]:
    """The cells of a region as the outer edges of what they cover."""
    reach = region.cell_m / 2
    boxes = [shapely.box(x - reach, y - reach, x + reach, y + reach) for x, y in region.cells_m.tolist()]
    # A cell that touches the next by a corner alone belongs to it all the same.
    covered = (
        shapely.union_all(boxes)
        .buffer(0.05 * region.cell_m, join_style="mitre")
        .simplify(0.2 * region.cell_m)
    )
    parts = [part for part in shapely.get_parts(covered) if isinstance(part, shapely.Polygon)]
    parts.sort(key=lambda part: (-part.area, part.bounds))
    return tuple(
        tuple(
            Point(round(p.lat, 6), round(p.lon, 6))
            for p in (frame.point(x, y) for x, y in part.exterior.coords)
        )
        for part in parts
    )
