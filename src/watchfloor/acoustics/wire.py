"""The way to a microphone that is asked for sound: over the bus, on its own subject, and back. Nothing of it is kept on the way.

It decides nothing. A microphone that is not there says nothing, and what is asked of it is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final, Protocol

from watchfloor.acoustics.admit import CLIPS, PULLS
from watchfloor.acoustics.pull import Clip, NoClip, answer
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.kit.logs import logger
from watchfloor.storage.nats import Bus

WITHIN_S: Final = 8.0
"""A board on a radio link sends a clip of 130 KB in that time."""
_MOST_ANSWERS: Final = 16
"""Of one microphone at once: what it says beyond that nobody asked."""

_log = logger("acoustics")


class Wire(Protocol):
    """How a microphone is asked."""

    async def ask(self, microphone: str, pull: str, payload: bytes) -> Clip | NoClip | None:
        """What it answers to this pull; None where it says nothing. Raises Unavailable where it could not be asked."""


class OverBus:
    """By the bus."""

    def __init__(self, bus: Bus, within_s: float = WITHIN_S) -> None:
        self._bus, self._within_s = bus, within_s

    async def ask(self, microphone: str, pull: str, payload: bytes) -> Clip | NoClip | None:
        """See `Wire`."""
        answers: asyncio.Queue[bytes] = asyncio.Queue(_MOST_ANSWERS)

        async def came(_: str, said: bytes) -> None:
            with contextlib.suppress(asyncio.QueueFull):
                answers.put_nowait(said)

        stop = await self._bus.hear(f"{CLIPS}.{microphone}", came)
        try:
            if not self._bus.tell(f"{PULLS}.{microphone}", payload):
                raise Unavailable("The bus is away.", reason="not_reached", retry_after_s=5)
            async with asyncio.timeout(self._within_s):
                while True:
                    said = _read(await answers.get(), microphone)
                    # A no to what it could not read names no pull.
                    if said is not None and said.pull in (pull, None):
                        return said
        except TimeoutError:
            return None
        finally:
            await stop()


def _read(payload: bytes, microphone: str) -> Clip | NoClip | None:
    try:
        return answer(payload, by=microphone)
    except Invalid as error:
        _log.warning("a microphone’s answer cannot be read", microphone=microphone, why=error.detail)
        return None
