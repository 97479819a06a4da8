"""All pulses of a window explained at once: by sources and their rounds, by each sensor's clutter and by what echoes. Pure.

It keeps no count over windows and raises nothing. Nothing is decided for good before everything is looked at together: a source
that only lives on what another left over falls again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from watchfloor.acoustics.hearing import STREET, Street
from watchfloor.acoustics.locate import Grid, around_it, mixed
from watchfloor.acoustics.model import Air, Array, Ints, Pulses, Shot, Source
from watchfloor.acoustics.rounds import Padded
from watchfloor.acoustics.scene import FEWEST, Held, Scene, first_heard_s, tried, worth
from watchfloor.acoustics.whole import fewer, steps, whole, with_round
from watchfloor.kit.errors import Invalid

_WORTH_A_LOOK: Final = 2.0
# What is worth so much less than the best may still be it; so many are looked at; nearer than this they are one.
_STILL_LIKELY: Final = 7.0
_MOST_LIKELY: Final = 6
_FEWER_HEARD: Final = 2
_SAME_M: Final = 25.0
_BESIDE_M: Final = 150.0
_PASSES: Final = 3
# So many of the surest are left out in turn for a further look at what remains, where all have so many rounds at most: a string of
# crackers is dear enough as it is.
_MOST_LEFT_OUT: Final = 3
_FEW_ROUNDS: Final = 16
_MOST_SOURCES: Final = 8
# A sensor that reports more than these in a window, and so many a second of it, is out of order.
_FLOOD: Final = 60.0
_FLOOD_PER_S: Final = 10.0


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
    scene = Scene.of(array, kept, air, street)
    held: list[Held] = []
    for turn in range(_PASSES):
        before = [(len(h.rounds_s), h.heard) for h in held]
        if turn == 1 and _are_few(held):
            for one in sorted(held, key=worth, reverse=True)[:_MOST_LEFT_OUT]:
                scene = scene.with_more(one, street)
        held = _weighed_again(scene, _grown(scene, held))
        held = joined(scene, held) if _are_few(held) else held
        if before == [(len(h.rounds_s), h.heard) for h in held]:
            break
    told = [_source(scene, index, one, [other for other in held if other is not one]) for one in held]
    return _of_one_place(sorted(told, key=lambda source: -source.log_odds))


def _of_one_place(told: Sequence[Source]) -> tuple[Source, ...]:
    """The surest first. What is told twice of one place, each with rounds of its own, is one source: what fires there moved by
    a step, so that its delays are others, and no array tells two so near apart.
    """
    kept: list[Source] = []
    for one in told:
        near = next(
            (k for k, other in enumerate(kept) if math.dist(one.place_m, other.place_m) < _SAME_M), None
        )
        if near is None:
            kept.append(one)
        else:
            shots = tuple(sorted((*kept[near].shots, *one.shots), key=lambda shot: shot.at_s))
            kept[near] = replace(kept[near], shots=shots, log_odds=kept[near].log_odds + one.log_odds)
    return tuple(sorted(kept, key=lambda source: -source.log_odds))


def _sober(pulses: Pulses, index: Ints) -> Ints:
    """Without what a sensor reports that floods its line: no weapon, with all that it echoes, is heard so often."""
    often = np.bincount(pulses.sensors[index], minlength=1)
    most = _FLOOD + _FLOOD_PER_S * (pulses.ends_s - pulses.begins_s)
    sober: Ints = index[often[pulses.sensors[index]] <= most]
    return sober


def _looked_at(scene: Scene, others: Sequence[Held]) -> list[Held]:
    """The best of all places by one round, with what the others leave; by all its rounds another of them may be better."""
    left = scene.taken(others)
    gains = scene.one_round(left)
    best: list[Held] = []
    for k in np.argsort(-gains, kind="stable"):
        if len(best) == _MOST_LIKELY:
            break
        if all(float(np.hypot(*(scene.places_m[k] - one.place_m))) > _SAME_M for one in best):
            best.append(tried(scene, left, scene.places_m[k], (float(scene.moments_s[k]),)))
    return best


def _grown(scene: Scene, held: list[Held]) -> list[Held]:
    """The best of what is not explained yet is added, with all its rounds, while it is worth its price.

    Of few sensors the best by one round may not be the best by all: where nothing is held, the next ones are tried as well. After that
    they would mostly be echoes of what is held.
    """
    while len(held) < _MOST_SOURCES:
        left = scene.taken(held)
        tries = _looked_at(scene, held)[: 1 if held else _MOST_LIKELY]
        looks = (whole(scene, left, one) for one in tries if one.matched.gains.sum() > _WORTH_A_LOOK)
        found = next((one for one in looks if worth(one, held) > 0 and one.heard >= FEWEST), None)
        if found is None:
            return held
        held = [*held, found]
    return held


def _weighed_again(scene: Scene, held: list[Held]) -> list[Held]:
    """Each source against all the others, with what they leave, the weakest first; who is not worth it goes."""
    kept = sorted(held, key=worth)
    for one in list(kept):
        others = [other for other in kept if other is not one]
        left = scene.taken(others)
        again = whole(scene, left, fewer(scene, left, one))
        kept = (
            [again if other is one else other for other in kept]
            if worth(again, others) > 0 and again.heard >= FEWEST
            else others
        )
    return kept


def _are_few(held: Sequence[Held]) -> bool:
    return sum(len(one.rounds_s) for one in held) <= _FEW_ROUNDS


def joined(scene: Scene, held: list[Held]) -> list[Held]:
    """Without those that the one beside them is worth as much without: a first guess beside the place keeps what is the place's."""
    for one in sorted(held, key=worth):
        others = [other for other in held if other is not one]
        beside = [other for other in others if float(np.hypot(*(other.place_m - one.place_m))) < _BESIDE_M]
        # One that was beside one that went stands anew since: what it was is no longer held.
        if len(others) == len(held) or not beside:
            continue
        best = max(beside, key=worth)
        rest = [other for other in others if other is not best]
        again = whole(scene, scene.taken(rest), best)
        if again.heard >= FEWEST and worth(again, rest) >= worth(best, rest) + worth(one, rest):
            held = [*rest, again]
    return held


def _source(scene: Scene, index: Ints, held: Held, others: Sequence[Held]) -> Source:
    """What is told of it: of all that could be it, too, each as likely as it is; `index` is what the caller knows the pulses by."""
    left = scene.taken(others)
    near = [
        whole(scene, left, one) for one in _looked_at(scene, others) if one.heard >= held.heard - _FEWER_HEARD
    ]
    near = [one for one in near if one.heard >= FEWEST and worth(one) > worth(held) - _STILL_LIKELY]
    told = [_located(scene, one) for one in _apart([held, *sorted(near, key=worth, reverse=True)])]
    chosen, likely = mixed([one for _, one in told], np.array([worth(one) for one, _ in told]))
    best = told[chosen][0]
    return Source(
        likely.place_m,
        tuple(_shots(scene, index, best)),
        float(best.matched.gains.sum()),
        likely.half,
        likely.most,
        likely.region,
        best.matched.offsets_s,
        tuple(_refused(scene, left, best)),
    )


def _shots(scene: Scene, index: Ints, held: Held) -> Iterator[Shot]:
    which = scene.padded.which[np.arange(held.matched.columns.shape[1])[None], held.matched.columns]
    told = np.where(held.matched.columns >= 0, index[which], -1)
    for k, at_s in enumerate(held.rounds_s):
        yield Shot(at_s, told[k], float(held.matched.by_round[k]))


def _refused(scene: Scene, left: Padded, held: Held) -> Iterator[float]:
    """What each further moment would add that was not taken for a round, where it adds anything."""
    for at_s in steps(left, held):
        more = with_round(scene, left, held, (at_s,))
        adds = float(more.matched.by_round[more.rounds_s.index(at_s)])
        if adds > 0:
            yield adds


def _located(scene: Scene, held: Held) -> tuple[Held, Grid]:
    """A source with what is likely of its place."""
    heard_s = first_heard_s(held) - held.rounds_s[0]
    around = (float(held.place_m[0]), float(held.place_m[1]))
    return held, around_it(scene.array, scene.air, heard_s, around, street=scene.street)


def _apart(held: Sequence[Held]) -> list[Held]:
    """Without those that are another's over again."""
    kept: list[Held] = []
    for one in held:
        if all(float(np.hypot(*(one.place_m - other.place_m))) > _SAME_M for other in kept):
            kept.append(one)
    return kept[:_MOST_LIKELY]
