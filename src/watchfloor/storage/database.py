"""Connections to PostgreSQL: transactions of one agency, and a sensible word when the database is away.

Only the door opens transactions, apart from the closed list of bootstrap needs; a store function gets its `Tx`.
Nothing here decides who may see what.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import select
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from watchfloor.kit.clock import Clock, SystemClock
from watchfloor.kit.errors import Invalid, Unavailable, WatchfloorError
from watchfloor.storage import packed
from watchfloor.storage.classes import READ, WRITE, Mode
from watchfloor.storage.plainly import said_plainly, unavailable

MOST_OFF: Final = timedelta(seconds=2)
_CLOCK_EVERY_S: Final = 30.0
_MEND_EVERY_S: Final = 0.25
_MOST_WAITING: Final = 500
_OPTIONS: Final = (
    "-c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC -c jit=off"
)

Connection = AsyncConnection[DictRow]
Isolation = Literal["read committed", "repeatable read", "serializable"]


class Database:
    """A pool of connections as one role. It outlives the server: when that comes back, so do the connections."""

    def __init__(
        self, pool: AsyncConnectionPool[Connection], dsn: str, *, role: str, clock: Clock, patience_s: float
    ) -> None:
        self._pool = pool
        self._dsn = dsn
        self._clock = clock
        self._patience_s = patience_s
        self._tasks: list[asyncio.Task[None]] = []
        self._measured = False
        self._failed_at = -math.inf
        """When a connection last could not be made, on the monotonic clock."""
        self._why = "database_away"
        self.role = role
        self.clock_off = timedelta(0)
        """How far this process's clock is ahead of the database's (negative: behind), as last measured."""

    @classmethod
    async def connect(
        cls,
        dsn: str,
        *,
        role: str,
        min_size: int = 1,
        max_size: int = 10,
        clock: Clock | None = None,
        wait_s: float = 10.0,
        patience_s: float = 3.0,
        statement_timeout_s: float = 30.0,
        process: str = "watchfloor",
    ) -> Database:
        """Open the pool as `role`, which must be the user of `dsn` and no superuser.

        Waits up to `wait_s` for the server; with 0 it does not wait, and the first transactions may be Unavailable.
        A transaction waits up to `patience_s` for a connection. `clock` is compared with the database's.
        Raises Unavailable when the server does not answer in time, Invalid when the role is not what it should be.
        """
        options = f"-c statement_timeout={int(statement_timeout_s * 1000)} {_OPTIONS}"
        pool = _pool(dsn, options, process, min_size=min_size, max_size=max_size)
        await pool.open()
        self = cls(pool, dsn, role=role, clock=clock or SystemClock(), patience_s=patience_s)
        self._tasks.append(asyncio.create_task(self._mend(), name="database: mend"))
        self._tasks.append(asyncio.create_task(self._watch_clock(), name="database: clock"))
        opened = wait_s <= 0
        try:
            if not opened:
                await self._first(wait_s)
            opened = True
        finally:
            if not opened:
                await self.close()
        return self

    async def close(self) -> None:
        """Close every connection; whatever still runs on one is rolled back."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pool.close(timeout=2.0)

    @asynccontextmanager
    async def transaction(
        self, *, agency: UUID | None = None, mode: Mode = WRITE, isolation: Isolation = "read committed"
    ) -> AsyncIterator[Connection]:
        """One transaction: commits when the block ends, rolls back when it raises.

        Row security shows the rows of `agency` and no others; without one it shows none. READ refuses every write.
        Raises Unavailable when the database is away or this machine's clock is off (reason `commit_unknown` when it
        went away while committing: look before doing it again), Full when its disk is full, Conflict when another
        transaction was in the way.
        """
        connection = await self._begun(_begin(agency, mode, isolation))
        try:
            with _told(connection):
                await self._known(connection, mode)
                yield connection
            await _commit(connection)
        finally:
            await asyncio.shield(self._given_back(connection))

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[Connection]:
        """A connection for one statement that is a transaction of its own: one round trip instead of four.

        No agency is set, so row security shows it nothing: it calls a function that sets its own (migration 0007).
        Raises what `transaction` raises.
        """
        connection = await self._begun(None)
        try:
            with _told(connection):
                await self._known(connection, WRITE)
                yield connection
        finally:
            await asyncio.shield(self._given_back(connection))

    async def now(self) -> datetime:
        """The database's own time: the one that leases live by."""
        async with self.transaction(mode=READ) as connection:
            row = await (await connection.execute("select clock_timestamp() as now")).fetchone()
        if row is None:
            raise Unavailable("The database did not say its time.")
        at: datetime = row["now"]
        return at

    async def _known(self, connection: Connection, mode: Mode) -> None:
        """The role and the clock are what they should be; looked at on the first use, and each 30 s."""
        if not self._measured:
            await self._check_role(connection)
            await self._measure(connection)
        if mode is WRITE:
            self._refuse_wrong_clock()

    def _refuse_wrong_clock(self) -> None:
        if self._measured and abs(self.clock_off) > MOST_OFF:
            seconds = self.clock_off.total_seconds()
            side = "ahead of" if seconds > 0 else "behind"
            raise Unavailable(
                f"This machine's clock is {abs(seconds):.1f} s {side} the database's; "
                "nothing is written with a wrong time.",
                reason="clock_off",
                next_step="Set the clock (NTP) on both machines. Writing goes on within 30 s of its being right.",
                retry_after_s=30,
            )

    async def _begun(self, begin: bytes | None) -> Connection:
        """A connection, with the transaction begun if there is to be one; those that died while idle are passed over."""
        for _ in range(self._pool.max_size + 1):
            connection = await self._taken()
            begun = False
            try:
                if _hung_up(connection):
                    await connection.close()
                    continue
                if begin is not None:
                    await connection.execute(begin, prepare=False)
                begun = True
                return connection
            except psycopg.OperationalError as error:
                if not connection.broken:
                    raise said_plainly(error) from error
            finally:
                if not begun:
                    await asyncio.shield(self._given_back(connection))
        raise unavailable("database_away")

    async def _taken(self) -> Connection:
        try:
            return await self._pool.getconn(self._patience_s)
        except TooManyRequests as error:
            raise Unavailable(
                "Too many requests wait for the database.", reason="database_busy", retry_after_s=2
            ) from error
        except PoolTimeout as error:
            # What is being connected counts in the pool's size: while connections fail, that is none.
            failing = self._clock.monotonic() - self._failed_at <= self._patience_s
            if not failing and self._pool.get_stats().get("pool_size", 0):
                raise Unavailable(
                    f"No connection to the database became free within {self._patience_s:g} s.",
                    reason="database_busy",
                    retry_after_s=2,
                ) from error
            raise unavailable(self._why) from error

    async def _given_back(self, connection: Connection) -> None:
        if connection.pgconn.transaction_status != TransactionStatus.IDLE:
            with contextlib.suppress(psycopg.Error):
                await connection.rollback()
        await self._pool.putconn(connection)

    async def _first(self, wait_s: float) -> None:
        until = self._clock.monotonic() + wait_s
        while True:
            try:
                async with self.transaction(mode=READ):
                    return
            except Unavailable:
                if self._clock.monotonic() >= until:
                    raise

    async def _check_role(self, connection: Connection) -> None:
        row = await (
            await connection.execute(
                "select rolname as name, rolsuper or rolbypassrls as above"
                " from pg_roles where rolname = current_user"
            )
        ).fetchone()
        if row is None or row["name"] != self.role:
            raise Invalid(f"The database lets us in as {row and row['name']}, not as {self.role}.")
        if row["above"]:
            raise Invalid(
                f"{self.role} is above row security in this database; no process of the center may be."
            )

    async def _mend(self) -> None:
        """Bring lost connections back as soon as the server answers."""
        failed = 0
        while True:
            await self._clock.sleep(_MEND_EVERY_S)
            stats = self._pool.get_stats()
            if stats.get("connections_errors", 0) > failed:
                failed, self._failed_at = stats["connections_errors"], self._clock.monotonic()
                self._why = await self._asked_why()
            size, waiting = stats.get("pool_size", 0), stats.get("requests_waiting", 0)
            if size < self._pool.min_size or (waiting and size < self._pool.max_size):
                with contextlib.suppress(psycopg.Error):
                    await self._pool.check()

    async def _asked_why(self) -> str:
        """Why no connection can be made: the pool keeps what it was told to itself."""
        try:
            async with await psycopg.AsyncConnection.connect(self._dsn, connect_timeout=2):
                return "database_away"
        except psycopg.OperationalError as error:
            return said_plainly(error).reason

    async def _watch_clock(self) -> None:
        while True:
            await self._clock.sleep(_CLOCK_EVERY_S)
            self._measured = False  # the next transaction measures, this one if nobody else does
            with contextlib.suppress(WatchfloorError):
                async with self.transaction(mode=READ):
                    pass

    async def _measure(self, connection: Connection) -> None:
        """Compare the clocks. A slow answer says little: half of its time counts in the clock's favour."""
        sent = self._clock.now()
        row = await (await connection.execute("select clock_timestamp() as now")).fetchone()
        received = self._clock.now()
        if row is None:
            return
        half = (received - sent) / 2
        off = sent + half - row["now"]
        self.clock_off = timedelta(0) if abs(off) <= half else off
        self._measured = True


def _pool(
    dsn: str, options: str, process: str, *, min_size: int, max_size: int
) -> AsyncConnectionPool[Connection]:
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    return AsyncConnectionPool(
        dsn,
        connection_class=AsyncConnection[DictRow],
        kwargs={
            # BEGIN and the agency go in one round trip, so we begin and commit ourselves.
            "autocommit": True,
            "row_factory": dict_row,
            "application_name": process,
            "connect_timeout": 5,
            "options": options,
        },
        configure=_configure,
        min_size=min_size,
        max_size=max_size,
        max_waiting=_MOST_WAITING,
        # The pool gives up at once; `_mend` asks it again four times a second, for its own pauses grow too long.
        reconnect_timeout=0.0,
        open=False,
        name=process,
    )


async def _configure(connection: Connection) -> None:
    packed.register(connection)


def _begin(agency: UUID | None, mode: Mode, isolation: Isolation) -> bytes:
    # A UUID's text is hexadecimal and hyphens, so it can stand in the statement itself.
    access = "read only" if mode is READ else "read write"
    whose = "" if agency is None else str(UUID(int=agency.int))
    return f"begin isolation level {isolation} {access}; select set_config('wf.agency', '{whose}', true)".encode()


def _hung_up(connection: Connection) -> bool:
    """Whether the server closed an idle connection; costs a system call, not a round trip."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    if not poll.poll(0):
        return False
    try:
        connection.pgconn.consume_input()
        # A server that shuts down sends its reason, then closes: the second look sees the end of the stream.
        if poll.poll(0):
            connection.pgconn.consume_input()
    except psycopg.OperationalError:
        return True
    return connection.broken


async def _commit(connection: Connection) -> None:
    if connection.pgconn.transaction_status == TransactionStatus.INERROR:
        # COMMIT would quietly roll back what the caller believes is kept.
        raise psycopg.errors.InFailedSqlTransaction(
            "a statement of this transaction failed and its error was swallowed"
        )
    try:
        await connection.commit()
    except psycopg.OperationalError as error:
        if not connection.broken:
            raise said_plainly(error) from error
        raise Unavailable(
            "The database went away while it was keeping this; it may be kept or not.",
            reason="commit_unknown",
            next_step="Look whether it is there before doing it again.",
            retry_after_s=2,
        ) from error


@contextlib.contextmanager
def _told(connection: Connection) -> Iterator[None]:
    try:
        yield
    except psycopg.OperationalError as error:
        raise said_plainly(error) from error
    except psycopg.InterfaceError as error:
        if connection.closed:
            raise unavailable("database_away") from error
        raise
