"""What a PMTiles file says of itself: its header, its metadata, its first tile. Bytes in, values out.

The form is version 3 of https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md. A file of a stranger is never
unpacked past a limit.
"""

from __future__ import annotations

import html
import json
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from watchfloor.kit.errors import Invalid
from watchfloor.places.model import Box

# The layers the console draws, by their names in the Protomaps schema. A file with none of them would be a blank map.
LAYERS: Final = ("earth", "water", "landuse", "roads", "buildings", "places", "boundaries")

_HEADER: Final = struct.Struct("<7sB11QBBBBBB4i")
# What is read of it; where a viewer should begin stands in the last nine bytes.
_HEADER_BYTES: Final = 127
_ROOT_WITHIN: Final = 16_384
_LARGEST_UNPACKED: Final = 8 * 1024 * 1024
_DEEPEST: Final = 4
_PLAIN, _GZIP = 1, 2
_PACKINGS: Final = {3: "brotli", 4: "zstd"}
_KINDS: Final = {2: "PNG", 3: "JPEG", 4: "WebP", 5: "AVIF"}
_VECTOR: Final = 1
_HIGHEST_ZOOM: Final = 24
# A vector tile is a message whose field 3 is a layer.
_A_LAYER: Final = 0x1A
_TAG: Final = re.compile(r"<[^>]*>")


class BadBasemap(Invalid):
    """The file is no basemap we can draw; the detail says what is wrong with it."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            detail,
            reason="bad_basemap",
            next_step="Hand in a PMTiles file, version 3, of vector tiles in the layers of the Protomaps schema.",
        )


@dataclass(frozen=True, slots=True)
class Archive:
    """What a file says of itself."""

    min_zoom: int
    max_zoom: int
    bounds: Box
    layers: tuple[str, ...]
    attribution: str


class _Header(NamedTuple):
    magic: bytes
    version: int
    root_at: int
    root_bytes: int
    metadata_at: int
    metadata_bytes: int
    leaves_at: int
    leaves_bytes: int
    tiles_at: int
    tiles_bytes: int
    addressed: int
    entries: int
    contents: int
    clustered: int
    packing: int
    tile_packing: int
    tile_kind: int
    min_zoom: int
    max_zoom: int
    west: int
    south: int
    east: int
    north: int


class _Entry(NamedTuple):
    length: int
    offset: int
    run: int


def look(data: bytes) -> Archive:
    """Judge a file. Raises BadBasemap, in words for whoever hands it in."""
    header = _header(data)
    metadata = _metadata(data, header)
    layers = metadata.get("vector_layers")
    named = (
        [layer.get("id") for layer in layers if isinstance(layer, dict)] if isinstance(layers, list) else []
    )
    names = tuple(name for name in named if isinstance(name, str))
    if not set(names) & set(LAYERS):
        has = f"layers {', '.join(names)[:200]}" if names else "no layer"
        raise BadBasemap(f"The file names {has}; the console draws {', '.join(LAYERS)}.")
    _look_at_a_tile(data, header)
    said = metadata.get("attribution")
    attribution = html.unescape(_TAG.sub("", said)).strip() if isinstance(said, str) else ""
    return Archive(header.min_zoom, header.max_zoom, _bounds(header), names, attribution)


def _header(data: bytes) -> _Header:
    if not data.startswith(b"PMTiles"):
        raise BadBasemap("The file is no PMTiles: it does not begin as one.")
    if len(data) < _HEADER_BYTES:
        raise BadBasemap(f"The file ends within its header, after {len(data)} bytes.")
    header = _Header(*_HEADER.unpack_from(data))
    if header.version != 3:
        raise BadBasemap(f"The file is PMTiles of version {header.version}; version 3 is taken.")
    if header.tile_kind != _VECTOR:
        kind = _KINDS.get(header.tile_kind, "of an unknown kind")
        raise BadBasemap(f"The tiles are pictures ({kind}); the console draws vector tiles.")
    for name, packing in (("directories", header.packing), ("tiles", header.tile_packing)):
        if packing not in (_PLAIN, _GZIP):
            how = _PACKINGS.get(packing, f"code {packing}")
            raise BadBasemap(f"Its {name} are compressed by {how}; browsers read gzip, or none.")
    if header.root_at + header.root_bytes > _ROOT_WITHIN:
        raise BadBasemap("Its root directory lies beyond the first 16 kB.")
    parts = (
        (header.root_at, header.root_bytes),
        (header.metadata_at, header.metadata_bytes),
        (header.leaves_at, header.leaves_bytes),
        (header.tiles_at, header.tiles_bytes),
    )
    needed = max(start + length for start, length in parts)
    if needed > len(data):
        raise BadBasemap(f"The file is cut off: it should have {needed} bytes and has {len(data)}.")
    if not header.min_zoom <= header.max_zoom <= _HIGHEST_ZOOM:
        raise BadBasemap(f"Its zooms from {header.min_zoom} to {header.max_zoom} are none.")
    return header


def _bounds(header: _Header) -> Box:
    west, south, east, north = (edge / 1e7 for edge in (header.west, header.south, header.east, header.north))
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadBasemap(f"Its bounds are no area of the earth: {west}, {south}, {east}, {north}.")
    return Box(west, south, east, north)


def _metadata(data: bytes, header: _Header) -> dict[str, object]:
    text = _unpacked(_part(data, header.metadata_at, header.metadata_bytes), header.packing, "metadata")
    try:
        metadata = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadBasemap("Its metadata is no JSON.") from error
    if not isinstance(metadata, dict):
        raise BadBasemap("Its metadata is no JSON object.")
    return metadata


def _look_at_a_tile(data: bytes, header: _Header) -> None:
    """The first tile that the directories lead to is a vector tile."""
    directory = _part(data, header.root_at, header.root_bytes)
    for _ in range(_DEEPEST):
        first = _first(_unpacked(directory, header.packing, "directory"))
        of_tiles = first.run > 0
        start, room = (
            (header.tiles_at, header.tiles_bytes) if of_tiles else (header.leaves_at, header.leaves_bytes)
        )
        if first.length == 0 or first.offset + first.length > room:
            raise BadBasemap("Its directory points beside the tiles.")
        found = _part(data, start + first.offset, first.length)
        if of_tiles:
            tile = _unpacked(found, header.tile_packing, "first tile")
            if not tile or tile[0] != _A_LAYER:
                raise BadBasemap("Its first tile is no vector tile.")
            return
        directory = found
    raise BadBasemap("Its directories lead to directories and to no tile.")


def _first(directory: bytes) -> _Entry:
    """The first entry of a directory: the columns follow one another (ids, runs, lengths, offsets)."""
    numbers = _numbers(directory)
    try:
        count = next(numbers)
        if not 0 < count <= len(directory):
            raise BadBasemap("Its directory is empty.")
        columns = [[next(numbers) for _ in range(count)] for _ in range(4)]
    except StopIteration as error:
        raise BadBasemap("Its directory ends too early.") from error
    _, run, length, offset = (column[0] for column in columns)
    return _Entry(length, max(offset - 1, 0), run)


def _numbers(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0
        elif shift > 63:
            raise BadBasemap("Its directory holds a number that has no end.")


def _part(data: bytes, start: int, length: int) -> bytes:
    return data[start : start + length]


def _unpacked(part: bytes, packing: int, what: str) -> bytes:
    if packing == _PLAIN:
        return part
    unpacking = zlib.decompressobj(wbits=31)
    try:
        plain = unpacking.decompress(part, _LARGEST_UNPACKED)
    except zlib.error as error:
        raise BadBasemap(f"Its {what} cannot be unpacked: {error}.") from error
    if unpacking.unconsumed_tail or not unpacking.eof:
        how = "is larger than 8 MB" if unpacking.unconsumed_tail else "is cut off"
        raise BadBasemap(f"Its {what} {how}.")
    return plain
