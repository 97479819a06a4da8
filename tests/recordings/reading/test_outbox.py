"""A read waits while the intake buffer is away, is handed in once, and is let go when its leave has ended or it is too old."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from watchfloor.governance.lease import Lease
from watchfloor.governance.model import AgencyId
from watchfloor.kit.clock import ManualClock
from watchfloor.kit.errors import Full, Unavailable
from watchfloor.plates.hand_in import Hand
from watchfloor.plates.ingest.claim import Claim
from watchfloor.plates.model import Plate, ReaderId
from watchfloor.recordings.reading.outbox import MOST, WAITS, Outbox, Read

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
READER = ReaderId(UUID(int=3))
LEAVE = cast("Lease", object())


class Buffer:
    """An intake buffer that may be away."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.tries = list(errors), 0
        self.taken: list[str] = []

    async def reads(
        self, agency: AgencyId, reader: ReaderId, leave: Lease, claims: Sequence[Claim], now: datetime
    ) -> None:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        self.taken += [one.source_key for one in claims]


def read(key: str, at: datetime = NOON) -> Read:
    return Read(
        AgencyId(UUID(int=2)),
        READER,
        Claim(source_key=key, plate=Plate("QQ7X4K"), state=None, confidence=0.9, device_at=at),
        at,
    )


@asynccontextmanager
async def handing(buffer: Buffer, clock: ManualClock, *leaves: Lease | None) -> AsyncIterator[Outbox]:
    """An outbox at work; of several leaves each is the answer to one ask, the last to all that follow."""
    answers = list(leaves)

    def leave(reader: ReaderId, /) -> Lease | None:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    outbox = Outbox(cast("Hand", buffer), clock, leave)
    task = asyncio.create_task(outbox.run())
    try:
        yield outbox
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_the_buffer_does_not_take_is_handed_in_again_in_its_order() -> None:
    clock = ManualClock(NOON)
    buffer = Buffer(Unavailable("NATS does not answer."), Full("The buffer is full.", reason="full"))
    async with handing(buffer, clock, LEAVE) as outbox:
        outbox.put(read("one"))
        outbox.put(read("two"))
        await clock.advance(timedelta(seconds=3))
    assert buffer.taken == ["one", "two"] and len(outbox) == 0 and outbox.lost == 0


async def test_what_waited_too_long_is_let_go_and_counted() -> None:
    clock = ManualClock(NOON)
    buffer = Buffer(*(Unavailable("away") for _ in range(400)))
    async with handing(buffer, clock, LEAVE) as outbox:
        outbox.put(read("old"))
        await clock.advance(WAITS + timedelta(seconds=2))
        assert outbox.lost == 1 and len(outbox) == 0
        buffer.errors.clear()
        outbox.put(read("new", clock.now()))
        await clock.advance(timedelta(seconds=2))
    assert buffer.taken == ["new"]


async def test_what_was_read_before_the_leave_ended_is_handed_in_no_more() -> None:
    clock = ManualClock(NOON)
    buffer = Buffer(Unavailable("away"))
    async with handing(buffer, clock, LEAVE, None) as outbox:
        outbox.put(read("one"))
        await clock.advance(timedelta(seconds=3))
        assert len(outbox) == 0
    assert buffer.taken == [] and buffer.tries == 1


async def test_of_more_than_may_wait_the_oldest_is_let_go_and_counted() -> None:
    outbox = Outbox(cast("Hand", Buffer()), ManualClock(NOON), lambda reader: LEAVE)
    for number in range(MOST + 3):
        outbox.put(read(str(number)))
    assert (len(outbox), outbox.lost) == (MOST, 3)
