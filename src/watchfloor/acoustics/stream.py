"""From pulses as they come to what is located in some seconds, whatever the order in which they came. Pure.

Time is cut into slots. Each slot, with the one before, is looked at in every neighbourhood for hints that something was fired; what the
hints are of is then explained in one piece, from before the first to after the last. So what is told of some seconds depends on the
pulses of those and on nothing else: not on when they came, nor on who was looking when. It keeps nothing and reads no clock.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from watchfloor.acoustics.explain import explained
from watchfloor.acoustics.located import Heard, Located, located, moment, same
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.model import Air, Floats, Pulses
from watchfloor.acoustics.neighbourhood import Ear, Frame, Neighbourhood, near
from watchfloor.kit.geo import Point, distance_m

SLOT_S: Final = 2
"""What is fired within 700 m of three microphones is whole in one slot and the one before."""
# Sound of the last round is still under way for so long; of what was fired before the first, so much may still be heard.
_AFTER_S: Final = 4.0
_BEFORE_S: Final = 2.0
# Hints so near to each other in time and place are explained together, and no longer or wider a stretch than this: on the Fourth a
# whole city is one.
_TOGETHER_S: Final = 4.0
_TOGETHER_M: Final = 1000.0
_LONGEST_S: Final = 16.0
_WIDEST_M: Final = 2000.0
# So far from a hint microphones take part, and so far a source may be from what hinted at it.
_REACH_M: Final = 1000.0
_OFF_M: Final = 600.0


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The pulses from `begins_s` until `ends_s`, in seconds since 1970: whose and which each is, and when it arrived."""

    begins_s: float
    ends_s: float
    heard: tuple[Heard, ...]
    times_s: Floats

    def part(self, begins_s: float, ends_s: float) -> Stretch:
        """Those of them from then until then."""
        begins, ends = max(begins_s, self.begins_s), min(ends_s, self.ends_s)
        on = np.flatnonzero((self.times_s >= begins) & (self.times_s < ends))
        return Stretch(begins, ends, tuple(self.heard[k] for k in on.tolist()), self.times_s[on])

    def within(self, frame: Frame) -> tuple[Pulses, tuple[Heard, ...]]:
        """What the ears of a frame have of it, in seconds after its beginning, and which pulses those are; in one order."""
        number: dict[MicrophoneId, int] = {ear.id: k for k, ear in enumerate(frame.ears)}
        mine = [
            (number[one[0]], at, one)
            for one, at in zip(self.heard, self.times_s.tolist(), strict=True)
            if one[0] in number
        ]
        mine.sort()
        pulses = Pulses(
            np.array([sensor for sensor, _, _ in mine], dtype=np.intp),
            np.array([at for _, at, _ in mine], dtype=np.float64) - self.begins_s,
            0.0,
            self.ends_s - self.begins_s,
        )
        return pulses, tuple(one for _, _, one in mine)


@dataclass(frozen=True, slots=True)
class Hint:
    """That something was fired about there, from then to then (seconds since 1970)."""

    point: Point
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class Block:
    """Hints that are explained together."""

    hints: tuple[Hint, ...]

    @property
    def first_s(self) -> float:
        return min(hint.first_s for hint in self.hints)

    @property
    def last_s(self) -> float:
        return max(hint.last_s for hint in self.hints)

    @property
    def begins_s(self) -> float:
        """The beginning of what is looked at, on a slot's edge."""
        return math.floor((self.first_s - _BEFORE_S) / SLOT_S) * float(SLOT_S)

    @property
    def ends_s(self) -> float:
        """The end of what is looked at."""
        return math.ceil((self.last_s + _AFTER_S) / SLOT_S) * float(SLOT_S)


@dataclass(frozen=True, slots=True)
class Due:
    """Seconds (since 1970) of which is to be told anew what was fired in them, and the blocks that tell it."""

    begins_s: float
    ends_s: float
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """All that is located of what was fired between two moments, by these microphones: whatever was told of them before, heard by no
    other, and is not here has fallen."""

    begins: datetime
    ends: datetime
    sources: tuple[Located, ...]
    ears: frozenset[MicrophoneId]


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


def hints(neighbourhoods: Iterable[Neighbourhood], stretch: Stretch, air: Air) -> tuple[Hint, ...]:
    """What the stretch of a slot hints at, in all neighbourhoods."""
    found = []
    for one in neighbourhoods:
        pulses, _ = stretch.within(one.frame)
        for source in explained(one.frame.array, pulses, air):
            if one.is_ours(*source.place_m):
                fired = [stretch.begins_s + shot.at_s for shot in source.shots]
                found.append(Hint(one.frame.point(*source.place_m), min(fired), max(fired)))
    return tuple(sorted(found, key=_by_time))


def blocks(of_slots: Mapping[int, Sequence[Hint]]) -> tuple[Block, ...]:
    """Hints that belong together, by time and place."""
    groups: list[list[Hint]] = []
    for hint in sorted({hint for one in of_slots.values() for hint in one}, key=_by_time):
        mine = next((group for group in groups if _belongs(hint, group)), None)
        if mine is None:
            groups.append([hint])
        else:
            mine.append(hint)
    return tuple(Block(tuple(group)) for group in groups)


def _by_time(hint: Hint) -> tuple[float, float, float, float]:
    return hint.first_s, hint.last_s, hint.point.lat, hint.point.lon


def _belongs(hint: Hint, group: Sequence[Hint]) -> bool:
    if hint.last_s - group[0].first_s > _LONGEST_S or distance_m(hint.point, group[0].point) > _WIDEST_M:
        return False
    return any(
        hint.first_s - other.last_s <= _TOGETHER_S and distance_m(hint.point, other.point) <= _TOGETHER_M
        for other in group
    )


def due(
    of_slots: Mapping[int, Sequence[Hint]], looked: Iterable[int], fallen: Iterable[int]
) -> tuple[Due, ...]:
    """What is to be told anew once these slots were looked at; `fallen` are those of them that had hints before and have none now."""
    windows = [looked_at(slot) for slot in looked]
    spans = [looked_at(slot) for slot in fallen]
    left = list(blocks(of_slots))
    chosen = [one for one in left if any(_meet(one.begins_s, one.ends_s, *window) for window in windows)]
    found: list[Block] = []
    while chosen:
        found += chosen
        spans += [_fired(one) for one in chosen]
        left = [one for one in left if one not in chosen]
        # What else was fired in those seconds is told with them: it would seem to have fallen.
        chosen = [one for one in left if any(_meet(*_fired(one), *span) for span in spans)]
    return tuple(
        Due(begins, ends, tuple(one for one in found if _meet(*_fired(one), begins, ends)))
        for begins, ends in _merged(spans)
    )


def _fired(block: Block) -> tuple[float, float]:
    """The seconds in which what it tells of was fired: a longer look may find a round before the first hint, or after the last."""
    return block.first_s - _BEFORE_S, block.last_s + _BEFORE_S


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


def account(ears: Sequence[Ear], one: Due, stretch: Stretch, air: Air) -> Account:
    """What is located of these seconds; `stretch` reaches over all of the blocks, whatever of them is still to come."""
    told: list[Located] = []
    for block in one.blocks:
        told += _of_block(ears, block, stretch.part(block.begins_s, block.ends_s), air)
    surest: list[Located] = []
    for source in sorted(told, key=lambda found: (-found.log_odds, found.at, found.middle.lat)):
        if not any(same(source, other) for other in surest):
            surest.append(source)
    return Account(
        moment(one.begins_s),
        moment(one.ends_s),
        tuple(sorted(surest, key=lambda found: (found.at, found.middle.lat))),
        frozenset(ear.id for ear in ears),
    )


def _of_block(ears: Sequence[Ear], block: Block, stretch: Stretch, air: Air) -> Iterable[Located]:
    """The sources of a block, by all who could have heard it."""
    points = [hint.point for hint in block.hints]
    those = near(ears, points, _REACH_M)
    if not those:
        return
    frame = Frame.of(those)
    pulses, heard = stretch.within(frame)
    for source in explained(frame.array, pulses, air):
        found = located(frame, source, heard, stretch.begins_s)
        if min(distance_m(found.middle, point) for point in points) <= _OFF_M:
            yield found
