"""One database connection that a process keeps for itself: a lock held as long as it lives.

For machinery that has a database role of its own and no door, such as the ledger; data of agencies goes by the door.
It knows no table.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, LiteralString, Self, cast

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from watchfloor.kit.errors import Unavailable
from watchfloor.storage.tx import Row

_CONNECT_S: Final = 5


class Session:
    """One connection, autocommit outside `transaction()`. Every call raises Unavailable once the database is away."""

    def __init__(self, connection: AsyncConnection[DictRow]) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, dsn: str, *, name: str) -> Self:
        """Connect; `name` is what PostgreSQL shows of us. Raises Unavailable when it does not let us in."""
        try:
            connection = await AsyncConnection[DictRow].connect(
                dsn,
                autocommit=True,
                row_factory=dict_row,
                application_name=name,
                connect_timeout=_CONNECT_S,
                options="-c timezone=UTC -c jit=off -c statement_timeout=60000 -c lock_timeout=10000"
                " -c idle_in_transaction_session_timeout=60000",
            )
        except psycopg.OperationalError as error:
            raise _away(error) from error
        return cls(connection)

    async def close(self) -> None:
        """Let go of the connection and of every lock it holds."""
        await self._connection.close()

    async def fetch(self, query: LiteralString, /, **params: object) -> list[Row]:
        """All rows."""
        with _translated():
            cursor = await self._connection.execute(query, params)
            return cast("list[Row]", await cursor.fetchall())

    async def execute(self, query: LiteralString, /, **params: object) -> int:
        """Run a statement; the number of rows it changed."""
        with _translated():
            cursor = await self._connection.execute(query, params)
            return cursor.rowcount

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """What happens inside is committed together when the block ends, or not at all when it raises."""
        with _translated():
            async with self._connection.transaction():
                yield

    async def lock(self, key: int) -> bool:
        """Take the advisory lock `key` until the connection ends; False when another session has it."""
        rows = await self.fetch("select pg_try_advisory_lock(%(key)s) as taken", key=key)
        return bool(rows[0]["taken"])


@contextmanager
def _translated() -> Iterator[None]:
    """Turns the driver's losses of connection into our Unavailable; everything else is a bug and stays loud."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise _away(error) from error


def _away(error: psycopg.Error) -> Unavailable:
    first = (str(error).strip() or type(error).__name__).split("\n")[0]
    return Unavailable(
        f"PostgreSQL does not answer: {first}",
        next_step="It is asked again by itself; see `watchfloor check`.",
    )
