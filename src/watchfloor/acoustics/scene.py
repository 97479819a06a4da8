"""What every explanation of a window rests on: its pulses, where to look, what a place with its rounds is worth. Pure.

It decides nothing: `explain` takes and drops sources, `whole` finds the rounds of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from watchfloor.acoustics.hearing import QUIETEST_PER_S, Street, echoed
from watchfloor.acoustics.locate import refined
from watchfloor.acoustics.model import Air, Array, Floats, Pulses
from watchfloor.acoustics.rounds import Matched, Padded, matched, one_round
from watchfloor.acoustics.sound import travel_s
from watchfloor.acoustics.vote import BEYOND_M, votes

# A source must be worth the logarithm of how many places and moments, so far apart, were looked at; each further round, this.
_PLACES_M: Final = 10.0
_MOMENTS_S: Final = 0.020
ROUND_PRICE: Final = 5.0
# And so much more to be told at all: clutter alone comes to it in fewer than one window in e to this.
LEAST: Final = 3.0
FEWEST: Final = 3
_MOST_LOOKED_AT: Final = 120
STEP_S: Final = 0.008
# So many rounds in step are no chance, whatever else is fired.
_IN_STEP: Final = 3


@dataclass(frozen=True, slots=True)
class Held:
    """A source under consideration: its place, rounds' times, and what is matched to it."""

    place_m: Floats
    rounds_s: tuple[float, ...]
    matched: Matched
    arrivals_s: Floats
    price: float

    @property
    def heard(self) -> int:
        return int((self.matched.columns >= 0).any(axis=0).sum())


@dataclass(frozen=True, slots=True)
class Scene:
    """What is the same for every hypothesis."""

    array: Array
    pulses: Pulses
    air: Air
    padded: Padded
    street: Street
    price: float
    places_m: Floats
    moments_s: Floats
    """Where and when to look (k, 2 and k), each with the ways to all sensors in seconds and metres (k, n)."""
    travel_s: Floats
    way_m: Floats
    floor: Floats
    """How many pulses a second each pulse (n, j) stands among anyway: clutter, and what the pulses before it bring at its sensor."""

    @staticmethod
    def of(array: Array, pulses: Pulses, air: Air, street: Street) -> Scene:
        """The scene of a window, with the places and moments that may explain something in it."""
        padded = Padded.of(pulses, len(array))
        floor = np.maximum(array.clutter_per_s, QUIETEST_PER_S)[:, None] + echoed(padded.times_s, street)
        found = votes(array, pulses, air, padded.of_each(floor), most=_MOST_LOOKED_AT, street=street)
        places, moments = refined(array, pulses, air, found.places_m, found.times_s, street=street)
        travel, way = travel_s(array, air, places)
        price = _price(array, pulses)
        return Scene(array, pulses, air, padded, street, price, places, moments, travel, way, floor)

    def with_more(self, held: Held, street: Street) -> Scene:
        """With the places and moments that may explain what this leaves: the first look is full of what is its own."""
        which = self.taken([held])
        left = np.sort(which.which[np.isfinite(which.times_s)])
        pulses = self.pulses.of(left)
        if len(np.unique(pulses.sensors)) < FEWEST:
            return self
        floor = self.padded.of_each(self.floor)[left]
        found = votes(self.array, pulses, self.air, floor, most=_MOST_LOOKED_AT, street=street)
        places, moments = refined(self.array, pulses, self.air, found.places_m, found.times_s, street=street)
        travel, way = travel_s(self.array, self.air, places)
        return replace(
            self,
            places_m=np.concatenate([self.places_m, places]),
            moments_s=np.concatenate([self.moments_s, moments]),
            travel_s=np.concatenate([self.travel_s, travel]),
            way_m=np.concatenate([self.way_m, way]),
        )

    def one_round(self, left: Padded) -> Floats:
        """What each of the places and moments gains by one round (k)."""
        arrivals = self.moments_s[:, None] + self.travel_s
        return one_round(left, arrivals, self.way_m, self.floor, street=self.street)

    def taken(self, others: Sequence[Held]) -> Padded:
        """The pulses that none of these took."""
        times = self.padded.times_s.copy()
        for held in others:
            for columns in held.matched.columns:
                on = np.flatnonzero(columns >= 0)
                times[on, columns[on]] = np.nan
        return Padded(times, self.padded.which)


def _price(array: Array, pulses: Pulses) -> float:
    """What chance alone hardly comes to, with so many places and moments to choose from."""
    wide = np.ptp(array.places_m[:, :2], axis=0) + 2 * BEYOND_M
    moments = (pulses.ends_s - pulses.begins_s) / _MOMENTS_S + 1
    return float(np.log(np.prod(wide / _PLACES_M)) + np.log(moments)) + LEAST


def worth(held: Held, others: Sequence[Held] = ()) -> float:
    """What a source adds, less its price. Rounds that keep step with another's are that one's echo as likely as rounds of their
    own, however often it comes: they count as one.
    """
    gain, rounds = float(held.matched.gains.sum()), len(held.rounds_s)
    echo = max((in_step(held.rounds_s, other.rounds_s) for other in others), default=0)
    own = rounds - echo + 1 if echo > 1 and echo >= min(rounds, _IN_STEP) else rounds
    return gain * own / rounds - held.price - ROUND_PRICE * (own - 1)


def in_step(rounds_s: tuple[float, ...], others_s: tuple[float, ...]) -> int:
    """How many rounds follow one of the others each by the same time."""
    after = np.subtract.outer(rounds_s, others_s)
    return max(int((np.abs(after - lag).min(axis=1) < STEP_S).sum()) for lag in after.ravel())


def tried(scene: Scene, left: Padded, place: Floats, rounds: tuple[float, ...]) -> Held:
    """A place and rounds against what is left."""
    travel, way = travel_s(scene.array, scene.air, place[None])
    arrivals = np.array(rounds)[:, None] + travel
    return Held(
        place,
        rounds,
        matched(left, arrivals, way[0], scene.floor, street=scene.street),
        arrivals,
        scene.price,
    )


def first_heard_s(held: Held) -> Floats:
    """When each sensor heard the first round, by all it heard (n; NaN where none)."""
    return np.where(
        (held.matched.columns >= 0).any(axis=0), held.arrivals_s[0] + held.matched.offsets_s, np.nan
    )
