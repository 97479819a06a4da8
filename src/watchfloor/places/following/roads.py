"""Roads as a driver sees them: arcs in both directions, several opinions of how long each takes, and where somebody looks.

Pure. Which way is quickest is not what every driver takes: each opinion is one driver's idea of the city, the same for all
searches, so that an answer is the same whoever asks it again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.kit.geo import Point
from watchfloor.places.graph import Floats, Ints, StreetGraph, project
from watchfloor.places.model import Travel
from watchfloor.places.route import OFF_STREET_M, set_onto

if TYPE_CHECKING:
    from scipy.sparse import csr_array

OPINIONS: Final = 8
_SEED: Final = 20_260_115
# How far opinions differ of a whole street, of one piece of it, of all streets of one speed: shares of its time.
_OF_NAME, _OF_ARC, _OF_SPEED = 0.16, 0.06, 0.10
# What a limit says takes longer on small streets: they have a stop sign at each crossing.
_CROSSING_S: Final = 3.0
# Readers of one street this near to each other look at one place.
_SAME_PLACE_M: Final = 75.0
# A reader is set onto a street that goes its way before a nearer one across it.
_LOOKS_ALONG_M: Final = 40.0
# A heading across a street does not say which way along it.
_SIDEWAYS: Final = 0.5
_WAYS: Final = {Travel.ALONG.value: 1, Travel.AGAINST.value: -1}


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """What may be driven, in the order of where it begins: from node to node, on which street, the way of its points or not."""

    begin: Ints
    end: Ints
    street: Ints
    forward: Floats
    seconds: Floats
    metres: Floats
    starts: Ints


@dataclass(frozen=True, eq=False)
class Roads:
    """A street graph made ready for following. `opinions` is (OPINIONS, arcs): seconds, as so many drivers think of it."""

    graph: StreetGraph
    arcs: Arcs
    opinions: Floats

    @cached_property
    def against(self) -> tuple[Ints, Ints]:
        """Every arc in the order of where it ends, and where each node's begin: to search backwards."""
        order = np.argsort(self.arcs.end, kind="stable").astype(np.int32)
        starts = np.searchsorted(self.arcs.end[order], np.arange(self.graph.size + 1)).astype(np.int32)
        return order, starts

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        return self.arcs.begin.astype(np.int64) * self.graph.size + self.arcs.end

    def arcs_between(self, nodes: Ints) -> Ints:
        """The arcs from each of these nodes to the next."""
        wide = nodes.astype(np.int64)
        return np.searchsorted(self._keys, wide[:-1] * self.graph.size + wide[1:]).astype(np.int32)

    @cached_property
    def _bearings(self) -> tuple[Floats, Floats]:
        """Of each arc the bearing with which it begins and the one with which it ends, in degrees."""
        streets = self.graph.streets
        points, first, last = streets.shape, streets.shape_of[:-1], streets.shape_of[1:] - 1
        begins, ends = points[first + 1] - points[first], points[last] - points[last - 1]
        out, into = (np.degrees(np.arctan2(run[:, 0], run[:, 1])) for run in (begins, ends))
        forward, street = self.arcs.forward > 0, self.arcs.street
        back_out, back_into = into + 180.0, out + 180.0
        return np.where(forward, out[street], back_out[street]), np.where(
            forward, into[street], back_into[street]
        )

    def turns(self, arcs: Ints) -> Floats:
        """By how many degrees one turns from each of these arcs to the next: 0 to 180."""
        out, into = self._bearings
        return np.abs((out[arcs[1:]] - into[arcs[:-1]] + 180.0) % 360.0 - 180.0)

    def bearing_at(self, street: int, part: float) -> float:
        """The bearing of a street's points at a share of its length, in degrees."""
        streets = self.graph.streets
        line = streets.shape[streets.shape_of[street] : streets.shape_of[street + 1]]
        run = np.diff(line, axis=0)
        at = np.cumsum(np.hypot(*run.T))
        piece = min(int(np.searchsorted(at, part * at[-1])), len(run) - 1)
        return math.degrees(math.atan2(run[piece, 0], run[piece, 1]))

    def matrices(
        self, opinions: Sequence[int], *, ends: Sequence[tuple[int, float]], backwards: bool = False
    ) -> Iterator[csr_array]:
        """The arcs as each of these opinions has them, with one node more that leads to `ends` (node, seconds).

        It is one matrix, whose seconds are those of the opinion until the next is asked for.
        """
        from scipy.sparse import csr_array

        size, arcs = self.graph.size, self.arcs
        order, starts = self.against if backwards else (None, arcs.starts)
        columns = arcs.end if order is None else arcs.begin[order]
        data = np.concatenate([np.zeros(len(columns)), [max(cost, 1e-6) for _, cost in ends]])
        to = np.concatenate([columns, np.array([node for node, _ in ends], np.int32)])
        found = csr_array((data, to, np.append(starts, len(to)).astype(np.int32)), shape=(size + 1, size + 1))
        for opinion in opinions:
            seconds = self.opinions[opinion]
            found.data[: len(columns)] = seconds if order is None else seconds[order]
            yield found


def roads_of(graph: StreetGraph) -> Roads:
    """The graph, ready for following; half a second for a city."""
    arcs = _arcs(graph)
    chance = np.random.default_rng(_SEED)
    streets = graph.streets
    speed = np.round(streets.metres / np.maximum(streets.seconds, 1e-6), 1)
    _, of_speed = np.unique(speed, return_inverse=True)
    # Those without a name have nothing in common: an opinion of each.
    of_name = np.where(
        np.array([bool(name) for name in streets.names])[streets.name],
        streets.name,
        len(streets.names) + np.arange(len(streets.name)),
    )
    size = (OPINIONS, len(arcs.street))
    noise = _OF_ARC * chance.standard_normal(size)
    noise += (_OF_NAME * chance.standard_normal((OPINIONS, int(of_name.max()) + 1)))[:, of_name[arcs.street]]
    noise += (_OF_SPEED * chance.standard_normal((OPINIONS, int(of_speed.max()) + 1)))[
        :, of_speed[arcs.street]
    ]
    noise[0] = 0.0
    return Roads(graph, arcs, arcs.seconds * np.exp(noise))


def _arcs(graph: StreetGraph) -> Arcs:
    streets = graph.streets
    along = np.flatnonzero(streets.travel != Travel.AGAINST.value)
    against = np.flatnonzero(streets.travel != Travel.ALONG.value)
    begin = np.concatenate([streets.head[along], streets.tail[against]])
    end = np.concatenate([streets.tail[along], streets.head[against]])
    street = np.concatenate([along, against])
    forward = np.concatenate([np.ones(len(along)), -np.ones(len(against))])
    crossings = np.bincount(np.concatenate([streets.head, streets.tail]), minlength=graph.size) > 2
    seconds = streets.seconds[street] + _CROSSING_S * crossings[end]
    order = np.lexsort((seconds, end, begin))
    begin, end, street = begin[order], end[order], street[order]
    first = np.ones(len(begin), dtype=bool)
    first[1:] = (begin[1:] != begin[:-1]) | (end[1:] != end[:-1])
    keep = order[first]
    begin = begin[first]
    return Arcs(
        begin.astype(np.int32),
        end[first].astype(np.int32),
        street[first].astype(np.int32),
        forward[keep],
        np.maximum(seconds[keep], 1e-3),
        streets.metres[street[first]],
        np.searchsorted(begin, np.arange(graph.size + 1)).astype(np.int32),
    )


# ------------------------------------------------------------------------------------------- where somebody looks


@dataclass(frozen=True, slots=True)
class Watched:
    """A place where a reader looks at a street: `rate` is how many of those that pass it reads, 0 to 1."""

    point: Point
    heading_deg: float | None = None
    rate: float = 0.88


@dataclass(frozen=True, slots=True, eq=False)
class Stations:
    """The watched places on their streets: places of one street beside each other are one station.

    `of` is the station of each watched place (-1: on no street), `missed` the chance that one passes it unread; `street` and
    `part` (of its length, by its points) say where a station is, `at` the station of each street or -1.
    """

    of: Ints
    street: Ints
    part: Floats
    missed: Floats
    at: Ints


def stations_of(roads: Roads, watched: Sequence[Watched]) -> Stations:
    """Set the places onto streets; of several streets near one the one that goes as it looks."""
    streets = roads.graph.streets
    at = np.full(len(streets.head), -1, np.int32)
    of = np.full(len(watched), -1, np.int32)
    found: list[tuple[int, float, float]] = []
    for number, one in enumerate(watched):
        spot = spot_of(roads, one.point, one.heading_deg, directed=False)
        if spot is None:
            continue
        beside = int(at[spot.street])
        length = float(streets.metres[spot.street])
        if beside < 0:
            beside = at[spot.street] = len(found)
            found.append((spot.street, spot.part, 1 - one.rate))
        elif abs(found[beside][1] - spot.part) * length <= _SAME_PLACE_M:
            # Two at one place look two ways more often than they look at one car twice.
            street, part, missed = found[beside]
            found[beside] = (street, part, min(missed, 1 - one.rate))
        of[number] = beside
    return Stations(
        of,
        np.array([street for street, _, _ in found], np.int32),
        np.array([part for _, part, _ in found]),
        np.array([missed for _, _, missed in found]),
        at,
    )


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a street: how far along its points (0 to 1), metres beside it, and which way one drives (1, -1, 0: not known)."""

    street: int
    part: float
    off_m: float
    way: int


def spot_of(roads: Roads, place: Point, heading_deg: float | None, *, directed: bool = True) -> Spot | None:
    """Where a place is on the streets; None where none is near. A heading chooses among streets beside each other.

    `directed`: it is where the vehicle goes, which one-way streets agree with; else only the line along which one looks.
    """
    graph = roads.graph
    if heading_deg is None:
        spots = set_onto(graph, [place])
        street = int(spots.street[0])
        if street < 0:
            return None
        length = max(float(graph.streets.metres[street]), 1e-9)
        way = _WAYS.get(int(graph.streets.travel[street]), 0)
        return Spot(street, min(float(spots.along[0]) / length, 1.0), float(spots.off[0]), way)
    return _along_heading(roads, place, heading_deg, directed=directed)


def spot_at(roads: Roads, stations: Stations, station: int, heading_deg: float | None) -> Spot:
    """Where a station is; which way one drives there by a one-way street or by a heading that is said."""
    street, part = int(stations.street[station]), float(stations.part[station])
    way = _WAYS.get(int(roads.graph.streets.travel[street]), 0)
    if way == 0 and heading_deg is not None:
        out = roads.bearing_at(street, part)
        agrees = math.cos(math.radians(out - heading_deg))
        way = 0 if abs(agrees) < _SIDEWAYS else 1 if agrees > 0 else -1
    return Spot(street, part, 0.0, way)


def _along_heading(roads: Roads, place: Point, heading_deg: float, *, directed: bool) -> Spot | None:
    graph = roads.graph
    (xy,) = project(graph.streets.origin, np.array([(place.lon, place.lat)]))
    _, near = graph.samples.query(xy, k=min(24, graph.samples.n), distance_upper_bound=OFF_STREET_M + 40.0)
    near = np.atleast_1d(near)
    near = near[near < graph.samples.n]
    if not len(near):
        return None
    pieces = np.unique(graph.sample_of[near])
    line = graph.pieces[pieces]
    run = line[:, 2:] - line[:, :2]
    length = np.maximum(np.hypot(run[:, 0], run[:, 1]), 1e-9)
    part = np.clip(((xy - line[:, :2]) * run).sum(axis=1) / length**2, 0, 1)
    gap = np.hypot(*(line[:, :2] + run * part[:, None] - xy).T)
    bearing = np.arctan2(run[:, 0], run[:, 1])
    cosine = np.cos(bearing - math.radians(heading_deg))
    travel = graph.streets.travel[graph.piece_of[pieces]]
    if directed:
        cosine = np.where(
            travel == Travel.ALONG.value,
            cosine,
            np.where(travel == Travel.AGAINST.value, -cosine, np.abs(cosine)),
        )
    else:
        cosine = np.abs(cosine)
    best = int(np.argmin(gap + _LOOKS_ALONG_M * (1 - cosine)))
    if gap[best] > OFF_STREET_M:
        return None
    street = int(graph.piece_of[pieces[best]])
    metres = float(graph.piece_from[pieces[best]] + part[best] * length[best])
    agrees = float(np.cos(bearing[best] - math.radians(heading_deg)))
    way = _WAYS.get(int(travel[best]), 0)
    if directed and way == 0 and abs(agrees) > _SIDEWAYS:
        way = 1 if agrees > 0 else -1
    whole = max(float(graph.streets.metres[street]), 1e-9)
    return Spot(street, min(metres / whole, 1.0), float(gap[best]), way)
