"""What is taken out of the intake buffer: handled, tried again, set aside; a bundle as a whole or, where that fails, each of it alone.

The buffer may be full, and what is acknowledged here makes its room: nothing here waits for room in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple, Protocol

from nats.aio.msg import Msg

from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Crossed, Full, Unavailable
from watchfloor.kit.logs import logger
from watchfloor.storage import streams
from watchfloor.storage.bundle import UNREADABLE, Opens, Puts, opened, whole
from watchfloor.storage.streams import Delivery

ACK_WAIT_S: Final = 30.0
_FAILURES: Final = 5
_log = logger("bus")


class Handles(Protocol):
    """Takes a batch into the database, in one transaction; when it returns, all of it is kept.

    Unavailable and Full mean "not now" and blame no message; any other exception blames the batch. What was kept may come again.
    """

    async def __call__(self, batch: Sequence[Delivery], /) -> None: ...


class Quarantines(Protocol):
    """Keeps a message that failed five times, or cannot be opened, with its last error, and raises an alarm."""

    async def __call__(self, delivery: Delivery, error: str, /) -> None: ...


class Judges(Protocol):
    """Has a batch handled by `act`; what is said of the error when the batch is to blame."""

    async def __call__(
        self, batch: Sequence[Delivery], act: Callable[[], Awaitable[None]], /
    ) -> str | None: ...


class _Held(NamedTuple):
    """A message of the buffer, and what of it is still to be handled."""

    message: Msg
    holds: list[Delivery]


class Handling:
    """How one consumer handles what it fetched."""

    def __init__(
        self,
        handle: Handles,
        quarantine: Quarantines,
        judge: Judges,
        put: Puts,
        clock: Clock,
        opens: Opens = opened,
    ) -> None:
        self._opens = opens
        self._handle = handle
        self._judge = judge
        self._quarantine = quarantine
        self._put = put
        self._clock = clock
        # Of bundles that come again: those of it that failed. The others are kept already.
        self._left: dict[tuple[int, datetime], list[Delivery]] = {}

    async def take(self, messages: list[Msg]) -> None:
        """Handle and acknowledge them; what is at fault comes again, and is set aside after its fifth failure.

        Waits as long as a part is unavailable. Raises what the bus raises when it is away.
        """
        fresh = [
            _Held(message, holds) for message in messages if (holds := await self._ready(message, messages))
        ]
        if not fresh:
            return
        if await self._tried([one for held in fresh for one in held.holds], messages) is None:
            for held in fresh:
                await self._done(held.message)
            return
        # One of them is at fault: each by itself shows which.
        for held in fresh:
            await self._alone(held, messages)

    async def _ready(self, message: Msg, messages: list[Msg]) -> list[Delivery]:
        """What is to be handled of a message; nothing where that has no use, and it was set aside."""
        try:
            holds = self._opened(message)
        except UNREADABLE as error:
            await self._set_aside(whole(message), said_of(error, message.subject), messages)
            await self._done(message)
            return []
        if _tries(message) <= _FAILURES:
            return holds
        # It never got as far as an answer: perhaps it ends the process that takes it. Of a bundle, each alone shows which does.
        for one in holds:
            if len(holds) == 1 or not await self._put_back(one, messages):
                await self._set_aside(one, "it was delivered again and again and never finished", messages)
        await self._done(message)
        return []

    def _opened(self, message: Msg) -> list[Delivery]:
        left = self._left.get(_name(message))
        if left is None:
            return self._opens(message)
        return [replace(one, tries=_tries(message)) for one in left]

    async def _alone(self, held: _Held, messages: list[Msg]) -> None:
        """One message; where it is a bundle at fault, each of it at once by itself, so that the good ones wait no longer."""
        message, holds = held
        error = await self._tried(holds, messages)
        bad = [] if error is None else [(holds[0], error)]
        if bad and len(holds) > 1:
            each = [(one, await self._tried([one], messages)) for one in holds]
            bad = [(one, said) for one, said in each if said is not None]
        if bad and _tries(message) < _FAILURES:
            self._left[_name(message)] = [one for one, _ in bad]
            await message.nak(delay=0.1 * 2 ** _tries(message))
            return
        for one, said in bad:
            await self._set_aside(one, said, messages)
        await self._done(message)

    async def _done(self, message: Msg) -> None:
        self._left.pop(_name(message), None)
        await message.ack()

    async def _tried(self, batch: list[Delivery], messages: list[Msg]) -> str | None:
        """Handle these; the error when they are to blame. Waits as long as a part is unavailable."""
        return await self._judge(batch, partial(self._patiently, partial(self._handle, batch), messages))

    async def _put_back(self, one: Delivery, messages: list[Msg]) -> bool:
        """Put one of a bundle anew, as a message of its own; False where there is no room for it."""
        name = hashlib.sha256(f"{one.subject} ".encode() + one.payload).hexdigest()
        there_is_room = True

        async def put() -> None:
            nonlocal there_is_room
            try:
                await self._put(one.subject, one.payload, message_id=f"alone {one.sequence} {name}")
            except Full:
                there_is_room = False

        await self._patiently(put, messages)
        return there_is_room

    async def _set_aside(self, one: Delivery, error: str, messages: list[Msg]) -> None:
        await self._patiently(partial(self._quarantine, one, error), messages)
        _log.error("message quarantined", subject=one.subject, error=error)

    async def _patiently(self, act: Callable[[], Awaitable[object]], messages: list[Msg]) -> None:
        pause = 0.1
        told = self._clock.monotonic()
        while True:
            try:
                await act()
                return
            except (Unavailable, Full, Crossed):
                await self._clock.sleep(pause)
                pause = min(pause * 2, 1.0)
                if self._clock.monotonic() - told > ACK_WAIT_S / 3:
                    told = self._clock.monotonic()
                    for message in messages:
                        if not message.is_acked:
                            await message.in_progress()


def said_of(error: Exception, subject: str) -> str:
    """What is written down of an error: of what may be kept nowhere its kind alone, for its words may hold a plate."""
    kind = type(error).__name__
    return kind if streams.is_transient(subject) else f"{kind}: {error}"


def _name(message: Msg) -> tuple[int, datetime]:
    """Which message this is: the number alone may be another's, where a buffer was made anew."""
    about = message.metadata
    return about.sequence.stream, about.timestamp


def _tries(message: Msg) -> int:
    return message.metadata.num_delivered or 1
