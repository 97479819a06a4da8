"""All SQL of hot lists: lists, imports, entries, versions. It decides nothing.

Entries keep their id from edition to edition while plate, state and reference stay. What brings entries by the thousand
is in `import_store`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

import numpy as np

from watchfloor.governance.words import Purpose
from watchfloor.kit.extent import Cut, Extent
from watchfloor.plates.hotlist import Keys
from watchfloor.plates.model import EntryId, HotListId, ListKind, Plate, Priority, Wanted
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_H, _M = DataClass.HOT_LIST, DataClass.MACHINERY
_SLICE_BYTES: Final = 8 * 50_000
_BY_NAME: Final = Order("hot lists", (("name", "text"), ("id", "uuid")))


@dataclass(frozen=True, slots=True)
class HotListRow:
    """A hot list; `entries` counts what its file brought, or the manual entries that have not ended, `expiring` those of a week.

    `filled_at` is when its source was last heard, `refresh_hours` how often that should be; `failure` why its last file was not taken.
    """

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
    owner: str = ""
    priority: Priority = Priority.USUAL
    refresh_hours: int | None = None
    file_kind: str | None = None
    failed_at: datetime | None = None
    failure: str | None = None
    withdrawn: int = 0

    @property
    def due_at(self) -> datetime | None:
        """When it should have been renewed; None where nothing is expected, or it was never filled."""
        if self.refresh_hours is None or self.filled_at is None:
            return None
        return self.filled_at + timedelta(hours=self.refresh_hours)

    def is_stale(self, now: datetime) -> bool:
        """Whether its source should have been heard since."""
        return self.due_at is not None and self.due_at <= now


# A list from a file is counted once, when it is applied: counting five million entries takes longer than showing them.
_LISTS: Final[LiteralString] = (
    "select l.*, case l.source when 'imported' then coalesce((select i.good from hot_list_import i where"
    " i.id = l.edition), 0) else (select count(*) from hot_list_entry e where e.edition = l.edition and"
    " e.ended_at is null and e.expires_at > %(now)s) end as entries, case l.source when 'manual' then"
    " (select count(*) from hot_list_entry e where e.edition = l.edition and e.ended_at is null and"
    " e.expires_at > %(now)s and e.expires_at <= %(now)s + interval '7 days') end as expiring,"
    " case l.source when 'manual' then (select max(e.entered_at) from hot_list_entry e where e.edition = l.edition)"
    " else l.changed_at end as filled_at, (select count(*) from hot_list_withdrawal w where w.hot_list_id = l.id and"
    " exists (select from hot_list_entry e where e.edition = l.edition and e.id = w.entry_id)) as withdrawn from hot_list l"
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
        row["owner"],
        Priority(row["priority"]),
        *(row[name] for name in ("refresh_hours", "file_kind", "failed_at", "failure", "withdrawn")),
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
        " created_at, created_by, version, owner, priority, refresh_hours, file_kind) values (%(id)s, %(agency)s,"
        " %(name)s, %(source)s, %(purpose)s, %(default)s, %(most)s, %(edition)s, %(now)s, %(by)s, %(version)s,"
        " %(owner)s, %(priority)s, %(refresh)s, %(file_kind)s) on conflict (agency_id, name) do nothing",
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
        owner=new.owner,
        priority=new.priority.value,
        refresh=new.refresh_hours,
        file_kind=new.file_kind,
    )
    return count == 1


@touches(_H, READ)
async def written_by_machines(tx: Tx) -> list[HotListId]:
    """The lists that machines of their owners write."""
    return [
        HotListId(row["id"])
        for row in await tx.fetch("select id from hot_list where source = 'api' order by id")
    ]


@touches(_H, WRITE)
async def heard(tx: Tx, list_id: HotListId) -> None:
    """The source of a list was heard: what it says is as of now."""
    await tx.execute(
        "update hot_list set changed_at = %(now)s, stale_since = null, failed_at = null, failure = null,"
        " version = version + 1 where id = %(id)s",
        id=list_id,
        now=tx.now,
    )


@touches(_H, WRITE)
async def became_stale(tx: Tx) -> list[HotListId]:
    """The lists whose source should have been heard by now and was not, each told once."""
    rows = await tx.fetch(
        "update hot_list set stale_since = changed_at + refresh_hours * interval '1 hour' where stale_since is null"
        " and source <> 'manual' and changed_at + refresh_hours * interval '1 hour' <= %(now)s returning id",
        now=tx.now,
    )
    return [HotListId(row["id"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh a list is: whether its source is heard on a schedule, and when it was due, if that is over."""

    name: str
    owner: str
    scheduled: bool
    stale_since: datetime | None


@touches(_H, READ)
async def freshness(tx: Tx) -> list[Freshness]:
    """Of every list, by name; none of their entries is counted."""
    rows = await tx.fetch(
        "select name, owner, source <> 'manual' and refresh_hours is not null as scheduled, case when source <> 'manual' and"
        " changed_at + refresh_hours * interval '1 hour' <= %(now)s then changed_at + refresh_hours * interval '1 hour' end"
        " as stale_since from hot_list order by name",
        now=tx.now,
    )
    return [Freshness(row["name"], row["owner"], row["scheduled"], row["stale_since"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """What matching needs to know of a list beside its entries."""

    name: str
    filled_at: datetime | None
    refresh_hours: int | None
    file_kind: str | None

    def is_stale(self, now: datetime) -> bool:
        """Whether its source should have been heard since."""
        if self.refresh_hours is None or self.filled_at is None:
            return False
        return self.filled_at + timedelta(hours=self.refresh_hours) <= now


@touches(_H, READ)
async def standings(tx: Tx, wanted: Collection[HotListId]) -> dict[HotListId, Standing]:
    """How these lists stand, by id; none of their entries is counted."""
    rows = await tx.fetch(
        "select id, name, changed_at, refresh_hours, file_kind from hot_list where id = any(%(ids)s)",
        ids=list(wanted),
    )
    return {
        HotListId(row["id"]): Standing(row["name"], row["changed_at"], row["refresh_hours"], row["file_kind"])
        for row in rows
    }


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
        "select edition, source <> 'imported' as grows from hot_list where edition is not null"
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
        "select e.*, l.purpose, l.priority from unnest(%(keys)s::bigint[]) as sought (key) cross join lateral (select * from"
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
        handling=tuple(row["handling"]),
        agency=row["agency"],
        priority=Priority(row["priority"]),
    )
