"""The Merkle tree as RFC 6962 writes it down, word for word and slowly: what the quick one is held against."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def mth(entries: Sequence[bytes]) -> bytes:
    """Section 2.1: MTH(D[n])."""
    n = len(entries)
    if n == 0:
        return hashlib.sha256().digest()
    if n == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = _k(n)
    return hashlib.sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """Section 2.1.1: PATH(m, D[n])."""
    n = len(entries)
    if n == 1:
        return []
    k = _k(n)
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def proof(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """Section 2.1.2: PROOF(m, D[n])."""
    return _subproof(m, entries, whole=True)


def _subproof(m: int, entries: Sequence[bytes], *, whole: bool) -> list[bytes]:
    n = len(entries)
    if m == n:
        return [] if whole else [mth(entries)]
    k = _k(n)
    if m <= k:
        return [*_subproof(m, entries[:k], whole=whole), mth(entries[k:])]
    return [*_subproof(m - k, entries[k:], whole=False), mth(entries[:k])]


def _k(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k
