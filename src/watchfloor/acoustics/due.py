"""What belongs together of all that hints at something fired, and what of it is to be told anew. Pure.

Each place at each moment is one block's alone to tell of, and no block grows with how long it goes on: what is told anew is what was
heard anew. It explains nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from watchfloor.acoustics.located import seconds
from watchfloor.kit.geo import Point, distance_m

SLOT_S: Final = 2
"""What is fired within 700 m of three microphones is whole in one slot and the one before."""
# Sound of the last round is still under way for so long; of what was fired before the first, so much may still be heard.
_AFTER_S: Final = 4.0
_BEFORE_S: Final = 2.0
# Hints so near to each other in time and place are explained together. What lasts longer, or is wider, is cut at moments and at edges that
# are the same whatever was fired: on the Fourth a whole city is one for hours.
_TOGETHER_S: Final = 4.0
_TOGETHER_M: Final = 1000.0
_LONGEST_S: Final = 16.0
_WIDEST_M: Final = 2000.0
# So far a source may be from what hinted at it.
_OFF_M: Final = 600.0
AROUND_SLOTS: Final = 24
"""Hints farther than this from a slot change nothing of what belongs together there: the longest that meets it, and what lengthens it."""
_PER_DEGREE_M: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class Hint:
    """That something was fired about there, from then to then (seconds since 1970)."""

    point: Point
    first_s: float
    last_s: float


Away = tuple[float, float, float]
"""How far something is from what hinted at it: in metres, in seconds, and what tells two apart that are as far."""
_NOWHERE: Final = (math.inf, math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Ground:
    """From when until when (seconds since 1970) and about which places a block tells what was fired; each is hinted at in some seconds of
    it."""

    from_s: float
    until_s: float
    hints: tuple[Hint, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """Those places."""
        return tuple(dict.fromkeys(hint.point for hint in self.hints))

    def away(self, place: Point, at_s: float) -> Away:
        """How far a place at a moment is from what hinted at it; nowhere where that is too far, or it is of another moment."""
        if not self.from_s <= at_s < self.until_s:
            return _NOWHERE
        there = [
            (distance_m(place, hint.point), max(hint.first_s - at_s, at_s - hint.last_s, 0.0), self.from_s)
            for hint in self.hints
            if _may_be_near(place, hint.point, _OFF_M)
        ]
        nearest = min(there, default=_NOWHERE)
        return nearest if nearest[0] <= _OFF_M else _NOWHERE


@dataclass(frozen=True, slots=True)
class Block:
    """Hints whose account is one; where they are cut from what was fired before or after, at these moments."""

    hints: tuple[Hint, ...]
    cut_from_s: float = -math.inf
    cut_until_s: float = math.inf

    @property
    def first_s(self) -> float:
        return max(min(hint.first_s for hint in self.hints), self.cut_from_s)

    @property
    def last_s(self) -> float:
        return min(max(hint.last_s for hint in self.hints), self.cut_until_s)

    @property
    def begins_s(self) -> float:
        """The beginning of what is looked at, on a slot's edge."""
        return math.floor((self.first_s - _BEFORE_S) / SLOT_S) * float(SLOT_S)

    @property
    def ends_s(self) -> float:
        """The end of what is looked at."""
        return math.ceil((self.last_s + _AFTER_S) / SLOT_S) * float(SLOT_S)

    @property
    def ground(self) -> Ground:
        """What it tells of: a longer look may find a round before the first hint, or after the last."""
        begins, ends = self.first_s - _BEFORE_S, self.last_s + _BEFORE_S
        return Ground(max(begins, self.cut_from_s), min(ends, self.cut_until_s), _roughly(self.hints))

    @property
    def parts(self) -> tuple[tuple[Point, ...], ...]:
        """The places that are explained together: all, or where that is too wide, those of each of some squares."""
        points = sorted(self.ground.points, key=_by_place)
        lats, lons = [point.lat for point in points], [point.lon for point in points]
        if distance_m(Point(max(lats), max(lons)), Point(min(lats), min(lons))) <= _WIDEST_M:
            return (tuple(points),)
        by_square = sorted(points, key=_square)
        return tuple(tuple(part) for _, part in groupby(by_square, _square))


@dataclass(frozen=True, slots=True)
class Cover:
    """The moments and places that an account speaks for: those to which its own ground is the nearest, or, where it has none, those that
    are nobody's. So each is one account's, and what is told in one makes nothing fall that is another's.
    """

    from_s: float
    until_s: float
    mine: Ground | None
    others: tuple[Ground, ...] = ()

    def holds(self, place: Point, at: datetime) -> bool:
        """Whether what was fired there and then is its to tell of."""
        at_s = seconds(at)
        if not self.from_s <= at_s < self.until_s:
            return False
        theirs = min((one.away(place, at_s) for one in self.others), default=_NOWHERE)
        if self.mine is None:
            return theirs == _NOWHERE
        mine = self.mine.away(place, at_s)
        return mine != _NOWHERE and mine <= theirs

    def box(self, wider_m: float) -> tuple[Point, Point] | None:
        """South-west and north-east of what it may hold, so much wider; None where that is everywhere."""
        if self.mine is None:
            return None
        lats, lons = [point.lat for point in self.mine.points], [point.lon for point in self.mine.points]
        north = (_OFF_M + wider_m) / _PER_DEGREE_M
        east = north / max(math.cos(math.radians(max(map(abs, lats)))), 1e-6)
        return Point(min(lats) - north, min(lons) - east), Point(max(lats) + north, max(lons) + east)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be told anew: what was fired where `cover` holds, by its block; without a block, that nothing was."""

    cover: Cover
    block: Block | None = None

    @property
    def begins_s(self) -> float:
        """The beginning of what is looked at."""
        return self.block.begins_s if self.block is not None else self.cover.from_s

    @property
    def ends_s(self) -> float:
        """The end of what is looked at."""
        return self.block.ends_s if self.block is not None else self.cover.until_s


def slot_of(at_s: float) -> int:
    """The slot of a moment in seconds since 1970."""
    return math.floor(at_s / SLOT_S)


def looked_at(slot: int) -> tuple[float, float]:
    """From when to when it is looked at: with the slot before."""
    return float((slot - 1) * SLOT_S), float((slot + 1) * SLOT_S)


def to_look_at(dirty: Iterable[int], hinted: Iterable[int], known: Iterable[int], last: int) -> list[int]:
    """The slots to look at, in order: of which other pulses are there than were looked at (`dirty`), those after them, which are looked at
    with them, and those that had hints (`hinted`) which are not `known`. None is after the `last` that has settled.
    """
    slots = {number for slot in dirty for number in (slot, slot + 1)} | (set(hinted) - set(known))
    return sorted(number for number in slots if number <= last)


def newest_first(slots: Sequence[int], most: int) -> list[list[int]]:
    """Slots in order as rows of such that follow each other, so many at most, the latest row first: it has what a crew can still be sent
    to. Whatever is looked at with a slot is in its row or in one before."""
    rows: list[list[int]] = []
    for number in reversed(slots):
        if rows and number == rows[-1][0] - 1 and len(rows[-1]) < most:
            rows[-1].insert(0, number)
        else:
            rows.append([number])
    return rows


def blocks(of_slots: Mapping[int, Sequence[Hint]]) -> tuple[Block, ...]:
    """Hints that belong together, by time and place. What lasts longer than a block may is cut, a hint across a cut being of both sides."""
    there = {hint for one in of_slots.values() for hint in one}
    found = [block for group in _together(there) for block in _cut(group)]
    return tuple(sorted(found, key=_by_first))


def _cut(group: Sequence[Hint]) -> list[Block]:
    if _lasts_s(group) <= _LONGEST_S:
        return [Block(tuple(group))]
    found: list[Block] = []
    for number in sorted({number for hint in group for number in _periods(hint)}):
        there = {hint for hint in group if number in _periods(hint)}
        # Apart again: what held them together may have been fired before or after.
        cut = number * _LONGEST_S, (number + 1) * _LONGEST_S
        found += [Block(tuple(again), *cut) for again in _together(there)]
    return found


def _lasts_s(hints: Sequence[Hint]) -> float:
    return max(hint.last_s for hint in hints) - min(hint.first_s for hint in hints)


def by_time(hint: Hint) -> tuple[float, float, float, float]:
    """What hints are in order by."""
    return hint.first_s, hint.last_s, hint.point.lat, hint.point.lon


def _periods(hint: Hint) -> range:
    """The numbers of the stretches between fixed moments that it reaches into."""
    return range(math.floor(hint.first_s / _LONGEST_S), math.floor(hint.last_s / _LONGEST_S) + 1)


def _together(hints: Iterable[Hint]) -> list[list[Hint]]:
    """Hints in groups, each in order: two that are near to each other, or near to one that is, are of one."""
    groups: list[list[Hint]] = []
    recent: list[tuple[Hint, int]] = []
    for hint in sorted(hints, key=by_time):
        recent = [one for one in recent if hint.first_s - one[0].last_s <= _TOGETHER_S]
        near = sorted({number for other, number in recent if _is_near(hint.point, other.point)})
        if not near:
            groups.append([])
        mine, *joined = near or [len(groups) - 1]
        for number in joined:
            groups[mine] += groups[number]
            groups[number] = []
        recent = [(other, mine if number in joined else number) for other, number in recent]
        groups[mine].append(hint)
        recent.append((hint, mine))
    return [sorted(group, key=by_time) for group in groups if group]


def _is_near(point: Point, other: Point) -> bool:
    return _may_be_near(point, other, _TOGETHER_M) and distance_m(point, other) <= _TOGETHER_M


def _may_be_near(point: Point, other: Point, metres: float) -> bool:
    """Most are far apart, and that is seen by the latitude alone."""
    return abs(point.lat - other.lat) * _PER_DEGREE_M <= 1.01 * metres


def _roughly(hints: Iterable[Hint]) -> tuple[Hint, ...]:
    """Hints to some ten metres, those of one place that follow each other as one: each slot hints at it anew, some metres off."""
    of_place: dict[Point, list[Hint]] = {}
    for hint in sorted(hints, key=by_time):
        there = of_place.setdefault(Point(round(hint.point.lat, 4), round(hint.point.lon, 4)), [])
        if there and hint.first_s - there[-1].last_s <= _TOGETHER_S:
            there[-1] = Hint(there[-1].point, there[-1].first_s, max(there[-1].last_s, hint.last_s))
        else:
            point = Point(round(hint.point.lat, 4), round(hint.point.lon, 4))
            there.append(Hint(point, hint.first_s, hint.last_s))
    return tuple(sorted((one for found in of_place.values() for one in found), key=by_time))


def _by_place(point: Point) -> tuple[float, float]:
    return point.lat, point.lon


def _square(point: Point) -> tuple[int, int]:
    """Squares lie where they lie, whatever was fired."""
    north = math.floor(point.lat * _PER_DEGREE_M / _WIDEST_M)
    shrinks = max(math.cos(math.radians(north * _WIDEST_M / _PER_DEGREE_M)), 1e-6)
    return north, math.floor(point.lon * _PER_DEGREE_M * shrinks / _WIDEST_M)


def due(
    of_slots: Mapping[int, Sequence[Hint]], looked: Sequence[int], had: Iterable[int] = ()
) -> tuple[Due, ...]:
    """What is to be told anew once these slots, in order, were looked at; `had` are those of them that had hints before: where those were
    and none is now, what was told has fallen."""
    if not looked:
        return ()
    first, last = looked[0] - AROUND_SLOTS, looked[-1] + AROUND_SLOTS
    near = {hint for slot, hints in of_slots.items() if first <= slot <= last for hint in hints}
    groups = [(group, _cut(group)) for group in _together(near)]
    grounds = {one: one.ground for _, parts in groups for one in parts}
    told = []
    for one in sorted({one for group in groups for one in _anew(*group, looked)}, key=_by_first):
        ground = grounds[one]
        others = tuple(other for other in grounds.values() if other is not ground and _beside(ground, other))
        told.append(Due(Cover(ground.from_s, ground.until_s, ground, others), one))
    for begins, ends in _merged(looked_at(slot) for slot in had):
        others = tuple(one for one in grounds.values() if _meet(one.from_s, one.until_s, begins, ends))
        told.append(Due(Cover(begins, ends, None, others)))
    return tuple(told)


def _anew(group: Sequence[Hint], parts: Sequence[Block], looked: Sequence[int]) -> Iterator[Block]:
    """The blocks of a group that these slots change: those that reach into them, and, where they made of it more than one block can be,
    what was one before and after them."""
    windows = [looked_at(slot) for slot in looked]
    begins, ends = windows[0][0], windows[-1][1]
    is_cut = _lasts_s(group) > _LONGEST_S
    before = [hint for hint in group if hint.first_s < begins]
    after = [hint for hint in group if hint.last_s > ends]
    for one in parts:
        if any(_meet(one.begins_s, one.ends_s, *window) for window in windows) or (
            is_cut and _was_one(before if one.last_s < begins else after)
        ):
            yield one


def _was_one(hints: Sequence[Hint]) -> bool:
    return bool(hints) and _lasts_s(hints) <= _LONGEST_S


def _by_first(block: Block) -> tuple[float, tuple[float, float, float, float]]:
    return block.first_s, by_time(block.hints[0])


def _beside(ground: Ground, other: Ground) -> bool:
    """Whether both may claim what was fired at one place and moment."""
    return _meet(ground.from_s, ground.until_s, other.from_s, other.until_s) and any(
        _may_be_near(one, another, 2 * _OFF_M) and distance_m(one, another) <= 2 * _OFF_M
        for one in ground.points
        for another in other.points
    )


def _meet(begins: float, ends: float, others: float, other_ends: float) -> bool:
    return begins <= other_ends and others <= ends


def _merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for begins, ends in sorted(spans):
        if merged and begins <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(ends, merged[-1][1])
        else:
            merged.append((begins, ends))
    return merged
