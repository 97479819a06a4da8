"""Whose id it is: identity stands above and is handed in, so that lists can show people by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from watchfloor.storage.tx import Tx

NamesOf = Callable[[Tx, Sequence[UUID]], Awaitable[Mapping[UUID, str]]]


async def nobody(_: Tx, __: Sequence[UUID]) -> Mapping[UUID, str]:
    """No names: ids alone are shown."""
    return {}
