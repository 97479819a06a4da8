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

from watchfloor.kit.errors import WatchfloorError
from watchfloor.storage.plainly import said_plainly
from watchfloor.storage.tx import Row

_CONNECT_S: Final = 5


class Session:
    """One connection, autocommit outside `transaction()`. Every call raises Unavailable once the database is away or cannot (by its
    reason), Full when its disk is full, Conflict when another was in the way.
    """

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
            raise _why(error) from error
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
    """Says plainly why the database cannot; what is wrong with a statement or a row is a bug and stays loud."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise _why(error) from error


def _why(error: psycopg.OperationalError | psycopg.InterfaceError) -> WatchfloorError:
    """The failure with PostgreSQL's own first line: whoever keeps a connection of their own is no passer-by."""
    why = said_plainly(error)
    first = (str(error).strip() or type(error).__name__).split("\n")[0]
    told = "PostgreSQL does not answer:" if why.reason == "database_away" else why.detail
    return type(why)(
        f"{told} {first}", reason=why.reason, next_step=why.next_step, retry_after_s=why.retry_after_s
    )
