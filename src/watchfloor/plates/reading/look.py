"""Plates on one picture: find lines, read those a plate could be, look again closely at the best, weigh what they say.

Two looks: a coarse one over the whole picture, and a close one at what seems to be a plate, which finds the line's edges better, reads it
twice and reads the words around it. Where the coarse look sees nothing, a finer one follows. With a detector of vehicles both are at the
vehicles alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from watchfloor.plates.reading import rank as ranking
from watchfloor.plates.reading.calibrate import probability
from watchfloor.plates.reading.formats import MOST_LENGTH, Weights, fits, judged
from watchfloor.plates.reading.join import Read, with_joined
from watchfloor.plates.reading.model import (
    Finder,
    Guess,
    Letter,
    Line,
    Picture,
    Reading,
    Recogniser,
    Seen,
    VehicleFinder,
)
from watchfloor.plates.reading.states import state_of
from watchfloor.plates.reading.strips import cut, grown
from watchfloor.plates.reading.vote import SECOND, voted
from watchfloor.plates.reading.within import Within, everywhere, lines_within, of_vehicles, vehicle_at

_COARSE: Final = 960
_FINE: Final = (1280, 1600)
_ENLARGE: Final = 1.5
_MOST_READ: Final = 8
# What is ranked lower is no plate; below the second the picture is looked at again, finer.
LEAST_RANK: Final = 0.12
_DOUBTFUL: Final = 0.3
_MOST_CLOSE: Final = 2
# A line of fewer letters dwarfs nothing: a bolt or a lamp may be read as one.
_LEAST_TOLD: Final = 3
# A line this wide of its picture has been seen closely already.
_CLOSE: Final = 0.3
# The close look: the plate and a little around it, its line about so wide.
_AROUND: Final = (0.45, 1.9)
_CLOSE_LINE_PX: Final = 230
_SURE: Final = 0.97
# Whose plates begin with the county's number, small and apart: so wide, in heights of the line, is looked before the rest.
_SMALL_PREFIX: Final = frozenset({"WY"})
_PREFIX_WIDE: Final = 1.3
_PREFIX_SURE: Final = 0.9
# The last reading of a line is cut this much tighter, in parts of its height.
_TIGHTER: Final = (-0.06, -0.06)


@dataclass(frozen=True, slots=True)
class Eyes:
    """What looking needs: networks, and whose plates pass here. `second` reads again what the first read.

    `quick` reads what the coarse look found, `other` a plate once more: the same network with strips laid out otherwise, so that it
    errs otherwise; without them `reader` does. `vehicles` narrows looking to vehicles; `lacks` says in a sentence why one that was to be
    used is not. `runs_on`: what the networks run on, in a word.
    """

    finder: Finder
    reader: Recogniser
    weights: Weights
    second: Recogniser | None = None
    quick: Recogniser | None = None
    other: Recogniser | None = None
    vehicles: VehicleFinder | None = None
    lacks: str = ""
    runs_on: str = ""


def plates_on(eyes: Eyes, picture: Picture) -> tuple[Seen, ...]:
    """The plates on a picture, the likeliest first; with a detector of vehicles those on vehicles, each with the one it is on."""
    vehicles = eyes.vehicles.find(picture) if eyes.vehicles is not None else None
    if vehicles is not None and not vehicles:
        return ()
    within = everywhere(picture) if vehicles is None else of_vehicles(vehicles, picture)
    heard = heard_on(eyes, picture, within=within)
    told = [seen for each in heard if (seen := told_of(eyes, picture, each)) is not None]
    if vehicles is not None:
        told = [replace(seen, vehicle=vehicle_at(vehicles, seen.line)) for seen in told]
    return tuple(sorted(told, key=lambda each: -each.rank))


@dataclass(frozen=True, slots=True)
class Heard:
    """What was read of one plate before it is weighed: by the first network once or more, and by the second."""

    line: Line
    readings: tuple[Reading, ...]
    second: Reading | None
    candidate: Candidate


def heard_on(
    eyes: Eyes, picture: Picture, coarse: Sequence[Candidate] | None = None, *, within: Within | None = None
) -> tuple[Heard, ...]:
    """Every plate on a picture with what was read of it. `coarse` are its candidates, where they are known already; `within` is where
    is looked, everywhere where it is not said.
    """
    where = within if within is not None else everywhere(picture)
    quick = eyes.quick or eyes.reader
    found = candidates(eyes, picture, within=where) if coarse is None else coarse
    if not found or found[0].rank < _DOUBTFUL:
        lines = lines_within(eyes.finder, picture, where, _fine(max(picture.shape[:2])))
        found = _ranked(eyes, picture, lines, quick) or found
    heard: list[Heard] = []
    for number, candidate in enumerate(found):
        if candidate.rank >= LEAST_RANK and not any(
            _same(candidate.read.line, other.line) for other in heard
        ):
            one = _heard(eyes, picture, candidate, close=number < _MOST_CLOSE and not candidate.dwarfed)
            if one is not None and not any(_same(one.line, other.line) for other in heard):
                heard.append(one)
    return tuple(heard)


def candidates(eyes: Eyes, picture: Picture, *, within: Within | None = None) -> list[Candidate]:
    """What the coarse look over the picture, or over these parts of it, takes for plates, the likeliest first."""
    longest = min(_COARSE, round(max(picture.shape[:2]) * _ENLARGE))
    where = within if within is not None else everywhere(picture)
    lines = lines_within(eyes.finder, picture, where, longest)
    return _ranked(eyes, picture, lines, eyes.quick or eyes.reader)


def _fine(longer: int) -> int:
    """How large a picture is looked at the second time: small ones enlarged, but no further than shows more."""
    return min(longer * 2, max(_FINE[0], min(longer, _FINE[1])))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that was read and may be a plate's number, with the words around it; `dwarfed` where a taller line stands beside it."""

    read: Read
    looks: ranking.Looks
    rank: float
    words: tuple[str, ...]
    dwarfed: bool


def _ranked(eyes: Eyes, picture: Picture, lines: Sequence[Line], reader: Recogniser) -> list[Candidate]:
    """The lines that may be plates, read, the likeliest first; each with the words that stand around it."""
    shaped = sorted(
        (line for line in lines if ranking.may_be(line)), key=lambda line: -line.score * line.height
    )[:_MOST_READ]
    readings = reader.read([cut(picture, line.quad) for line in shaped])
    reads = with_joined([Read(line, reading) for line, reading in zip(shaped, readings, strict=True)])
    size = (picture.shape[1], picture.shape[0])
    found = []
    for read in reads:
        near = ranking.around(read.line, [other.line for other in reads])
        told = [other.line for other in reads if len(other.reading.text) >= _LEAST_TOLD]
        words = tuple(reads[at].reading.raw for at in near)
        if read.reading.letters:
            dwarfed = ranking.dwarfed(read.line, told)
            looks = ranking.looks_of(
                read.line,
                read.reading,
                size=size,
                state_near=state_of(words) is not None,
                dwarfed=dwarfed,
                weights=eyes.weights.shaped(read.line.width / max(read.line.height, 1.0)),
            )
            found.append(Candidate(read, looks, ranking.rank(looks), words, dwarfed))
    return sorted(found, key=lambda each: -each.rank)


def _heard(eyes: Eyes, picture: Picture, candidate: Candidate, *, close: bool) -> Heard | None:
    """What is read of the candidate, after a close look where that shows more; None where it is no number's length."""
    readings = [candidate.read.reading]
    line = candidate.read.line
    if close and line.width < _CLOSE * picture.shape[1]:
        again = next((each for each in _closely(eyes, picture, line) if _same(each.read.line, line)), None)
        if again is not None:
            candidate, line = again, again.read.line
            readings.append(again.read.reading)
    if close and not _settled(readings):
        readings += (eyes.other or eyes.reader).read([cut(picture, grown(line, *_TIGHTER))])
    if not any(1 <= len(reading.letters) <= MOST_LENGTH for reading in readings):
        return None
    second = eyes.second.read([cut(picture, line.quad)])[0] if eyes.second is not None else None
    return Heard(line, tuple(readings), second, candidate)


def _settled(readings: Sequence[Reading]) -> bool:
    """Whether two looks agree and are sure: a third would cost and change nothing."""
    return (
        len(readings) > 1 and readings[0].text == readings[1].text and min(r.chance for r in readings) > _SURE
    )


def told_of(eyes: Eyes, picture: Picture, heard: Heard, *, voice: float = SECOND) -> Seen | None:
    """What was heard, as it is told; None for nothing. `voice` is how much the second network has to say."""
    line, candidate, second = heard.line, heard.candidate, heard.second
    letters = voted(heard.readings, second, voice=voice)
    state = state_of(candidate.words)
    if state is not None and state.state in _SMALL_PREFIX:
        letters = _with_prefix(eyes, picture, line, letters)
    shape, named = line.width / max(line.height, 1.0), state.state if state else None
    guesses = judged(letters, eyes.weights.shaped(shape).when(named))
    if not guesses:
        return None
    agreed = second is not None and second.text in {
        guesses[0].text,
        "".join(letter.text for letter in letters),
    }
    return Seen(
        line=line,
        guesses=weighed(eyes.weights, letters, shape=shape, state=named, rank=candidate.rank, agreed=agreed),
        letters=letters,
        state=named,
        state_sure=min(state.likeness, 1.0) if state else 0.0,
        rank=candidate.rank,
        agreed=agreed,
    )


def weighed(
    weights: Weights, letters: Sequence[Letter], *, shape: float, state: str | None, rank: float, agreed: bool
) -> tuple[Guess, ...]:
    """What letters most likely say, the first as probable as it is known to be. `shape`: the width of the line by its height."""
    here = weights.shaped(shape).when(state)
    guesses = judged(letters, here)
    if not guesses:
        return ()
    sure = probability(guesses, letters, rank=rank, agreed=agreed, fits=fits(guesses[0].text, here))
    return _scaled(guesses, sure)


def _with_prefix(eyes: Eyes, picture: Picture, line: Line, letters: tuple[Letter, ...]) -> tuple[Letter, ...]:
    """The letters with the small number before them, where a wider look is sure of one."""
    quad = line.quad.copy()
    left = (
        (quad[1] - quad[0]) / max(float(np.linalg.norm(quad[1] - quad[0])), 1.0) * line.height * _PREFIX_WIDE
    )
    quad[[0, 3]] -= left
    wider = eyes.reader.read([cut(picture, quad)])[0]
    more = len(wider.letters) - len(letters)
    text = "".join(letter.text for letter in letters)
    if more not in (1, 2) or wider.text[more:] != text or not wider.text[:more].isdigit():
        return letters
    return wider.letters if min(letter.chance for letter in wider.letters) >= _PREFIX_SURE else letters


def _scaled(guesses: Sequence[Guess], first: float) -> tuple[Guess, ...]:
    """The guesses with the first as probable as it is known to be, the rest sharing what is left as before."""
    rest = sum(guess.probability for guess in guesses[1:]) or 1.0
    left = min(1 - first, rest / (rest + guesses[0].probability))
    others = [Guess(guess.text, min(guess.probability / rest * left, first)) for guess in guesses[1:]]
    return (Guess(guesses[0].text, first), *others)


def _closely(eyes: Eyes, picture: Picture, line: Line) -> list[Candidate]:
    """What stands on the plate and a little around it, found again at a better size."""
    out = np.array([line.width * _AROUND[0], line.height * _AROUND[1]], np.float32)
    left, top = np.maximum(line.quad.min(axis=0) - out, 0).astype(int)
    right, bottom = (line.quad.max(axis=0) + out).astype(int)
    part = picture[top : bottom + 1, left : right + 1]
    size = max(64, round(max(part.shape[:2]) * _CLOSE_LINE_PX / max(line.width, 1.0)))
    moved = [
        Line(each.quad + np.array([left, top], np.float32), each.score)
        for each in eyes.finder.find(part, size)
    ]
    return _ranked(eyes, picture, moved, eyes.reader)


def _same(one: Line, other: Line) -> bool:
    """Whether two lines are one: the middle of one lies within the other, or nearly."""
    (ax, ay), (bx, by) = one.middle, other.middle
    return (
        abs(ax - bx) <= max(one.width, other.width) / 2 and abs(ay - by) <= max(one.height, other.height) / 2
    )
