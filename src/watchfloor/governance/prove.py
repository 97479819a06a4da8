"""The proof that an entry is in the signed log, read from the ledger's published files. It trusts no database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from watchfloor.governance.checkpoint import Checkpoint, Note
from watchfloor.governance.merkle import HASH_BYTES, includes, leaf_hash, prove_inclusion
from watchfloor.governance.tiles import Tile, TreeOfTiles


@dataclass(frozen=True, slots=True)
class Proof:
    """`waiting` until the tree holds the entry; `included` once the path leads to the signed root."""

    state: str
    tree_size: int | None = None
    root: str | None = None
    checkpoint: str | None = None
    hashes: tuple[str, ...] = ()


def prove(ledger: Path, index: int | None, leaf: bytes) -> Proof:
    """The inclusion proof of the leaf at `index` under the newest checkpoint in the ledger's folder.

    Raises ValueError when the published files do not hold this leaf: that is for `watchfloor check`.
    """
    note = ledger / "checkpoint"
    if index is None or not note.exists():
        return Proof("waiting")
    text = note.read_bytes()
    checkpoint = Checkpoint.parse(Note.parse(text).text)
    if checkpoint.size <= index:
        return Proof("waiting")
    tree = TreeOfTiles(checkpoint.size, lambda tile: _read(ledger, tile))
    hashes = prove_inclusion(index, checkpoint.size, tree.node)
    if not includes(checkpoint.root, checkpoint.size, index, leaf_hash(leaf), hashes):
        raise ValueError(f"the published log does not hold entry {index} as the database has it")
    return Proof(
        "included", checkpoint.size, checkpoint.root.hex(), text.decode(), tuple(h.hex() for h in hashes)
    )


def _read(ledger: Path, tile: Tile) -> bytes:
    """The tile, or the full one that has replaced it since."""
    path = ledger / tile.path
    content = path.read_bytes() if path.exists() else (ledger / tile.full.path).read_bytes()
    return content[: tile.width * HASH_BYTES]
