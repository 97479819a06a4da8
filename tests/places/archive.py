"""PMTiles files put together by hand, right ones and wrong ones; the product's reader has no part in it."""

from __future__ import annotations

import gzip
import json
import struct
from typing import Any

ATTRIBUTION = "Drawn by hand"
# A vector tile: one layer (field 3) named "roads", version 2.
TILE = bytes.fromhex("1a09 0a05 726f616473 7802".replace(" ", ""))


def varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def directory(*entries: tuple[int, int, int, int]) -> bytes:
    """Entries of (tile id, run, length, offset): a column each; ids are differences, offsets one higher."""
    ids = [entry[0] - before for before, entry in zip([0, *(e[0] for e in entries)], entries, strict=False)]
    columns = (ids, [e[1] for e in entries], [e[2] for e in entries], [e[3] + 1 for e in entries])
    return varint(len(entries)) + b"".join(varint(number) for column in columns for number in column)


def archive(
    *,
    layers: object = ({"id": "earth"}, {"id": "roads"}),
    metadata: bytes | None = None,
    tile: bytes = TILE,
    root: bytes | None = None,
    leaf: bytes = b"",
    packed: bool = True,
    **header: Any,
) -> bytes:
    """A small city's file; what is given replaces what would be right. `header` names fields of the header."""
    pack = (lambda part: gzip.compress(part, mtime=0)) if packed else bytes
    said = json.dumps({"vector_layers": layers, "attribution": f"<a href='x'>{ATTRIBUTION}</a>"}).encode()
    about, content = pack(said if metadata is None else metadata), pack(tile)
    way = pack(directory((0, 1, len(content), 0)) if root is None else root)
    leaves = pack(leaf) if leaf else b""
    code = 2 if packed else 1
    fields: dict[str, Any] = {
        "magic": b"PMTiles", "version": 3,
        "root_at": 127, "root_bytes": len(way),
        "metadata_at": 127 + len(way), "metadata_bytes": len(about),
        "leaves_at": 127 + len(way) + len(about), "leaves_bytes": len(leaves),
        "tiles_at": 127 + len(way) + len(about) + len(leaves), "tiles_bytes": len(content),
        "addressed": 1, "entries": 1, "contents": 1, "clustered": 1,
        "packing": code, "tile_packing": code, "tile_kind": 1, "min_zoom": 10, "max_zoom": 15,
        "west": -902100000, "south": 386100000, "east": -901800000, "north": 386500000,
        "center_zoom": 12, "center_lon": -901950000, "center_lat": 386300000,
    } | header  # fmt: skip
    return struct.pack("<7sB11QBBBBBB4iBii", *fields.values()) + way + about + leaves + content
