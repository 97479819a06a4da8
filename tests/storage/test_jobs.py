"""The one queue and timer on a real database: one worker at a time, none lost, none for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

from tests.fixtures.engines import Dsns
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import ManualClock
from watchfloor.kit.ids import uuid7
from watchfloor.storage import jobs
from watchfloor.storage.database import Database
from watchfloor.storage.jobs import LEASE_FOR, MOST_ATTEMPTS, Job
from watchfloor.sweep.run import do_due

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


async def _valid(*_: object) -> None:
    return None


@dataclass
class Queue:
    """A queue of one agency, and a clock to move."""

    door: Door
    clock: ManualClock
    agency: UUID

    @property
    def ask(self) -> Ask:
        return Ask(process_actor(self.agency, "sweep"), Need.MACHINERY_RUN)

    async def add(
        self, kind: str = "call", *, after_s: float = 0, key: str | None = None, n: int = 0
    ) -> bool:
        async with self.door.open(self.ask) as tx:
            return await jobs.add(tx, kind, {"n": n}, run_at=tx.now + timedelta(seconds=after_s), key=key)

    async def take(self, most: int = 10) -> list[Job]:
        async with self.door.open(self.ask) as tx:
            return await jobs.take(tx, ["call"], most)

    async def stuck(self) -> list[tuple[str, str]]:
        async with self.door.open(self.ask) as tx:
            return await jobs.stuck(tx)


@pytest_asyncio.fixture
async def queue(database: Database, dsns: Dsns) -> AsyncIterator[Queue]:
    agency = uuid7(START)
    async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
        await connection.execute("insert into agency values (%s, 'River City', 'UTC', %s)", [agency, START])
    clock = ManualClock(START)
    yield Queue(Door(database, clock, DoorRules({}, _valid, False)), clock, agency)


async def test_two_workers_never_do_one_job_at_once(queue: Queue) -> None:
    for n in range(40):
        await queue.add(n=n)
    taken = await asyncio.gather(*(queue.take(10) for _ in range(8)))
    numbers = [job.payload["n"] for batch in taken for job in batch]
    assert sorted(numbers) == sorted(set(numbers))
    rest = [job.payload["n"] for job in await queue.take(40)]
    assert sorted(numbers + rest) == list(range(40))


async def test_a_job_waits_for_its_time_and_the_oldest_goes_first(queue: Queue) -> None:
    await queue.add(after_s=20, n=2)
    await queue.add(after_s=10, n=1)
    assert await queue.take() == []
    await queue.clock.advance(timedelta(seconds=20))
    assert [job.payload["n"] for job in await queue.take()] == [1, 2]


async def test_a_dead_workers_job_is_taken_again_and_the_dead_cannot_finish_it_any_more(queue: Queue) -> None:
    await queue.add()
    (first,) = await queue.take()
    assert await queue.take() == []
    await queue.clock.advance(LEASE_FOR + timedelta(seconds=1))
    (again,) = await queue.take()
    assert (again.id, again.attempts) == (first.id, 2)
    async with queue.door.open(queue.ask) as tx:
        assert not await jobs.progressed(tx, first, 0.5)
        assert not await jobs.done(tx, first)
        assert not await jobs.failed(tx, first, "late")
        assert await jobs.done(tx, again)
        assert not await jobs.done(tx, again)


async def test_a_long_job_that_says_how_far_it_is_keeps_its_lease(queue: Queue) -> None:
    await queue.add()
    (job,) = await queue.take()
    await queue.clock.advance(LEASE_FOR - timedelta(seconds=1))
    async with queue.door.open(queue.ask) as tx:
        assert await jobs.progressed(tx, job, 0.5)
        row = await tx.fetch_one("select progress from job where id = %(id)s", id=job.id)
    assert row is not None and row["progress"] == 0.5
    await queue.clock.advance(LEASE_FOR - timedelta(seconds=1))
    assert await queue.take() == []


async def test_of_one_key_there_is_one_job_even_when_two_add_it_at_once(queue: Queue) -> None:
    added = await asyncio.gather(*(queue.add(key="warn 30") for _ in range(6)))
    assert sorted(added) == [False] * 5 + [True]
    assert len(await queue.take()) == 1


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (8, 256), (12, 600), (10_000, 600)])
def test_pauses_double_up_to_ten_minutes(attempts: int, seconds: int) -> None:
    assert jobs.pause(attempts) == timedelta(seconds=seconds)


async def test_a_job_that_fails_waits_longer_each_time_and_is_told_of_in_the_end(queue: Queue) -> None:
    await queue.add()
    tried: list[datetime] = []

    async def fails(job: Job) -> None:
        tried.append(queue.clock.now())
        raise RuntimeError("the mail server is down")

    while not await queue.stuck() and len(tried) < 20:
        await do_due(queue.door, queue.agency, {"call": fails})
        await queue.clock.advance(timedelta(seconds=1))
    gaps = [(b - a).total_seconds() for a, b in pairwise(tried)]
    assert gaps == [2, 4, 8, 16, 32, 64, 128]
    assert len(tried) == MOST_ATTEMPTS
    assert await queue.stuck() == [("call", "RuntimeError: the mail server is down")]


async def test_one_job_that_fails_keeps_no_other_waiting(queue: Queue) -> None:
    done: list[int] = []

    async def work(job: Job) -> None:
        if job.payload["n"] == 1:
            raise ValueError("bad")
        done.append(job.payload["n"])

    for n in range(4):
        await queue.add(n=n)
    assert await do_due(queue.door, queue.agency, {"call": work}) == 3
    assert sorted(done) == [0, 2, 3]
    assert await do_due(queue.door, queue.agency, {"call": work}) == 0


async def test_a_job_whose_worker_always_dies_is_told_of_too(queue: Queue) -> None:
    await queue.add()
    for _ in range(MOST_ATTEMPTS):
        assert len(await queue.take()) == 1
        assert await queue.stuck() == []
        await queue.clock.advance(LEASE_FOR + timedelta(seconds=1))
    assert await queue.take() == []
    assert await queue.stuck() == [("call", "its worker died while doing it")]


async def test_an_agency_does_no_job_of_another(queue: Queue, dsns: Dsns) -> None:
    await queue.add()
    other = uuid7(START)
    async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
        await connection.execute("insert into agency values (%s, 'Other', 'UTC', %s)", [other, START])
    async with queue.door.open(Ask(process_actor(other, "sweep"), Need.MACHINERY_RUN)) as tx:
        assert await jobs.take(tx, ["call"], 10) == []
    assert len(await queue.take()) == 1


@pytest.mark.parametrize("kinds_of_plan", [("hashjoin", "mergejoin", "hashagg", "sort", "material"), ()])
async def test_as_many_are_taken_as_are_asked_for_however_the_rows_are_joined(
    queue: Queue, kinds_of_plan: tuple[str, ...]
) -> None:
    for n in range(4):
        await queue.add(n=n)
    async with queue.door.open(queue.ask) as tx:
        for kind in kinds_of_plan:
            await tx.execute(f"set local enable_{kind} = off")
        assert len(await jobs.take(tx, ["call"], 1)) == 1
    assert len(await queue.take(most=5)) == 3, "no other was leased with it"
