"""Footprints of buildings: read from a city's file, kept as one, and asked whether one stands between two places. Pure.

It knows no height: each counts as one that cannot be seen over.
"""

from __future__ import annotations

import io
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
from watchfloor.places.shapes import Tally, read_rows

Mask = NDArray[np.bool_]

# Who stands this near a footprint stands at it: a camera on the wall, a caller at the door. It hides nothing from them.
AT_IT_M: Final = 3.0
_METRES_A_DEGREE: Final = 111_195.0
_FORMAT: Final = 1
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


def read(data: bytes, form: MapForm) -> Footprints:
    """The footprints of a file. Raises BadMapFile when it is not of this form, not in degrees, or holds no building."""
    _, rows = read_rows(data, form)
    shapes: list[shapely.Polygon] = []
    skipped = Tally()
    count = 0
    for count, (_, geometry) in enumerate(rows, 1):
        try:
            shapes.extend(_polygons(geometry))
        except ValueError as error:
            skipped.add(str(error), count)
    if not shapes:
        raise skipped.nothing("building", count)
    return Footprints(tuple(shapes), count, skipped.all())


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


def encode(shapes: Iterable[shapely.Polygon]) -> bytes:
    """The one file that footprints are kept in: coordinates and where each ring and polygon begins."""
    _, points, (rings, polygons) = shapely.to_ragged_array(np.asarray(list(shapes), dtype=object))
    out = io.BytesIO()
    np.savez_compressed(out, format=np.array([_FORMAT]), points=points, rings=rings, polygons=polygons)
    return out.getvalue()


def decode(data: bytes) -> Buildings:
    """The buildings behind `encode`'s bytes. Raises BadMapFile when they are damaged or of another format."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            if int(kept["format"][0]) != _FORMAT:
                raise BadMapFile("the buildings were kept by another version", next_step=_AGAIN)
            offsets = (kept["rings"], kept["polygons"])
            shapes = shapely.from_ragged_array(shapely.GeometryType.POLYGON, kept["points"], offsets)
            return Buildings(shapes)
    except _DAMAGED as error:
        raise BadMapFile(f"the file of the buildings is damaged: {error}", next_step=_AGAIN) from error


class Buildings:
    """The footprints of one city, found by place."""

    def __init__(self, footprints: Sequence[BaseGeometry] | NDArray[np.object_]) -> None:
        """`footprints` are polygons in degrees, lon before lat."""
        self._shapes = np.asarray(footprints, dtype=object)
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

    def near(self, box: tuple[float, float, float, float]) -> NDArray[np.object_]:
        """The footprints that reach into a box of west, south, east, north."""
        found: NDArray[np.object_] = self._shapes[self._tree.query(shapely.box(*box))]
        return found

    def _at(self, spot: shapely.Point) -> NDArray[np.int64]:
        return self._tree.query(spot, predicate="dwithin", distance=AT_IT_M / _METRES_A_DEGREE)


NO_BUILDINGS: Final = Buildings(())
