"""A located source as the world knows it: degrees, moments, the pulses that speak for it. Values, and what is told of them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, NewType
from uuid import UUID

import numpy as np
import shapely

from watchfloor.acoustics.evidence import Evidence
from watchfloor.acoustics.hearing import heard as hears
from watchfloor.acoustics.kind import Piece
from watchfloor.acoustics.locate import ellipses, spread_of
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.model import Ellipse, Region, Source
from watchfloor.acoustics.neighbourhood import Frame
from watchfloor.acoustics.pattern import Fire
from watchfloor.acoustics.sound import travel_s
from watchfloor.acoustics.weather import Weather, spread_m2
from watchfloor.acoustics.weigh import heard_pieces
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
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Round:
    """One round: when it was fired, to a millisecond, and the pulses that are of it."""

    at: datetime
    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """How sure the number of rounds is: `exact` that it is that one; in nine of ten it lies between `low` and `high`. How it was fired, if
    it was a weapon: `fire` is the likeliest (`likely`), so many a second."""

    exact: float
    low: int
    high: int
    fire: Fire
    likely: float
    per_s: float | None


@dataclass(frozen=True, slots=True)
class Aired:
    """The air that it was located with: what is known of that, and by how many metres what is not makes the longer half axis of 95 percent
    longer."""

    sentence: str
    read_at: datetime | None
    widens_m: float


@dataclass(frozen=True, slots=True)
class Located:
    """A source. `middle` is where its ellipses are; where there is a `region` (rings, in degrees) it is nothing to rely on.

    `log_odds` is the log-likelihood of its pulses as its own against clutter; `heard` and `missed` are the microphones that have a
    pulse of it, and those that have none and should have. `clues` are what its pulses say of what it was (none: nobody asked), `counted`
    how sure its rounds are (None of a part of a source). They follow from its pulses and from what is learnt of clutter: that they
    differ makes no other source.
    """

    middle: Point = field(repr=False)
    half: Ellipse
    most: Ellipse
    region: tuple[Ring, ...] | None
    rounds: tuple[Round, ...]
    log_odds: float
    heard: tuple[MicrophoneId, ...]
    missed: tuple[MicrophoneId, ...]
    clues: tuple[Piece, ...] = field(default=(), compare=False, repr=False)
    counted: Counted | None = field(default=None, compare=False)
    aired: Aired | None = field(default=None, compare=False)

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


def located(
    frame: Frame,
    source: Source,
    keys: Sequence[Heard],
    begins_s: float,
    weather: Weather,
    evidence: Evidence | None = None,
) -> Located:
    """A source of the frame; `keys` are whose pulses the reckoning was given, in that order, its times after `begins_s` (since 1970)."""
    rounds = tuple(
        Round(moment(begins_s + shot.at_s), tuple(sorted(keys[k] for k in shot.pulses.tolist() if k >= 0)))
        for shot in source.shots
    )
    heard = tuple(sorted({who for one in rounds for who, _ in one.heard}))
    middle = frame.point(*source.place_m)
    _, way = travel_s(frame.array, weather.air, np.array([source.place_m]))
    should = np.flatnonzero(hears(way[0]) >= _SHOULD_HEAR).tolist()
    missed = tuple(sorted({frame.ears[k].id for k in should} - set(heard)))
    known = spread_of(source.most) + _slack_m(frame, set(heard)) ** 2 * np.eye(2)
    blown = known + spread_m2(frame.array, weather, np.array(source.place_m), source.heard_by)
    half, most = (_rounded(one) for one in ellipses(blown))
    widens = max(most.major_m - _rounded(ellipses(known)[1]).major_m, 0.0)
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
        _clues(evidence),
        _counted(evidence),
        Aired(weather.sentence, weather.read_at, round(widens, 1)),
    )


def _clues(evidence: Evidence | None) -> tuple[Piece, ...]:
    if evidence is None:
        return ()
    return tuple(
        replace(one, by={kind: round(value, 2) for kind, value in one.by.items()})
        for one in heard_pieces(evidence)
    )


def _counted(evidence: Evidence | None) -> Counted | None:
    if evidence is None:
        return None
    count, pattern = evidence.count, evidence.pattern
    fire = pattern.most
    per_s = round(pattern.per_s, 2) if pattern.per_s is not None else None
    return Counted(round(count.exact, 2), count.low, count.high, fire, round(pattern.likely[fire], 2), per_s)


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


def _rounded(ellipse: Ellipse) -> Ellipse:
    return Ellipse(round(ellipse.major_m, 1), round(ellipse.minor_m, 1), round(ellipse.bearing_deg, 0) % 180)


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
