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

from watchfloor.acoustics.due import (
    AROUND_SLOTS,
    SLOT_S,
    Hint,
    blocks,
    due,
    looked_at,
    newest_first,
    slot_of,
    to_look_at,
)
from watchfloor.acoustics.located import Heard, Located, SourceId, moment
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.model import Air
from watchfloor.acoustics.neighbourhood import AROUND_M, MOST_OWN, WIDEST_M, Ear, neighbourhoods
from watchfloor.acoustics.stream import Stretch, account, hints
from watchfloor.acoustics.weather import Weather
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
        for one in due(self.hints, windows, before):
            told = account(self.ears, one, there, Weather())
            self.keep(settled(self.kept, told.sources, (), told.cover, told.ears))
        if killed:
            self.hints = {}
            return
        self.looked |= {slot: counts[slot] for slot in dirty}
        self.hinted = (self.hinted - set(windows)) | {slot for slot in windows if self.hints[slot]}

    def keep(self, result: Settled) -> None:
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


def test_hints_of_a_whole_city_are_explained_square_by_square() -> None:
    told = {0: [Hint(point(east, 0), BEGAN_S, BEGAN_S) for east in range(0, 12_000, 800)]}
    (found,) = blocks(told)
    assert len(found.parts) > 4 and max(len(part) for part in found.parts) <= 3
    assert found.ends_s - found.begins_s <= 5 * SLOT_S


def _the_fourth(lasts_s: int, seed: int) -> dict[int, list[Hint]]:
    """Fire from everywhere without a pause, as each slot hints at it."""
    chance, told = np.random.default_rng(seed), dict[int, list[Hint]]()
    for at in np.arange(0.0, lasts_s, 0.7).tolist():
        one = Hint(point(*chance.uniform(-1500, 1500, 2)), BEGAN_S + at, BEGAN_S + at + chance.uniform(0, 2))
        told.setdefault(slot_of(one.last_s), []).append(one)
    return told


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1000))
def test_fire_without_a_pause_is_cut_at_the_same_moments_whoever_looks_and_told_anew_where_it_is_new(
    seed: int,
) -> None:
    whole = _the_fourth(240, seed)
    slots = sorted(whole)
    for now in (slots[40], slots[80]):
        told = due(whole, [now], [now])
        begins = min(one.block.begins_s for one in told if one.block is not None)
        assert begins >= looked_at(now)[0] - 24, "however long it has gone on"
        assert all(one.ends_s - one.begins_s <= 16 + 5 * SLOT_S for one in told)
        # Whoever was started just now, and knows what is around alone, tells the same.
        around = {slot: some for slot, some in whole.items() if abs(slot - now) <= AROUND_SLOTS}
        assert due(around, [now], [now]) == told
    every = due(whole, slots, slots)
    for hint in (hint for some in whole.values() for hint in some):
        for place in (hint.point, point(*np.random.default_rng(seed).uniform(-2500, 2500, 2))):
            assert sum(one.cover.holds(place, moment(hint.first_s)) for one in every) == 1, "one account's"


def test_what_grows_longer_than_a_block_is_told_anew_from_its_beginning() -> None:
    """It was one block, and its rounds are now those of two."""
    told = {slot_of(BEGAN_S + at): [Hint(point(0, 0), BEGAN_S + at, BEGAN_S + at)] for at in range(6, 25, 3)}
    (short,) = due(
        {slot: some for slot, some in told.items() if slot <= slot_of(BEGAN_S + 21)}, [slot_of(BEGAN_S + 21)]
    )
    long = due(told, [slot_of(BEGAN_S + 24)])
    assert [(one.cover.from_s - BEGAN_S, one.cover.until_s - BEGAN_S) for one in (short, *long)] == [
        (4, 23),
        (4, 16),
        (16, 26),
    ]


def test_the_latest_seconds_are_looked_at_first_and_with_what_is_looked_at_beside_them() -> None:
    rows = newest_first([1, 2, 5, 6, 7, 8, 9], 3)
    assert rows == [[7, 8, 9], [5, 6], [1, 2]]


def test_fire_that_goes_on_is_told_round_by_round_on_both_sides_of_a_cut() -> None:
    """It was one block at first, and two in the end: each round is told once."""
    fired, lasts_s = [3.3 + 2.1 * n for n in range(9)], 26.0
    made = AcousticArray(grid(6, apart_m=280.0, seed=4), 4, Street(nlos_share=0.0, echoes=0.0))
    heard = [
        one
        for one in made.hears([shots((70.0, -40.0), 3.3, 9, every_s=2.1)], lasts_s)
        if 0 <= one.at_s < lasts_s
    ]
    pulses: list[Heard] = [(MicrophoneId(UUID(int=one.ear + 1)), one.key) for one in heard]
    whole = Stretch(
        BEGAN_S, BEGAN_S + lasts_s, tuple(pulses), np.array([BEGAN_S + one.at_s for one in heard])
    )
    hinted = {slot_of(BEGAN_S + at): [Hint(point(70.0, -40.0), BEGAN_S + at, BEGAN_S + at)] for at in fired}
    listening, slots = Listening(ears_of(6, 4)), sorted(hinted)
    for known, looked in ((slots[:6], slots[:6]), (slots, slots[6:])):
        for one in due({slot: hinted[slot] for slot in known}, looked):
            there = whole.part(BEGAN_S, looked_at(known[-1] + 1)[1])
            told = account(listening.ears, one, there, Weather())
            listening.keep(settled(listening.kept, told.sources, (), told.cover, told.ears))
    first, second = found = listening.standing()
    rounds = [one.at.timestamp() - BEGAN_S for source in found for one in source.rounds]
    assert np.allclose(rounds, fired, atol=0.1), rounds
    assert first.until.timestamp() < BEGAN_S + 16 <= second.at.timestamp()
    assert all(distance_m(one.middle, point(70.0, -40.0)) < 40 for one in found)
