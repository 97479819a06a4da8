"""Which plates on following pictures are of one car, and what they say together; told once it is sure, or once the car has gone. Pure.

What stands still is no passing car: a sign, a phone number on a wall, a car that is parked. It is told nowhere, and remembered as standing,
so that a car which passes before it does not make it one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from watchfloor.plates.reading.formats import Weights
from watchfloor.plates.reading.look import weighed
from watchfloor.plates.reading.model import Guess, Letter, Reading, Seen
from watchfloor.plates.reading.vote import voted

# Stream time, in microseconds. A car that is out of sight for so long has gone.
GONE_AFTER_US: Final = 2_000_000
# A stream whose clock jumps by so much begins anew: what was seen before has gone.
JUMP_US: Final = 30_000_000
_STANDS_FOR_US: Final = 10 * 60_000_000
# In widths of its line: what moved by less stands.
_STANDS: Final = 0.25
# In parts of the picture's width: a car does not get farther between two pictures of one passing.
_REACH: Final = 0.5
# A reading is handed in from here on: below, a line is no plate as likely as not, or says nothing to go by.
LEAST_RANK: Final = 0.3
LEAST_SURE: Final = 0.3
# From here on it is told at once, once it was seen moving; what is surer later is a revision of the same passing.
_SURE: Final = 0.9
_SURER_BY: Final = 0.1
_MOST_SIGHTINGS: Final = 32
_MOST_REVISIONS: Final = 5


@dataclass(frozen=True, slots=True)
class Sighting:
    """A plate on one picture. `moved`: something moved at its place; `size` is the picture's, in pixels; `at_us` when it was taken."""

    seen: Seen
    at_us: int
    moved: bool
    size: tuple[int, int]
    crop: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told of a passing: `number` is the same for all tellings of one, `revision` counts them from 1. `guesses`: the likeliest
    first, at most five, each with the probability that all of it is right. `at_us`: when the plate was seen last. `colour` and `body`: what
    a detector's labels said of its vehicle.
    """

    number: str
    revision: int
    guesses: tuple[Guess, ...]
    letters: tuple[Letter, ...]
    state: str | None
    at_us: int
    first_us: int
    sightings: int
    crop: bytes = field(default=b"", repr=False)
    colour: str | None = None
    body: str | None = None

    @property
    def text(self) -> str:
        """What the plate says, most likely."""
        return self.guesses[0].text

    @property
    def probability(self) -> float:
        """That all of it is right."""
        return self.guesses[0].probability


@dataclass(slots=True)
class _Track:
    number: str
    sightings: list[Sighting]
    first: Sighting
    best: Sighting
    agreed: set[str] = field(default_factory=set)
    told: Telling | None = None
    farthest: float = 0.0

    @property
    def last(self) -> Sighting:
        return self.sightings[-1]

    def add(self, one: Sighting) -> None:
        self.sightings = [*self.sightings[1 - _MOST_SIGHTINGS :], one]
        if one.seen.agreed:
            self.agreed.add(one.seen.text)
        if _worth(one) > _worth(self.best):
            self.best = one
        self.farthest = max(self.farthest, _apart(self.first, one) / max(self.first.seen.line.width, 1.0))

    @property
    def stands(self) -> bool:
        """It was seen more than once, and is where it was."""
        return len(self.sightings) > 1 and self.farthest < _STANDS

    @property
    def moves(self) -> bool:
        return self.farthest >= _STANDS or (len(self.sightings) == 1 and self.first.moved)


class Tracks:
    """The plates in sight of one camera. `weights`: how common the plates of each jurisdiction are there."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._tracks: list[_Track] = []
        self._standing: list[Sighting] = []
        self._count = 0
        self._at_us: int | None = None

    def add(self, sightings: Sequence[Sighting], at_us: int) -> list[Telling]:
        """What is to be told after a picture that was taken then, and what was seen on it."""
        told: list[Telling] = []
        if self._at_us is not None and not 0 <= at_us - self._at_us < JUMP_US:
            told += self.close()
        self._at_us = at_us
        self._standing = [one for one in self._standing if 0 <= at_us - one.at_us < _STANDS_FOR_US]
        free = list(self._tracks)
        for one in sorted(sightings, key=lambda each: -each.seen.rank):
            if self._is_standing(one):
                continue
            track = _nearest(free, one)
            if track is None:
                track = self._begun(one)
            else:
                free.remove(track)
                track.add(one)
            if (telling := self._due(track, gone=False)) is not None:
                told.append(telling)
        # Only now: where there is little time for looking, a car is seen again after longer than it takes to be gone.
        return told + self.gone(at_us)

    def gone(self, now_us: int) -> list[Telling]:
        """What is to be told of cars that are out of sight by then."""
        left = [one for one in self._tracks if now_us - one.last.at_us >= GONE_AFTER_US]
        return self._closed(left)

    def close(self) -> list[Telling]:
        """What is to be told of all that is in sight: the stream ends, or begins anew."""
        return self._closed(self._tracks)

    def _closed(self, left: Sequence[_Track]) -> list[Telling]:
        self._tracks = [one for one in self._tracks if not any(one is each for each in left)]
        self._standing += [one.last for one in left if one.stands]
        return [telling for one in left if (telling := self._due(one, gone=True)) is not None]

    def _is_standing(self, one: Sighting) -> bool:
        """Whether it is what stands there; it is remembered on."""
        for at, other in enumerate(self._standing):
            near = _apart(one, other) < _STANDS * max(other.seen.line.width, 1.0)
            if near and _alike(one.seen.text, other.seen.text):
                self._standing[at] = one
                return True
        return False

    def _begun(self, one: Sighting) -> _Track:
        self._count += 1
        track = _Track(
            f"{one.at_us}-{self._count}", [one], one, one, {one.seen.text} if one.seen.agreed else set()
        )
        self._tracks.append(track)
        return track

    def _due(self, track: _Track, *, gone: bool) -> Telling | None:
        """What is to be told of it now, if anything."""
        if not track.moves:
            return None
        told = track.told
        if told is None and not gone and len(track.sightings) < 2:
            return None  # one picture alone is told once no other came
        if told is not None and told.revision >= _MOST_REVISIONS:
            return None
        telling = self._telling(track)
        if telling is None:
            return None
        if told is None:
            due = gone or telling.probability >= _SURE
        else:
            surer = telling.probability >= told.probability + _SURER_BY
            due = (telling.text, telling.state) != (told.text, told.state) or surer
        if not due:
            return None
        track.told = telling
        return telling

    def _telling(self, track: _Track) -> Telling | None:
        seen = [one.seen for one in track.sightings]
        letters = voted([Reading(each.letters, "") for each in seen])
        state, best = _state_of(seen), track.best.seen
        line = best.line
        agreed = bool(track.agreed & {"".join(letter.text for letter in letters), best.text})
        rank = max(each.rank for each in seen)
        guesses = weighed(
            self._weights,
            letters,
            shape=line.width / max(line.height, 1.0),
            state=state,
            rank=rank,
            agreed=agreed,
        )
        if not guesses or rank < LEAST_RANK or guesses[0].probability < LEAST_SURE:
            return None
        return Telling(
            number=track.number,
            revision=track.told.revision + 1 if track.told else 1,
            guesses=guesses,
            letters=letters,
            state=state,
            at_us=track.last.at_us,
            first_us=track.first.at_us,
            sightings=len(seen),
            crop=track.best.crop,
            colour=_most([(one.vehicle.colour, one.vehicle.score) for one in seen if one.vehicle]),
            body=_most([(one.vehicle.body, one.vehicle.score) for one in seen if one.vehicle]),
        )


def _worth(one: Sighting) -> float:
    """How good a picture of the plate it is: large, and surely read."""
    return one.seen.line.width * (0.5 + one.seen.probability)


def _apart(one: Sighting, other: Sighting) -> float:
    (ax, ay), (bx, by) = one.seen.line.middle, other.seen.line.middle
    return float(np.hypot(ax - bx, ay - by)) if one.size == other.size else float("inf")


def _nearest(tracks: Sequence[_Track], one: Sighting) -> _Track | None:
    """The car that this is a sighting of: what it says is alike, and it is within reach; the nearest of several."""
    reach = _REACH * one.size[0]
    near = [
        track
        for track in tracks
        if _apart(track.last, one) <= reach
        and any(_alike(one.seen.text, each.seen.text) for each in track.sightings[-3:])
    ]
    return min(near, key=lambda track: _apart(track.last, one), default=None)


def _alike(one: str, other: str) -> bool:
    """Whether two readings may be of one plate: a third of the longer may differ."""
    return _distance(one, other) <= max(1, max(len(one), len(other)) // 3)


def _distance(one: str, other: str) -> int:
    """How many letters have to be changed, left out or put in."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, row[0] = row[0], at
        for to, theirs in enumerate(other, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (letter != theirs))
    return row[-1]


def _state_of(seen: Sequence[Seen]) -> str | None:
    """The state that the pictures tell, each as sure as it is."""
    return _most([(each.state, each.state_sure) for each in seen])


def _most(votes: Sequence[tuple[str | None, float]]) -> str | None:
    """The word with the most to say for it; None where nobody said one."""
    sums: dict[str, float] = {}
    for word, sure in votes:
        if word is not None:
            sums[word] = sums.get(word, 0.0) + sure
    return max(sorted(sums), key=lambda word: sums[word], default=None)
