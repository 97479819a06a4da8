"""The Merkle tree of the log (RFC 6962 section 2, RFC 9162 section 2.1): hashes, proofs and their checking.

Pure: it reads no file, no clock and no database, and knows nothing of what a leaf means.

A *node* `(level, index)` is the complete subtree over the leaves from `index << level` up to `(index + 1) << level`.
Whoever can read nodes can make every proof; `tiles.py` reads them from files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

ReadNode = Callable[[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 || leaf): the first byte keeps a leaf from being passed off as a node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over these subtree hashes, in order: all of one size, only the last may be smaller."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        # Pairing from the left and carrying an odd last one up gives the same tree as splitting at a power of two.
        paired = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = paired + row[len(row) & ~1 :]
    return row[0]


def range_hash(first: int, last: int, read: ReadNode) -> bytes:
    """The hash of the subtree over leaves first <= i < last, as proofs have them: `first` is aligned to its size."""
    count = last - first
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return read(level, first >> level)
    half = _split(count)
    return node_hash(range_hash(first, first + half, read), range_hash(first + half, last, read))


def tree_root(size: int, read: ReadNode) -> bytes:
    """The root of the tree over the first `size` leaves."""
    return range_hash(0, size, read) if size else EMPTY_ROOT


def prove_inclusion(index: int, size: int, read: ReadNode) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root at `size`, the leaf's sibling first.

    Raises ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no entry {index} among the first {size}")
    path: list[bytes] = []
    first, last = 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            path.append(range_hash(middle, last, read))
            last = middle
        else:
            path.append(range_hash(first, middle, read))
            first = middle
    return path[::-1]


def prove_consistency(older: int, newer: int, read: ReadNode) -> list[bytes]:
    """The hashes that show the tree of `newer` leaves to begin with the tree of `older` leaves.

    Empty when `older` is 0 or equal to `newer`. Raises ValueError unless 0 <= older <= newer.
    """
    if not 0 <= older <= newer:
        raise ValueError(f"a log of {newer} entries cannot extend one of {older}")
    if older in (0, newer):
        return []
    path: list[bytes] = []
    first, last, whole = 0, newer, True  # whole: the older tree is itself the subtree we have come down to
    while older != last:
        middle = first + _split(last - first)
        if older <= middle:
            path.append(range_hash(middle, last, read))
            last = middle
        else:
            path.append(range_hash(first, middle, read))
            first, whole = middle, False
    if not whole:
        path.append(range_hash(first, last, read))
    return path[::-1]


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the leaf with hash `leaf` is entry `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes([leaf, *proof]):
        return False
    at, last, computed = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            computed = node_hash(step, computed)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            computed = node_hash(computed, step)
        at, last = at >> 1, last >> 1
    return last == 0 and computed == root


def extends(older_root: bytes, older: int, newer_root: bytes, newer: int, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the newer tree begins with the older one (RFC 9162, 2.1.4.2)."""
    if not 0 <= older <= newer or not _are_hashes(proof):
        return False
    if older == newer:
        return not proof and older_root == newer_root
    if older == 0:
        return not proof and older_root == EMPTY_ROOT
    steps = [older_root, *proof] if older & (older - 1) == 0 else list(proof)
    if not steps:
        return False
    at, last = older - 1, newer - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    seen_older = seen_newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            seen_older, seen_newer = node_hash(step, seen_older), node_hash(step, seen_newer)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            seen_newer = node_hash(seen_newer, step)
        at, last = at >> 1, last >> 1
    return last == 0 and seen_older == older_root and seen_newer == newer_root


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _are_hashes(values: Sequence[bytes]) -> bool:
    # A step of another length would let bytes move between neighbours under one hash.
    return all(len(value) == HASH_BYTES for value in values)
