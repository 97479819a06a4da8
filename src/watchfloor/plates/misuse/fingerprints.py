"""Keyed hashes of plates: the same plate has the same hash within an agency, and nobody without the key can find one by trying."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Final
from uuid import UUID

KEY_FILE: Final = "look-ups.key"


class Fingerprints:
    """Makes keyed hashes under the key of the center."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, agency: UUID, folded: str) -> bytes:
        """The 32 bytes that stand for a folded plate, or a folded pattern, of one agency."""
        return hmac.new(self._key, agency.bytes + folded.encode(), sha256).digest()

    def all(self, agency: UUID, folded: Iterable[str]) -> list[bytes]:
        """Those of several, each once, in an order that says nothing of the plates."""
        return sorted({self.of(agency, one) for one in folded})
