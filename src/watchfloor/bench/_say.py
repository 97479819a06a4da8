"""How a bench begins and ends. It measures nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping

from watchfloor.kit.errors import Invalid


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
