"""What is published of small numbers: districts with few sounds are told together, so that no figure is of a handful, and none can be
had by taking one from another. Pure.

Sums of the whole are never touched: they are what the center answers for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from watchfloor.reports.sounds.count import Entry

FEWEST: Final = 11
"""A row of a district is of so many sounds at least, or of none."""
SEVERAL: Final = "several districts"


def together(entries: Sequence[Entry], *, monthly: bool) -> list[Entry]:
    """The same rows, those of districts with few sounds (in any month, where the table is `monthly`) as of several districts."""
    apart = _apart(entries, monthly=monthly)
    return [one if one.district in apart else replace(one, district=SEVERAL) for one in entries]


def _apart(entries: Sequence[Entry], *, monthly: bool) -> set[str]:
    """The districts that are told apart: each has enough, and so have all others together."""
    counts: dict[str, dict[str, int]] = {}
    for one in entries:
        of = counts.setdefault(one.district, {})
        month = one.month if monthly else ""
        of[month] = of.get(month, 0) + 1
    apart = {district for district, of in counts.items() if min(of.values()) >= FEWEST}
    while apart:
        rest: dict[str, int] = {}
        for district in counts.keys() - apart:
            for month, count in counts[district].items():
                rest[month] = rest.get(month, 0) + count
        if not rest or min(rest.values()) >= FEWEST:
            break
        apart.remove(min(apart, key=lambda district: (sum(counts[district].values()), district)))
    return apart
