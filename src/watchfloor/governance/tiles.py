"""Where the log's hashes and entries lie: the static layout of C2SP tlog-tiles (https://c2sp.org/tlog-tiles).

Pure: it names paths and bytes and never opens a file. A tile holds 256 hashes; the last of a level may hold fewer and
is then called partial. An entry bundle holds the leaves whose hashes are the level 0 tile of the same index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from watchfloor.governance.merkle import HASH_BYTES, leaf_hash, root_of, tree_root
from watchfloor.kit.errors import Invalid

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
ENTRIES: Final = -1  # the "level" of entry bundles
LONGEST_LEAF: Final = 0xFFFF
LARGEST_BUNDLE: Final = WIDTH * (2 + LONGEST_LEAF)
_TOP_LEVEL: Final = 63

_PATH: Final = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*)(\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile or, at level ENTRIES, an entry bundle: `width` of 256 is full."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path below the log's prefix: `tile/0/x001/x234/067.p/8`."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_digits(self.index)}{partial}"

    @property
    def full(self) -> Tile:
        """The full tile that a partial one becomes."""
        return Tile(self.level, self.index)

    @property
    def first(self) -> int:
        """The first entry under this tile."""
        return self.index << HEIGHT * (max(self.level, 0) + 1)


def _digits(index: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def parse_path(path: str) -> Tile:
    """The tile a path names. Raises Invalid for any path that is not the one form of a tile's name."""
    match = _PATH.fullmatch(path)
    if match:
        level, upper, last, width = match.groups()
        tile = Tile(
            ENTRIES if level == "entries" else int(level),
            int(upper.replace("x", "").replace("/", "") + last),
            int(width) if width else WIDTH,
        )
        # Leading groups of zeroes, width 256 or more and levels past 63 have no place in the one form.
        if tile.path == path and tile.level <= _TOP_LEVEL and 1 <= tile.width <= WIDTH:
            return tile
    raise Invalid(f"{path[:120]!r} is not the path of a tile or an entry bundle")


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes (or entries) the tile holds in a log of `size` entries: 0 when there is no such tile yet."""
    return max(0, min(WIDTH, _count(level, size) - index * WIDTH))


def _count(level: int, size: int) -> int:
    """How many hashes (or entries) all tiles of the level hold together."""
    return size >> HEIGHT * max(level, 0)


def tile_at(level: int, index: int, size: int) -> Tile:
    """The tile as it is in a log of `size` entries. Raises ValueError when there is none yet."""
    width = width_at(level, index, size)
    if not width:
        raise ValueError(f"a log of {size} entries has no tile {index} at level {level}")
    return Tile(level, index, width)


def tiles_of(size: int) -> Iterator[Tile]:
    """Every bundle and tile of a log of `size` entries: the bundles, then the tiles level by level."""
    for level in (ENTRIES, *range(_TOP_LEVEL + 1)):
        count = _count(level, size)
        if not count:
            return
        for index in range(-(-count // WIDTH)):
            yield tile_at(level, index, size)


def check_leaf(leaf: bytes) -> None:
    """Raises Invalid when the leaf is longer than the two bytes of its length can say."""
    if len(leaf) > LONGEST_LEAF:
        raise Invalid(f"an entry of {len(leaf)} bytes does not fit into the log; the most is {LONGEST_LEAF}")


def encode_bundle(leaves: Sequence[bytes]) -> bytes:
    """Entries one after the other, each after its length as a big-endian uint16. Raises Invalid for a leaf too long."""
    parts: list[bytes] = []
    for leaf in leaves:
        check_leaf(leaf)
        parts += (len(leaf).to_bytes(2, "big"), leaf)
    return b"".join(parts)


def decode_bundle(content: bytes) -> list[bytes]:
    """The entries of a bundle. Raises Invalid when a length leads past the end."""
    leaves: list[bytes] = []
    at = 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if at + 2 > len(content) or end > len(content):
            raise Invalid("the bundle ends within an entry")
        leaves.append(content[at + 2 : end])
        at = end
    return leaves


def decode_hashes(content: bytes) -> list[bytes]:
    """The hashes of a tile. Raises Invalid when its length is no multiple of 32."""
    if len(content) % HASH_BYTES:
        raise Invalid(f"a tile of {len(content)} bytes does not hold whole hashes")
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


ReadTile = Callable[[Tile], bytes]


class TreeOfTiles:
    """The nodes of a tree of `size` leaves, computed from tiles that `read` brings; each tile is read once.

    Made for a few proofs: it keeps every tile it has read. `read` returns exactly `width` hashes.
    """

    def __init__(self, size: int, read: ReadTile) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def node(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree `(level, index)`. Raises Invalid when a tile is not what it should be."""
        tile_level, height = divmod(level, HEIGHT)
        first = index << height
        tile = tile_at(tile_level, first // WIDTH, self.size)
        hashes = self._hashes(tile)[first % WIDTH : first % WIDTH + (1 << height)]
        if len(hashes) != 1 << height:
            raise ValueError(f"node ({level}, {index}) is not complete in a log of {self.size} entries")
        return root_of(hashes)

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` leaves, of all by default. Raises ValueError past the end."""
        return tree_root(self.size if size is None else size, self.node)

    def _hashes(self, tile: Tile) -> list[bytes]:
        key = (tile.level, tile.index)
        if key not in self._tiles:
            hashes = decode_hashes(self._read(tile))
            if len(hashes) != tile.width:
                raise Invalid(f"{tile.path} holds {len(hashes)} hashes, not {tile.width}")
            self._tiles[key] = hashes
        return self._tiles[key]


Finished = tuple[Tile, bytes]


class Rows:
    """The hashes at the right edge of a growing tree, level by level: no more than 256 each, whatever its size."""

    def __init__(self) -> None:
        self.size = 0
        self._rows: list[list[bytes]] = [[]]

    @classmethod
    def load(cls, size: int, read: ReadTile) -> Rows:
        """The rows of a log of `size` entries from its partial tiles. Raises Invalid when one has another width."""
        rows = cls()
        rows.size = size
        rows._rows = [_row(level, size, read) for level in range(_levels(size))] or [[]]
        return rows

    @property
    def lowest(self) -> list[bytes]:
        """The leaf hashes of the level 0 tile that is begun."""
        return self._rows[0]

    def append(self, leaf: bytes) -> list[Finished]:
        """Add a leaf's hash; the tiles that it filled, from below, with their bytes."""
        self._rows[0].append(leaf)
        self.size += 1
        finished: list[Finished] = []
        level = 0
        while len(self._rows[level]) == WIDTH:
            row, self._rows[level] = self._rows[level], []
            finished.append((Tile(level, _count(level + 1, self.size) - 1), b"".join(row)))
            level += 1
            if level == len(self._rows):
                self._rows.append([])
            self._rows[level].append(root_of(row))
        return finished

    def partial(self) -> list[Finished]:
        """The tiles that are begun and not full, with their bytes."""
        begun = ((level, row) for level, row in enumerate(self._rows) if row)
        return [
            (tile_at(level, _count(level + 1, self.size), self.size), b"".join(row)) for level, row in begun
        ]

    def root(self) -> bytes:
        """The root of the tree so far."""
        smaller: list[bytes] = []  # the unfinished subtree below the level at hand
        for row in self._rows:
            if hashes := row + smaller:
                smaller = [root_of(hashes)]
        return smaller[0] if smaller else root_of([])


class Edge:
    """The right edge of a growing log: its rows of hashes, and the entries of the bundle that is begun."""

    def __init__(self, rows: Rows | None = None) -> None:
        self._rows = rows or Rows()
        self._leaves: list[bytes] = []

    @classmethod
    def load(cls, size: int, read: ReadTile) -> Edge:
        """The edge of a log of `size` entries from its partial tiles.

        Raises Invalid when a tile has another width, or entries do not hash to their tile.
        """
        edge = cls(Rows.load(size, read))
        if size % WIDTH:
            tile = tile_at(ENTRIES, size // WIDTH, size)
            edge._leaves = decode_bundle(read(tile))
            if [leaf_hash(leaf) for leaf in edge._leaves] != edge._rows.lowest:
                raise Invalid(f"the entries of {tile.path} are not those that its tile of hashes stands for")
        return edge

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self._rows.size

    def append(self, leaf: bytes) -> list[Finished]:
        """Add a leaf; the bundle and tiles it filled, from below, with their bytes. Raises Invalid when too long."""
        check_leaf(leaf)
        self._leaves.append(leaf)
        finished = self._rows.append(leaf_hash(leaf))
        if finished:
            finished.insert(0, (Tile(ENTRIES, finished[0][0].index), encode_bundle(self._leaves)))
            self._leaves = []
        return finished

    def partial(self) -> list[Finished]:
        """The bundle and tiles that are begun and not full, with their bytes."""
        begun = self._rows.partial()
        if self._leaves:
            begun.insert(0, (tile_at(ENTRIES, self.size // WIDTH, self.size), encode_bundle(self._leaves)))
        return begun

    def root(self) -> bytes:
        """The root of the tree so far."""
        return self._rows.root()


def _levels(size: int) -> int:
    count = 0
    while size:
        count, size = count + 1, size // WIDTH
    return count


def _row(level: int, size: int, read: ReadTile) -> list[bytes]:
    count = _count(level, size)
    if not count % WIDTH:
        return []
    tile = tile_at(level, count // WIDTH, size)
    hashes = decode_hashes(read(tile))
    if len(hashes) != tile.width:
        raise Invalid(f"{tile.path} holds {len(hashes)} hashes, not {tile.width}")
    return hashes
