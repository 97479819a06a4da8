"""The watches in memory: which of them may have an answer in some reads. Arrays and pure functions; it touches no database.

Like the hot list beside it, it only says "look": whether a watch is in force and a read answers to it is decided again in the
transaction that keeps the read. It may know too much, never too little.

A pattern is compared as numbers: what stands before its first `*` with the beginning of a plate's key, what stands after its
last with the end, all reads of a batch at once. Only what is left is looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.plates.hotlist import Keys, key_of
from watchfloor.plates.model import MOST_CHARACTERS, PlateRead, folded
from watchfloor.plates.watch import Watch, Watched

_BITS: Final = 5
_CHARACTER: Final = (1 << _BITS) - 1


@dataclass(frozen=True, slots=True)
class _Shape:
    """A pattern as numbers: what of a key, from the left and from the right, has to be what; and how long it may be."""

    begins_mask: np.uint64
    begins: np.uint64
    ends_mask: np.uint64
    ends: np.uint64
    shortest: int
    longest: int

    @classmethod
    def of(cls, pattern: str) -> _Shape:
        first, star, _ = folded(pattern).partition("*")
        last = folded(pattern).rpartition("*")[2] if star else ""
        left = [_key(character) for character in first.ljust(MOST_CHARACTERS, "?")]
        right = [_key(character) for character in last.rjust(MOST_CHARACTERS, "?")]
        least = len(pattern.replace("*", ""))
        return cls(*_packed(left), *_packed(right), least, MOST_CHARACTERS if star else least)

    def fits(self, keys: Keys, from_the_right: Keys, lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
        """For each key whether a plate of it may fit the pattern; surely where the pattern has one `*` at most."""
        found: NDArray[np.bool_] = (
            ((keys & self.begins_mask) == self.begins)
            & ((from_the_right & self.ends_mask) == self.ends)
            & (lengths >= self.shortest)
            & (lengths <= self.longest)
        )
        return found


def _key(character: str) -> int:
    """The five bits of a character; none of one that may be any."""
    return 0 if character == "?" else key_of(character) >> _BITS * (MOST_CHARACTERS - 1)


def _packed(codes: Sequence[int]) -> tuple[np.uint64, np.uint64]:
    mask = value = 0
    for code in codes:
        mask = mask << _BITS | (_CHARACTER if code else 0)
        value = value << _BITS | code
    return np.uint64(mask), np.uint64(value)


@dataclass(frozen=True, slots=True)
class Watching:
    """The watches of one agency that were in force at a version of its lists."""

    version: int
    _patterns: tuple[tuple[Watch, _Shape], ...]
    _described: tuple[Watch, ...]

    @classmethod
    def of(cls, version: int, watches: Iterable[Watch]) -> Watching:
        """Made to look at batches of reads."""
        every = list(watches)
        patterns = tuple(
            (one, _Shape.of(one.watched.pattern)) for one in every if one.watched.pattern is not None
        )
        return cls(version, patterns, tuple(one for one in every if one.watched.pattern is None))

    def __len__(self) -> int:
        return len(self._patterns) + len(self._described)

    @property
    def described(self) -> bool:
        """Whether some watch goes by more than the plate: only then are the reads themselves looked at."""
        return bool(self._described)

    def may_answer(self, reads: Sequence[PlateRead], keys: Keys) -> list[tuple[Watch, list[int]]]:
        """Each watch that may have an answer, with the rows of the reads that may give one. `keys` are their folded keys."""
        found: list[tuple[Watch, list[int]]] = []
        if self._patterns:
            lengths, from_the_right = _turned(keys)
            for watch, shape in self._patterns:
                rows = np.flatnonzero(shape.fits(keys, from_the_right, lengths)).tolist()
                found.append((watch, rows))
        found += [
            (watch, [row for row, read in enumerate(reads) if _may(watch.watched, read)])
            for watch in self._described
        ]
        return [(watch, rows) for watch, rows in found if rows]


def _may(watched: Watched, read: PlateRead) -> bool:
    if watched.readers and read.device not in watched.readers:
        return False
    vehicle = read.vehicle
    said = {"colour": vehicle.colour, "make": vehicle.make, "body": vehicle.body}
    return all((said[name] or "").lower() == word for name, word in watched.words.items())


def _turned(keys: Keys) -> tuple[NDArray[np.int64], Keys]:
    """How long each plate is, and its key with the last character lowest."""
    lengths = np.zeros(len(keys), np.int64)
    for place in range(MOST_CHARACTERS):
        lengths += (keys >> np.uint64(_BITS * place)) & np.uint64(_CHARACTER) > 0
    gaps = (np.uint64(_BITS) * (MOST_CHARACTERS - lengths).astype(np.uint64)).astype(np.uint64)
    return lengths, keys >> gaps
