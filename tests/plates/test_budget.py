"""From false alerts that a shift may bring to the probability from which a hit alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.plates.budget import (
    ENOUGH,
    FIRST,
    LEAST,
    LOOKS_BACK,
    SHIFT,
    Bin,
    cost_of,
    covered,
    threshold_of,
)
from watchfloor.plates.model import Priority

LIST = UUID(int=1)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
WEEKS = timedelta(days=28)


def some(probability: float, alerts: int, wrong: float, priority: Priority = Priority.USUAL) -> Bin:
    return Bin(priority, LIST, probability, alerts, wrong)


STREAM = [some(0.95, 100, 5), some(0.6, 100, 40), some(0.3, 200, 140), some(0.05, 5000, 4900)]


def test_in_the_first_days_what_is_likelier_wrong_than_right_does_not_alert() -> None:
    said = threshold_of(Priority.USUAL, 2.0, STREAM, covered=ENOUGH - timedelta(minutes=1))
    assert (said.probability, said.derived) == (FIRST, False)


def test_more_false_alerts_allowed_lower_the_threshold_and_fewer_raise_it() -> None:
    shifts = WEEKS / SHIFT
    said = [threshold_of(Priority.USUAL, of / shifts, STREAM, covered=WEEKS) for of in (4, 5, 45, 185, 9999)]
    assert [round(one.probability, 4) for one in said] == [0.9525, 0.6025, 0.3025, 0.1, 0.1]
    assert [round(one.wrong_per_shift * shifts, 3) for one in said] == [0, 5, 45, 185, 185]
    assert all(one.derived for one in said)


def test_a_list_of_another_priority_does_not_use_up_this_budget() -> None:
    urgent = [some(0.9, 50, 49, Priority.URGENT)]
    assert threshold_of(Priority.USUAL, 0.1, urgent, covered=WEEKS).probability == LEAST


BINS = st.lists(
    st.builds(
        lambda p, n, share: Bin(Priority.USUAL, LIST, p / 200, n, n * share),
        st.integers(0, 199),
        st.integers(1, 500),
        st.floats(0, 1),
    ),
    max_size=30,
    unique_by=lambda one: one.probability,
)


@given(BINS, st.floats(0, 50))
def test_at_the_derived_threshold_the_stream_stays_within_the_budget(bins: list[Bin], allowed: float) -> None:
    said = threshold_of(Priority.USUAL, allowed, bins, covered=WEEKS)
    assert LEAST <= said.probability <= 1
    assert cost_of(bins, said.probability).wrong / (WEEKS / SHIFT) <= allowed + 1e-9


@given(BINS, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_never_costs_more_and_never_misses_less(
    bins: list[Bin], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    cheap, dear = cost_of(bins, high), cost_of(bins, low)
    assert cheap.alerts <= dear.alerts
    assert cheap.wrong <= dear.wrong + 1e-9
    assert cheap.missed >= dear.missed - 1e-9


def test_what_is_looked_back_on_is_at_most_four_weeks() -> None:
    assert covered(None, NOW) == timedelta(0)
    assert covered(NOW - timedelta(days=3), NOW) == timedelta(days=3)
    assert covered(NOW - timedelta(days=300), NOW) == LOOKS_BACK
