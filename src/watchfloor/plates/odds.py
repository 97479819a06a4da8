"""How likely it is that the car that passed is the one that an entry names: plate, state and entry agree. Pure.

By Bayes: each plate that could have been there counts by how many cars carry it where the reader stands (`traffic`), times
how likely the reader makes of it what it said (`record`, its confidence, its doubts). A hit's probability is its entry's
part of the sum. Other entries one step away take their parts: the longer the lists, the more of them. How it is reckoned
stands in docs/operate/alert-budget.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from watchfloor.plates.confusion import ALPHABET, LENGTH_SHARE, SAME_LOOKS
from watchfloor.plates.doubt import step_to
from watchfloor.plates.likely import Odds
from watchfloor.plates.model import Kind, PlateRead, Wanted, folded
from watchfloor.plates.record import Errors
from watchfloor.plates.traffic import DIGITS, LETTERS, Traffic, format_of, size_of

# Of a hundred plates so many are misread, and of a hundred states, where a reader does not say how sure it is.
MISREAD: Final = 0.05
STATE_WRONG: Final = 0.02
# No reader is surer than this of one character, whatever it says.
_LEAST_DOUBT: Final = 0.0005
_OTHER_STATES: Final = 50
# How much likelier a listed plate passes than a text of its format taken at random. Three in ten of those are issued to
# some car, a listed one is; but it is out half as much as others: hidden, found, or at home in another city.
WANTED_WEIGHT: Final = 0.5 / 0.3
_SAME_AS: Final = {
    c: [(pair[1], share) for pair, share in SAME_LOOKS.items() if pair[0] == c] for c in ALPHABET
}
_MIXED: Final = {c: "".join(a for a in ALPHABET if folded(a) == folded(c)) for c in ALPHABET}


@dataclass(frozen=True, slots=True)
class _Place:
    """What may stand at one place: how likely what was read, and every other character; `nothing`: none at all."""

    text: str
    own: float
    others: Mapping[str, float]
    nothing: float


@dataclass(frozen=True, slots=True)
class Weigh:
    """What the odds of one read are reckoned with."""

    traffic: Traffic
    errors: Errors
    wanted_weight: float = WANTED_WEIGHT


def odds_of(
    read: PlateRead, entries: Sequence[tuple[Wanted, Kind]], near: Sequence[str], weigh: Weigh
) -> list[Odds]:
    """The odds of each entry that a read answers to. `near` are folded plates of the lists one substitution away."""
    places = _places(read, weigh.errors)
    cars = {(entry.plate.text, entry.state): kind for entry, kind in entries}
    own = {car: _entry_mass(read, car, kind, places, weigh) for car, kind in cars.items()}
    known = {folded(text) for text, _ in cars}
    beside = sum(_near_mass(read, text, places, weigh) for text in near if text not in known)
    right = _product(places)
    as_read = _mass(weigh.traffic, read.plate.text, read.state) * right
    # What is known to be on a list counts for itself, not once more among all texts.
    steps = {text: kind for (text, _), kind in cars.items() if text != read.plate.text}
    listed = sum(
        _mass(weigh.traffic, text, read.state) * _likeness(text, kind, places) for text, kind in steps.items()
    )
    around = _around(read, places, weigh.traffic, listed)
    made = []
    for entry, kind in entries:
        car = (entry.plate.text, entry.state)
        rivals = beside + sum(mass for other, mass in own.items() if other[0] != car[0])
        same_text = _same_text(read, car, kind, places, weigh)
        misread = rivals + around + (as_read if kind.is_step or entry.plate != read.plate else 0.0)
        made.append(_odds(own[car], misread, same_text, len(near), weigh.errors))
    return made


def _odds(own: float, misread: float, wrong_state: float, near: int, errors: Errors) -> Odds:
    plain = own + misread + wrong_state
    by_misread, by_state = misread * errors.misread_scale, wrong_state * errors.state_scale
    total = own + by_misread + by_state
    return Odds(
        own / total,
        by_misread / total,
        by_state / total,
        near,
        errors.pooled,
        errors.verdicts,
        misread / plain,
        wrong_state / plain,
    )


def _places(read: PlateRead, errors: Errors) -> list[_Place]:
    """What may stand where, by what the reader said of each character, of other plates, or of the whole."""
    text = read.plate.text
    whole = read.confidence if read.confidence is not None else 1 - MISREAD
    each = min(1.0, max(0.0, whole)) ** (1 / len(text))
    said: list[tuple[float, dict[str, float]]] = [(each, {}) for _ in text]
    if read.characters:
        said = [
            (each if one.confidence is None else one.confidence, _told(one.others)) for one in read.characters
        ]
    elif read.alternatives:
        _alternatives(read, said, 1 - whole)
    return [_place(c, own, told, errors) for c, (own, told) in zip(text, said, strict=True)]


def _told(others: Sequence[tuple[str, float | None]]) -> dict[str, float]:
    return {other: sure for other, sure in others if sure is not None}


def _alternatives(read: PlateRead, said: list[tuple[float, dict[str, float]]], doubt: float) -> None:
    """Share the reader's doubt of the whole plate among the other plates that it named, by their confidence."""
    named = [(one, step) for one in read.alternatives for step in step_to(read.plate.text, one.plate.text)]
    weights = sum(one.confidence or 0.1 for one, _ in named)
    for one, (place, other) in named:
        own, told = said[place]
        told[other] = told.get(other, 0.0) + max(doubt, _LEAST_DOUBT) * (one.confidence or 0.1) / weights
        said[place] = (min(own, 1 - told[other]), told)


def _place(text: str, own: float, told: Mapping[str, float], errors: Errors) -> _Place:
    own = min(max(own, 0.01), 1 - _LEAST_DOUBT)
    named = {other: sure for other, sure in told.items() if other != text}
    # What is told of others may come to more than what is left: it is then a share of that.
    squeeze = min(1.0, (1 - own) / sum(named.values())) if sum(named.values()) > 0 else 1.0
    rest = 1 - own - squeeze * sum(named.values())
    others = {
        true: rest * (1 - LENGTH_SHARE) * share
        for true, share in errors.true_of[text].items()
        if true != text
    }
    for other, sure in named.items():
        if other:
            others[other] = others.get(other, 0.0) + squeeze * sure
    nothing = squeeze * named.get("", 0.0) + (1 - own) * LENGTH_SHARE / 2 / len(ALPHABET)
    for other, share in _SAME_AS[text]:
        others[other] = others.get(other, 0.0) + share * own
    return _Place(text, own * (1 - sum(share for _, share in _SAME_AS[text])), others, nothing)


def _product(places: Sequence[_Place], but: int | None = None) -> float:
    product = 1.0
    for at, place in enumerate(places):
        if at != but:
            product *= place.own
    return product


def _mass(traffic: Traffic, text: str, state: str | None) -> float:
    """How many of the cars that pass carry this text and would be told to be of that state."""
    form = format_of(text)
    everywhere = traffic.anywhere(form) / size_of(form)
    if state is None:
        return everywhere
    here = traffic.share(state) * traffic.within(form, state) / size_of(form)
    return here * (1 - STATE_WRONG) + max(0.0, everywhere - here) * STATE_WRONG / _OTHER_STATES


def _car_mass(traffic: Traffic, text: str, of: str | None, told: str | None) -> float:
    """How many of the cars that pass carry this plate of the state `of`, and would be told to be of the state `told`.

    A plate that is known to be on a car is worth as much as any, however rare its format. Of an entry that names no
    state: it is of one of them, of that told by chance.
    """
    form = format_of(text)
    if of is None:
        everywhere = max(traffic.anywhere(form) / size_of(form), traffic.typical())
        if told is None:
            return everywhere
        share = min(1.0, traffic.share(told) * traffic.within(form, told) / traffic.anywhere(form))
        return everywhere * share * share
    here = traffic.share(of) * max(traffic.within(form, of) / size_of(form), traffic.typical())
    if told is None:
        return here
    return here * ((1 - STATE_WRONG) if of == told else STATE_WRONG / _OTHER_STATES)


def _likeness(text: str, kind: Kind, places: Sequence[_Place]) -> float:
    """How likely the reader makes of this text what it said."""
    if kind is Kind.MISSING:
        return max(
            (1 - min(places[at].own for at in (gap - 1, gap) if 0 <= at < len(places)))
            * LENGTH_SHARE
            / 2
            * _whole(text[:gap] + text[gap + 1 :], places)
            for gap in range(len(text))
        )
    if kind is Kind.EXTRA:
        return max(
            place.nothing * _whole(text, [*places[:at], *places[at + 1 :]]) for at, place in enumerate(places)
        )
    return _whole(text, places)


def _whole(text: str, places: Sequence[_Place]) -> float:
    product = 1.0
    for true, place in zip(text, places, strict=True):
        product *= place.own if true == place.text else _alike(true, place)
    return product


def _alike(true: str, place: _Place) -> float:
    return max(place.others.get(true, 0.0), 1e-9)


def _entry_mass(
    read: PlateRead, car: tuple[str, str | None], kind: Kind, places: Sequence[_Place], weigh: Weigh
) -> float:
    mass = _car_mass(weigh.traffic, *car, read.state)
    return weigh.wanted_weight * mass * _likeness(car[0], kind, places)


def _near_mass(read: PlateRead, text: str, places: Sequence[_Place], weigh: Weigh) -> float:
    """A listed plate one substitution away, known by its folded text alone: by how much it is likelier than any text."""
    differs = [at for at, c in enumerate(text) if folded(places[at].text) != c]
    if len(differs) != 1:
        return 0.0
    at = differs[0]
    likely = sum(places[at].others.get(c, 0.0) for c in _MIXED[text[at]]) / len(_MIXED[text[at]])
    mass = _mass(weigh.traffic, text, read.state)
    return max(0.0, weigh.wanted_weight - 1) * mass * likely * _product(places, at)


def _same_text(
    read: PlateRead, car: tuple[str, str | None], kind: Kind, places: Sequence[_Place], weigh: Weigh
) -> float:
    """Cars with the entry's text that are of another state, by chance."""
    text, of = car
    traffic, told, form = weigh.traffic, read.state, format_of(text)
    everywhere = traffic.anywhere(form) / size_of(form)
    if of is None:
        share = (
            1.0 if told is None else traffic.share(told) * traffic.within(form, told) / traffic.anywhere(form)
        )
        others = _mass(traffic, text, told) * max(0.0, 1 - share)
    else:
        others = max(0.0, everywhere - traffic.share(of) * traffic.within(form, of) / size_of(form))
        if told is not None:
            others *= STATE_WRONG / _OTHER_STATES if of == told else 1 - STATE_WRONG
    return others * _likeness(text, kind, places)


def _around(read: PlateRead, places: Sequence[_Place], traffic: Traffic, listed: float) -> float:
    """All cars that carry another text and could be read like this, but those `listed`: one character another, one more or less.

    Of what several misread characters make there is as much as the reader doubts beyond one; it is spread alike.
    """
    text, total, one_step = read.plate.text, 0.0, 0.0
    for at, place in enumerate(places):
        rest = _product(places, at)
        one_step += rest * (1 - place.own)
        for sort in (LETTERS, DIGITS):
            likely = sum(place.others.get(c, 0.0) for c in sort)
            total += rest * likely * _mass(traffic, text[:at] + sort[0] + text[at + 1 :], read.state)
            # One more beside it: each character of the sort may be the one that the reader missed.
            missed = (1 - place.own) * LENGTH_SHARE / 2 * len(sort) * place.own
            total += rest * missed * _mass(traffic, text[:at] + sort[0] + text[at:], read.state)
        if len(text) > 1:
            total += rest * place.nothing * _mass(traffic, text[:at] + text[at + 1 :], read.state)
    return max(0.0, total - listed) * max(1.0, (1 - _product(places)) / one_step)
