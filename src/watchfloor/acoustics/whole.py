"""A source with all its rounds: each further one that keeps step, and without those that are not worth their price. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from watchfloor.acoustics.locate import refined
from watchfloor.acoustics.model import Floats, Pulses
from watchfloor.acoustics.rounds import NEAREST_S, Padded
from watchfloor.acoustics.scene import FEWEST, Held, Scene, first_heard_s, tried, worth

# More than these in one window is told in the next.
_MOST_ROUNDS: Final = 40
# What has so many rounds is a long string: further ones are added all at once, and only the least is tried to be left out.
_LONG: Final = 6


def whole(scene: Scene, left: Padded, held: Held) -> Held:
    """The source with all its rounds: each further one that keeps step, the best first; the place fitted anew after each."""
    held = _fitted(scene, left, held)
    while len(held.rounds_s) < _MOST_ROUNDS:
        now = tried(scene, left, held.place_m, held.rounds_s)
        best = max(_with_more(scene, left, held), key=worth, default=None)
        if best is None or worth(best) <= worth(now):
            break
        held = _fitted(scene, left, best)
    return held


def _with_more(scene: Scene, left: Padded, held: Held) -> list[Held]:
    """With each further round that may be; of a long string also with all at once that each are worth their price."""
    more = [(at, with_round(scene, left, held, (at,))) for at in steps(left, held)]
    if len(held.rounds_s) < _LONG:
        return [one for _, one in more]
    now = worth(tried(scene, left, held.place_m, held.rounds_s))
    better = tuple(at for at, one in more if worth(one) > now)
    together = [with_round(scene, left, held, better)] if better else []
    return [*together, *(one for _, one in more)]


def with_round(scene: Scene, left: Padded, held: Held, at_s: tuple[float, ...]) -> Held:
    return tried(scene, left, held.place_m, tuple(sorted((*held.rounds_s, *at_s))))


def steps(left: Padded, held: Held, *, most: int = 8) -> list[float]:
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


def _fitted(scene: Scene, left: Padded, held: Held) -> Held:
    """The same rounds, matched and located anew until that changes nothing."""
    for _ in range(4):
        heard_s = first_heard_s(held)
        if np.isfinite(heard_s).sum() < FEWEST:
            return held
        place, moment = _fit(scene, heard_s, held)
        rounds = _timed(left, held, moment)
        new = tried(scene, left, place, rounds)
        same = np.array_equal(new.matched.columns, held.matched.columns)
        held = new
        if same:
            break
    return held


def _fit(scene: Scene, heard_s: Floats, held: Held) -> tuple[Floats, float]:
    """The place and the first round's moment by when each sensor heard it."""
    on = np.flatnonzero(np.isfinite(heard_s))
    once = Pulses(on, heard_s[on], float(heard_s[on].min()), float(heard_s[on].max()))
    place, moment = refined(
        scene.array, once, scene.air, held.place_m[None], np.array([held.rounds_s[0]]), street=scene.street
    )
    return place[0], float(moment[0])


def _timed(left: Padded, held: Held, first_s: float) -> tuple[float, ...]:
    """The rounds' moments, from the first's and from how long after it each sensor heard the others."""
    own = held.arrivals_s + held.matched.offsets_s
    rounds = []
    for k, columns in enumerate(held.matched.columns):
        on = np.flatnonzero(columns >= 0)
        off = float(np.median(left.times_s[on, columns[on]] - own[k, on])) if len(on) else 0.0
        rounds.append(held.rounds_s[k] + off)
    return tuple(first_s + (at - rounds[0]) for at in rounds)


def fewer(scene: Scene, left: Padded, held: Held) -> Held:
    """Without the rounds that are not worth their price now."""
    best = tried(scene, left, held.place_m, held.rounds_s)
    while len(best.rounds_s) > 1:
        # Of a long string only that is tried without which adds least.
        least = int(best.matched.by_round.argmin())
        each = range(len(best.rounds_s)) if len(best.rounds_s) < _LONG else [least]
        without = [tried(scene, left, best.place_m, best.rounds_s[:k] + best.rounds_s[k + 1 :]) for k in each]
        better = max(without, key=worth)
        if worth(better) <= worth(best):
            break
        best = better
    return best
