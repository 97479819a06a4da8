"""All SQL of hot lists: lists, imports, entries, versions. It decides nothing.

An import brings a whole new edition of its list beside the one in force; applying it points the list at it, so a list
of five million changes in one instant. Entries keep their id from edition to edition while plate, state and reference
stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import numpy as np

from watchfloor.governance.words import Purpose
from watchfloor.kit.extent import Cut, Extent
from watchfloor.plates.hotlist import Keys
from watchfloor.plates.model import EntryId, HotListId, ImportId, ListKind, Plate, Wanted
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_H, _M = DataClass.HOT_LIST, DataClass.MACHINERY
_SLICE_BYTES: Final = 8 * 50_000
_BY_NAME: Final = Order("hot lists", (("name", "text"), ("id", "uuid")))


@dataclass(frozen=True, slots=True)
class HotListRow:
    """A hot list; `entries` counts what its file brought, or the manual entries that have not ended, `expiring` those of a week."""

    id: HotListId
    name: str
    kind: ListKind
    purpose: Purpose
    default_days: int
    most_days: int
    edition: UUID | None
    filled_at: datetime | None
    entries: int
    version: int
    expiring: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, before it is applied."""

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


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of rows: kept as entries, and of those new to the list and changed in what they say."""

    kept: int
    new: int
    changed: int

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.kept + other.kept, self.new + other.new, self.changed + other.changed)


# A list from a file is counted once, when it is applied: counting five million entries takes longer than showing them.
_LISTS: Final[LiteralString] = (
    "select l.*, case l.source when 'imported' then coalesce((select i.good from hot_list_import i where"
    " i.id = l.edition), 0) else (select count(*) from hot_list_entry e where e.edition = l.edition and"
    " e.ended_at is null and e.expires_at > %(now)s) end as entries, case l.source when 'manual' then"
    " (select count(*) from hot_list_entry e where e.edition = l.edition and e.ended_at is null and"
    " e.expires_at > %(now)s and e.expires_at <= %(now)s + interval '7 days') end as expiring,"
    " case l.source when 'imported' then l.changed_at else (select max(e.entered_at) from hot_list_entry e where"
    " e.edition = l.edition) end as filled_at from hot_list l"
)


def _list(row: Row) -> HotListRow:
    return HotListRow(
        HotListId(row["id"]),
        row["name"],
        ListKind(row["source"]),
        Purpose.of(row["purpose"]),
        row["default_days"],
        row["most_days"],
        row["edition"],
        row["filled_at"],
        row["entries"],
        row["version"],
        row["expiring"],
    )


@touches(_H, READ)
async def lists(tx: Tx, extent: Extent) -> Cut[HotListRow]:
    """Hot lists, by name."""
    return (await tx.fetch_page(_LISTS, _BY_NAME, extent, now=tx.now)).of(_list)


@touches(_H, READ)
async def hot_list(tx: Tx, list_id: HotListId) -> HotListRow | None:
    """One hot list."""
    row = await tx.fetch_one(_LISTS + " where l.id = %(id)s", now=tx.now, id=list_id)
    return _list(row) if row else None


@touches(_H, WRITE)
async def insert_list(tx: Tx, new: HotListRow) -> bool:
    """Keep a new hot list; False when the agency has one of that name."""
    count = await tx.execute(
        "insert into hot_list (id, agency_id, name, source, purpose, default_days, most_days, edition,"
        " created_at, created_by, version) values (%(id)s, %(agency)s, %(name)s, %(source)s, %(purpose)s,"
        " %(default)s, %(most)s, %(edition)s, %(now)s, %(by)s, %(version)s) on conflict (agency_id, name) do"
        " nothing",
        id=new.id,
        agency=tx.agency,
        name=new.name,
        source=new.kind.value,
        purpose=new.purpose.word,
        default=new.default_days,
        most=new.most_days,
        edition=new.edition,
        now=tx.now,
        by=tx.actor,
        version=new.version,
    )
    return count == 1


@touches(_M, WRITE)
async def raise_version(tx: Tx) -> int:
    """Say that some list changed: every matcher looks again within two seconds. The new version."""
    row = await tx.fetch_one(
        "insert into hot_list_version as v (agency_id, version, changed_at) values (%(agency)s, 1, %(now)s)"
        " on conflict (agency_id) do update set version = v.version + 1, changed_at = excluded.changed_at"
        " returning version",
        agency=tx.agency,
        now=tx.now,
    )
    return int(row["version"]) if row else 0


@touches(_M, READ)
async def version(tx: Tx) -> int:
    """The version of the agency's hot lists; 0 before the first."""
    row = await tx.fetch_one("select version from hot_list_version")
    return row["version"] if row else 0


@touches(_H, READ)
async def editions(tx: Tx) -> dict[UUID, bool]:
    """Every edition that is in force or waits to be, and whether it can still grow: a manual list's can."""
    rows = await tx.fetch(
        "select edition, source = 'manual' as grows from hot_list where edition is not null"
        " union select id, false from hot_list_import where state = 'waiting' and expires_at > %(now)s",
        now=tx.now,
    )
    return {row["edition"]: row["grows"] for row in rows}


@touches(_H, READ)
async def keys(tx: Tx, of: Sequence[UUID]) -> Keys:
    """The folded keys of these editions' entries: eight bytes each, joined by the database into one long value.

    Row by row, five million of them would take this process half a minute; joined in groups they are sorted on disk first.
    They come in slices: forty megabytes at once hold up whoever matches meanwhile for a quarter of a second.
    """
    found = tx.fetch_slowly(
        "with joined as materialized (select string_agg(int8send(folded_key), ''::bytea) as keys from hot_list_entry"
        " where edition = any(%(editions)s)) select substring(keys from slice * %(size)s + 1 for %(size)s) as keys"
        " from joined, generate_series(0, (length(keys) - 1) / %(size)s) as slice",
        4,
        editions=list(of),
        size=_SLICE_BYTES,
    )
    parts = [np.frombuffer(row["keys"], ">u8").astype(np.uint64) async for rows in found for row in rows]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


@touches(_H, READ)
async def wanted(tx: Tx, folded_keys: Sequence[int]) -> list[Wanted]:
    """The entries in force with one of these folded keys, the expired included: who matches decides by the time.

    Each key is looked up for itself, whatever the statistics say: in the minutes after a file of millions came in there
    are none, and the planner read whole editions for each batch.
    """
    if not folded_keys:
        return []
    rows = await tx.fetch(
        "select e.*, l.purpose from unnest(%(keys)s::bigint[]) as sought (key) cross join lateral (select * from"
        " hot_list_entry where folded_key = sought.key offset 0) e join hot_list l on l.id = e.hot_list_id and"
        " l.edition = e.edition",
        keys=list(folded_keys),
    )
    return [wanted_of(row) for row in rows]


def wanted_of(row: Row) -> Wanted:
    """The entry of a row joined with its list's purpose."""
    return Wanted(
        id=EntryId(row["id"]),
        list=HotListId(row["hot_list_id"]),
        plate=Plate(row["plate"]),
        state=row["state"],
        reason=row["reason"],
        purpose=Purpose.of(row["purpose"]),
        expires_at=row["expires_at"],
        vehicle=row["vehicle"],
        version=row["version"],
        case=row["case_id"],
    )


@touches(_H, WRITE)
async def take_time(tx: Tx) -> None:
    """Let the statements of this transaction run for minutes: a file can have millions of rows."""
    await tx.execute("set local statement_timeout = '20min'")


@touches(_H, READ, _H, WRITE)
async def add_rows(tx: Tx, edition: ImportId, found: HotListRow, rows_json: str) -> Counts:
    """Add rows of a file to an edition, compared with the edition in force; of rows with one id the first counts.

    `rows_json` is a list of objects: line, id, plate, key, state, reason, vehicle, reference, entered_at, expires_at. It
    is one text, made in a thread: COPY is not to be had with row security, and arrays are slow to hand over. The lateral
    look-up keeps the planner from reading the whole edition in force for each few thousand rows.
    """
    row = await tx.fetch_one(
        "with given as (select * from json_to_recordset(%(rows)s::json) as g (line bigint, id uuid, plate"
        " text,   key bigint, state text, reason text, vehicle text, reference text, entered_at timestamptz,"
        "   expires_at timestamptz)), matched as (select distinct on (g.id) g.*, o.version as old_version,"
        " o.entered_at as old_entered_at,     row(o.reason, o.vehicle, o.expires_at) is not distinct from"
        " row(g.reason, g.vehicle, g.expires_at) as same   from given g left join lateral (select e.* from"
        " hot_list_entry e     where e.edition = %(base)s and e.id = g.id limit 1) o on true order by g.id,"
        " g.line), kept as (insert into hot_list_entry (edition, id, agency_id, hot_list_id, plate,"
        " folded_key, state, reason,     vehicle, reference, entered_at, expires_at, version)   select"
        " %(edition)s, id, %(agency)s, %(list)s, plate, key, state, reason, vehicle, reference,    "
        " coalesce(old_entered_at, entered_at), expires_at,     case when old_version is null then 1 when"
        " same then old_version else old_version + 1 end from matched   on conflict (edition, id) do nothing"
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
        " rows, good, bad, new, changed, gone, bad_rows, imported_by, imported_at, expires_at) values"
        " (%(id)s, %(agency)s, %(list)s, %(base)s, 'waiting', %(sha256)s, %(encoding)s, %(rows)s, %(good)s,"
        " %(bad)s, %(new)s, %(changed)s, %(gone)s, %(bad_rows)s::jsonb, %(by)s, %(now)s, %(expires_at)s)",
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
    )


@touches(_H, WRITE)
async def put_in_force(tx: Tx, preview: Preview) -> bool:
    """Point the list at the import's edition; False when another edition came into force meanwhile."""
    moved = await tx.execute(
        "update hot_list set edition = %(edition)s, changed_at = %(now)s, version = version + 1"
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
