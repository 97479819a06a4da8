"""From pulses to sources: what was fired is found with its rounds, nothing else is, whatever the order, the place and the echoes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.acoustics.street import Fired, array, heard, moved, pulses_of, turn
from watchfloor.acoustics.explain import explained, joined
from watchfloor.acoustics.hearing import STREET
from watchfloor.acoustics.model import Air, Array, Pulses, Source
from watchfloor.acoustics.rounds import Padded
from watchfloor.acoustics.scene import Held, Scene, tried
from watchfloor.acoustics.whole import whole
from watchfloor.kit.errors import Invalid

AIR = Air()
ONE = Fired((120.0, -80.0), (2.0,))
BURST = Fired((-150.0, 90.0), (1.0, 1.45, 1.9))
seeds = st.integers(0, 10_000)
# Each look costs a tenth of a second, and a smaller seed is no simpler street: nothing is shrunk.
DRAWN = (Phase.explicit, Phase.reuse, Phase.generate)


def off_m(source: Source, fired: Fired) -> float:
    return float(np.hypot(*(np.array(source.place_m) - fired.place_m)))


# The same draws each time: in a rare one (445 is) an echo is a source too, which is the bench's to count.
@settings(max_examples=3, deadline=None, phases=DRAWN, derandomize=True)
@given(seeds)
def test_a_burst_among_echoes_and_clutter_is_one_source_with_its_rounds(seed: int) -> None:
    over = array(14, seed, clutter_per_s=0.2)
    (source,) = explained(over, heard(over, [BURST], seed, echoes=1.0), AIR)
    assert off_m(source, BURST) < 15
    assert len(source.shots) == 3
    assert np.diff([shot.at_s for shot in source.shots]) == pytest.approx([0.45, 0.45], abs=0.004)
    assert source.half.major_m < source.most.major_m < 40
    assert source.region is None


def test_a_wall_that_answers_every_round_is_not_taken_for_the_way_itself() -> None:
    """Its answers keep step as well, and with four sensors both fit a place; but what follows a pulse is no news."""
    over = array(4, 7, wide_m=600)
    way = np.hypot(*(over.places_m[:, :2] - np.array(BURST.place_m)).T)
    direct = [(s, at + float(way[s]) / 340.8) for at in BURST.at_s for s in range(4)]
    answers = [(s, came + 0.060) for s, came in direct if s == 2]
    (source,) = explained(over, pulses_of(direct + answers), AIR)
    assert off_m(source, BURST) < 5
    assert all(shot.pulses[2] < len(direct) for shot in source.shots)


@settings(max_examples=4, deadline=None, phases=DRAWN)
@given(seeds, st.floats(0.02, 0.5))
def test_clutter_alone_is_no_source(seed: int, clutter_per_s: float) -> None:
    over = array(12, seed, clutter_per_s=clutter_per_s)
    assert explained(over, heard(over, [], seed), AIR) == ()


def test_twenty_quick_rounds_are_where_they_were_fired_and_not_a_round_s_travel_away() -> None:
    """All but the first arrivals agree with a place thirty metres of travel further as well."""
    over = array(12, 9, wide_m=1200)
    string = Fired((150.0, -90.0), tuple(1.0 + 0.09 * k for k in range(20)))
    (source,) = explained(over, heard(over, [string], 9, echoes=1.0), AIR)
    assert off_m(source, string) < 15
    assert len(source.shots) == 20


def test_what_moves_by_a_few_metres_as_it_goes_on_is_one_source_with_all_its_rounds() -> None:
    over = array(12, 12, wide_m=800)
    here, there = Fired((60.0, 20.0), (1.0, 1.4, 1.8)), Fired((68.0, 14.0), (2.3, 2.65, 3.1))
    (source,) = explained(over, heard(over, [here, there], 12), AIR)
    assert off_m(source, here) < 20
    assert [shot.at_s for shot in source.shots] == pytest.approx([*here.at_s, *there.at_s], abs=0.05)


def test_two_shooters_within_two_seconds_are_told_apart() -> None:
    over = array(16, 3, wide_m=1200)
    other = Fired((160.0, 110.0), (1.7, 2.3))
    found = explained(over, heard(over, [BURST, other], 3, echoes=0.5), AIR)
    assert len(found) == 2
    for fired in (BURST, other):
        source = min(found, key=lambda one: off_m(one, fired))
        assert off_m(source, fired) < 15
        assert len(source.shots) == len(fired.at_s)


def test_what_the_surest_source_leaves_is_looked_at_once_more() -> None:
    """Among the echoes of one burst no place of the other stands out; without that burst's own it does."""
    over = array(14, 10, wide_m=1000, clutter_per_s=0.2)
    other = Fired((160.0, 110.0), (1.7, 2.3))
    found = explained(over, heard(over, [BURST, other], 10, echoes=1.0), AIR)
    assert [len(min(found, key=lambda one: off_m(one, fired)).shots) for fired in (BURST, other)] == [3, 2]
    assert len(found) == 2 and all(min(off_m(one, BURST), off_m(one, other)) < 15 for one in found)


def test_two_beside_each_other_are_one_where_one_explains_as_much_and_stay_two_where_it_does_not() -> None:
    """Each half of the sensors has a guess of its own, some metres apart: one of them explains what both do."""
    over = array(20, 4, wide_m=900)
    scene, halves = split(over, heard(over, [BURST], 4), [BURST.place_m, (-135.0, 75.0)])
    assert all(one.heard >= 5 for one in halves)
    (one,) = joined(scene, halves)
    assert one.heard >= sum(half.heard for half in halves) and np.hypot(*(one.place_m - BURST.place_m)) < 15
    other = Fired((-70.0, 40.0), (1.2, 1.5, 2.15))
    pulses = heard(over, [BURST, other], 4)
    scene = Scene.of(over, pulses.of(pulses.once()), AIR, STREET)
    both: list[Held] = []
    for fired in (BURST, other):
        left = scene.taken(both)
        both.append(whole(scene, left, tried(scene, left, np.array(fired.place_m), fired.at_s)))
    assert len(joined(scene, both)) == 2


def split(over: Array, pulses: Pulses, places_m: list[tuple[float, float]]) -> tuple[Scene, list[Held]]:
    """One burst as every second sensor explains it from one place and the others from the other."""
    scene = Scene.of(over, pulses.of(pulses.once()), AIR, STREET)
    found = []
    for which, place in enumerate(places_m):
        times = scene.padded.times_s.copy()
        times[1 - which :: 2] = np.nan
        left = Padded(times, scene.padded.which)
        found.append(whole(scene, left, tried(scene, left, np.array(place), BURST.at_s)))
    return scene, found


@settings(max_examples=2, deadline=None, phases=DRAWN)
@given(seeds, st.floats(0, 360), st.tuples(st.floats(-9000, 9000), st.floats(-9000, 9000)))
def test_a_moved_and_turned_city_has_the_same_shot_in_the_moved_place(
    seed: int, degrees: float, by_m: tuple[float, float]
) -> None:
    over = array(12, seed, wide_m=600)
    pulses = heard(over, [ONE], seed)
    (here,), (there,) = (explained(one, pulses, AIR) for one in (over, moved(over, by_m, degrees)))
    expected = turn(np.array([here.place_m]), degrees)[0] + by_m
    assert there.place_m == pytest.approx(expected.tolist(), abs=0.5)
    assert len(there.shots) == len(here.shots)


def test_the_order_of_arrival_and_a_pulse_sent_twice_change_nothing() -> None:
    over = array(10, 5)
    pulses = heard(over, [ONE], 5, echoes=0.5)
    (source,) = explained(over, pulses, AIR)
    order = np.random.default_rng(1).permutation(np.repeat(np.arange(len(pulses)), 2))
    (same,) = explained(over, pulses.of(order), AIR)
    assert same.place_m == pytest.approx(source.place_m, abs=1e-6)
    (one,), (again,) = source.shots, same.shots
    assert again.at_s == pytest.approx(one.at_s, abs=1e-9)
    on = one.pulses >= 0
    # Each knows its pulses by the indices that it was given.
    assert (pulses.sensors[one.pulses[on]] == np.flatnonzero(on)).all()
    assert pulses.times_s[order][again.pulses[on]] == pytest.approx(pulses.times_s[one.pulses[on]], abs=1e-9)


def test_more_sensors_are_not_worse_and_the_ellipse_says_so() -> None:
    few, many = (_three(sensors) for sensors in (8, 16))
    assert np.median([off_m(one, ONE) for one in many]) <= np.median([off_m(one, ONE) for one in few]) + 1.0
    assert np.median([one.most.major_m for one in many]) < np.median([one.most.major_m for one in few])


def _three(sensors: int) -> list[Source]:
    """The same shot in three streets of so many sensors."""
    streets = [(array(sensors, seed, wide_m=600), seed) for seed in range(3)]
    return [explained(over, heard(over, [ONE], seed), AIR)[0] for over, seed in streets]


def test_sensors_on_one_line_give_a_region_that_holds_both_sides_of_it() -> None:
    over = array(9, 1)
    line = over.places_m.copy()
    line[:, 1] = 0.0
    over = Array(line, over.clutter_per_s)
    (source,) = explained(over, heard(over, [Fired((40.0, 180.0), (2.0,))], 4), AIR)
    assert source.region is not None
    assert source.region.holds(40.0, 180.0)
    assert source.region.holds(40.0, -180.0)


@pytest.mark.parametrize("off_s", [0.030, 2.5], ids=["a little", "seconds"])
def test_a_sensor_whose_clock_lies_moves_nothing(off_s: float) -> None:
    over = array(10, 8)
    pulses = heard(over, [BURST], 8, clock_off_s={4: off_s})
    (source,) = explained(over, pulses, AIR)
    assert off_m(source, BURST) < 15
    assert len(source.shots) == 3
    assert source.most.holds(*(np.array(BURST.place_m) - source.place_m).tolist())


def test_with_a_third_of_the_sensors_dead_the_others_locate_it() -> None:
    over = array(15, 11)
    dead = frozenset({1, 4, 7, 8, 12})
    (source,) = explained(over, heard(over, [BURST], 11, echoes=0.5, dead=dead), AIR)
    assert off_m(source, BURST) < 15
    assert not dead & set(source.heard_by.tolist())


def test_a_sensor_that_floods_its_line_says_nothing_and_spoils_nothing() -> None:
    over = array(10, 6)
    pulses = heard(over, [ONE], 6)
    flood = [(2, float(t)) for t in np.linspace(0, 6, 400)]
    told = list(zip(pulses.sensors.tolist(), pulses.times_s.tolist(), strict=True))
    (source,) = explained(over, pulses_of(told + flood), AIR)
    assert off_m(source, ONE) < 15
    assert 2 not in source.heard_by


def test_an_impulse_that_three_sensors_heard_once_is_not_enough() -> None:
    """Three arrivals always agree on some place: that they do says nothing."""
    over = array(9, 2)
    way = np.hypot(*(over.places_m[:, :2] - np.array(ONE.place_m)).T)
    near = np.argsort(way)[:3].tolist()
    assert explained(over, pulses_of([(s, 2.0 + way[s] / 340.8) for s in near]), AIR) == ()


def test_fewer_than_three_sensors_say_nothing_of_a_place() -> None:
    over = array(9, 1)
    assert explained(over, pulses_of([(0, 3.0), (1, 3.1), (1, 3.4)]), AIR) == ()
    assert explained(over, pulses_of([]), AIR) == ()
    assert explained(Array(np.zeros((0, 3)), np.zeros(0)), pulses_of([]), AIR) == ()


def test_sensors_in_one_place_say_nothing_of_another() -> None:
    over = Array(np.zeros((5, 3)), np.full(5, 0.1))
    for source in explained(over, pulses_of([(s, 3.0) for s in range(5)]), AIR):
        assert source.region is not None or source.most.major_m > 100


def test_many_who_hear_hardly_anything_are_looked_at_no_finer_than_can_be_paid() -> None:
    over = array(100, 1, wide_m=3300.0)
    assert explained(over, pulses_of([(10 * s, s / 3) for s in range(5)]), AIR) == ()


@pytest.mark.parametrize(
    ("over", "pulses", "says"),
    [
        (array(4, 1), pulses_of([(4, 1.0)]), "not in the array"),
        (array(4, 1, wide_m=4e5), pulses_of([(s, 1.0) for s in range(4)]), "too far apart"),
        (array(4, 1), Pulses(np.arange(4), np.zeros(4), 0.0, 1e6), "window is too long"),
    ],
    ids=["a stranger", "a country", "days"],
)
def test_what_cannot_be_looked_at_is_refused_in_words(over: Array, pulses: Pulses, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        explained(over, pulses, AIR)
