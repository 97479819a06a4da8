"""Portions are all of it, in order, and none too heavy but one that is so by itself."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.kit.portions import portions


@given(st.lists(st.integers(0, 20)), st.integers(1, 30))
def test_portions_are_all_of_it_in_order_and_as_few_as_may_be(weights: list[int], most: int) -> None:
    found = list(portions(weights, lambda weight: weight, most))
    assert [weight for portion in found for weight in portion] == weights
    assert all(portion and (sum(portion) <= most or len(portion) == 1) for portion in found)
    assert all(sum(one) + after[0] > most for one, after in itertools.pairwise(found))
