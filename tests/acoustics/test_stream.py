"""From pulses as they come to sources: the same whatever came when, whoever looked how often, and wherever a listener was killed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from watchfloor.acoustics.located import Heard, Located, SourceId
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.model import Air
from watchfloor.acoustics.neighbourhood import AROUND_M, MOST_OWN, WIDEST_M, Ear, neighbourhoods
from watchfloor.acoustics.stream import (
    SLOT_S,
    Hint,
    Stretch,
    account,
    blocks,
    due,
    hints,
    looked_at,
    slot_of,
    to_look_at,
)
from watchfloor.incidents.sound import KeptSource, Settled, SoundSource, settled
from watchfloor.kit.geo import Point, distance_m
from watchfloor_sim.acoustic_array import AcousticArray, Street, grid, shots

BEGAN_S = 1_900_000_000.0
LASTS_S = 10.0
LAST = slot_of(BEGAN_S + LASTS_S) - 1
ORIGIN = Point(38.63, -90.2)
# Each look costs a tenth of a second, and a smaller seed is no simpler street: nothing is shrunk.
DRAWN = (Phase.explicit, Phase.reuse, Phase.generate)


def point(east_m: float, north_m: float) -> Point:
    lon = east_m / (111_320 * float(np.cos(np.radians(ORIGIN.lat))))
    return Point(ORIGIN.lat + north_m / 111_320, ORIGIN.lon + lon)


def ears_of(count: int, seed: int, apart_m: float = 280.0) -> tuple[Ear, ...]:
    return tuple(
        Ear(MicrophoneId(UUID(int=n + 1)), point(*ear.place), ear.height_m, 0.1)
        for n, ear in enumerate(grid(count, apart_m=apart_m, seed=seed))
    )


def night(count: int, seed: int) -> Stretch:
    """Two who fire from two places, the second while the first still does."""
    made = AcousticArray(grid(count, apart_m=280.0, seed=seed), seed, Street(nlos_share=0.1, echoes=0.3))
    sounds = [shots((70.0, -40.0), 3.1, 3, every_s=0.5), shots((-180.0, 120.0), 3.9, 1)]
    heard = [one for one in made.hears(sounds, LASTS_S) if 0 <= one.at_s < LASTS_S]
    pulses: list[Heard] = [(MicrophoneId(UUID(int=one.ear + 1)), one.key) for one in heard]
    return Stretch(BEGAN_S, BEGAN_S + LASTS_S, tuple(pulses), np.array([BEGAN_S + one.at_s for one in heard]))


@dataclass
class Listening:
    """What a listener does, with a dictionary for its database. One that is `killed` kept what it located, and not that it looked."""

    ears: tuple[Ear, ...]
    looked: dict[int, int] = field(default_factory=dict)
    hinted: set[int] = field(default_factory=set)
    kept: list[KeptSource] = field(default_factory=list)
    hints: dict[int, tuple[Hint, ...]] = field(default_factory=dict)

    def look(self, there: Stretch, *, killed: bool = False) -> None:
        counts = Counter(slot_of(at) for at in there.times_s.tolist())
        dirty = [slot for slot, count in counts.items() if self.looked.get(slot) != count]
        windows = to_look_at(dirty, self.hinted, self.hints, LAST)
        before = {slot for slot in windows if slot in self.hinted or self.hints.get(slot)}
        for slot in windows:
            self.hints[slot] = hints(neighbourhoods(self.ears), there.part(*looked_at(slot)), Air())
        for one in due(self.hints, windows, [slot for slot in before if not self.hints[slot]]):
            told = account(self.ears, one, there, Air())
            self._keep(settled(self.kept, told.sources, (), told.begins, told.ends, told.ears))
        if killed:
            self.hints = {}
            return
        self.looked |= {slot: counts[slot] for slot in dirty}
        self.hinted = (self.hinted - set(windows)) | {slot for slot in windows if self.hints[slot]}

    def _keep(self, result: Settled) -> None:
        by_id = {one.source.id: one for one in self.kept}
        for before, one in result.revised:
            changed = SoundSource(before.source.id, before.source.version + 1, fallen=False, located=one)
            by_id[before.source.id] = KeptSource(changed, before.alert)
        for before in result.fallen:
            was = before.source
            by_id[was.id] = KeptSource(
                SoundSource(was.id, was.version + 1, fallen=True, located=was.located), before.alert
            )
        self.kept = list(by_id.values())
        for one in result.new:
            name = SourceId(UUID(int=len(self.kept) + 1))
            self.kept.append(KeptSource(SoundSource(name, 1, fallen=False, located=one), UUID(int=0)))

    def standing(self) -> list[Located]:
        found = [one.source.located for one in self.kept if not one.source.fallen]
        return sorted(found, key=lambda one: one.at)


def those(there: Stretch, which: NDArray[np.bool_]) -> Stretch:
    on = np.flatnonzero(which)
    return Stretch(
        there.begins_s, there.ends_s, tuple(there.heard[k] for k in on.tolist()), there.times_s[on]
    )


# One draw: each look at each slot costs a twentieth of a second, and there are thirty.
@settings(max_examples=1, deadline=None, phases=DRAWN)
@given(seed=st.integers(0, 1000), dies=st.booleans())
def test_the_order_of_arrival_and_kills_change_nothing(seed: int, dies: bool) -> None:  # hypothesis names it
    ears, whole = ears_of(7, 4), night(7, 4)
    at_once = Listening(ears)
    at_once.look(whole)
    assert len(at_once.standing()) == 2
    # Some pulses come before the first look and the others later; whoever looked is killed, and another goes on.
    early = np.random.default_rng(seed).random(len(whole.heard)) < 0.7
    in_turns = Listening(ears)
    in_turns.look(those(whole, early), killed=dies)
    in_turns.look(whole, killed=True)
    told = [(one.source.id, one.source.version) for one in in_turns.kept]
    in_turns.look(whole)
    assert [(one.source.id, one.source.version) for one in in_turns.kept] == told, "nothing is told twice"
    assert in_turns.standing() == at_once.standing()
    in_turns.look(whole)
    assert in_turns.looked.keys() == at_once.looked.keys()


def test_a_place_is_told_with_its_rounds_and_those_who_heard_it() -> None:
    listening = Listening(ears_of(9, 4))
    listening.look(night(9, 4))
    first, second = listening.standing()
    for found, there, rounds in ((first, point(70.0, -40.0), 3), (second, point(-180.0, 120.0), 1)):
        assert found.point is not None and distance_m(found.point, there) < 25
        assert len(found.rounds) == rounds and len(found.heard) >= 4
        assert not set(found.heard) & set(found.missed)
        assert found.half.major_m < found.most.major_m


def test_three_who_heard_it_tell_an_area_and_no_point() -> None:
    """Three fit some place whatever they heard."""
    whole, few = night(9, 4), set(list(dict.fromkeys(ear.id for ear in ears_of(9, 4)))[:3])
    listening = Listening(tuple(ear for ear in ears_of(9, 4) if ear.id in few))
    listening.look(those(whole, np.array([who in few for who, _ in whole.heard])))
    for one in listening.standing():
        assert one.point is None and one.region is not None


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 160), seed=st.integers(0, 50), apart=st.sampled_from([120.0, 330.0, 2000.0]))
def test_every_microphone_is_one_neighbourhoods_own(count: int, seed: int, apart: float) -> None:
    ears = ears_of(count, seed, apart)
    found = neighbourhoods(ears)
    assert sum(len(one.own) for one in found) == count
    for one in found:
        assert len(one.own) <= MOST_OWN and np.ptp(one.own, axis=0).max() <= WIDEST_M + 1
        assert len(one.frame.ears) >= len(one.own)
        assert all(one.is_ours(*place) for place in one.own.tolist())
        far = np.abs(one.frame.array.places_m[:, :2][:, None] - one.own[None]).max(axis=2).min(axis=1)
        assert far.max() <= AROUND_M * 2 + WIDEST_M
    assert neighbourhoods(tuple(reversed(ears)))[0].frame.ears == found[0].frame.ears


@pytest.mark.parametrize(
    ("steps", "count"), [([0, 3, 6], 1), ([0, 5], 2), ([0, 3, 6, 9, 12, 15, 18, 21], 2), ([0], 1)]
)
def test_hints_near_to_each_other_are_explained_together(steps: list[int], count: int) -> None:
    told = {slot_of(BEGAN_S + at): [Hint(point(0, at), BEGAN_S + at, BEGAN_S + at)] for at in steps}
    assert len(blocks(told)) == count


def test_hints_of_a_whole_city_are_many_blocks() -> None:
    told = {0: [Hint(point(east, 0), BEGAN_S, BEGAN_S) for east in range(0, 12_000, 800)]}
    found = blocks(told)
    assert len(found) > 2 and max(len(block.hints) for block in found) <= 3
    assert all(block.ends_s - block.begins_s <= 5 * SLOT_S for block in found)
