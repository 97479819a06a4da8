"""Reads by the thousand: what a batch says that is plain and dated is kept as columns, without an object for each read.

Pure. What has more to it (a passing told again, lanes, another reading, a picture, a time that is ours) is no part of it: that
goes read by read (`consume`). A read of which an object is needed after all, because a list may have an answer to it, is made one
then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, overload

import numpy as np
from numpy.typing import NDArray

from watchfloor.governance.model import AuthorisationId
from watchfloor.plates.hotlist import Keys, Rows, keys_of
from watchfloor.plates.model import FUTURE_SKEW, MOST_CHARACTERS, BadPlate, Plate, PlateRead, ReaderId
from watchfloor.plates.store import KeptRead, Rules
from watchfloor.plates.wire import ColumnsForm, at_of, us_of

Micros = NDArray[np.int64]
"""Microseconds since 1970."""
Mask = NDArray[np.bool_]

_US: Final = timedelta(microseconds=1)
_DAY_US: Final = 86_400_000_000
_NONE_US: Final = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Under:
    """What all reads of one batch have: their reader, when they came, what they live under."""

    device: ReaderId
    received_at: datetime
    rules: Rules
    authorisation: AuthorisationId


@dataclass(frozen=True, slots=True)
class Bulk:
    """Reads, a column each; `of` says which of `unders` each is under, `keys` are of the folded plates.

    All of them have the device's own time, and it is the one we go by.
    """

    unders: tuple[Under, ...]
    of: NDArray[np.int32]
    source_keys: list[str]
    plates: list[str]
    states: list[str | None]
    confidences: list[float | None]
    at_us: Micros
    keys: Keys

    def __len__(self) -> int:
        return len(self.source_keys)

    def read(self, row: int) -> KeptRead:
        """One of them as it is by itself."""
        under, at = self.unders[self.of[row]], at_of(int(self.at_us[row]))
        read = PlateRead(
            device=under.device,
            source_key=self.source_keys[row],
            plate=Plate(self.plates[row]),
            state=self.states[row],
            confidence=self.confidences[row],
            device_at=at,
            received_at=under.received_at,
            at=at,
            clock_suspect=False,
        )
        return KeptRead(read, int(self.keys[row]), under.rules, under.authorisation)

    def days(self) -> set[tuple[date, Rules]]:
        """The days that they are of, and by which rules."""
        found: set[tuple[date, Rules]] = set()
        for number, under in enumerate(self.unders):
            days = np.unique(self.at_us[self.of == number] // _DAY_US).tolist()
            found |= {(at_of(day * _DAY_US).astimezone(UTC).date(), under.rules) for day in days}
        return found


class Fresh(Sequence[KeptRead]):
    """What is to be matched: rows of the columns, then reads by themselves. One of the columns becomes a read when it is asked for."""

    def __init__(self, bulk: Bulk, rows: Rows, apart: Sequence[KeptRead]) -> None:
        self._bulk = bulk
        self._rows = rows
        self.apart = apart
        self.keys: Keys = np.concatenate(
            [bulk.keys[rows], np.array([one.folded_key for one in apart], np.uint64)]
        )

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, row: int) -> KeptRead: ...

    @overload
    def __getitem__(self, row: slice) -> list[KeptRead]: ...

    def __getitem__(self, row: int | slice) -> KeptRead | list[KeptRead]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        if not 0 <= row < len(self):
            raise IndexError(row)
        first = len(self._rows)
        return self.apart[row - first] if row >= first else self._bulk.read(int(self._rows[row]))


def split(batch: ColumnsForm, under: Under, *, keep_for: timedelta) -> tuple[Bulk, list[int]]:
    """The reads of a batch that are plain and dated, and the places of the rest. Raises BadPlate for what is no plate.

    What is no longer than `keep_for` past counts as dated, as `model.moment` has it.
    """
    _refuse_bad(batch.plates)
    at_us = np.array([_NONE_US if one is None else one for one in batch.at_us], np.int64)
    came = us_of(under.received_at)
    plain = (at_us >= came - keep_for // _US) & (at_us <= came + FUTURE_SKEW // _US)
    plain[list(batch.more)] = False
    if plain.all():
        return _bulk(under, batch.keys, batch.plates, batch.states, batch.confidences, at_us), []
    left = np.flatnonzero(plain).tolist()
    keys, plates = [batch.keys[row] for row in left], [batch.plates[row] for row in left]
    states, sure = [batch.states[row] for row in left], [batch.confidences[row] for row in left]
    return _bulk(under, keys, plates, states, sure, at_us[left]), np.flatnonzero(~plain).tolist()


def together(parts: Sequence[Bulk]) -> Bulk:
    """All of these as one, in their order."""
    of, first = [], 0
    for part in parts:
        of.append(part.of + np.int32(first))
        first += len(part.unders)
    return Bulk(
        tuple(under for part in parts for under in part.unders),
        np.concatenate([np.empty(0, np.int32), *of]),
        [key for part in parts for key in part.source_keys],
        [plate for part in parts for plate in part.plates],
        [state for part in parts for state in part.states],
        [confidence for part in parts for confidence in part.confidences],
        np.concatenate([np.empty(0, np.int64), *(part.at_us for part in parts)]),
        np.concatenate([np.empty(0, np.uint64), *(part.keys for part in parts)]),
    )


def _bulk(
    under: Under,
    keys: list[str],
    plates: list[str],
    states: list[str | None],
    confidences: list[float | None],
    at_us: Micros,
) -> Bulk:
    of = np.zeros(len(keys), np.int32)
    return Bulk((under,), of, keys, plates, states, confidences, at_us, keys_of(plates))


def _refuse_bad(plates: Sequence[str]) -> None:
    """Raises BadPlate unless every one has the form of a plate: asked of all at once."""
    if not plates:
        return
    letters = "".join(plates)
    longest, shortest = len(max(plates, key=len)), len(min(plates, key=len))
    if not (
        letters.isascii() and letters.isalnum() and letters.upper() == letters and shortest >= 1
        and longest <= MOST_CHARACTERS
    ):  # fmt: skip
        raise BadPlate(f"a plate has 1 to {MOST_CHARACTERS} characters, A-Z and 0-9")
