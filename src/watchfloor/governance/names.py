"""Whose id it is, and of what: the slices that know stand above and are handed in, so that lists can show names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from watchfloor.governance.model import Actor
from watchfloor.governance.needs import Need
from watchfloor.storage.tx import Tx

NamesOf = Callable[[Tx, Sequence[UUID]], Awaitable[Mapping[UUID, str]]]
ThingsOf = Callable[[Tx, Sequence[str], Sequence[UUID]], Awaitable[Mapping[UUID, str]]]
"""What things of these kinds and ids are called."""

# Whoever may see such things is told their names beside the log of their own asks.
_SEEN_BY: Final = {
    "camera": Need.CAMERAS_VIEW,
    "reader": Need.READERS_VIEW,
    "microphone": Need.MICROPHONES_VIEW,
    "case": Need.CASES_VIEW,
    "call": Need.CASES_VIEW,
    "incident": Need.INCIDENTS_VIEW,
    "alert": Need.ALERTS_VIEW,
    "unit": Need.UNITS_VIEW,
    "person": Need.PEOPLE_VIEW,
    "authorisation": Need.POLICY_VIEW,
}


def kinds_told(actor: Actor) -> list[str]:
    """The kinds of things whose names an actor is told in the log: all to those who oversee."""
    if actor.roles & Need.AUDIT_VIEW.roles:
        return sorted(_SEEN_BY)
    return sorted(kind for kind, need in _SEEN_BY.items() if actor.roles & need.roles)


async def nobody(_: Tx, __: Sequence[UUID]) -> Mapping[UUID, str]:
    """No names: ids alone are shown."""
    return {}


async def nothing(_: Tx, __: Sequence[str], ___: Sequence[UUID]) -> Mapping[UUID, str]:
    """No names of things."""
    return {}
