"""How soon each of many can be at one place: one search from the place against the traffic, for all of them at once.

Pure: it is given the graph. It never invents a road: where it has only a straight line it says so and promises no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.kit.geo import Point, distance_m
from watchfloor.places.graph import Floats, Ints, StreetGraph, project
from watchfloor.places.model import Eta, Travel

# Farther than this from any street a place is not on the map: a straight line is all that can be said.
OFF_STREET_M: Final = 300.0
# From where a vehicle stands to the street it is set onto: the pace of a car park.
_OFF_STREET_MPS: Final = 4.0
# Who is this near a crossing is at it, on whichever of its streets the place was set: the last steps go on foot, or
# a few metres against a one-way street. Without this a crossing set onto a one-way arm is reached by that arm alone.
_AT_CROSSING_M: Final = 25.0
# Dual carriageways lie some 15 m apart, so both are among the nearest few samples.
_NEAREST: Final = 8
_NEVER: Final = float("inf")

_NO_STREET: Final = f"The unit is more than {OFF_STREET_M:.0f} m from any street of the map"
_NO_WAY: Final = "The map has no way from there"


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Places set onto streets: the street of each (-1: none near), metres along it, metres off it."""

    street: Ints
    along: Floats
    off: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The ways from spots 1.. to spot 0: seconds and metres of each, infinite where there is none.

    A way leaves its own street at `leaves`, by the tail where `by_tail`, and goes `onward` from node to node until that is
    the number of nodes; where `direct` it never leaves it.
    """

    seconds: Floats
    metres: Floats
    leaves: Ints
    by_tail: NDArray[np.bool_]
    direct: NDArray[np.bool_]
    onward: Ints


def eta_to(graph: StreetGraph | None, target: Point, sources: Sequence[Point]) -> tuple[Eta, ...]:
    """The way from each source to the target at the speed limits, without traffic, in the order of the sources."""
    if graph is None:
        return straight(target, sources, "No street map is loaded")
    if not sources:
        return ()
    spots = set_onto(graph, [target, *sources])
    return etas(target, sources, spots, by_road(graph, spots) if spots.street[0] >= 0 else None)


def etas(target: Point, sources: Sequence[Point], spots: Spots, found: Found | None) -> tuple[Eta, ...]:
    """What the search found, in words for each source; `found` is None where the target is on no street."""
    if found is None:
        return straight(
            target, sources, f"The place is more than {OFF_STREET_M:.0f} m from any street of the map"
        )
    rows = zip(sources, found.seconds.tolist(), found.metres.tolist(), spots.street[1:].tolist(), strict=True)
    return tuple(
        Eta(time, length, "road")
        if time < _NEVER
        else Eta(None, distance_m(source, target), "straight line", _NO_WAY if street >= 0 else _NO_STREET)
        for source, time, length, street in rows
    )


def straight(target: Point, sources: Sequence[Point], why: str) -> tuple[Eta, ...]:
    """As the crow flies, and why there is nothing better."""
    return tuple(Eta(None, distance_m(source, target), "straight line", why) for source in sources)


def street_at(graph: StreetGraph, place: Point) -> str | None:
    """The name of the street nearest to a place, if one is near and has a name."""
    street = int(set_onto(graph, [place]).street[0])
    return graph.streets.names[int(graph.streets.name[street])] or None if street >= 0 else None


def set_onto(graph: StreetGraph, places: Sequence[Point]) -> Spots:
    """Each place on the nearest street within `OFF_STREET_M`."""
    xy = project(graph.streets.origin, np.array([(p.lon, p.lat) for p in places]))
    nearest = min(_NEAREST, graph.samples.n)
    _, found = graph.samples.query(xy, k=nearest, distance_upper_bound=OFF_STREET_M + 40.0)
    found = np.asarray(found).reshape(len(places), nearest)
    missing = found == graph.samples.n
    piece = graph.sample_of[np.where(missing, 0, found)]
    along, off = _onto_pieces(graph.pieces[piece], xy[:, None, :])
    off = np.where(missing, np.inf, off)
    best = off.argmin(axis=1)
    row = np.arange(len(places))
    piece, along, off = piece[row, best], along[row, best], off[row, best]
    street = np.where(off <= OFF_STREET_M, graph.piece_of[piece], -1).astype(np.int32)
    return Spots(street, graph.piece_from[piece] + along, off)


def _onto_pieces(pieces: Floats, xy: Floats) -> tuple[Floats, Floats]:
    """Metres along each piece of the point nearest to the place, and metres from it."""
    begin, run = pieces[..., :2], pieces[..., 2:] - pieces[..., :2]
    length = np.hypot(run[..., 0], run[..., 1])
    part = ((xy - begin) * run).sum(axis=-1) / np.maximum(length * length, 1e-9)
    part = np.clip(part, 0.0, 1.0)
    gap = begin + run * part[..., None] - xy
    return part * length, np.hypot(gap[..., 0], gap[..., 1])


def by_road(graph: StreetGraph, spots: Spots) -> Found:
    """The quickest ways from spots 1.. to spot 0, at the speed limits."""
    streets = graph.streets
    goal, target_along = int(spots.street[0]), float(spots.along[0])
    node_seconds, onward, arc_metres = _search(graph, goal, target_along)
    street = np.maximum(spots.street[1:], 0)
    along = np.minimum(spots.along[1:], streets.metres[street])
    length, whole = streets.metres[street], streets.seconds[street]
    rest = whole * (1 - along / np.maximum(length, 1e-9))
    behind = whole - rest
    with_line = streets.travel[street] != Travel.AGAINST.value
    against_line = streets.travel[street] != Travel.ALONG.value
    by_tail = _leaving(with_line, rest, length - along) + node_seconds[streets.tail[street]]
    by_head = _leaving(against_line, behind, along) + node_seconds[streets.head[street]]
    seconds, forward = np.minimum(by_tail, by_head), by_tail <= by_head
    leaves = np.where(forward, streets.tail[street], streets.head[street])
    metres = np.where(forward, length - along, along)
    metres = metres + _walk(np.where(np.isfinite(seconds), leaves, graph.size), onward, arc_metres)
    same = (street == goal) & np.where(target_along >= along, with_line, against_line)
    gap = np.abs(target_along - along)
    along_it = np.where(same, whole * gap / np.maximum(length, 1e-9), np.inf)
    direct = same & (along_it <= seconds)
    metres = np.where(direct, gap, metres)
    seconds = np.minimum(along_it, seconds)
    off = spots.off[1:] + spots.off[0]
    seconds = np.where(spots.street[1:] >= 0, seconds + off / _OFF_STREET_MPS, np.inf)
    return Found(seconds, metres + off, leaves, forward, direct, onward)


def _leaving(allowed: NDArray[np.bool_], seconds: Floats, metres: Floats) -> Floats:
    """Seconds to a street's end where it may be driven that way, on foot where the end is near, else infinite."""
    return np.where(allowed, seconds, np.where(metres <= _AT_CROSSING_M, metres / _OFF_STREET_MPS, np.inf))


def _search(graph: StreetGraph, goal: int, along: float) -> tuple[Floats, Ints, Floats]:
    """Seconds to the target from each node, the next node on the way, the metres to that; row `size` is the target."""
    from scipy.sparse import csr_array  # there already: it was loaded with the graph
    from scipy.sparse.csgraph import dijkstra

    streets, size = graph.streets, graph.size
    head, tail = int(streets.head[goal]), int(streets.tail[goal])
    length, whole = float(streets.metres[goal]), float(streets.seconds[goal])
    part = min(along / max(length, 1e-9), 1.0)
    ends = (
        (head, streets.travel[goal] != Travel.AGAINST.value, whole * part, along),
        (tail, streets.travel[goal] != Travel.ALONG.value, whole * (1 - part), max(length - along, 0.0)),
    )
    last: dict[int, tuple[float, float]] = {}
    for node, allowed, seconds_on, metres_on in ends:
        if allowed or metres_on <= _AT_CROSSING_M:
            cost = max(seconds_on if allowed else metres_on / _OFF_STREET_MPS, 1e-6)
            last[node] = min(last.get(node, (np.inf, 0.0)), (cost, metres_on))
    nodes = np.array(sorted(last), dtype=np.int32)
    seconds = np.concatenate([graph.times.data, [last[int(n)][0] for n in nodes]])
    metres = np.concatenate([graph.lengths, [last[int(n)][1] for n in nodes]])
    columns = np.concatenate([graph.times.indices, nodes])
    starts = np.append(graph.times.indptr, len(columns)).astype(np.int32)
    matrix = csr_array((seconds, columns, starts), shape=(size + 1, size + 1))
    rows, trees = dijkstra(matrix, directed=True, indices=[size], return_predecessors=True)
    found, onward = rows[0], trees[0]
    on_tree = onward[columns] == np.repeat(np.arange(size + 1), np.diff(starts))
    arc_metres = np.zeros(size + 1)
    arc_metres[columns[on_tree]] = metres[on_tree]
    return found, np.where(onward < 0, size, onward).astype(np.int32), arc_metres


def _walk(begin: NDArray[np.int64], onward: Ints, arc_metres: Floats) -> Floats:
    """Metres from each node to the target along the tree of the search; all step at once."""
    metres = np.zeros(len(begin))
    target = len(onward) - 1
    at: NDArray[np.signedinteger[Any]] = begin
    while (at != target).any():
        metres += arc_metres[at]
        at = onward[at]
    return metres
