"""How a bench begins and ends. It measures nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid

_T = TypeVar("_T")
# Whoever waits is told so often, in seconds, how far it is.
_EVERY_S: Final = 5.0


def in_turn(what: str, some: Sequence[_T], *, every_s: float = _EVERY_S) -> Iterator[_T]:
    """Each of these, saying on stderr every few seconds how many are done and how long that took."""
    clock = SystemClock()
    began = said = clock.monotonic()
    for done, one in enumerate(some):
        now = clock.monotonic()
        if done and now - said >= every_s:
            print(f"{what}: {done} of {len(some)} in {now - began:.0f} s", file=sys.stderr, flush=True)
            said = now
        yield one


def at_least(least: int, **asked: int) -> None:
    """Raises Invalid, with the option, for a number of which nothing comes that could be measured."""
    for name, number in asked.items():
        if number < least:
            raise Invalid(
                f"--{name.replace('_', '-')} is {number}; there is nothing to measure below {least}."
            )


def say(figures: Mapping[str, object], *, as_json: bool) -> None:
    """One JSON line on stdout, or a figure a line for a person."""
    if as_json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:32} {value}")
