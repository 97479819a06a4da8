"""How a bench ends. It measures nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping


def say(figures: Mapping[str, object], *, as_json: bool) -> None:
    """One JSON line on stdout, or a figure a line for a person."""
    if as_json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:32} {value}")
