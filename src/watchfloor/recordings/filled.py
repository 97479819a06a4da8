"""What was missing and was fetched from a camera, as it is told: when, and what the camera said of the rest. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from watchfloor.recordings import forms
from watchfloor.recordings.forms import Filled
from watchfloor.recordings.model import GAP_FROM_US, at
from watchfloor.recordings.play import Range

MOST: Final = 50
Fetched = tuple[int, int, datetime]
# From, to in µs, and what came of asking the camera for it.
Said = tuple[int, int, str]


def filled(fetched: Sequence[Fetched], begin_us: int, end_us: int) -> list[Filled]:
    """The stretches of [begin, end) that were fetched, oldest first, the last `MOST`; segments of one stretch together."""
    told: list[Fetched] = []
    for since, until, when in sorted(fetched):
        since, until = max(since, begin_us), min(until, end_us)
        if until <= since:
            continue
        if told and since - told[-1][1] < GAP_FROM_US:
            told[-1] = (told[-1][0], max(until, told[-1][1]), max(when, told[-1][2]))
        else:
            told.append((since, until, when))
    return [{"from": at(since), "to": at(until), "filled_at": when} for since, until, when in told[-MOST:]]


def with_said(reason: str, begin_us: int, end_us: int, said: Sequence[Said]) -> str:
    """The reason of a gap, and what the camera said when it was asked for it."""
    for since, until, sentence in said:
        if since < end_us and begin_us < until:
            return f"{reason} {sentence}"
    return reason


def ranges_form(whole: list[Range], at_site: list[Range]) -> list[forms.Range]:
    """What there is of a time, here and at its site, in its order."""
    both = sorted(
        [*((one, False) for one in whole), *((one, True) for one in at_site)], key=lambda one: one[0].begin_us
    )
    return [
        {"from": at(one.begin_us), "to": at(one.end_us), "run": one.run, "at_site": there}
        for one, there in both
    ]
