"""All SQL of what brings entries by the thousand: files and what machines put. It decides nothing.

An import is a whole new edition of its list beside the one in force; applying it points the list at it, so a list of five
million changes in one instant and no moment is without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.plates.hot_list_store import HotListRow
from watchfloor.plates.model import HotListId, ImportId
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_H: Final = DataClass.HOT_LIST
_LATEST_FIRST: Final = Order("imports", (("imported_at", "timestamptz"), ("id", "uuid")), down=True)
_SINCE: Final = (
    "shrunk",
    "withdrawn",
    "file_kind",
    "imported_at",
    "imported_by",
    "applied_at",
    "applied_by",
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, before it is applied. `shrunk` says that so much is gone that a person has to mean it."""

    id: ImportId
    list: HotListId
    state: str
    base_edition: UUID | None
    encoding: str
    rows: int
    good: int
    bad: int
    new: int
    changed: int
    gone: int
    bad_rows: Sequence[dict[str, Any]]
    expires_at: datetime
    shrunk: bool = False
    withdrawn: int = 0
    file_kind: str | None = None
    imported_at: datetime | None = None
    imported_by: UUID | None = None
    applied_at: datetime | None = None
    applied_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of rows: kept as entries, and of those new to the list and changed in what they say."""

    kept: int
    new: int
    changed: int

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.kept + other.kept, self.new + other.new, self.changed + other.changed)


@touches(_H, WRITE)
async def take_time(tx: Tx) -> None:
    """Let the statements of this transaction run for minutes: a file can have millions of rows."""
    await tx.execute("set local statement_timeout = '20min'")


@touches(_H, READ, _H, WRITE)
async def add_rows(tx: Tx, edition: ImportId, found: HotListRow, rows_json: str) -> Counts:
    """Add rows of a file to an edition, compared with the edition in force; of rows with one id the first counts.

    `rows_json` is a list of objects: line, id, plate, key, state, reason, vehicle, reference, entered_at, expires_at, handling, agency. It
    is one text, made in a thread: COPY is not to be had with row security, and arrays are slow to hand over. The lateral
    look-up keeps the planner from reading the whole edition in force for each few thousand rows.
    """
    row = await tx.fetch_one(
        "with given as (select * from json_to_recordset(%(rows)s::json) as g (line bigint, id uuid, plate"
        " text,   key bigint, state text, reason text, vehicle text, reference text, entered_at timestamptz,"
        "   expires_at timestamptz, handling text[], agency text)), matched as (select distinct on (g.id) g.*, o.version as old_version,"
        " o.entered_at as old_entered_at,     row(o.reason, o.vehicle, o.expires_at, o.handling, o.agency) is not distinct"
        " from row(g.reason, g.vehicle, g.expires_at, g.handling, g.agency) as same   from given g left join lateral (select e.* from"
        " hot_list_entry e     where e.edition = %(base)s and e.id = g.id limit 1) o on true order by g.id,"
        " g.line), kept as (insert into hot_list_entry (edition, id, agency_id, hot_list_id, plate,"
        " folded_key, state, reason,     vehicle, reference, entered_at, expires_at, version, handling, agency)   select"
        " %(edition)s, id, %(agency)s, %(list)s, plate, key, state, reason, vehicle, reference,    "
        " coalesce(old_entered_at, entered_at), expires_at,     case when old_version is null then 1 when"
        " same then old_version else old_version + 1 end, handling, agency from matched   on conflict (edition, id) do nothing"
        " returning id) select count(*) as kept, count(*) filter (where old_version is null) as new,  "
        " count(*) filter (where old_version is not null and not same) as changed from kept join matched"
        " using (id)",
        rows=rows_json,
        base=found.edition,
        edition=edition,
        agency=tx.agency,
        list=found.id,
    )
    return Counts(row["kept"], row["new"], row["changed"]) if row else Counts(0, 0, 0)


@touches(_H, READ)
async def size_of(tx: Tx, edition: UUID | None) -> int:
    """How many entries an edition has, the expired included."""
    row = await tx.fetch_one(
        "select count(*) as n from hot_list_entry where edition = %(edition)s", edition=edition
    )
    return int(row["n"]) if row else 0


@touches(_H, WRITE)
async def insert_import(tx: Tx, preview: Preview, *, sha256: str) -> None:
    """Keep the preview of an import."""
    await tx.execute(
        "insert into hot_list_import (id, agency_id, hot_list_id, base_edition, state, sha256, encoding,"
        " rows, good, bad, new, changed, gone, bad_rows, imported_by, imported_at, expires_at, shrunk, withdrawn,"
        " file_kind) values (%(id)s, %(agency)s, %(list)s, %(base)s, 'waiting', %(sha256)s, %(encoding)s, %(rows)s,"
        " %(good)s, %(bad)s, %(new)s, %(changed)s, %(gone)s, %(bad_rows)s::jsonb, %(by)s, %(now)s, %(expires_at)s,"
        " %(shrunk)s, %(withdrawn)s, %(file_kind)s)",
        id=preview.id,
        agency=tx.agency,
        list=preview.list,
        base=preview.base_edition,
        sha256=sha256,
        encoding=preview.encoding,
        rows=preview.rows,
        good=preview.good,
        bad=preview.bad,
        new=preview.new,
        changed=preview.changed,
        gone=preview.gone,
        bad_rows={"rows": list(preview.bad_rows)},
        by=tx.actor,
        now=tx.now,
        expires_at=preview.expires_at,
        shrunk=preview.shrunk,
        withdrawn=preview.withdrawn,
        file_kind=preview.file_kind,
    )


@touches(_H, READ)
async def preview(tx: Tx, import_id: ImportId) -> Preview | None:
    """One import; held until the end of the transaction, so that two people cannot both apply it."""
    row = await tx.fetch_one("select * from hot_list_import where id = %(id)s for update", id=import_id)
    return preview_of(row, tx.now) if row else None


def preview_of(row: Row, now: datetime) -> Preview:
    """The preview of a row; one that waited too long has expired."""
    expired = row["state"] == "waiting" and row["expires_at"] <= now
    return Preview(
        ImportId(row["id"]),
        HotListId(row["hot_list_id"]),
        "expired" if expired else row["state"],
        row["base_edition"],
        row["encoding"],
        row["rows"],
        row["good"],
        row["bad"],
        row["new"],
        row["changed"],
        row["gone"],
        row["bad_rows"]["rows"],
        row["expires_at"],
        *(row[name] for name in _SINCE),
    )


@touches(_H, WRITE)
async def put_in_force(tx: Tx, preview: Preview) -> bool:
    """Point the list at the import's edition; False when another edition came into force meanwhile."""
    moved = await tx.execute(
        "update hot_list set edition = %(edition)s, changed_at = %(now)s, version = version + 1, failed_at = null,"
        " failure = null, stale_since = null"
        " where id = %(list)s and edition is not distinct from %(base)s",
        edition=preview.id,
        now=tx.now,
        list=preview.list,
        base=preview.base_edition,
    )
    if moved:
        await tx.execute(
            "update hot_list_import set state = 'applied', applied_by = %(by)s, applied_at = %(now)s where"
            " id = %(id)s",
            id=preview.id,
            by=tx.actor,
            now=tx.now,
        )
    return moved == 1


@touches(_H, READ)
async def imports(tx: Tx, list_id: HotListId, extent: Extent) -> Cut[Preview]:
    """The imports of a list, the latest first: its editions, and those that wait or lapsed."""
    rows = await tx.fetch_page(
        "select * from hot_list_import where hot_list_id = %(list)s", _LATEST_FIRST, extent, list=list_id
    )
    return rows.of(lambda row: preview_of(row, tx.now))


@touches(_H, READ)
async def still_withdrawn(tx: Tx, edition: UUID, list_id: HotListId) -> int:
    """How many entries of an edition were withdrawn here, and stay so."""
    row = await tx.fetch_one(
        "select count(*) as n from hot_list_withdrawal w where w.hot_list_id = %(list)s and exists"
        " (select from hot_list_entry e where e.edition = %(edition)s and e.id = w.entry_id)",
        list=list_id,
        edition=edition,
    )
    return int(row["n"]) if row else 0


@touches(_H, WRITE)
async def drop_edition(tx: Tx, edition: UUID) -> None:
    """Take back what was added of a file that turned out to be none; the edition in force is another one."""
    await tx.execute("delete from hot_list_entry where edition = %(edition)s", edition=edition)


@touches(_H, WRITE)
async def note_failure(tx: Tx, list_id: HotListId, failure: str) -> None:
    """Keep why the last file was not taken, for the list's page."""
    await tx.execute(
        "update hot_list set failed_at = %(now)s, failure = %(failure)s, version = version + 1 where id = %(id)s",
        id=list_id,
        now=tx.now,
        failure=failure[:400],
    )


@touches(_H, WRITE)
async def drop_entries(tx: Tx, edition: UUID | None, ids: Sequence[str]) -> int:
    """Take these entries out of an edition, to be said anew; how many were there."""
    return await tx.execute(
        "delete from hot_list_entry where edition = %(edition)s and id = any(%(ids)s::uuid[])",
        edition=edition,
        ids=list(ids),
    )
