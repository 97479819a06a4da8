"""All SQL of lists of cameras that are brought in: what each row comes to, and what became of it. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from watchfloor.cameras.import_judge import Judged, Verdict
from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA
_NEWEST: Final = Order("camera imports", (("made_at", "timestamptz"), ("id", "uuid")), down=True)
_BY_LINE: Final = Order("rows of a camera import", (("line", "bigint"),))


@dataclass(frozen=True, slots=True)
class Import:
    """A list that was looked at: how its rows were judged, and how far it is applied."""

    id: UUID
    file_name: str
    columns: Mapping[str, str]
    state: str
    new: int
    changed: int
    unchanged: int
    refused: int
    warned: int
    done: int
    failed: int
    made_by: UUID
    made_at: datetime
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row as it was judged, and what became of it: None while it was not tried, else why it was not kept or nothing."""

    line: int
    verdict: Verdict
    name: str
    says: Mapping[str, Any]
    camera: UUID | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A row to be kept."""

    line: int
    name: str
    camera: UUID | None
    version: int | None
    moved: bool
    fields: Mapping[str, object]


def _import(row: Row) -> Import:
    return Import(**{name: row[name] for name in Import.__slots__})


@touches(_C, WRITE)
async def insert_import(tx: Tx, one: Import, sha256: str, rows: Sequence[Judged]) -> None:
    """Keep what was looked at."""
    values = {**{name: getattr(one, name) for name in Import.__slots__}, "columns": dict(one.columns)}
    await tx.execute(
        "insert into camera_import (id, agency_id, file_name, sha256, columns, state, new, changed, unchanged, refused, warned,"
        " done, failed, made_by, made_at, expires_at) values (%(id)s, %(agency)s, %(file_name)s, %(sha256)s, %(columns)s,"
        " %(state)s, %(new)s, %(changed)s, %(unchanged)s, %(refused)s, %(warned)s, 0, 0, %(made_by)s, %(made_at)s, %(expires_at)s)",
        agency=tx.agency,
        sha256=sha256,
        **values,
    )
    await tx.execute_many(
        "insert into camera_import_row (import_id, agency_id, line, verdict, name, says, camera_id, version, moved, fields)"
        " values (%(import)s, %(agency)s, %(line)s, %(verdict)s, %(name)s, %(says)s, %(camera)s, %(version)s, %(moved)s,"
        " %(fields)s)",
        [_values(one.id, tx.agency, row) for row in rows],
    )


def _values(import_id: UUID, agency: UUID, row: Judged) -> dict[str, object]:
    writes = row.verdict in (Verdict.NEW, Verdict.CHANGED)
    says = {
        "problems": [asdict(one) for one in row.problems],
        "warnings": [asdict(one) for one in row.warnings],
        "changes": [asdict(one) for one in row.changes],
    }
    return {
        "import": import_id,
        "agency": agency,
        "line": row.line,
        "verdict": row.verdict.value,
        "name": row.name,
        "says": says,
        "camera": row.camera,
        "version": row.version,
        "moved": row.moved,
        "fields": dict(row.fields) if writes and row.fields is not None else None,
    }


@touches(_C, READ)
async def imports(tx: Tx, extent: Extent) -> Cut[Import]:
    """Lists that were looked at, the newest first."""
    return (await tx.fetch_page("select * from camera_import", _NEWEST, extent)).of(_import)


@touches(_C, READ)
async def import_of(tx: Tx, import_id: UUID) -> Import | None:
    """One list."""
    row = await tx.fetch_one("select * from camera_import where id = %(id)s", id=import_id)
    return _import(row) if row else None


@touches(_C, READ)
async def rows(tx: Tx, import_id: UUID, verdict: Verdict | None, extent: Extent) -> Cut[ImportRow]:
    """Its rows in their order; those of a verdict, where one is named."""
    statement: LiteralString = "select * from camera_import_row where import_id = %(id)s"
    if verdict is not None:
        statement += " and verdict = %(verdict)s"
    found = await tx.fetch_page(statement, _BY_LINE, extent, id=import_id, verdict=verdict and verdict.value)
    return found.of(_row)


def _row(row: Row) -> ImportRow:
    return ImportRow(
        row["line"], Verdict(row["verdict"]), row["name"], row["says"], row["camera_id"], row["outcome"]
    )


@touches(_C, WRITE)
async def confirm(tx: Tx, import_id: UUID, by: UUID, until: datetime) -> bool:
    """Say that it is to be applied; False when it was said before, or is too old."""
    return bool(
        await tx.execute(
            "update camera_import set state = 'waiting', confirmed_by = %(by)s, confirmed_at = %(now)s, expires_at = %(until)s"
            " where id = %(id)s and state = 'previewed' and expires_at > %(now)s",
            id=import_id,
            by=by,
            now=tx.now,
            until=until,
        )
    )


@touches(_C, WRITE)
async def discard(tx: Tx, import_id: UUID) -> bool:
    """Forget what was looked at and not confirmed, with its rows; False when it was confirmed."""
    return bool(
        await tx.execute("delete from camera_import where id = %(id)s and state = 'previewed'", id=import_id)
    )


@touches(_C, READ)
async def pending(tx: Tx, import_id: UUID, most: int) -> list[Pending]:
    """Rows that are to be kept and were not tried yet, in their order."""
    found = await tx.fetch(
        "select * from camera_import_row where import_id = %(id)s and outcome is null and fields is not null"
        " order by line limit %(most)s for update",
        id=import_id,
        most=most,
    )
    return [
        Pending(row["line"], row["name"], row["camera_id"], row["version"], row["moved"], row["fields"])
        for row in found
    ]


@touches(_C, WRITE)
async def tried(tx: Tx, import_id: UUID, outcomes: Sequence[tuple[int, UUID | None, str]]) -> None:
    """Keep what became of rows: line, camera, and why it was not kept or nothing."""
    await tx.execute_many(
        "update camera_import_row set outcome = %(outcome)s, camera_id = %(camera)s, fields = null"
        " where import_id = %(id)s and line = %(line)s",
        [{"id": import_id, "line": line, "camera": camera, "outcome": why} for line, camera, why in outcomes],
    )
    await tx.execute(
        "update camera_import set done = done + %(done)s, failed = failed + %(failed)s where id = %(id)s",
        id=import_id,
        done=len(outcomes),
        failed=sum(bool(why) for _, _, why in outcomes),
    )


@touches(_C, WRITE)
async def ended(tx: Tx, import_id: UUID, until: datetime) -> None:
    """Every row was tried."""
    await tx.execute(
        "update camera_import set state = 'applied', ended_at = %(now)s, expires_at = %(until)s where id = %(id)s",
        id=import_id,
        now=tx.now,
        until=until,
    )
