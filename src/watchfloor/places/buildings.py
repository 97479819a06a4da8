"""Footprints of buildings: read from a city's file, kept as one, and asked whether one stands between two places. Pure.

Each counts as one that cannot be seen over. Which are dwellings and how high they are is kept where the file says so, to propose what
is masked; nobody is judged by it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from watchfloor.kit.geo import Point
from watchfloor.places.model import BadMapFile, MapForm, Skipped
from watchfloor.places.shapes import Row, Tally, read_rows

Mask = NDArray[np.bool_]

# Who stands this near a footprint stands at it: a camera on the wall, a caller at the door. It hides nothing from them.
AT_IT_M: Final = 3.0
_METRES_A_DEGREE: Final = 111_195.0
_FORMAT: Final = 1
# Where files of cities say what a building is, and the words by which they mean somebody's home.
_KINDS: Final = (
    "building", "building:use", "building_type", "bldg_type", "class", "kind", "land_use", "landuse", "subtype", "type", "usage", "use",
)  # fmt: skip
_DWELLINGS: Final = frozenset(
    {
        *(
            "apartment",
            "apartments",
            "bungalow",
            "cabin",
            "condo",
            "condominium",
            "detached",
            "dormitory",
            "duplex",
        ),
        *(
            "dwelling",
            "home",
            "house",
            "houseboat",
            "semidetached",
            "terrace",
            "townhome",
            "townhouse",
            "triplex",
        ),
    }
)
_HEIGHTS: Final = (
    ("height", 1.0), ("height_m", 1.0), ("building:height", 1.0), ("num_floors", 3.0), ("building:levels", 3.0), ("levels", 3.0),
)  # fmt: skip
_HIGHEST_M: Final = 1000.0
_AGAIN: Final = "Import the buildings again."
_DAMAGED: Final = (
    ValueError,
    KeyError,
    OSError,
    EOFError,
    IndexError,
    zipfile.BadZipFile,
    zlib.error,
    ShapelyError,
)


@dataclass(frozen=True, slots=True, eq=False)
class Footprints:
    """What a file held: the footprints as polygons in degrees, lon before lat, and what was left out and why."""

    shapes: tuple[shapely.Polygon, ...]
    rows: int
    skipped: tuple[Skipped, ...]
    dwellings: tuple[bool, ...] = ()
    heights_m: tuple[float, ...] = ()


def read(data: bytes, form: MapForm) -> Footprints:
    """The footprints of a file. Raises BadMapFile when it is not of this form, not in degrees, or holds no building."""
    _, rows = read_rows(data, form)
    shapes: list[shapely.Polygon] = []
    kinds: list[tuple[bool, float]] = []
    skipped = Tally()
    count = 0
    for count, (row, geometry) in enumerate(rows, 1):
        try:
            found = list(_polygons(geometry))
        except ValueError as error:
            skipped.add(str(error), count)
            continue
        shapes += found
        kinds += [kind_of(row)] * len(found)
    if not shapes:
        raise skipped.nothing("building", count)
    dwellings, heights = zip(*kinds, strict=True)
    return Footprints(tuple(shapes), count, skipped.all(), dwellings, heights)


def kind_of(row: Row) -> tuple[bool, float]:
    """Whether a row says that its building is a dwelling, and how high it is in metres (0: it does not say)."""
    said = {name.strip().lower(): value for name, value in row.items()}
    words = [str(said[name]).lower() for name in _KINDS if said.get(name) is not None]
    dwelling = any(_names_dwelling(each) for each in words)
    for name, metres in _HEIGHTS:
        try:
            high = float(str(said.get(name) or 0)) * metres
        except ValueError:
            continue
        if 0 < high <= _HIGHEST_M:
            return dwelling, high
    return dwelling, 0.0


def _names_dwelling(text: str) -> bool:
    if "non-resid" in text or "nonresid" in text or "non resid" in text:
        return False
    return "resid" in text or "family" in text or bool(_DWELLINGS & set(re.split(r"[^a-z]+", text)))


def _polygons(geometry: BaseGeometry | None) -> Iterator[shapely.Polygon]:
    """The polygons of a shape, mended where rings cross themselves. Raises ValueError with the reason."""
    if geometry is None or geometry.is_empty:
        raise ValueError("no geometry")
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"a {geometry.geom_type}, not an area")
    points = shapely.get_coordinates(geometry)
    if not np.isfinite(points).all() or (np.abs(points) > (180.0, 90.0)).any():
        raise ValueError("coordinates that are not degrees of longitude and latitude")
    try:
        mended = shapely.make_valid(shapely.force_2d(geometry))
    except ShapelyError as error:
        raise ValueError("rings that make no area") from error
    # What was mended may be a collection with areas of several parts in it.
    parts = shapely.get_parts(shapely.get_parts(mended))
    found = [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
    if not found:
        raise ValueError("an area without extent")
    yield from found


def encode(
    shapes: Iterable[shapely.Polygon], dwellings: Sequence[bool] = (), heights_m: Sequence[float] = ()
) -> bytes:
    """The one file that footprints are kept in: coordinates, where each ring and polygon begins, which are dwellings and how high."""
    _, points, (rings, polygons) = shapely.to_ragged_array(np.asarray(list(shapes), dtype=object))
    out = io.BytesIO()
    np.savez_compressed(
        out,
        format=np.array([_FORMAT]),
        points=points,
        rings=rings,
        polygons=polygons,
        dwellings=np.asarray(dwellings, np.bool_),
        heights_m=np.asarray(heights_m, np.float32),
    )
    return out.getvalue()


def decode(data: bytes) -> Buildings:
    """The buildings behind `encode`'s bytes. Raises BadMapFile when they are damaged or of another format."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            if int(kept["format"][0]) != _FORMAT:
                raise BadMapFile("the buildings were kept by another version", next_step=_AGAIN)
            offsets = (kept["rings"], kept["polygons"])
            shapes = shapely.from_ragged_array(shapely.GeometryType.POLYGON, kept["points"], offsets)
            # Those that were kept before this was asked say nothing of it.
            kinds = [kept.get(name, ()) for name in ("dwellings", "heights_m")]
            return Buildings(shapes, *kinds)
    except _DAMAGED as error:
        raise BadMapFile(f"the file of the buildings is damaged: {error}", next_step=_AGAIN) from error


@dataclass(frozen=True, slots=True)
class Building:
    """A footprint, whether it is known to be of a dwelling, and how high (0: nobody said)."""

    shape: shapely.Polygon
    dwelling: bool
    height_m: float


class Buildings:
    """The footprints of one city, found by place."""

    def __init__(
        self,
        footprints: Sequence[BaseGeometry] | NDArray[np.object_],
        dwellings: Sequence[bool] | Mask = (),
        heights_m: Sequence[float] | NDArray[np.float32] = (),
    ) -> None:
        """`footprints` are polygons in degrees, lon before lat."""
        self._shapes = np.asarray(footprints, dtype=object)
        count = len(self._shapes)
        self._dwellings = (
            np.asarray(dwellings, np.bool_) if len(dwellings) == count else np.zeros(count, np.bool_)
        )
        self._heights = (
            np.asarray(heights_m, np.float32) if len(heights_m) == count else np.zeros(count, np.float32)
        )
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)

    def hide(self, place: Point, eyes: NDArray[np.float64]) -> Mask:
        """Which of these eyes, (n, 2) lon and lat, have a building between them and the place.

        A building at which the eye or the place itself is does not count: a camera hangs on a wall, an address lies
        within its house.
        """
        hidden = np.zeros(len(eyes), dtype=bool)
        if not len(self) or not len(eyes):
            return hidden
        here = np.broadcast_to((place.lon, place.lat), eyes.shape)
        lines = shapely.linestrings(np.stack((eyes, here), axis=1))
        ray, building = self._tree.query(lines, predicate="intersects")
        between = ~(np.isin(building, self._at(shapely.Point(place.lon, place.lat))))
        ray, building = ray[between], building[between]
        away = (
            shapely.distance(shapely.points(eyes[ray]), self._shapes[building]) > AT_IT_M / _METRES_A_DEGREE
        )
        hidden[ray[away]] = True
        return hidden

    def first_met(self, eyes: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.int64]:
        """Which building each line of sight meets first, by number; -1: none. `eyes` and `ends` are (n, 2) lon and lat.

        One at which the eye itself is does not count.
        """
        met = np.full(len(eyes), -1, np.int64)
        if not len(self) or not len(eyes):
            return met
        lines = np.asarray(shapely.linestrings(np.stack((eyes, ends), axis=1)), dtype=object)
        line, building = self._tree.query(lines, predicate="intersects")
        begin = shapely.points(eyes[line])
        away = shapely.distance(begin, self._shapes[building]) > AT_IT_M / _METRES_A_DEGREE
        line, building, begin = line[away], building[away], begin[away]
        # Along one line degrees are as good as metres.
        far = shapely.distance(begin, shapely.intersection(lines[line], self._shapes[building]))
        order = np.lexsort((far, line))
        lines_met, first = np.unique(line[order], return_index=True)
        met[lines_met] = building[order][first]
        return met

    def dwellings(self, numbers: NDArray[np.int64]) -> Mask:
        """Which of these buildings, by number, are known to be dwellings; -1 is none."""
        return np.asarray((numbers >= 0) & self._dwellings[numbers], np.bool_) if len(self) else numbers >= 0

    @property
    def knows_dwellings(self) -> bool:
        """Whether any of them is known to be a dwelling."""
        return bool(self._dwellings.any())

    def named(self, box: tuple[float, float, float, float]) -> list[Building]:
        """Those that reach into a box of west, south, east, north, and what is known of each."""
        return [
            Building(self._shapes[one], bool(self._dwellings[one]), float(self._heights[one]))
            for one in self._tree.query(shapely.box(*box))
        ]

    def near(self, box: tuple[float, float, float, float]) -> NDArray[np.object_]:
        """The footprints that reach into a box of west, south, east, north."""
        found: NDArray[np.object_] = self._shapes[self._tree.query(shapely.box(*box))]
        return found

    def _at(self, spot: shapely.Point) -> NDArray[np.int64]:
        return self._tree.query(spot, predicate="dwithin", distance=AT_IT_M / _METRES_A_DEGREE)


NO_BUILDINGS: Final = Buildings(())
