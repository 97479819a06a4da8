"""A transaction, and what it may touch. Only the door makes one; store functions never commit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import wraps
from typing import Any, Concatenate, Final, LiteralString, NoReturn, ParamSpec, TypeVar, cast
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import WRITE, DataClass, Mode
from watchfloor.storage.pages import Order

P = ParamSpec("P")
R_ = TypeVar("R_")
Row = Mapping[str, Any]
Touch = tuple[DataClass, Mode]
Connection = AsyncConnection[DictRow]
_LOG = (DataClass.AUDIT, DataClass.AUDIT_PAYLOAD)


class TouchRefused(AssertionError):
    """Our own bug: a store function touched what the need does not permit."""


class CountUnknown(AssertionError):
    """Our own bug: a count was read of what was executed within `Tx.piped`."""


def _unknown(*_of: object) -> NoReturn:
    raise CountUnknown("how many rows changed is not known within a pipe: execute it outside, or fetch")


_READINGS: Final = (
    *("bool", "eq", "ne", "lt", "le", "gt", "ge", "hash", "index", "int", "float", "str", "format", "neg"),
    *("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "floordiv", "rfloordiv"),
)
_UNKNOWN: Final = cast("int", type("Unknown", (), {f"__{one}__": _unknown for one in _READINGS})())


@dataclass(slots=True, eq=False)
class Tx:
    """One transaction of one agency, opened by the door for one decision.

    `now` is the time of the decision; SQL gets it as a parameter. `decision` is the log entry that allowed it.
    """

    connection: Connection
    agency: UUID
    now: datetime
    decision: UUID | None
    actor: UUID
    touches: frozenset[Touch]
    need: str
    machine: tuple[str, str] | None = None
    """Of what acts, where it is no person: its kind (`process` or `device`) and its name, neither of them sensitive."""
    zone: tzinfo = UTC
    """The agency's time zone: sentences that people read say times in it."""
    wrote: bool = False
    """Whether anything but the log was written."""
    prepares: bool = False
    """Whether what is fetched keeps its plan with the connection from the first time on: for what is dearer to plan than to run."""
    _after: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    _piped: bool = False

    async def fetch(self, sql: LiteralString, /, **params: object) -> list[Row]:
        """All rows."""
        cursor = await self.connection.execute(sql, _adapted(params), prepare=self.prepares or None)
        return cast("list[Row]", await cursor.fetchall())

    async def fetch_page(
        self, sql: LiteralString, order: Order, extent: Extent | None, /, **params: object
    ) -> Cut[Row]:
        """A part of the rows in this order; all of them without an extent. Raises Invalid for another list's cursor."""
        rows = await self.fetch(order.sql(sql, extent), **params, **order.params(extent))
        return order.cut(rows, extent)

    async def fetch_one(self, sql: LiteralString, /, **params: object) -> Row | None:
        """The first row, or None."""
        cursor = await self.connection.execute(sql, _adapted(params))
        return await cursor.fetchone()

    async def fetch_slowly(
        self, sql: LiteralString, at_once: int, /, **params: object
    ) -> AsyncIterator[list[Row]]:
        """All rows, so many at a time by a cursor of the database: between them the loop does other things."""
        async with self.connection.cursor("slowly") as cursor:
            await cursor.execute(sql, _adapted(params))
            while rows := await cursor.fetchmany(at_once):
                yield cast("list[Row]", rows)

    async def execute(self, sql: LiteralString, /, **params: object) -> int:
        """Run a statement; the number of rows it changed, which within `piped` nobody may read."""
        cursor = await self.connection.execute(sql, _adapted(params))
        return _UNKNOWN if self._piped else cursor.rowcount

    async def execute_many(self, sql: LiteralString, rows: Sequence[Mapping[str, object]]) -> list[int]:
        """Run one statement for each row, pipelined; for each the number of rows it changed, which within `piped` nobody may read."""
        if not rows:
            return []
        async with self.connection.cursor() as cursor:
            await cursor.executemany(sql, [_adapted(row) for row in rows], returning=not self._piped)
            if self._piped:
                return [_UNKNOWN for _ in rows]
            return [one.rowcount async for one in cursor.results()]

    @asynccontextmanager
    async def piped(self) -> AsyncIterator[None]:
        """What is executed inside goes to the database at once and is waited for together. Whoever reads a count of it raises
        CountUnknown: the database has not said it yet. Rows that are fetched are waited for as ever.
        """
        before, self._piped = self._piped, True
        try:
            async with self.connection.pipeline():
                yield
        finally:
            self._piped = before

    def after_commit(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do `act` once this transaction is committed, never if it is not: news, pushes, mail."""
        self._after.append(act)

    def permit(self, data_class: DataClass, mode: Mode) -> None:
        """Raises TouchRefused unless this transaction's need permits the touch."""
        if (data_class, mode) not in self.touches:
            raise TouchRefused(f"the need {self.need!r} does not permit to {mode} {data_class}")
        self.wrote |= mode is WRITE and data_class not in _LOG

    def taken_after(self) -> list[Callable[[], Awaitable[None]]]:
        """The acts that wait for the commit, handed over once."""
        acts, self._after = self._after, []
        return acts


def _adapted(params: Mapping[str, object]) -> dict[str, object]:
    return {
        name: Jsonb(value) if isinstance(value, (dict, list)) and _is_json(value) else value
        for name, value in params.items()
    }


def _is_json(value: object) -> bool:
    # Lists of scalars are SQL arrays; dicts, and lists of dicts, are JSON.
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def touches(
    *declared: DataClass | Mode,
) -> Callable[[Callable[Concatenate[Tx, P], Awaitable[R_]]], Callable[Concatenate[Tx, P], Awaitable[R_]]]:
    """Declare what a store function touches: `@touches(DataClass.CAMERA, READ)`, or several classes before each mode."""
    pairs = _pairs(declared)

    def declare(
        function: Callable[Concatenate[Tx, P], Awaitable[R_]],
    ) -> Callable[Concatenate[Tx, P], Awaitable[R_]]:
        @wraps(function)
        async def checked(tx: Tx, /, *args: P.args, **kwargs: P.kwargs) -> R_:
            for data_class, mode in pairs:
                tx.permit(data_class, mode)
            return await function(tx, *args, **kwargs)

        checked.__touches__ = pairs  # type: ignore[attr-defined]  # read by the architecture test
        return checked

    return declare


def _pairs(declared: tuple[DataClass | Mode, ...]) -> tuple[Touch, ...]:
    pairs: list[Touch] = []
    waiting: list[DataClass] = []
    for item in declared:
        if isinstance(item, Mode):
            pairs.extend((data_class, item) for data_class in waiting)
            waiting = []
        else:
            waiting.append(item)
    if waiting or not pairs:
        raise TypeError("touches() takes data classes, each group followed by READ or WRITE")
    return tuple(pairs)
