"""Vector tiles read back, by the specification alone: what stands in a PMTiles file, in longitude and latitude."""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

XY = tuple[float, float]


@dataclass(frozen=True)
class Thing:
    """A feature of one tile, cut at the tile's edge."""

    layer: str
    properties: dict[str, str | int]
    shape: BaseGeometry


def metadata_of(path: Path) -> dict[str, object]:
    """What the file says of itself."""
    with path.open("rb") as file:
        return dict(Reader(MmapSource(file)).metadata())


def things(path: Path, zoom: int) -> Iterator[Thing]:
    """Everything in the tiles of that zoom."""
    with path.open("rb") as file:
        for (z, x, y), packed in all_tiles(MmapSource(file)):
            if z == zoom:
                for number, layer in _fields(gzip.decompress(packed)):
                    if number == 3 and isinstance(layer, bytes):
                        yield from _layer(layer, z, x, y)


def _layer(data: bytes, z: int, x: int, y: int) -> Iterator[Thing]:
    name, extent = "", 4096
    keys: list[str] = []
    values: list[str | int] = []
    features: list[bytes] = []
    for number, value in _fields(data):
        match number, value:
            case 1, bytes():
                name = value.decode()
            case 2, bytes():
                features.append(value)
            case 3, bytes():
                keys.append(value.decode())
            case 4, bytes():
                ((_, said),) = _fields(value)
                values.append(said.decode() if isinstance(said, bytes) else said)
            case 5, int():
                extent = value
    for feature in features:
        parts = dict(_fields(feature))
        tags = list(_varints(parts[2])) if isinstance(parts.get(2), bytes) else []
        properties = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
        shape = _shape(int(parts[3]), list(_varints(parts[4])))
        inside = shapely.make_valid(shape).intersection(box(0, 0, extent, extent))
        if not inside.is_empty:
            yield Thing(
                name, properties, shapely.transform(inside, lambda points: _degrees(points, z, x, y, extent))
            )


def _shape(kind: int, commands: list[int]) -> BaseGeometry:
    lines: list[list[XY]] = []
    x = y = at = 0
    while at < len(commands):
        what, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if what == 7:
            lines[-1].append(lines[-1][0])
            continue
        for _ in range(count):
            x, y = x + _zigzag(commands[at]), y + _zigzag(commands[at + 1])
            at += 2
            if what == 1:
                lines.append([])
            lines[-1].append((x, y))
    if kind == 1:
        return shapely.union_all([Point(line[0]) for line in lines])
    if kind == 2:
        return shapely.union_all([LineString(line) for line in lines])
    whole: BaseGeometry = Polygon()
    for line in lines:
        whole = whole.symmetric_difference(shapely.make_valid(Polygon(line)))
    return whole


def _degrees(points, z: int, x: int, y: int, extent: int):  # type: ignore[no-untyped-def]  # nested lists of any depth
    across = (x + points[:, 0] / extent) / 2**z
    down = (y + points[:, 1] / extent) / 2**z
    out = points.copy()
    out[:, 0] = across * 360 - 180
    out[:, 1] = [math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * part)))) for part in down]
    return out


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 == 2:
            length, at = _varint(data, at)
            yield tag >> 3, data[at : at + length]
            at += length
        elif tag & 7 == 0:
            number, at = _varint(data, at)
            yield tag >> 3, number
        else:
            size = {1: 8, 5: 4}[tag & 7]
            yield tag >> 3, data[at : at + size]
            at += size


def _varints(data: int | bytes | None) -> Iterator[int]:
    at = 0
    while isinstance(data, bytes) and at < len(data):
        number, at = _varint(data, at)
        yield number


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return number, at


def _zigzag(number: int) -> int:
    return (number >> 1) ^ -(number & 1)
