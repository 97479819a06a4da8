"""Where three who heard a sound put it: each three pulses that one place explains, and that place. Pure.

It does not ask whether anybody else heard it (`vote`), and a way that a wall makes longer puts the place a little off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.acoustics.hearing import STREET, Street
from watchfloor.acoustics.model import SAME_PLACE_M, Air, Array, Floats, Ints, Pulses
from watchfloor.acoustics.sound import speed_mps

# As many beside whoever hears first are asked as so many threes allow, between these. If those of the fewest are more than the most, the
# pulses that are least news are left out.
_ENOUGH: Final = 60_000
_MOST: Final = 400_000
_MOST_BESIDE: Final = 12
_FEWEST_BESIDE: Final = 6
# So many at once, which a core keeps near.
_BLOCK: Final = 6_000
# Walls add so much to the way between two who hear, in seconds.
_WALLS_S: Final = 0.040
# So often the fading of hearing beyond half of it, and whoever hears first of three is no farther away: one in twenty would hear it.
_FADED: Final = 3.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Places (k, 2), when it was fired there (k), and which sensor heard it first (k)."""

    places_m: Floats
    times_s: Floats
    first: Ints

    def where(self, kept: NDArray[np.bool_] | Ints) -> Placed:
        """These alone."""
        return Placed(self.places_m[kept], self.times_s[kept], self.first[kept])


@dataclass(frozen=True, slots=True)
class _Partners:
    """For each pulse (m) and each sensor beside its own (q), nearest first: from which to which pulse may follow it as the same sound.

    `low` is the first and `count` how many.
    """

    low: Ints
    count: Ints

    def threes(self) -> Ints:
        """How many threes there are (q), by how many sensors beside are asked."""
        sums, squares = np.cumsum(self.count, axis=1), np.cumsum(self.count**2, axis=1)
        found: Ints = ((sums**2 - squares) // 2).sum(axis=0)
        return found


def placed(array: Array, pulses: Pulses, air: Air, floor: Floats, *, street: Street = STREET) -> Placed:
    """Every place that three pulses put it at; `pulses` by sensor, then time, each among so many a second anyway (`floor`, m).

    Whoever heard it first is one of the three, the others are of the `_MOST_BESIDE` nearest to that one. Three pulses fit one place,
    two, or none. No more than `_MOST` threes are looked at, which takes some 150 MB for the while.
    """
    longest = _longest_s(array, air)
    beside = np.argsort(np.where(longest > 0, longest, np.inf), axis=1, kind="stable")[:, :_MOST_BESIDE]
    partners = _partners(pulses, beside, longest)
    while partners.threes()[:_FEWEST_BESIDE].max(initial=0) > _MOST:
        share = (_MOST / float(partners.threes()[:_FEWEST_BESIDE].max())) ** (1 / 3)
        news = np.sort(np.argsort(floor, kind="stable")[: int(len(pulses) * min(share, 0.95))])
        pulses, floor = pulses.of(news), floor[news]
        partners = _partners(pulses, beside, longest)
    asked = max(int((partners.threes() <= _ENOUGH).sum()), _FEWEST_BESIDE)
    threes = _threes(pulses, partners, longest, asked)
    found = [
        _solved(array, pulses, air, threes[:, begins : begins + _BLOCK], street)
        for begins in range(0, max(threes.shape[1], 1), _BLOCK)
    ]
    return Placed(
        np.concatenate([one.places_m for one in found]),
        np.concatenate([one.times_s for one in found]),
        np.concatenate([one.first for one in found]),
    )


def _longest_s(array: Array, air: Air) -> Floats:
    """How much later than one sensor another may hear a sound (n, n); below zero where both stand in one place, and are one."""
    flat = array.places_m[:, :2]
    away = np.hypot(*(flat[:, None] - flat[None]).T)
    slowest = speed_mps(air) - float(np.hypot(*air.wind_mps))
    return np.where(away > SAME_PLACE_M, away / slowest + _WALLS_S, -1.0)


def _partners(pulses: Pulses, beside: Ints, longest_s: Floats) -> _Partners:
    after = (pulses.times_s - pulses.begins_s)[:, None]
    # One row of all, a stretch for each sensor, so that one look finds the place in any of them.
    stretch = pulses.ends_s - pulses.begins_s + 1.0
    row = pulses.sensors * stretch + after[:, 0]
    others = beside[pulses.sensors]
    latest = np.minimum(after + longest_s[pulses.sensors[:, None], others], stretch - 0.5)
    low = np.searchsorted(row, others * stretch + after, side="left")
    high = np.searchsorted(row, others * stretch + latest, side="right")
    return _Partners(low, np.maximum(high - low, 0))


def _threes(pulses: Pulses, partners: _Partners, longest_s: Floats, asked: int) -> Ints:
    """All threes (3, h) of a pulse and two that may follow it, at two others of so many sensors beside its own."""
    one, other = np.triu_indices(min(asked, partners.low.shape[1]), 1)
    each = (partners.count[:, one] * partners.count[:, other]).ravel()
    row = np.repeat(np.arange(len(each)), each)
    within = np.arange(len(row)) - np.repeat(np.cumsum(each) - each, each)
    first, pair = np.divmod(row, max(len(one), 1))
    across = partners.count[first, other[pair]]
    second = partners.low[first, one[pair]] + within // across
    third = partners.low[first, other[pair]] + within % across
    # The later two hear it no farther apart than sound takes between them.
    apart = np.abs(pulses.times_s[second] - pulses.times_s[third])
    on = np.flatnonzero(apart <= longest_s[pulses.sensors[second], pulses.sensors[third]])
    return np.stack([first[on], second[on], third[on]])


def _solved(array: Array, pulses: Pulses, air: Air, threes: Ints, street: Street) -> Placed:
    """Where the cones of three arrivals meet: in two points, one or none, at the height of whoever heard it first.

    The air takes all sound along: who heard it later stands, seen from the air, so much further up the wind.
    """
    first, *later = threes
    speed, wind = speed_mps(air), np.array(air.wind_mps)
    here = array.places_m[pulses.sensors[first]].T
    planes = []
    for which in later:
        late = pulses.times_s[which] - pulses.times_s[first]
        east, north, up = array.places_m[pulses.sensors[which]].T - here
        east, north, came = east - late * wind[0], north - late * wind[1], speed * late
        planes.append((np.stack([east, north, came]), 0.5 * (east**2 + north**2 + up**2 - came**2)))
    found = []
    for east, north, came in _met(planes[0], planes[1]):
        way = np.hypot(east, north)
        # Before it was fired nobody heard it; what is a little before it is so for the walls.
        on = np.flatnonzero((came > -speed * _WALLS_S) & (way < street.half_m + _FADED * street.fade_m))
        away = way[on] / speed
        places = np.column_stack(
            [here[0, on] + east[on] - wind[0] * away, here[1, on] + north[on] - wind[1] * away]
        )
        found.append(Placed(places, pulses.times_s[first[on]] - away, pulses.sensors[first[on]]))
    return Placed(
        np.concatenate([one.places_m for one in found]),
        np.concatenate([one.times_s for one in found]),
        np.concatenate([one.first for one in found]),
    )


def _met(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """The points (3, h: east, north, and how far the sound came) of two planes, by slopes and heights, on the cone whose slope is one.

    Where the line of both passes the cone by, the point of it that is nearest so; NaN where there is none, and no second one.
    """
    along = _across(one[0], other[0])
    squared = (along**2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        foot = (one[1] * _across(other[0], along) + other[1] * _across(along, one[0])) / squared
        along /= np.sqrt(squared)
        wide, half, off = _on_cone(along, along), _on_cone(along, foot), _on_cone(foot, foot)
        under = half**2 - wide * off
        both = -(half + np.copysign(np.sqrt(np.maximum(under, 0.0)), half))
        first = both / wide
        second = np.where(under > 0, off / both, np.nan)
        return foot + first * along, foot + second * along


def _across(one: Floats, other: Floats) -> Floats:
    """What is at right angles to both of each (3, h)."""
    (a, b, c), (d, e, f) = one, other
    return np.stack([b * f - c * e, c * d - a * f, a * e - b * d])


def _on_cone(one: Floats, other: Floats) -> Floats:
    found: Floats = one[0] * other[0] + one[1] * other[1] - one[2] * other[2]
    return found
