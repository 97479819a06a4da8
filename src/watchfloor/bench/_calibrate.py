"""Whether a probability of 0.8 is right eight times in ten: an invented fleet passes a reader whose mistakes are known.

Cars of three states with formats of their own pass at random; some are on a list. The reader says how sure it is of each
character, and is right as often as it says; which character it takes for another is drawn from the stated confusions, and
which state from chance. Nothing of it knows how the odds are reckoned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

import numpy as np

from watchfloor.governance.words import Purpose
from watchfloor.plates.confusion import ALPHABET, LENGTH_SHARE, SAME_LOOKS, share_of
from watchfloor.plates.doubt import doubted_places
from watchfloor.plates.hotlist import HotList, keys_of, text_of
from watchfloor.plates.likely import Odds
from watchfloor.plates.model import (
    Character,
    EntryId,
    HotListId,
    Kind,
    Mismatch,
    Plate,
    PlateRead,
    ReaderId,
    Wanted,
    same_vehicle,
)
from watchfloor.plates.odds import STATE_WRONG, Weigh, odds_of
from watchfloor.plates.record import NOTHING_KNOWN, Errors
from watchfloor.plates.traffic import Traffic, size_of

# State, its share of the traffic, and its formats with their shares: X and Z share one, so that a text can be of both.
FLEETS: Final = (
    ("XA", 0.6, (("LDDD", 0.28), ("DLLD", 0.72))),
    ("XB", 0.3, (("LLDD", 1.0),)),
    ("XZ", 0.1, (("LDDD", 1.0),)),
)
ISSUED: Final = 0.3
STATE_UNREAD: Final = 0.1
# So many characters are read with doubt; how sure the reader is of those is drawn from between 0.4 and 0.99.
DOUBTFUL: Final = 0.12
_SURE: Final = 0.998
BANDS: Final = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1.0)
_AT_ONCE: Final = 1000
_NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)
_SHARES: Final = {true: np.array([share_of(true, read) for read in ALPHABET]) for true in ALPHABET}


@dataclass(frozen=True, slots=True)
class Answer:
    """One hit with its odds, and what was true: `right` where the entry's own car passed, `same_plate` where its plate did."""

    odds: Odds
    kind: Kind
    right: bool
    same_plate: bool
    text: str
    true: str


@dataclass(frozen=True, slots=True)
class Band:
    """Hits whose probability lay between two values: how many, the mean of what was said, the share that was right."""

    low: float
    high: float
    hits: int
    said: float
    right: float


def reliability(answers: Sequence[Answer]) -> list[Band]:
    """Said beside right, in bands of what was said; a band without hits is left out."""
    bands = []
    for low, high in pairwise(BANDS):
        here = [a for a in answers if low <= a.odds.probability < high or a.odds.probability == high == 1.0]
        if here:
            said = sum(a.odds.probability for a in here) / len(here)
            bands.append(
                Band(low, high, len(here), round(said, 4), round(sum(a.right for a in here) / len(here), 4))
            )
    return bands


def answers(
    reads: int, seed: int, *, wanted_share: float = 0.05, errors: Errors = NOTHING_KNOWN, out: float = 1.0
) -> list[Answer]:
    """What the odds say of so many passing cars, and what was true. `out`: how often a wanted car is out, beside others."""
    chance = np.random.default_rng(seed)
    cars, weights = _fleet(chance)
    listed = chance.random(len(cars)) < wanted_share
    by_key: dict[int, list[Wanted]] = {}
    wanted = [_entry(*cars[at]) for at in np.flatnonzero(listed).tolist()]
    for key, entry in zip(keys_of([entry.plate.text for entry in wanted]).tolist(), wanted, strict=True):
        by_key.setdefault(key, []).append(entry)
    hot = HotList.of(np.array(sorted(by_key), np.uint64))
    passing = np.where(listed, weights * out, weights)
    drawn = chance.choice(len(cars), reads, p=passing / passing.sum())
    weigh = Weigh(Traffic(), errors, 1 / ISSUED)
    made: list[Answer] = []
    for at in range(0, reads, _AT_ONCE):
        passed = [cars[car] for car in drawn[at : at + _AT_ONCE].tolist()]
        seen = [_read(text, state, chance) for text, state in passed]
        for read in seen:
            weigh.traffic.saw(read.state, read.plate.text)
        made += _hits(seen, passed, hot, by_key, weigh)
    # The first tenth goes by before the traffic is known.
    return made[len(made) // 10 :]


def _fleet(
    chance: np.random.Generator,
) -> tuple[list[tuple[str, str]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    cars: list[tuple[str, str]] = []
    weights: list[float] = []
    for state, share, formats in FLEETS:
        for form, part in formats:
            count = int(size_of(form) * ISSUED)
            numbers = chance.choice(int(size_of(form)), count, replace=False)
            cars += [(_text(int(number), form), state) for number in numbers]
            weights += [share * part / count] * count
    return cars, np.array(weights)


def _text(number: int, form: str) -> str:
    text = ""
    for sort in form:
        alphabet = ALPHABET[:26] if sort == "L" else ALPHABET[26:]
        number, digit = divmod(number, len(alphabet))
        text += alphabet[digit]
    return text


def _entry(text: str, state: str) -> Wanted:
    id = EntryId(UUID(int=hash((text, state)) & (2**64 - 1)))
    until = _NOW + timedelta(days=1)
    return Wanted(id, HotListId(UUID(int=1)), Plate(text), state, "", Purpose.STOLEN_VEHICLE, until)


def _read(text: str, state: str, chance: np.random.Generator) -> PlateRead:
    sure = np.where(chance.random(len(text)) < DOUBTFUL, chance.uniform(0.4, 0.99, len(text)), _SURE)
    seen: list[str] = []
    told: list[float] = []
    for character, one in zip(text, sure.tolist(), strict=True):
        _see(character, one, seen, told, chance)
    said: str | None = state
    if chance.random() < STATE_WRONG:
        said = (
            f"Y{ALPHABET[int(chance.integers(0, 26))]}"
            if chance.random() < 0.96
            else FLEETS[int(chance.integers(0, 3))][0]
        )
    if chance.random() < STATE_UNREAD:
        said = None
    characters = tuple(map(Character, told))
    return PlateRead(
        ReaderId(UUID(int=1)),
        "",
        Plate("".join(seen)),
        said,
        None,
        _NOW,
        _NOW,
        _NOW,
        False,
        characters=characters,
    )


def _see(true: str, sure: float, seen: list[str], told: list[float], chance: np.random.Generator) -> None:
    """One character, as likely right as the reader says; of mistakes one in ten is one too many or one too few."""
    if chance.random() < sure:
        seen.append(_looking_like(true, chance))
        told.append(sure)
    elif (how := chance.random()) < LENGTH_SHARE / 2 and seen:
        told[-1] = min(told[-1], sure)
    elif how < LENGTH_SHARE:
        seen += [ALPHABET[int(chance.integers(0, 36))], true]
        told += [sure, _SURE]
    else:
        seen.append(ALPHABET[int(chance.choice(36, p=_SHARES[true]))])
        told.append(sure)


def _looking_like(true: str, chance: np.random.Generator) -> str:
    """The character, or one that looks the same on metal."""
    at = chance.random()
    for pair, share in SAME_LOOKS.items():
        if pair[0] == true:
            if at < share:
                return pair[1]
            at -= share
    return true


def _hits(
    reads: Sequence[PlateRead],
    cars: Sequence[tuple[str, str]],
    hot: HotList,
    by_key: dict[int, list[Wanted]],
    weigh: Weigh,
) -> Iterator[Answer]:
    keys = keys_of([read.plate.text for read in reads])
    steps = hot.steps(keys, np.array([doubted_places(read) for read in reads], np.uint16))
    asked: dict[int, dict[int, Kind | None]] = {
        row: {int(keys[row]): None} for row in np.flatnonzero(hot.has(keys)).tolist()
    }
    for row, key, step in zip(steps.rows.tolist(), steps.keys.tolist(), steps.kinds, strict=True):
        asked.setdefault(row, {}).setdefault(key, step)
    near: dict[int, list[str]] = {}
    for row, key in zip(*(part.tolist() for part in hot.near(keys)), strict=True):
        near.setdefault(row, []).append(text_of(key))
    for row, of_read in asked.items():
        read, car = reads[row], cars[row]
        found = [
            (entry, answer.kind)
            for key, kind in of_read.items()
            for entry in by_key[key]
            if not isinstance(answer := same_vehicle(read, entry, now=_NOW, step=kind), Mismatch)
        ]
        for (entry, of_kind), odds in zip(
            found, odds_of(read, found, near.get(row, []), weigh) if found else [], strict=True
        ):
            right = (entry.plate.text, entry.state) == car
            yield Answer(odds, of_kind, right, entry.plate.text == car[0], read.plate.text, car[0])
