"""How a good client asks a center that may be away: again, until there is an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.engines.center import CLOCK

AGAIN_S: Final = 0.1
"""How long a client waits before it asks again."""


class NotNow(Exception):
    """Nobody answered, or somebody who cannot at present: asking again is right."""


class AnswerLost(Exception):
    """It was done; the answer fell with the server."""


async def insist(ask: Callable[[], Awaitable[Any]], within_s: float = 90) -> Any:
    """Ask until there is an answer other than "not now"."""
    end = CLOCK.monotonic() + within_s
    while True:
        try:
            return await ask()
        except NotNow as error:
            assert CLOCK.monotonic() < end, f"no answer within {within_s:.0f} s: {error}"
        await CLOCK.sleep(AGAIN_S)
