"""What is known of a followed vehicle: its track, and what may come with every minute that it is not read.

It opens no camera: it says which see the road ahead, and whoever looks asks the door.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

from watchfloor.cameras.seeing import seeing
from watchfloor.cameras.views import Seen
from watchfloor.investigations.following import store
from watchfloor.investigations.following.model import Follow, FollowId, Sighting
from watchfloor.kit.geo import Point, distance_m
from watchfloor.places.atlas import Atlas
from watchfloor.places.following.ahead import Ahead
from watchfloor.places.following.follower import Follower, Pass
from watchfloor.places.following.roads import Roads, Watched, roads_of, stations_of
from watchfloor.places.following.track import Leg
from watchfloor.places.graph import StreetGraph
from watchfloor.places.skyline import Skyline
from watchfloor.plates import reader_store
from watchfloor.plates.model import Reader
from watchfloor.storage.tx import Tx

# So long after its last read what may come is said for; between two of them the nearer is near enough.
MOMENTS_S: Final = (0, 15, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1_200, 1_800)
MOST_AHEAD: Final = 6
# To so many of the next readers the way is drawn, and cameras along it are offered.
_WAYS: Final = 3
MOST_CAMERAS: Final = 4
_EACH_M: Final = 250.0
_MOST_PLACES: Final = 6
_REMEMBERED: Final = 16
# Street maps: one of each agency that follows now, and one that was just replaced.
_MAPS: Final = 4
_SILENT_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A station: the readers there, and the way to it where it is among the likeliest."""

    station: int
    readers: tuple[Reader, ...]
    line: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What follows from the reads: the ways between them, what may come at each of `MOMENTS_S`, and where."""

    legs: tuple[Leg, ...]
    ahead: tuple[Ahead | None, ...]
    places: tuple[Place, ...]
    at: Mapping[int, tuple[Reader, ...]]


@dataclass(frozen=True, slots=True)
class Followed:
    """What is shown of one follow. `reckoned` is None where no street map is loaded."""

    follow: Follow
    sightings: Sequence[Sighting]
    readers: Sequence[Reader]
    reckoned: Reckoned | None
    cameras: Sequence[tuple[Place, Seen]]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What was reckoned last, and of what: `follower` has seen `reads`."""

    reads: tuple[UUID, ...]
    readers: tuple[tuple[UUID, int], ...]
    graph: StreetGraph
    follower: Follower
    reckoned: Reckoned

    def going_on(self, reads: tuple[UUID, ...]) -> Follower | None:
        """The follower as it stands before what came since; None where anything else changed. Of many reads the oldest go."""
        since = self.reads.index(reads[0]) if reads[0] in self.reads else len(self.reads)
        kept = self.reads[since:]
        return self.follower.since(since) if kept and reads[: len(kept)] == kept else None


@dataclass(slots=True, eq=False)
class Seer:
    """Reckons, and remembers the last answer of each follow: a map's roads once, a track until its next read, however many look.

    What is known of the reads before is kept, so that a new one costs itself alone: some megabytes of a city for each vehicle.
    """

    atlas: Atlas
    skyline: Skyline
    _roads: dict[int, Roads] = field(default_factory=dict)
    _known: dict[FollowId, Known] = field(default_factory=dict)
    _locks: WeakValueDictionary[FollowId, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def see(self, tx: Tx, follow: Follow) -> Followed:
        """The follow with everything that is known of its vehicle."""
        found = await store.sightings(tx, follow.id)
        readers = await _standing(tx)
        graph = await self.atlas.graph(tx)
        if graph is None or not found:
            return Followed(follow, found, readers, None, ())
        reckoned = await self._reckoned(follow, found, readers, graph)
        cameras = [] if follow.ended_at else await self._cameras(tx, reckoned.places)
        return Followed(follow, found, readers, reckoned, cameras)

    async def _reckoned(
        self, follow: Follow, found: Sequence[Sighting], readers: Sequence[Reader], graph: StreetGraph
    ) -> Reckoned:
        reads = tuple(one.id for one in found)
        stand = tuple((one.id, one.version) for one in readers)
        lock = self._locks.setdefault(follow.id, asyncio.Lock())
        async with lock:
            known = self._known.get(follow.id)
            if known is not None and (known.readers != stand or known.graph is not graph):
                known = None
            if known is None or known.reads != reads:
                before = known.going_on(reads) if known is not None else None
                follower, reckoned = await asyncio.to_thread(self._reckon, found, readers, graph, before)
                known = self._known[follow.id] = Known(reads, stand, graph, follower, reckoned)
                while len(self._known) > _REMEMBERED:
                    self._known.pop(next(iter(self._known)))
            return known.reckoned

    def _reckon(
        self,
        found: Sequence[Sighting],
        readers: Sequence[Reader],
        graph: StreetGraph,
        before: Follower | None,
    ) -> tuple[Follower, Reckoned]:
        follower = before or self._new(readers, graph)
        return follower, reckon(follower, found, readers)

    def _new(self, readers: Sequence[Reader], graph: StreetGraph) -> Follower:
        roads = self._roads.get(id(graph))
        if roads is None or roads.graph is not graph:
            roads = roads_of(graph)
            # In a thread, beside others: the map is replaced, never changed.
            kept = [(key, one) for key, one in self._roads.items() if key != id(graph)]
            self._roads = dict([*kept[1 - _MAPS :], (id(graph), roads)])
        return Follower(roads, stations_of(roads, [Watched(one.point, one.heading_deg) for one in readers]))

    async def _cameras(self, tx: Tx, places: Sequence[Place]) -> list[tuple[Place, Seen]]:
        """Cameras that see the road to the likeliest next readers: from the vehicle on, none twice."""
        chosen: list[tuple[Place, Seen]] = []
        for place in places[:_WAYS]:
            for spot in along(place.line):
                for seen in (await seeing(tx, self.skyline, spot))[:2]:
                    if all(seen.camera.id != other.camera.id for _, other in chosen):
                        chosen.append((place, seen))
                if len(chosen) >= MOST_CAMERAS:
                    return chosen[:MOST_CAMERAS]
        return chosen


def reckon(follower: Follower, found: Sequence[Sighting], readers: Sequence[Reader]) -> Reckoned:
    """The track through these sightings, the first of which the follower may have seen, and what may come after the last."""
    stations, number = follower.stations, {reader.id: at for at, reader in enumerate(readers)}
    for one in found[len(follower.steps) :]:
        at = number.get(one.reader)
        station = int(stations.of[at]) if at is not None and readers[at].point == one.point else -1
        follower.see(Pass(one.point, one.at, one.heading_deg, station))
    last = found[-1].at
    ahead = tuple(follower.ahead(last + timedelta(seconds=waited)) for waited in MOMENTS_S)
    by: dict[int, list[Reader]] = {}
    for at, reader in enumerate(readers):
        by.setdefault(int(stations.of[at]), []).append(reader)
    # The likeliest now come first; those that become likely later are named, too.
    likely = {one.station: None for moment in ahead if moment for one in moment.next[:MOST_AHEAD]}
    places = [
        Place(station, tuple(by[station]), follower.way_to(station) if order < _WAYS else ())
        for order, station in enumerate(likely)
    ]
    # Of the first that is left, what led to it is not shown any more.
    legs = tuple(step.leg for step in follower.steps[1:] if step.leg is not None)
    return Reckoned(legs, ahead, tuple(places), {at: tuple(of) for at, of in by.items()})


def along(line: Sequence[Point]) -> list[Point]:
    """Places along a line, so many metres apart, its end among them: at most a few."""
    if not line:
        return []
    spots, since = [], 0.0
    for before, here in pairwise(line):
        since += distance_m(before, here)
        if since >= _EACH_M:
            spots.append(here)
            since = 0.0
    return [*spots[: _MOST_PLACES - 1], line[-1]]


async def _standing(tx: Tx) -> list[Reader]:
    """The readers that stand somewhere and speak: a patrol car is no place, and one that is silent, or was never heard, reads nobody."""
    states = await reader_store.states(tx)
    heard = {id: state.heard_at for id, state in states.items() if state.heard_at is not None}
    return [
        one
        for one in (await reader_store.readers(tx)).items
        if not one.retired and not one.mobile and one.id in heard and tx.now - heard[one.id] < _SILENT_AFTER
    ]
