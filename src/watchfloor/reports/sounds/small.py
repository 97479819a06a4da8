"""What is published of small numbers: districts with few sounds in a month are told together, so that no figure is of a handful, and none
can be had by taking one from another. Pure.

A month is grouped by what is of it alone, and only once it is over: so it is told the same in whatever months somebody asks for. Sums of
the whole are never touched: they are what the center answers for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from watchfloor.reports.sounds.count import Entry

FEWEST: Final = 11
"""A row of a district and a month is of so many sounds at least, or of none."""
SEVERAL: Final = "several districts"


def together(entries: Sequence[Entry], this_month: str) -> list[Entry]:
    """The same rows, those of districts with few sounds in their month, and all of this month, as of several districts."""
    counts: dict[str, Counter[str]] = {}
    for one in entries:
        counts.setdefault(one.month, Counter())[one.district] += 1
    apart = {month: _apart(of) for month, of in counts.items() if month < this_month}
    return [
        one if one.district in apart.get(one.month, ()) else replace(one, district=SEVERAL) for one in entries
    ]


def _apart(counts: Mapping[str, int]) -> set[str]:
    """The districts of a month that are told apart: each has enough, and so have all others together."""
    apart = {district for district, count in counts.items() if count >= FEWEST}
    while apart:
        rest = sum(count for district, count in counts.items() if district not in apart)
        if not rest or rest >= FEWEST:
            break
        apart.remove(min(apart, key=lambda district: (counts[district], district)))
    return apart
