"""Arrays of numbers as the database takes them, made by numpy at once: a parameter of thousands of values costs what its bytes cost.

It knows no table; a store function passes what it makes here like any other parameter.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from psycopg import AsyncConnection
from psycopg.abc import Buffer, DumperKey, PyFormat
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.rows import DictRow

# Type numbers are PostgreSQL's own and the same in every version (pg_type.dat): of an element, of an array of them.
_INT4, _INT8, _FLOAT4, _TIME = (23, 1007), (20, 1016), (700, 1021), (1184, 1185)
_EPOCH_US: Final = 946_684_800_000_000  # 2000-01-01 after 1970-01-01


@dataclass(frozen=True, slots=True)
class Packed:
    """A one-dimensional array in PostgreSQL's binary form; `oid` is the array type's number."""

    oid: int
    content: bytes = field(repr=False)


def int4s(values: NDArray[np.int32]) -> Packed:
    """An `integer[]`."""
    return _packed(_INT4, values, ">i4")


def int8s(values: NDArray[np.int64] | NDArray[np.uint64]) -> Packed:
    """A `bigint[]`. Raises nothing for what is too large: keys of 60 bits fit."""
    return _packed(_INT8, values, ">i8")


def float4s(values: NDArray[np.float64]) -> Packed:
    """A `real[]`; nan stays nan."""
    return _packed(_FLOAT4, values, ">f4")


def times(values: NDArray[np.int64]) -> Packed:
    """A `timestamptz[]` of microseconds since 1970."""
    return _packed(_TIME, values - _EPOCH_US, ">i8")


def register(connection: AsyncConnection[DictRow]) -> None:
    """Let this connection take packed arrays as parameters."""
    connection.adapters.register_dumper(Packed, _Dumps)


def _packed(
    kind: tuple[int, int],
    values: NDArray[np.int32] | NDArray[np.int64] | NDArray[np.uint64] | NDArray[np.float64],
    code: str,
) -> Packed:
    element, array = kind
    rows = np.empty(len(values), [("bytes", ">i4"), ("value", code)])
    rows["bytes"] = np.dtype(code).itemsize
    rows["value"] = values
    # One dimension, no nulls, counted from one; an empty array has no dimension at all.
    head = (
        struct.pack("!iiIii", 1, 0, element, len(values), 1)
        if len(values)
        else struct.pack("!iiI", 0, 0, element)
    )
    return Packed(array, head + rows.tobytes())


class _Dumps(Dumper):
    """Hands the bytes on under the array's own type."""

    format = Format.BINARY

    def dump(self, obj: Packed) -> Buffer:
        return obj.content

    def get_key(self, obj: Packed, format: PyFormat) -> DumperKey:
        return (self.cls, obj.oid)  # type: ignore[return-value]  # any hashable tells dumpers apart; theirs are classes

    def upgrade(self, obj: Packed, format: PyFormat) -> Dumper:
        dumper = _Dumps(self.cls)
        dumper.oid = obj.oid
        return dumper
