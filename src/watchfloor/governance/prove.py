"""The proof that an entry is in the signed log, read from the ledger's published files. It trusts no database, and no
checkpoint that the log's key did not sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from watchfloor.governance.checkpoint import VerifierKey, open_checkpoint
from watchfloor.governance.merkle import HASH_BYTES, includes, leaf_hash, prove_inclusion
from watchfloor.governance.tiles import Tile, TreeOfTiles
from watchfloor.kit.errors import Invalid

CHECKPOINT: Final = "checkpoint"
KEY: Final = "key.pub"


@dataclass(frozen=True, slots=True)
class Proof:
    """`waiting` until the tree holds the entry; `included` once the path leads to the signed root; `broken` when the
    published files do not prove what they should, and `trouble` says why.
    """

    state: str
    tree_size: int | None = None
    root: str | None = None
    checkpoint: str | None = None
    hashes: tuple[str, ...] = ()
    trouble: str | None = None


def prove(ledger: Path, index: int | None, leaf: bytes) -> Proof:
    """The inclusion proof of the leaf at `index` under the newest checkpoint in the ledger's folder.

    A log that cannot be believed is an answer, not a fault of ours: whoever oversees must see it and be told why.
    """
    try:
        return _prove(ledger, index, leaf)
    except Invalid as error:
        return Proof("broken", trouble=f"The published log does not prove this entry: {error.detail}.")
    except OSError as error:
        return Proof("broken", trouble=f"A file of the published log cannot be read: {error.strerror}.")


def _prove(ledger: Path, index: int | None, leaf: bytes) -> Proof:
    note = ledger / CHECKPOINT
    if index is None or not note.exists():
        return Proof("waiting")
    text = note.read_bytes()
    checkpoint = open_checkpoint(text, VerifierKey.parse((ledger / KEY).read_text()))
    if checkpoint.size <= index:
        return Proof("waiting")
    tree = TreeOfTiles(checkpoint.size, lambda tile: _read(ledger, tile))
    hashes = prove_inclusion(index, checkpoint.size, tree.node)
    if not includes(checkpoint.root, checkpoint.size, index, leaf_hash(leaf), hashes):
        raise Invalid(f"it does not hold entry {index} as the database has it")
    return Proof(
        "included", checkpoint.size, checkpoint.root.hex(), text.decode(), tuple(h.hex() for h in hashes)
    )


def root_at(ledger: Path, size: int) -> bytes | None:
    """The root over the first `size` entries of the signed log; None while it is not signed so far. Raises Invalid or OSError."""
    note = ledger / CHECKPOINT
    if not note.exists():
        return None
    checkpoint = open_checkpoint(note.read_bytes(), VerifierKey.parse((ledger / KEY).read_text()))
    if checkpoint.size < size:
        return None
    tree = TreeOfTiles(checkpoint.size, lambda tile: _read(ledger, tile))
    if tree.root() != checkpoint.root:
        raise Invalid("the published files of the log do not have the root that was signed")
    return tree.root(size)


def _read(ledger: Path, tile: Tile) -> bytes:
    """The tile, or the full one that has replaced it since."""
    path = ledger / tile.path
    content = path.read_bytes() if path.exists() else (ledger / tile.full.path).read_bytes()
    return content[: tile.width * HASH_BYTES]
