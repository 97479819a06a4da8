"""Messages of many senders put into the intake buffer as one, so that one write of its disk is enough for all who put at a moment.

Each keeps its subject and is delivered by itself. Where messages come one by one, each is put as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Final, NamedTuple, Protocol

import msgspec
from nats.aio.msg import Msg

from watchfloor.kit.clock import Clock
from watchfloor.kit.portions import portions
from watchfloor.kit.together import Together
from watchfloor.storage.streams import SENT_AGAIN_S, Delivery

# A disk syncs some hundred times a second: so often a bundle begins at the most, and a message of its own waits no longer.
_EVERY_S: Final = 0.015
_MOST_BYTES: Final = 256 * 1024
_NAME: Final = "bundle"
_Packed = Annotated[list[tuple[str, bytes]], msgspec.Meta(min_length=1)]
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError)
"""What `opened` raises of what is no bundle."""


class Item(NamedTuple):
    """One message as its sender puts it."""

    subject: str
    payload: bytes
    message_id: str


class Puts(Protocol):
    """`Bus.put`."""

    async def __call__(self, subject: str, payload: bytes, /, *, message_id: str) -> bool: ...


class Opens(Protocol):
    """`opened` or `alone`."""

    def __call__(self, message: Msg, /) -> list[Delivery]: ...


class Bundles:
    """What is put together. It knows for two minutes what it put, as the buffer does of what is put there, but in this process alone:
    what another put, or this one before it was started anew, is taken again.
    """

    def __init__(self, put: Puts, clock: Clock) -> None:
        self._put = put
        self._clock = clock
        self._rounds: dict[str, Together[Item, bool]] = {}
        self._known: dict[str, float] = {}

    async def put(self, subject: str, payload: bytes, *, message_id: str) -> bool:
        """As `Bus.put`: when this returns it is on disk; True when this process put it in the last two minutes. Raises what that raises."""
        if message_id in self._recent():
            return True
        above = subject.rpartition(".")[0]
        if above not in self._rounds:
            self._rounds[above] = Together(partial(self._all, above), self._clock, every_s=_EVERY_S)
        return bool(await self._rounds[above].of(Item(subject, payload, message_id)))

    async def _all(self, above: str, items: Sequence[Item]) -> Mapping[Item, bool]:
        done: dict[Item, bool] = {}
        for part in portions(items, _weight, _MOST_BYTES):
            if len(part) == 1:
                (one,) = part
                done[one] = await self._put(one.subject, one.payload, message_id=one.message_id)
            else:
                packed = msgspec.msgpack.encode([(one.subject, one.payload) for one in part])
                name = hashlib.sha256(" ".join(one.message_id for one in part).encode()).hexdigest()
                await self._put(f"{above}.{_NAME}", packed, message_id=f"{_NAME} {name}")
                done |= dict.fromkeys(part, False)
            now = self._clock.monotonic()
            self._known |= {one.message_id: now for one in part}
        return done

    def _recent(self) -> Mapping[str, float]:
        """Those of the last two minutes; what is older is forgotten, the oldest first."""
        long_ago = self._clock.monotonic() - SENT_AGAIN_S
        while self._known and (oldest := next(iter(self._known))) and self._known[oldest] < long_ago:
            del self._known[oldest]
        return self._known


def opened(message: Msg) -> list[Delivery]:
    """The deliveries in a message of the buffer: several where it is a bundle. Raises one of `UNREADABLE`."""
    one = whole(message)
    if not one.subject.endswith(f".{_NAME}"):
        return [one]
    inner = msgspec.msgpack.decode(one.payload, type=_Packed)
    return [Delivery(subject, payload, one.sequence, one.tries, one.stored_at) for subject, payload in inner]


def alone(message: Msg) -> list[Delivery]:
    """A message that devices write themselves: it is one, whatever is in it."""
    return [whole(message)]


def whole(message: Msg) -> Delivery:
    """A message of the buffer as it is, opened or not."""
    about = message.metadata
    tries = about.num_delivered or 1
    return Delivery(message.subject, message.data, about.sequence.stream, tries, about.timestamp)


def _weight(item: Item) -> int:
    return len(item.payload)
