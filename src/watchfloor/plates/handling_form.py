"""The outside form of how a vehicle is to be handled."""

from __future__ import annotations

from collections.abc import Iterable

from watchfloor.plates import forms
from watchfloor.plates.handling import Handling, in_order


def handling_json(handling: Iterable[str]) -> list[forms.HandlingNote]:
    """What whoever meets the vehicle must know first, in its order."""
    return [{"word": one, "text": one.words} for one in in_order(Handling(word) for word in handling)]
