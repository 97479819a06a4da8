"""Computes a log's tree anew from its entries and holds every published tile against it. It knows no signature.

It needs memory for 256 entries and the tree's edge, whatever the size of the log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from watchfloor.governance.audit import RESTORE
from watchfloor.governance.extract import fields_of
from watchfloor.governance.merkle import HASH_BYTES, includes, leaf_hash, prove_inclusion
from watchfloor.governance.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    Rows,
    Tile,
    TreeOfTiles,
    decode_bundle,
    decode_hashes,
    tile_at,
)
from watchfloor.kit.errors import Invalid
from watchfloor.ledger.restored import Restore, restore_of
from watchfloor.ledger.source import Source, read_tile

Progress = Callable[[int, int], None]
MOST_FINDINGS: Final = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was signed, and the entries `first` to `last` that it concerns."""

    what: str
    sentence: str
    first: int | None = None
    last: int | None = None


@dataclass(slots=True)
class Walk:
    """What was seen on the way through a log of `size` entries.

    `roots` has the root over the first n entries for each n asked for; `root` is None when entries were out of reach.
    `found` holds place and leaf of every entry with the id looked for.
    """

    size: int
    root: bytes | None = None
    roots: dict[int, bytes] = field(default_factory=dict)
    found: list[tuple[int, bytes]] = field(default_factory=list)
    restores: list[Restore] = field(default_factory=list)  # what the log says of its own restores, in order
    findings: list[Finding] = field(default_factory=list)
    differing: dict[int, Tile] = field(default_factory=dict)  # entries whose published hash is another
    uneven: list[Tile] = field(
        default_factory=list
    )  # published tiles above those that do not fit the entries

    def add(self, finding: Finding) -> None:
        """Keep a finding; past MOST_FINDINGS only that there are more."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)
        elif len(self.findings) == MOST_FINDINGS:
            self.findings.append(Finding("more", "There are more findings than these."))


def walk(
    source: Source,
    size: int,
    *,
    signed_root: bytes,
    stops: Collection[int] = (),
    wanted: UUID | None = None,
    progress: Progress | None = None,
) -> Walk:
    """Go through the first `size` entries. Raises Unavailable when the source cannot be read."""
    seen = Walk(size)
    rows = Rows()
    if 0 in stops:
        seen.roots[0] = rows.root()
    whole = True
    for index in range(-(-size // WIDTH)):
        bundle = tile_at(ENTRIES, index, size)
        hashes = _hashes_of(source, bundle, wanted, seen)
        if hashes is None:
            whole = False
            break
        for leaf in hashes:
            finished = rows.append(leaf)
            for tile, content in finished:
                _compare(source, tile, content, seen)
            if rows.size in stops:
                seen.roots[rows.size] = rows.root()
        if progress:
            progress(rows.size, size)
    if whole:
        for tile, content in rows.partial():
            _compare(source, tile, content, seen)
        seen.root = rows.root()
    _judge_differing(source, seen, signed_root)
    return seen


def _hashes_of(source: Source, bundle: Tile, wanted: UUID | None, seen: Walk) -> list[bytes] | None:
    """The hashes of a bundle's entries; where it is gone or broken, those its tile still has; else None."""
    first, last = bundle.first, bundle.first + bundle.width - 1
    try:
        content = read_tile(source, bundle)
        leaves = None if content is None else decode_bundle(content)
    except Invalid as error:
        seen.add(
            Finding(
                "entries_damaged", f"The entries {first} to {last} are damaged: {error.detail}.", first, last
            )
        )
        return _published(source, bundle)
    if leaves is None:
        seen.add(Finding("entries_missing", f"The entries {first} to {last} are missing.", first, last))
        return _published(source, bundle)
    if len(leaves) != bundle.width:
        sentence = (
            f"There are {len(leaves)} entries where {bundle.width} were signed, from {first} to {last}."
        )
        seen.add(Finding("entries_damaged", sentence, first, last))
        return _published(source, bundle)
    if wanted is not None and content is not None and str(wanted).encode() in content:
        seen.found += [
            (first + i, leaf) for i, leaf in enumerate(leaves) if fields_of(leaf).get("id") == str(wanted)
        ]
    if content is not None and RESTORE.encode() in content:
        seen.restores += [told for leaf in leaves if (told := restore_of(leaf)) is not None]
    return [leaf_hash(leaf) for leaf in leaves]


def _published(source: Source, bundle: Tile) -> list[bytes] | None:
    try:
        content = read_tile(source, Tile(0, bundle.index, bundle.width))
        hashes = decode_hashes(content) if content is not None else []
    except Invalid:
        return None
    return hashes if len(hashes) == bundle.width else None


def _compare(source: Source, tile: Tile, computed: bytes, seen: Walk) -> None:
    first, last = _span(tile)
    try:
        content = read_tile(source, tile)
    except Invalid as error:
        seen.add(
            Finding(
                "tile_damaged", f"The file of hashes {tile.path} is damaged: {error.detail}.", first, last
            )
        )
        return
    if content is None:
        seen.add(Finding("tile_missing", f"The file of hashes {tile.path} is missing.", first, last))
    elif len(content) != len(computed):
        sentence = f"The file of hashes {tile.path} has {len(content)} bytes instead of {len(computed)}."
        seen.add(Finding("tile_damaged", sentence, first, last))
    elif content != computed and tile.level == 0:
        for at in range(0, len(computed), HASH_BYTES):
            if content[at : at + HASH_BYTES] != computed[at : at + HASH_BYTES]:
                seen.differing[first + at // HASH_BYTES] = tile
    elif content != computed:
        seen.uneven.append(tile)


def _span(tile: Tile) -> tuple[int, int]:
    return tile.first, tile.first + (tile.width << HEIGHT * tile.level) - 1


def _judge_differing(source: Source, seen: Walk, signed_root: bytes) -> None:
    """An entry and its published hash differ: say which of the two was changed, where the signed root tells."""

    def read(tile: Tile) -> bytes:
        return read_tile(source, tile) or b""

    tree = TreeOfTiles(seen.size, read)
    explained: set[int] = set()
    for index, tile in sorted(seen.differing.items())[: MOST_FINDINGS + 1]:
        if seen.root == signed_root:
            sentence = (
                f"The file of hashes {tile.path} was changed at entry {index}; the entry itself is as signed."
            )
            seen.add(Finding("tile_changed", sentence, index, index))
        elif _stands(tree, index, signed_root):
            explained.add(index)
            seen.add(Finding("entry_changed", f"Entry {index} is not the one that was signed.", index, index))
        else:
            sentence = f"Entry {index} is not the one that the log's files of hashes stand for."
            seen.add(Finding("entry_changed", sentence, index, index))
    for tile in seen.uneven:
        first, last = _span(tile)
        if not any(first <= index <= last for index in explained):
            sentence = f"The file of hashes {tile.path} does not stand for the entries {first} to {last}."
            seen.add(Finding("tile_changed", sentence, first, last))


def _stands(tree: TreeOfTiles, index: int, root: bytes) -> bool:
    try:
        leaf = tree.node(0, index)
        return includes(root, tree.size, index, leaf, prove_inclusion(index, tree.size, tree.node))
    except Invalid:
        return False
