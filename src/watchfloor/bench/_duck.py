"""The same reads in DuckDB, each day sorted by plate: what else would hold them, asked the same. It needs `duckdb`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from watchfloor.bench._traffic import Day, micros

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EPOCH: Final = 946_684_800_000_000
_FOLDED: Final = "translate(plate, 'OQIBSZ', '001852')"


class Duck:
    """A file of DuckDB's, filled day by day."""

    def __init__(self, file: Path) -> None:
        """Raises ImportError where DuckDB is not installed."""
        import duckdb

        self._file = file
        self.connection: DuckDBPyConnection = duckdb.connect(str(file))
        self.connection.execute(
            "set threads = 2; set memory_limit = '3GB'; set preserve_insertion_order = false"
        )
        self.connection.execute(
            "create table read (number bigint, seen timestamp, reader smallint, plate varchar, state varchar)"
        )
        self.rows, self.load_cpu_s = 0, 0.0

    def take(self, day: Day) -> None:
        """Bring in one day."""
        began = process_time()
        rows = pa.table(
            {
                "number": pa.array(range(self.rows, self.rows + len(day)), pa.int64()),
                "seen": pa.array(micros(day) + _EPOCH).cast(pa.timestamp("us")),
                "reader": pa.array(day.reader.astype("int16")),
                "plate": pa.array(day.plate.tolist(), pa.binary()).cast(pa.string()),
                "state": pa.array(day.state.tolist(), pa.binary()).cast(pa.string()),
            }
        )
        self.connection.register("day", rows)
        self.connection.execute("insert into read select * from day order by plate, seen")
        self.connection.unregister("day")
        self.rows += len(day)
        self.load_cpu_s += process_time() - began

    def bytes_per_row(self) -> float:
        """What the file takes for each read."""
        self.connection.execute("checkpoint")
        return self._file.stat().st_size / max(1, self.rows)

    def exact(self, plate: str) -> int:
        """The newest hundred reads of a plate."""
        return self._rows("select * from read where plate = ? order by seen desc limit 100", [plate])

    def confusable(self, folded: str) -> int:
        """The newest hundred of what looks like it."""
        return self._rows(f"select * from read where {_FOLDED} = ? order by seen desc limit 100", [folded])  # noqa: S608  # constants of this file; what is sought is a parameter

    def like(self, pattern: str) -> int:
        """The newest hundred of a pattern, with how many of each reader there are."""
        counted = f"select reader, count(*) from read where {_FOLDED} like ? group by 1"  # noqa: S608  # constants of this file; what is sought is a parameter
        self._rows(counted, [pattern])
        listed = f"select * from read where {_FOLDED} like ? order by seen desc limit 100"  # noqa: S608  # constants of this file; what is sought is a parameter
        return self._rows(listed, [pattern])

    def window(self, readers: Sequence[int], since: datetime, until: datetime) -> int:
        """What these readers read then, five thousand at most."""
        return self._rows(
            "select * from read where list_contains(?, reader) and seen >= ? and seen < ? order by seen desc limit 5000",
            [list(readers), since, until],
        )

    def two_scenes(
        self,
        first: tuple[Sequence[int], datetime, datetime],
        second: tuple[Sequence[int], datetime, datetime],
    ) -> int:
        """Plates of the first that are of the second, later."""
        scene = "select * from read where list_contains(?, reader) and seen >= ? and seen < ?"
        return self._rows(
            f"with a as ({scene}), b as ({scene}) select a.plate, min(b.seen - a.seen) from a join b using (plate)"  # noqa: S608  # constants of this file; what is sought is a parameter
            " where b.seen > a.seen group by 1 order by 2 limit 100",
            [list(first[0]), *first[1:], list(second[0]), *second[1:]],
        )

    def co_travel(self, plate: str) -> int:
        """What passed the same reader within a minute of it, three times or more."""
        return self._rows(
            "with mine as (select reader, seen from read where plate = ?) select o.plate, count(*) as n from mine m join read o"
            " on o.reader = m.reader and o.seen between m.seen - interval 60 second and m.seen + interval 60 second"
            " where o.plate <> ? group by 1 having count(*) >= 3 order by n desc limit 50",
            [plate, plate],
        )

    def _rows(self, sql: str, values: Sequence[object]) -> int:
        return len(self.connection.execute(sql, list(values)).fetchall())
