"""All pulses of a window explained at once: by sources and their rounds, by each sensor's clutter and by what echoes. Pure.

It keeps no count over windows and raises nothing. Nothing is decided for good before everything is looked at together: a source
that only lives on what another left over falls again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from watchfloor.acoustics.hearing import QUIETEST_PER_S, STREET, Street, echoing
from watchfloor.acoustics.locate import Grid, around_it, mixed, refined
from watchfloor.acoustics.model import Air, Array, Floats, Ints, Pulses, Shot, Source
from watchfloor.acoustics.rounds import NEAREST_S, Matched, Padded, matched, one_round
from watchfloor.acoustics.sound import travel_s
from watchfloor.acoustics.vote import BEYOND_M, votes
from watchfloor.kit.errors import Invalid

# A source must be worth the logarithm of how many places and moments, so far apart, were looked at; each further round, this.
_PLACES_M: Final = 10.0
_MOMENTS_S: Final = 0.020
ROUND_PRICE: Final = 5.0
# And so much more to be told at all: clutter alone comes to it in fewer than one window in e to this.
LEAST: Final = 3.0
FEWEST: Final = 3
_WORTH_A_LOOK: Final = 2.0
# What is worth so much less than the best may still be it; so many are looked at; nearer than this they are one.
_MOST_LOOKED_AT: Final = 120
_STILL_LIKELY: Final = 7.0
_MOST_LIKELY: Final = 6
_FEWER_HEARD: Final = 2
_SAME_M: Final = 25.0
_BESIDE_M: Final = 150.0
_STEP_S: Final = 0.008
_PASSES: Final = 3
# What has so many rounds is a long string: further ones are added all at once, and only the least is tried to be left out.
_LONG: Final = 6
# So many of the surest are left out in turn for a further look at what remains, where all have so many rounds at most: a string of
# crackers is dear enough as it is.
_MOST_LEFT_OUT: Final = 3
_FEW_ROUNDS: Final = 16
# More than these in one window is told in the next.
_MOST_ROUNDS: Final = 40
_MOST_SOURCES: Final = 8
# A sensor that reports more than these in a window, and so many a second of it, is out of order.
_FLOOD: Final = 60.0
_FLOOD_PER_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Held:
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
class _Scene:
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
    def of(array: Array, pulses: Pulses, air: Air, street: Street, places: Floats, moments: Floats) -> _Scene:
        """The scene of a window, with the places and moments that may explain something in it."""
        travel, way = travel_s(array, air, places)
        padded, price = Padded.of(pulses, len(array)), _price(array, pulses)
        after = np.nan_to_num(padded.times_s[:, :, None] - padded.times_s[:, None, :])
        floor = np.maximum(array.clutter_per_s, QUIETEST_PER_S)[:, None] + echoing(after, street).sum(axis=2)
        return _Scene(array, pulses, air, padded, street, price, places, moments, travel, way, floor)

    def with_more(self, held: _Held, street: Street) -> _Scene:
        """With the places and moments that may explain what this leaves: the first look is full of what is its own."""
        which = self.taken([held])
        pulses = self.pulses.of(np.sort(which.which[np.isfinite(which.times_s)]))
        if len(np.unique(pulses.sensors)) < FEWEST:
            return self
        found = votes(self.array, pulses, self.air, most=_MOST_LOOKED_AT, street=street)
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

    def taken(self, others: Sequence[_Held]) -> Padded:
        """The pulses that none of these took."""
        times = self.padded.times_s.copy()
        for held in others:
            for columns in held.matched.columns:
                on = np.flatnonzero(columns >= 0)
                times[on, columns[on]] = np.nan
        return Padded(times, self.padded.which)


def explained(array: Array, pulses: Pulses, air: Air, *, street: Street = STREET) -> tuple[Source, ...]:
    """The sources that these pulses speak for, the surest first; none where nothing does.

    A pulse told twice counts once, and a sensor that floods its line says nothing. Raises Invalid for a pulse of a sensor that is
    none of the array's, and where sensors or moments reach too far to be looked at at once.
    """
    if (pulses.sensors >= len(array)).any():
        raise Invalid("A pulse is of a sensor that is not in the array.")
    index = _sober(pulses, pulses.once())
    kept = pulses.of(index)
    if len(np.unique(kept.sensors)) < FEWEST:
        return ()
    found = votes(array, kept, air, most=_MOST_LOOKED_AT, street=street)
    places, moments = refined(array, kept, air, found.places_m, found.times_s, street=street)
    scene = _Scene.of(array, kept, air, street, places, moments)
    held: list[_Held] = []
    for turn in range(_PASSES):
        before = [(len(h.rounds_s), h.heard) for h in held]
        if turn == 1 and _are_few(held):
            for one in sorted(held, key=_worth, reverse=True)[:_MOST_LEFT_OUT]:
                scene = scene.with_more(one, street)
        held = _weighed_again(scene, _grown(scene, held))
        held = _joined(scene, held) if _are_few(held) else held
        if before == [(len(h.rounds_s), h.heard) for h in held]:
            break
    told = [_source(scene, index, one, [other for other in held if other is not one]) for one in held]
    return tuple(sorted(told, key=lambda source: -source.log_odds))


def _sober(pulses: Pulses, index: Ints) -> Ints:
    """Without what a sensor reports that floods its line: no weapon, with all that it echoes, is heard so often."""
    often = np.bincount(pulses.sensors[index], minlength=1)
    most = _FLOOD + _FLOOD_PER_S * (pulses.ends_s - pulses.begins_s)
    sober: Ints = index[often[pulses.sensors[index]] <= most]
    return sober


def _looked_at(scene: _Scene, others: Sequence[_Held]) -> list[_Held]:
    """The best of all places by one round, with what the others leave; by all its rounds another of them may be better."""
    left = scene.taken(others)
    gains = scene.one_round(left)
    best: list[_Held] = []
    for k in np.argsort(-gains, kind="stable"):
        if len(best) == _MOST_LIKELY:
            break
        if all(float(np.hypot(*(scene.places_m[k] - one.place_m))) > _SAME_M for one in best):
            best.append(_tried(scene, left, scene.places_m[k], (float(scene.moments_s[k]),)))
    return best


def _price(array: Array, pulses: Pulses) -> float:
    """What chance alone hardly comes to, with so many places and moments to choose from."""
    wide = np.ptp(array.places_m[:, :2], axis=0) + 2 * BEYOND_M
    moments = (pulses.ends_s - pulses.begins_s) / _MOMENTS_S + 1
    return float(np.log(np.prod(wide / _PLACES_M)) + np.log(moments)) + LEAST


def _worth(held: _Held, others: Sequence[_Held] = ()) -> float:
    """What a source adds, less its price. Rounds that keep step with another's are that one's echo as likely as rounds of their
    own, however often it comes: they count as one.
    """
    gain, rounds = float(held.matched.gains.sum()), len(held.rounds_s)
    if rounds > 1 and any(_in_step(held.rounds_s, other.rounds_s) for other in others):
        return gain / rounds - held.price
    return gain - held.price - ROUND_PRICE * (rounds - 1)


def _in_step(rounds_s: tuple[float, ...], others_s: tuple[float, ...]) -> bool:
    """Whether every round follows one of the others by the same time."""
    after = np.subtract.outer(rounds_s, others_s)
    return any(bool((np.abs(after - lag).min(axis=1) < _STEP_S).all()) for lag in after[0])


def _grown(scene: _Scene, held: list[_Held]) -> list[_Held]:
    """The best of what is not explained yet is added, with all its rounds, while it is worth its price.

    Of few sensors the best by one round may not be the best by all: where nothing is held, the next ones are tried as well. After that
    they would mostly be echoes of what is held.
    """
    while len(held) < _MOST_SOURCES:
        left = scene.taken(held)
        tries = _looked_at(scene, held)[: 1 if held else _MOST_LIKELY]
        looks = (_whole(scene, left, one) for one in tries if one.matched.gains.sum() > _WORTH_A_LOOK)
        found = next((one for one in looks if _worth(one, held) > 0 and one.heard >= FEWEST), None)
        if found is None:
            return held
        held = [*held, found]
    return held


def _tried(scene: _Scene, left: Padded, place: Floats, rounds: tuple[float, ...]) -> _Held:
    """A place and rounds against what is left."""
    travel, way = travel_s(scene.array, scene.air, place[None])
    arrivals = np.array(rounds)[:, None] + travel
    return _Held(
        place,
        rounds,
        matched(left, arrivals, way[0], scene.floor, street=scene.street),
        arrivals,
        scene.price,
    )


def _whole(scene: _Scene, left: Padded, held: _Held) -> _Held:
    """The source with all its rounds: each further one that keeps step, the best first; the place fitted anew after each."""
    held = _fitted(scene, left, held)
    for _ in range(_MOST_ROUNDS):
        now = _tried(scene, left, held.place_m, held.rounds_s)
        best = max(_with_more(scene, left, held), key=_worth, default=None)
        if best is None or _worth(best) <= _worth(now):
            break
        held = _fitted(scene, left, best)
    return held


def _with_more(scene: _Scene, left: Padded, held: _Held) -> list[_Held]:
    """With each further round that may be; of a long string also with all at once that each are worth their price."""
    tried = [(at, _with_round(scene, left, held, (at,))) for at in _steps(left, held)]
    if len(held.rounds_s) < _LONG:
        return [one for _, one in tried]
    now = _worth(_tried(scene, left, held.place_m, held.rounds_s))
    better = [at for at, one in tried if _worth(one) > now]
    together = [_with_round(scene, left, held, tuple(better))] if better else []
    return [*together, *(one for _, one in tried)]


def _with_round(scene: _Scene, left: Padded, held: _Held, at_s: tuple[float, ...]) -> _Held:
    return _tried(scene, left, held.place_m, tuple(sorted((*held.rounds_s, *at_s))))


def _steps(left: Padded, held: _Held, *, most: int = 8) -> list[float]:
    """Moments of further rounds: where sensors' pulses, each less its own delay, come together."""
    expected = held.arrivals_s[0] + np.nan_to_num(held.matched.offsets_s)
    free = left.times_s.copy()
    for columns in held.matched.columns:
        on = np.flatnonzero(columns >= 0)
        free[on, columns[on]] = np.nan
    fired = (free - expected[:, None])[np.isfinite(held.matched.offsets_s)]
    fired = np.sort(fired[np.isfinite(fired)])
    if not len(fired):
        return []
    reach = 0.004
    count = np.searchsorted(fired, fired + reach, side="right") - np.searchsorted(fired, fired - reach)
    times: list[float] = []
    found: list[float] = []
    for k in np.argsort(-count, kind="stable"):
        if count[k] < 2 or len(found) >= most:
            break
        if all(abs(fired[k] - other) > NEAREST_S for other in times):
            times.append(float(fired[k]))
            at = held.rounds_s[0] + float(np.median(fired[np.abs(fired - fired[k]) <= reach]))
            if all(abs(at - other) > NEAREST_S for other in held.rounds_s):
                found.append(at)
    return found


def _fitted(scene: _Scene, left: Padded, held: _Held) -> _Held:
    """The same rounds, matched and located anew until that changes nothing."""
    for _ in range(4):
        heard_s = _heard_s(held)
        if np.isfinite(heard_s).sum() < FEWEST:
            return held
        place, moment = _fit(scene, heard_s, held)
        rounds = _timed(left, held, moment)
        new = _tried(scene, left, place, rounds)
        same = np.array_equal(new.matched.columns, held.matched.columns)
        held = new
        if same:
            break
    return held


def _heard_s(held: _Held) -> Floats:
    """When each sensor heard the first round, by all it heard (n; NaN where none)."""
    return np.where(
        (held.matched.columns >= 0).any(axis=0), held.arrivals_s[0] + held.matched.offsets_s, np.nan
    )


def _fit(scene: _Scene, heard_s: Floats, held: _Held) -> tuple[Floats, float]:
    """The place and the first round's moment by when each sensor heard it."""
    on = np.flatnonzero(np.isfinite(heard_s))
    once = Pulses(on, heard_s[on], float(heard_s[on].min()), float(heard_s[on].max()))
    place, moment = refined(
        scene.array, once, scene.air, held.place_m[None], np.array([held.rounds_s[0]]), street=scene.street
    )
    return place[0], float(moment[0])


def _timed(left: Padded, held: _Held, first_s: float) -> tuple[float, ...]:
    """The rounds' moments, from the first's and from how long after it each sensor heard the others."""
    own = held.arrivals_s + held.matched.offsets_s
    rounds = []
    for k, columns in enumerate(held.matched.columns):
        on = np.flatnonzero(columns >= 0)
        off = float(np.median(left.times_s[on, columns[on]] - own[k, on])) if len(on) else 0.0
        rounds.append(held.rounds_s[k] + off)
    return tuple(first_s + (at - rounds[0]) for at in rounds)


def _weighed_again(scene: _Scene, held: list[_Held]) -> list[_Held]:
    """Each source against all the others, with what they leave, the weakest first; who is not worth it goes."""
    kept = sorted(held, key=_worth)
    for one in list(kept):
        others = [other for other in kept if other is not one]
        left = scene.taken(others)
        again = _whole(scene, left, _fewer(scene, left, one))
        kept = (
            [again if other is one else other for other in kept]
            if _worth(again, others) > 0 and again.heard >= FEWEST
            else others
        )
    return kept


def _are_few(held: Sequence[_Held]) -> bool:
    return sum(len(one.rounds_s) for one in held) <= _FEW_ROUNDS


def _joined(scene: _Scene, held: list[_Held]) -> list[_Held]:
    """Without those that the one beside them is worth as much without: a first guess beside the place keeps what is the place's."""
    for one in sorted(held, key=_worth):
        others = [other for other in held if other is not one]
        beside = [other for other in others if float(np.hypot(*(other.place_m - one.place_m))) < _BESIDE_M]
        # One that was beside one that went stands anew since: what it was is no longer held.
        if len(others) == len(held) or not beside:
            continue
        best = max(beside, key=_worth)
        rest = [other for other in others if other is not best]
        again = _whole(scene, scene.taken(rest), best)
        if again.heard >= FEWEST and _worth(again, rest) >= _worth(best, rest) + _worth(one, rest):
            held = [*rest, again]
    return held


def _fewer(scene: _Scene, left: Padded, held: _Held) -> _Held:
    """Without the rounds that are not worth their price now."""
    best = _tried(scene, left, held.place_m, held.rounds_s)
    while len(best.rounds_s) > 1:
        # Of a long string only that is tried without which adds least.
        least = int(best.matched.by_round.argmin())
        each = range(len(best.rounds_s)) if len(best.rounds_s) < _LONG else [least]
        fewer = [
            _tried(scene, left, best.place_m, best.rounds_s[:k] + best.rounds_s[k + 1 :]) for k in each
        ]
        better = max(fewer, key=_worth)
        if _worth(better) <= _worth(best):
            break
        best = better
    return best


def _source(scene: _Scene, index: Ints, held: _Held, others: Sequence[_Held]) -> Source:
    """What is told of it: of all that could be it, too, each as likely as it is; `index` is what the caller knows the pulses by."""
    left = scene.taken(others)
    near = [
        _whole(scene, left, one)
        for one in _looked_at(scene, others)
        if one.heard >= held.heard - _FEWER_HEARD
    ]
    near = [one for one in near if one.heard >= FEWEST and _worth(one) > _worth(held) - _STILL_LIKELY]
    told = [_located(scene, one) for one in _apart([held, *sorted(near, key=_worth, reverse=True)])]
    chosen, likely = mixed([one for _, one in told], np.array([_worth(one) for one, _ in told]))
    best = told[chosen][0]
    shots = tuple(
        Shot(at, np.where(columns >= 0, index[scene.padded.which[np.arange(len(columns)), columns]], -1))
        for at, columns in zip(best.rounds_s, best.matched.columns, strict=True)
    )
    gain = float(best.matched.gains.sum())
    return Source(
        likely.place_m, shots, gain, likely.half, likely.most, likely.region, best.matched.offsets_s
    )


def _located(scene: _Scene, held: _Held) -> tuple[_Held, Grid]:
    """A source with what is likely of its place."""
    heard_s = _heard_s(held) - held.rounds_s[0]
    around = (float(held.place_m[0]), float(held.place_m[1]))
    return held, around_it(scene.array, scene.air, heard_s, around, street=scene.street)


def _apart(held: Sequence[_Held]) -> list[_Held]:
    """Without those that are another's over again."""
    kept: list[_Held] = []
    for one in held:
        if all(float(np.hypot(*(one.place_m - other.place_m))) > _SAME_M for other in kept):
            kept.append(one)
    return kept[:_MOST_LIKELY]
