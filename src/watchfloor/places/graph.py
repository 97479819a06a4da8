"""The street network as arrays: nodes, streets between them, and the pieces a place can be set onto.

Built from centrelines, or read back from the one file it is kept in. It finds no way; `route.py` does.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.kit.geo import Point
from watchfloor.places.join import join
from watchfloor.places.model import BadMapFile, Centreline, Degrees, Travel

if TYPE_CHECKING:
    # Loading SciPy is a quarter of a second of every start of the server; it is loaded with the first map.
    from scipy.sparse import csr_array
    from scipy.spatial import KDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

_FORMAT: Final = 1
_METRES_PER_DEGREE: Final = math.pi * 6_371_008.8 / 180
# A place is first looked up among sample points this far apart; half of it is the worst error of the first guess.
_SAMPLE_M: Final = 40.0
_WIDEST_DEG: Final = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """What is kept of a network, street by street.

    `head` and `tail` are the nodes a street runs from and to, `travel` a `Travel` value, `metres` and `seconds` the
    whole length at the limit. `shape` holds all points (x, y in metres, east and north of `origin`), `shape_of` where
    each street's begin (one more than there are streets). `names` are distinct; `name` points into them.
    """

    origin: Point
    nodes: Floats
    head: Ints
    tail: Ints
    travel: Ints
    metres: Floats
    seconds: Floats
    name: Ints
    names: tuple[str, ...]
    shape: Floats
    shape_of: Ints


@dataclass(frozen=True, slots=True, eq=False)
class StreetGraph:
    """A network made ready for finding ways.

    `times` and `lengths` share one pattern: row = where an arc ends, column = where it begins, so a search from the
    target goes against the traffic. `pieces` are straight bits (x1, y1, x2, y2), each of the street `piece_of`,
    beginning `piece_from` metres along it; `samples` finds the pieces near a place, `sample_of` says which.
    """

    streets: Streets
    times: csr_array
    lengths: Floats
    pieces: Floats
    piece_of: Ints
    piece_from: Floats
    samples: KDTree
    sample_of: Ints

    @property
    def size(self) -> int:
        """The number of nodes."""
        return len(self.streets.nodes)


def build(lines: Sequence[Centreline]) -> StreetGraph:
    """The graph of these centrelines. Raises BadMapFile when they span more than a metropolis: that is another unit."""
    return ready(_streets(lines))


def project(origin: Point, lon_lat: Degrees) -> Floats:
    """East and north of `origin` in metres; right to 0.1 % within a metropolis."""
    scale = (_METRES_PER_DEGREE * math.cos(math.radians(origin.lat)), _METRES_PER_DEGREE)
    return (lon_lat - (origin.lon, origin.lat)) * scale


def lon_lat(origin: Point, metres: Floats) -> Degrees:
    """Longitude and latitude of what lies so many metres east and north of `origin`: what `project` undoes."""
    scale = (_METRES_PER_DEGREE * math.cos(math.radians(origin.lat)), _METRES_PER_DEGREE)
    return metres / scale + (origin.lon, origin.lat)


def unproject(origin: Point, xy: Floats) -> list[Point]:
    """The same as places."""
    return [Point(lat, lon) for lon, lat in lon_lat(origin, xy).tolist()]


def _streets(lines: Sequence[Centreline]) -> Streets:
    everything = np.concatenate([line.points for line in lines])
    low, high = everything.min(axis=0), everything.max(axis=0)
    if (high - low).max() > _WIDEST_DEG:
        raise BadMapFile(
            f"the streets span {(high - low).max():.0f} degrees; are longitude and latitude in the right order?"
        )
    origin = Point(float((low[1] + high[1]) / 2), float((low[0] + high[0]) / 2))
    stretches, nodes = join(lines, [project(origin, line.points) for line in lines])
    own = [lines[stretch.line] for stretch in stretches]
    names: dict[str, int] = {}
    metres = np.array(
        [np.linalg.norm(np.diff(stretch.points, axis=0), axis=1).sum() for stretch in stretches]
    )
    return Streets(
        origin=origin,
        nodes=nodes,
        head=_ints(stretch.head for stretch in stretches),
        tail=_ints(stretch.tail for stretch in stretches),
        travel=_ints(line.travel.value for line in own),
        metres=metres,
        seconds=metres / np.array([line.speed_mps for line in own]),
        name=_ints(names.setdefault(line.name, len(names)) for line in own),
        names=tuple(names),
        shape=np.concatenate([stretch.points for stretch in stretches]),
        shape_of=np.cumsum([0, *(len(stretch.points) for stretch in stretches)]).astype(np.int32),
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)


def ready(streets: Streets) -> StreetGraph:
    """Lay out for searching what was kept."""
    from scipy.spatial import KDTree

    times, lengths = _arcs(streets)
    pieces, piece_of, piece_from = _pieces(streets)
    samples, sample_of = _samples(pieces)
    return StreetGraph(streets, times, lengths, pieces, piece_of, piece_from, KDTree(samples), sample_of)


def _arcs(streets: Streets) -> tuple[csr_array, Floats]:
    from scipy.sparse import csr_array

    along, against = streets.travel != Travel.AGAINST.value, streets.travel != Travel.ALONG.value
    begin = np.concatenate([streets.head[along], streets.tail[against]])
    end = np.concatenate([streets.tail[along], streets.head[against]])
    seconds = np.concatenate([streets.seconds[along], streets.seconds[against]])
    metres = np.concatenate([streets.metres[along], streets.metres[against]])
    # Of several streets between the same two nodes the quickest counts; a matrix would add them up.
    order = np.lexsort((seconds, begin, end))
    begin, end, seconds, metres = begin[order], end[order], seconds[order], metres[order]
    first = np.ones(len(begin), dtype=bool)
    first[1:] = (begin[1:] != begin[:-1]) | (end[1:] != end[:-1])
    size = len(streets.nodes)
    starts = np.searchsorted(end[first], np.arange(size + 1)).astype(np.int32)
    # An arc of no time would be no arc in a sparse matrix.
    times = csr_array(
        (np.maximum(seconds[first], 1e-6), begin[first].astype(np.int32), starts), shape=(size, size)
    )
    return times, metres[first]


def _pieces(streets: Streets) -> tuple[Floats, Ints, Floats]:
    counts = np.diff(streets.shape_of)
    first = np.ones(len(streets.shape), dtype=bool)
    first[streets.shape_of[1:-1] - 1] = False
    first[-1] = False
    begin = np.flatnonzero(first)
    pieces = np.concatenate([streets.shape[begin], streets.shape[begin + 1]], axis=1)
    piece_of = np.repeat(np.arange(len(counts), dtype=np.int32), counts - 1)
    lengths = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])
    total = np.concatenate([[0.0], np.cumsum(lengths)])
    starts = np.concatenate([[0], np.cumsum(counts - 1)])[:-1]
    return pieces, piece_of, total[:-1] - total[starts][piece_of]


def _samples(pieces: Floats) -> tuple[Floats, Ints]:
    lengths = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])
    counts = np.maximum(1, np.ceil(lengths / _SAMPLE_M)).astype(np.int64)
    of = np.repeat(np.arange(len(pieces), dtype=np.int32), counts)
    starts = np.cumsum(counts) - counts
    part = (np.arange(len(of)) - starts[of] + 0.5) / counts[of]
    return pieces[of, :2] + (pieces[of, 2:] - pieces[of, :2]) * part[:, None], of


# --------------------------------------------------------------------------------------- the one file


def encode(streets: Streets) -> bytes:
    """The bytes a network is kept as: a compressed archive of plain arrays, no code in it."""
    out = io.BytesIO()
    np.savez_compressed(
        out,
        format=np.array([_FORMAT]),
        origin=np.array([streets.origin.lat, streets.origin.lon]),
        nodes=streets.nodes.astype(np.float32),
        head=streets.head,
        tail=streets.tail,
        travel=streets.travel.astype(np.int8),
        metres=streets.metres.astype(np.float32),
        seconds=streets.seconds.astype(np.float32),
        name=streets.name,
        names=np.frombuffer("\n".join(streets.names).encode(), dtype=np.uint8),
        shape=streets.shape.astype(np.float32),
        shape_of=streets.shape_of,
    )
    return out.getvalue()


def decode(data: bytes) -> Streets:
    """The network behind `encode`'s bytes. Raises BadMapFile when they are damaged or of another format."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            if int(kept["format"][0]) != _FORMAT:
                raise BadMapFile(
                    "the street map was kept by another version", next_step="Import the streets again."
                )
            return Streets(
                origin=Point(float(kept["origin"][0]), float(kept["origin"][1])),
                nodes=kept["nodes"].astype(np.float64),
                head=kept["head"],
                tail=kept["tail"],
                travel=kept["travel"].astype(np.int32),
                metres=kept["metres"].astype(np.float64),
                seconds=kept["seconds"].astype(np.float64),
                name=kept["name"],
                names=tuple(bytes(kept["names"]).decode().split("\n")),
                shape=kept["shape"].astype(np.float64),
                shape_of=kept["shape_of"],
            )
    except (ValueError, KeyError, OSError, EOFError, IndexError, zipfile.BadZipFile) as error:
        raise BadMapFile(
            f"the street map's file is damaged: {error}", next_step="Import the streets again."
        ) from error
