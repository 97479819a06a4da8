"""How a source was fired and how many rounds: what even and quick gaps say, whatever the order and the clock; and what is no moment."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.acoustics.street import array
from watchfloor.acoustics.count import Count, count_of
from watchfloor.acoustics.model import Array, Ellipse, Floats, Shot, Source
from watchfloor.acoustics.pattern import Fire, pattern_of
from watchfloor.kit.errors import Invalid

AROUND = Ellipse(1.0, 1.0, 0.0)
moments = st.lists(st.floats(0, 30), min_size=1, max_size=9)


def uneven(mean_s: float, apart: float, rounds: int, seed: int = 1) -> list[float]:
    """Moments whose gaps differ so much from each other; by the same draws for every `apart`."""
    drawn = np.random.default_rng(seed).standard_normal(rounds - 1)
    gaps: Floats = mean_s * np.exp(apart * drawn)
    return [0.0, *np.cumsum(gaps).tolist()]


@pytest.mark.parametrize(
    ("times", "fire"),
    [
        ([4.0], Fire.SINGLE),
        ([0.0, 0.4, 0.75, 1.2], Fire.BURST),
        ([0.0, 0.4, 0.75, 4.2, 4.5, 4.9], Fire.BURST),
        ([0.08 * k for k in range(8)], Fire.AUTOMATIC),
        ([0.08 * k for k in range(9) if k != 4], Fire.AUTOMATIC),
        ([*(0.08 * k for k in range(5)), *(2.0 + 0.08 * k for k in range(5))], Fire.AUTOMATIC),
        ([*(0.09 * k for k in range(9)), 0.121, 0.483, 0.802], Fire.TWO_WEAPONS),
        ([0.0, 0.42, 0.80, 1.25, 1.61, 0.05, 0.39, 0.86, 1.2, 1.68], Fire.TWO_WEAPONS),
    ],
    ids=[
        "one",
        "a finger",
        "a finger that waits",
        "automatic",
        "with one missed",
        "two bursts",
        "both at once",
        "two",
    ],
)
def test_the_likeliest_pattern_is_the_one_a_person_would_name(times: list[float], fire: Fire) -> None:
    pattern = pattern_of(times)
    assert pattern.most is fire
    assert pattern.rounds == len(times)


@settings(max_examples=25, deadline=None)
@given(moments, st.floats(-1e5, 1e5))
def test_neither_the_order_nor_the_clock_changes_a_pattern(times: list[float], shift: float) -> None:
    told = pattern_of(times)
    assert sum(told.likely.values()) == pytest.approx(1.0)
    assert all(0 <= share <= 1 for share in told.likely.values())
    moved = [at + shift for at in reversed(times)]
    again = pattern_of(moved)
    for fire in Fire:
        assert again.likely[fire] == pytest.approx(told.likely[fire], abs=1e-3)
    assert again.lasts_s == pytest.approx(told.lasts_s, abs=1e-6)


@settings(max_examples=8, deadline=None)
@given(st.floats(0.055, 0.11), st.integers(6, 12), st.integers(0, 1000))
def test_the_more_even_quick_rounds_are_the_more_they_are_an_automatic_weapons(
    mean_s: float, rounds: int, seed: int
) -> None:
    even, uneven_ones = (pattern_of(uneven(mean_s, apart, rounds, seed)) for apart in (0.02, 0.6))
    assert even.likely[Fire.AUTOMATIC] > 0.8
    assert even.likely[Fire.AUTOMATIC] >= uneven_ones.likely[Fire.AUTOMATIC] - 1e-3
    assert (even.evenness or 0) > (uneven_ones.evenness or 0)
    assert even.rhythm.weapon - even.rhythm.string > uneven_ones.rhythm.weapon - uneven_ones.rhythm.string


def test_even_quick_gaps_speak_for_a_weapon_and_uneven_quick_ones_for_a_string() -> None:
    weapon, string = pattern_of(uneven(0.09, 0.02, 9)).rhythm, pattern_of(uneven(0.09, 0.8, 12)).rhythm
    assert weapon.weapon > weapon.string + 3
    assert string.string > string.weapon + 3
    assert pattern_of([1.0]).rhythm.weapon == pytest.approx(0.0)


def test_a_rate_and_an_evenness_are_told_only_where_there_are_enough_rounds() -> None:
    one, two, three = (pattern_of([0.5 * k for k in range(rounds)]) for rounds in (1, 2, 3))
    assert (one.per_s, one.evenness) == (None, None)
    assert (two.per_s, two.evenness) == (2.0, None)
    assert (three.per_s, three.evenness) == (2.0, 1.0)
    assert pattern_of([3.0, 3.0]).per_s is None


@pytest.mark.parametrize("times", [[], [math.nan], [0.0, math.inf]])
def test_what_is_no_moment_is_refused_in_words(times: list[float]) -> None:
    with pytest.raises(Invalid, match="finite numbers"):
        pattern_of(times)


def test_sixty_rounds_and_more_are_told_too() -> None:
    assert pattern_of([0.1 * k for k in range(90)]).most is Fire.AUTOMATIC
    assert pattern_of([0.0] * 70).rounds == 70


OVER = array(10, 1)


def fired(
    times: list[float],
    adds: list[float],
    *,
    heard: float = 1.0,
    refused: tuple[float, ...] = (),
    over: Array = OVER,
) -> Source:
    """A source whose rounds each of so many of the sensors heard."""
    chance = np.random.default_rng(0)
    shots = [
        Shot(at, np.where(chance.uniform(size=len(over)) < heard, 0, -1), each)
        for at, each in zip(times, adds, strict=True)
    ]
    return Source((0.0, 0.0), tuple(shots), 50.0, AROUND, AROUND, refused=refused)


def held(count: Count) -> None:
    assert sum(count.likely) == pytest.approx(1.0)
    assert count.first >= 1 and count.low <= count.high
    assert count.exact == count.of(count.told)


def test_rounds_that_many_heard_are_counted_almost_surely() -> None:
    count = count_of(fired([1.0, 1.4, 1.8], [40.0, 40.0, 40.0]), OVER)
    held(count)
    assert count.exact > 0.98 and (count.low, count.high) == (3, 3)
    assert count.of(99) == count.of(0) == 0.0


def test_a_round_that_hardly_adds_anything_may_be_none_and_one_refused_may_be_one() -> None:
    sure, weak = (count_of(fired([1.0, 1.4], [40.0, adds]), OVER) for adds in (40.0, 5.5))
    refused = count_of(fired([1.0, 1.4], [40.0, 40.0], refused=(4.5,)), OVER)
    for count in (sure, weak, refused):
        held(count)
    assert weak.exact < 0.7 and weak.of(1) > 0.3 and weak.low == 1
    assert refused.exact < 0.7 and refused.of(3) > 0.3 and refused.high == 3


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(5.0, 60.0), min_size=1, max_size=8), st.lists(st.floats(0.1, 5.0), max_size=4))
def test_the_more_each_round_adds_the_surer_the_count_and_its_numbers_make_one(
    adds: list[float], refused: list[float]
) -> None:
    times = [0.4 * k for k in range(len(adds))]
    weak, sure = (count_of(fired(times, [each + more for each in adds]), OVER) for more in (0.0, 5.0))
    also = count_of(fired(times, adds, refused=tuple(refused)), OVER)
    for count in (weak, sure, also):
        held(count)
    assert sure.exact >= weak.exact - 1e-9
    assert also.high >= weak.high


def test_where_few_of_them_hear_each_round_some_may_have_been_missed() -> None:
    few = array(5, 1)
    sure = count_of(fired([0.4 * k for k in range(5)], [25.0] * 5, over=few), few)
    deaf = count_of(fired([0.4 * k for k in range(5)], [7.0] * 5, heard=0.5, over=few), few)
    assert deaf.exact < sure.exact and deaf.high > 5
    assert deaf.of(6) > sure.of(6)


def test_an_uneven_string_has_bangs_that_were_too_near_to_each_other() -> None:
    even, string = (count_of(fired(uneven(0.08, apart, 20, 2), [40.0] * 20), OVER) for apart in (0.01, 1.0))
    assert even.exact > 0.9
    assert string.exact < 0.5 and string.high > 20


def test_rounds_that_a_wall_answers_may_be_half_as_many_only_for_sensors_that_lie_one_way() -> None:
    times = [1.0, 1.1, 1.9, 2.0]
    line = Array(
        np.column_stack([np.linspace(200, 500, 5), np.linspace(-20, 20, 5), np.full(5, 6.0)]), np.full(5, 0.1)
    )
    one_way, around = (count_of(fired(times, [40.0] * 4, over=over), over) for over in (line, OVER))
    assert one_way.of(2) == pytest.approx(0.5, abs=0.05) and one_way.low == 2
    assert around.of(2) < 0.01
    assert count_of(fired([0.1 * k for k in range(4)], [40.0] * 4, over=line), line).of(2) < 0.01


def test_a_source_that_cannot_be_counted_is_refused_in_words() -> None:
    with pytest.raises(Invalid, match="without a round"):
        count_of(Source((0.0, 0.0), (), 1.0, AROUND, AROUND), OVER)
    with pytest.raises(Invalid, match="another array"):
        count_of(fired([1.0], [9.0]), array(4, 1))
    unreckoned = count_of(
        Source((0.0, 0.0), (Shot(1.0, np.zeros(len(OVER), dtype=np.intp)),), 9.0, AROUND, AROUND), OVER
    )
    held(unreckoned)
    assert unreckoned.exact > 0.98
