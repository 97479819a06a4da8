"""The ways out of a place, one for each opinion, and the ways into one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.places.following.roads import OPINIONS, Roads, Spot
from watchfloor.places.graph import Floats, Ints
from watchfloor.places.model import Travel

# Who drives on does not turn round where it was read.
_TURN_ROUND_S: Final = 90.0
# Nobody is followed further than this from one read to the next.
FARTHEST_S: Final = 3_600.0
_BACKWARDS: Final = (0, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """The quickest ways from a spot to each node (or from each to it), for each opinion: (opinions, nodes).

    `seconds` is infinite where there is none; `before` the node next to it on the way towards the spot, negative at the spot.
    """

    spot: Spot
    opinions: tuple[int, ...]
    seconds: Floats
    before: Ints


def out_of(roads: Roads, spot: Spot, opinions: Sequence[int] = range(OPINIONS)) -> Trees:
    """The ways that lead away from a spot."""
    return _trees(roads, spot, tuple(opinions))


def into(roads: Roads, spot: Spot, within_s: float) -> Trees:
    """The ways that lead to a spot, of a few opinions, from nodes that are so near to it."""
    return _trees(roads, spot, _BACKWARDS, backwards=True, within_s=within_s)


def _trees(
    roads: Roads,
    spot: Spot,
    opinions: tuple[int, ...],
    *,
    backwards: bool = False,
    within_s: float = FARTHEST_S,
) -> Trees:
    from scipy.sparse.csgraph import dijkstra

    size = roads.graph.size
    ends = ends_of(roads, spot, backwards=backwards)
    seconds = np.empty((len(opinions), size))
    before = np.empty((len(opinions), size), np.int32)
    limit = min(within_s, FARTHEST_S)
    for row, matrix in enumerate(roads.matrices(opinions, ends=ends, backwards=backwards)):
        far, tree = dijkstra(matrix, directed=True, indices=[size], return_predecessors=True, limit=limit)
        seconds[row], before[row] = far[0, :size], tree[0, :size]
    before[before == size] = -1
    return Trees(spot, opinions, seconds, before)


def ends_of(roads: Roads, spot: Spot, *, backwards: bool) -> list[tuple[int, float]]:
    """The nodes by which one leaves a spot (or comes to it), and the seconds between."""
    streets = roads.graph.streets
    travel, whole = int(streets.travel[spot.street]), float(streets.seconds[spot.street])
    head, tail = int(streets.head[spot.street]), int(streets.tail[spot.street])
    along, against = travel != Travel.AGAINST.value, travel != Travel.ALONG.value
    by_tail, by_head = (whole * (1 - spot.part), whole * spot.part)
    way = -spot.way if backwards else spot.way
    if backwards:
        along, against = against, along
    found: dict[int, float] = {}
    for node, allowed, cost, is_way in ((tail, along, by_tail, 1), (head, against, by_head, -1)):
        if allowed:
            cost += _TURN_ROUND_S if way == -is_way else 0.0
            found[node] = min(found.get(node, np.inf), cost)
    return list(found.items())


def reach(roads: Roads, trees: Trees, spot: Spot) -> tuple[Floats, Ints]:
    """For each opinion the seconds from the trees' spot to another one, and by which node one comes to it."""
    ends = ends_of(roads, spot, backwards=True)
    nodes = np.array([node for node, _ in ends])
    seconds = trees.seconds[:, nodes] + np.array([cost for _, cost in ends])
    best = seconds.argmin(axis=1)
    return seconds[np.arange(len(best)), best], nodes[best].astype(np.int32)


def walk(trees: Trees, rows: NDArray[np.int64], nodes: Ints) -> list[Ints]:
    """From each node towards the spot, in the tree of each row: the nodes, that one first. All step at once."""
    steps, at = [], nodes.astype(np.int32)
    while (at >= 0).any():
        steps.append(at)
        at = np.where(at >= 0, trees.before[rows, np.maximum(at, 0)], -1)
    if not steps:
        return [np.empty(0, np.int32) for _ in nodes]
    together = np.stack(steps, axis=1)
    return [row[row >= 0] for row in together]
