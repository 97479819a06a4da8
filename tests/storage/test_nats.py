"""The bus on a real nats-server: news, and an intake buffer that loses nothing it took."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Crossed, Full, TooLarge, Unavailable
from watchfloor.storage.handling import said_of
from watchfloor.storage.nats import Bus, Delivery
from watchfloor.storage.streams import TRANSIENT

CLOCK = SystemClock()


async def until(true: Callable[[], bool], within_s: float = 60.0) -> None:
    """Wait for a condition; the test's own failure when it never comes."""
    end = CLOCK.monotonic() + within_s
    while not true():
        assert CLOCK.monotonic() < end, "what was waited for never came"
        await CLOCK.sleep(0.01)


class Reader:
    """A consumer that keeps what it took, refuses what it is told to, and may be away."""

    def __init__(self, *, bad: bytes = b"never", away: int = 0, full: int = 0, crossed: int = 0) -> None:
        self.kept: list[bytes] = []
        self.aside: list[tuple[bytes, str, int]] = []
        self.tries = 0
        self._bad = bad
        self.away = away
        self.full = full
        self.crossed = crossed

    async def handle(self, batch: Sequence[Delivery], /) -> None:
        self.tries += 1
        if self.away:
            self.away -= 1
            raise Unavailable("the database is away")
        if self.full:
            self.full -= 1
            raise Full("the database's disk is full")
        if self.crossed:
            self.crossed -= 1
            raise Crossed("another transaction was in the way")
        if any(d.payload == self._bad for d in batch):
            raise ValueError("cannot be read")
        self.kept += [d.payload for d in batch]

    async def quarantine(self, delivery: Delivery, error: str, /) -> None:
        self.aside.append((delivery.payload, error, delivery.tries))


@asynccontextmanager
async def taking(bus: Bus, reader: Reader) -> AsyncIterator[Reader]:
    task = asyncio.create_task(bus.take("plates", "intake.plates.>", reader.handle, reader.quarantine))
    yield reader
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def fill(bus: Bus) -> int:
    """Put until there is no room for anything; how many messages that were."""
    count = 0
    for size in (900_000, 60_000, 4_000, 250, 1):
        with suppress(Full):
            while True:
                await bus.put("intake.plates.fill", b"x" * size, message_id=f"fill {count}")
                count += 1
    return count


async def test_the_buffer_says_how_much_waits_and_since_when(bus: Bus) -> None:
    assert (await bus.waiting()).messages == 0
    before = CLOCK.now()
    for n in range(3):
        await bus.put("intake.plates.r1", b"read %d" % n, message_id=f"m{n}")
    waits = await bus.waiting()
    assert waits.messages == 3 and waits.bytes > 3 * len(b"read 0")
    assert waits.oldest_at is not None
    assert before - timedelta(seconds=1) <= waits.oldest_at <= CLOCK.now() + timedelta(seconds=1)
    async with taking(bus, Reader()) as reader:
        await until(lambda: len(reader.kept) == 3)
        end = CLOCK.monotonic() + 10
        while (await bus.waiting()).messages:
            assert CLOCK.monotonic() < end, "what was acknowledged still waits"


async def test_what_a_reader_sent_is_handled_once(bus: Bus) -> None:
    for n in range(50):
        await bus.put("intake.plates.r1", b"read %d" % n, message_id=f"m{n}")
    await bus.put("intake.plates.r1", b"read 7", message_id="m7")  # sent again after a lost answer
    async with taking(bus, Reader()) as reader:
        await until(lambda: len(reader.kept) >= 50)
        await bus.put("intake.plates.r2", b"the last", message_id="last")
        await until(lambda: b"the last" in reader.kept)
    assert reader.kept == [b"read %d" % n for n in range(50)] + [b"the last"]


async def test_a_message_is_handled_soon_after_it_was_taken(bus: Bus) -> None:
    took: list[float] = []
    async with taking(bus, Reader()) as reader:
        for number in range(6):
            began = CLOCK.monotonic()
            await bus.put("intake.plates.r1", b"read %d" % number, message_id=f"m{number}")
            await until(lambda number=number: len(reader.kept) > number)  # type: ignore[misc]  # bound early on purpose
            took.append(CLOCK.monotonic() - began)
    # Each was put when the one before had been handled: were it asked for now and then, all but the first would wait that long.
    assert min(took[1:]) < 0.5


async def test_one_bad_message_among_good_ones_is_set_aside_after_five_tries(bus: Bus) -> None:
    for n in range(10):
        await bus.put("intake.plates.r1", b"bad" if n == 4 else b"good %d" % n, message_id=f"m{n}")
    async with taking(bus, Reader(bad=b"bad")) as reader:
        await until(lambda: bool(reader.aside))
        await bus.put("intake.plates.r1", b"after", message_id="after")
        await until(lambda: b"after" in reader.kept)
    assert reader.aside == [(b"bad", "ValueError: cannot be read", 5)]
    assert sorted(reader.kept) == sorted([b"good %d" % n for n in range(10) if n != 4] + [b"after"])


async def test_while_the_database_cannot_or_others_are_in_the_way_nobody_is_blamed(bus: Bus) -> None:
    await bus.put("intake.plates.r1", b"read", message_id="m")
    async with taking(bus, Reader(away=1, full=1, crossed=6)) as reader:
        await until(lambda: reader.kept == [b"read"])
    assert reader.aside == []
    assert reader.tries == 9


async def test_what_many_put_at_one_moment_is_one_message_and_each_is_delivered_by_itself(bus: Bus) -> None:
    async def put(n: int) -> bool:
        payload = b"bad" if n == 3 else b"good %d" % n
        return await bus.bundles.put(f"intake.plates.r{n}", payload, message_id=f"m{n}")

    assert await put(0) is False
    assert await asyncio.gather(*map(put, range(1, 8))) == [False] * 7
    assert (await bus.waiting()).messages == 2, "one write for the seven"
    assert await asyncio.gather(*map(put, (5, 0, 8))) == [True, True, False], "sent again they are known"
    assert (await bus.waiting()).messages == 3
    filled = await fill(bus)
    async with taking(bus, Reader(bad=b"bad")) as reader:
        await until(lambda: len(reader.kept) == 8 + filled)
        assert reader.aside == [], "the good ones wait for no judgement of the bad one"
        await until(lambda: bool(reader.aside))
    assert reader.aside == [(b"bad", "ValueError: cannot be read", 5)], "it alone, by itself"
    assert sorted(reader.kept)[:8] == [b"good %d" % n for n in range(9) if n != 3], "each once"
    assert (await bus.waiting()).messages == 0


@pytest.mark.parametrize("full", [False, True])
async def test_a_bundle_that_was_never_finished_goes_back_singly_or_where_there_is_no_room_is_set_aside(
    bus: Bus, *, full: bool
) -> None:
    await asyncio.gather(
        *(bus.bundles.put(f"intake.plates.r{n}", b"%d" % n, message_id=f"m{n}") for n in range(3))
    )
    subscription = await bus._consumer("plates", "intake.plates.>")
    for _ in range(5):  # five times the process that took it ended
        (message,) = await subscription.fetch(1)
        await message.nak()
    await subscription.unsubscribe()
    filled = await fill(bus) if full else 0
    async with taking(bus, Reader()) as reader:
        await until(lambda: len(reader.kept) + len(reader.aside) == 3 + filled)
    ended = "it was delivered again and again and never finished"
    assert reader.aside == ([(b"%d" % n, ended, 6) for n in range(3)] if full else [])
    assert (await bus.waiting()).messages == 0


async def test_what_says_it_is_a_bundle_and_is_none_is_set_aside_as_it_is(bus: Bus) -> None:
    rubbish = [
        b"\xc1",
        b"\x90",
        b"\x91\x92\xa1\xff\xc4\x00",
        b'{"reads":[]}',
    ]  # no msgpack, nothing in it, no text, another form
    for n, payload in enumerate(rubbish):
        await bus.put("intake.plates.bundle", payload, message_id=f"m{n}")
    await bus.put("intake.plates.r1", b"good", message_id="good")
    async with taking(bus, Reader()) as reader:
        await until(lambda: reader.kept == [b"good"])
    assert [payload for payload, _, _ in reader.aside] == rubbish
    assert all(error and tries == 1 for _, error, tries in reader.aside)
    assert (await bus.waiting()).messages == 0


async def test_a_full_intake_refuses_and_keeps_what_it_took(bus: Bus) -> None:
    payload = b"x" * 500_000
    taken = 0
    with pytest.raises(Full) as refused:
        for n in range(40):
            await bus.put("intake.plates.r1", payload, message_id=f"m{n}")
            taken += 1
    assert refused.value.retry_after_s is not None
    assert 10 < taken < 17  # 8 MB of half a megabyte each
    async with taking(bus, Reader()) as reader:
        await until(lambda: len(reader.kept) == taken)
        await bus.put("intake.plates.r1", b"there is room again", message_id="again")
        await until(lambda: len(reader.kept) == taken + 1)


async def test_more_than_the_bus_takes_at_once_is_refused_as_too_large(bus: Bus) -> None:
    with pytest.raises(TooLarge):
        await bus.put("intake.plates.r1", b"x" * 2_000_000, message_id="m")


async def test_news_reach_who_listens(bus: Bus) -> None:
    heard: list[tuple[str, bytes]] = []

    async def hear(subject: str, payload: bytes) -> None:
        heard.append((subject, payload))

    stop = await bus.hear("wf.v1.*.incidents.>", hear)
    assert bus.tell("wf.v1.a1.incidents.alert.changed", b"{}")
    assert bus.tell("wf.v1.a1.plates.hot_list.changed", b"{}")
    await until(lambda: bool(heard))
    await stop()
    assert heard == [("wf.v1.a1.incidents.alert.changed", b"{}")]


async def test_without_a_bus_news_are_dropped_and_intake_says_unavailable() -> None:
    bus = await Bus.connect("nats://127.0.0.1:9", user="u", password="p", name="test", wait_s=0)
    assert not bus.connected
    assert not bus.tell("wf.v1.a.b.c.d", b"")
    with pytest.raises(Unavailable):
        await bus.put("intake.plates.r1", b"", message_id="m")
    await bus.close()
    with pytest.raises(Unavailable):
        await Bus.connect("nats://127.0.0.1:9", user="u", password="p", name="test", wait_s=0.5)


async def test_an_intake_buffer_larger_than_the_server_allows_is_said(bus: Bus) -> None:
    with pytest.raises(Unavailable, match="100000 MB"):
        await bus.ensure_intake(max_mb=100_000)


async def test_the_intake_buffer_takes_its_new_size_without_losing_what_is_in_it(bus: Bus) -> None:
    await bus.put("intake.plates.r1", b"read", message_id="m")
    await bus.ensure_intake(max_mb=16)
    async with taking(bus, Reader()) as reader:
        await until(lambda: reader.kept == [b"read"])


async def test_what_may_be_kept_nowhere_waits_in_memory_for_minutes_and_no_word_of_it_is_written_down(
    bus: Bus,
) -> None:
    await bus.put("transient.plates.r1", b"read", message_id="m")
    config = (await bus._client.jetstream().stream_info(TRANSIENT)).config
    assert (config.storage, config.max_age) == ("memory", 150.0)
    assert ((await bus.waiting(TRANSIENT)).messages, (await bus.waiting()).messages) == (1, 0)
    # Its server began anew: what is taken from it makes it again.
    await bus._client.jetstream().delete_stream(TRANSIENT)
    reader = Reader()
    task = asyncio.create_task(bus.take("short", "transient.plates.>", reader.handle, reader.quarantine))
    await bus.put("transient.plates.r1", b"the next", message_id="n")
    await until(lambda: reader.kept == [b"the next"])
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert said_of(ValueError("no plate: ZZ1"), "transient.plates.r1") == "ValueError"
    assert said_of(ValueError("no plate: ZZ1"), "intake.plates.r1") == "ValueError: no plate: ZZ1"
