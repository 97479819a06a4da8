"""All SQL of single hot-list entries: as a list shows them, and those made by two persons. It decides nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.plates.hot_list_store import wanted_of
from watchfloor.plates.model import EntryId, HotListId, Wanted
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_H: Final = DataClass.HOT_LIST
_BY_ID: Final = Order("hot-list entries", (("id", "uuid"),))


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry with what a list shows beside it."""

    wanted: Wanted
    reference: str | None
    entered_at: datetime
    ratify_by: datetime | None = None


def _entry(row: Row) -> EntryRow:
    return EntryRow(wanted_of(row), row["reference"], row["entered_at"], row["ratify_by"])


@touches(_H, READ)
async def entries(tx: Tx, list_id: HotListId, extent: Extent) -> Cut[EntryRow]:
    """Entries of a list that have not expired, those whose case is over among them, in a stable order."""
    rows = await tx.fetch_page(
        "select e.*, l.purpose, l.priority from hot_list l join hot_list_entry e on e.edition = l.edition"
        " where l.id = %(list)s and e.expires_at > %(now)s",
        _BY_ID,
        extent,
        list=list_id,
        now=tx.now,
    )
    return rows.of(_entry)


@touches(_H, READ)
async def entry_in_force(tx: Tx, entry_id: EntryId) -> EntryRow | None:
    """The entry as its list says it now, though it may have expired; None when it is on no list any more."""
    row = await tx.fetch_one(
        "select e.*, l.purpose, l.priority from hot_list l join hot_list_entry e on e.edition = l.edition"
        " where e.id = %(id)s",
        id=entry_id,
    )
    return _entry(row) if row else None


@touches(_H, WRITE)
async def insert_entry(
    tx: Tx,
    entry: Wanted,
    *,
    proposal: UUID | None,
    reference: str | None,
    folded_key: int,
    ratify_by: datetime | None = None,
    edition: UUID | None = None,
) -> None:
    """Keep one entry, in the edition in force; a manual list's only edition is its own id."""
    await tx.execute(
        "insert into hot_list_entry (edition, id, agency_id, hot_list_id, plate, folded_key, state, reason,"
        " vehicle, reference, entered_at, expires_at, version, proposal_id, case_id, handling,"
        " agency, ratify_by) values (%(edition)s, %(id)s,"
        " %(agency)s, %(list)s, %(plate)s, %(key)s, %(state)s, %(reason)s, %(vehicle)s, %(reference)s,"
        " %(now)s, %(expires_at)s, %(version)s, %(proposal)s, %(case)s, %(handling)s,"
        " %(of)s, %(ratify_by)s)",
        edition=edition or entry.list,
        list=entry.list,
        id=entry.id,
        agency=tx.agency,
        plate=entry.plate.text,
        key=folded_key,
        state=entry.state,
        reason=entry.reason,
        vehicle=entry.vehicle,
        reference=reference,
        now=tx.now,
        expires_at=entry.expires_at,
        version=entry.version,
        proposal=proposal,
        case=entry.case,
        handling=list(entry.handling),
        of=entry.agency,
        ratify_by=ratify_by,
    )


@touches(_H, WRITE)
async def ratify(tx: Tx, entry: EntryId, expires_at: datetime) -> bool:
    """A second person agreed: the entry lasts until its proposed end. False when it has ended, or was withdrawn."""
    return bool(
        await tx.execute(
            "update hot_list_entry e set expires_at = %(until)s, ratify_by = null, version = version + 1 where id = %(id)s"
            " and ratify_by > %(now)s and not exists (select from hot_list_withdrawal w where w.entry_id = e.id)",
            id=entry,
            until=expires_at,
            now=tx.now,
        )
    )


@touches(_H, WRITE)
async def change(
    tx: Tx, entry: EntryId, reason: str, vehicle: str | None, expires_at: datetime, proposal: UUID
) -> bool:
    """A second person agreed to the proposal: the entry says this and lasts until then, though it ended meanwhile. False when it was
    withdrawn.
    """
    return bool(
        await tx.execute(
            "update hot_list_entry e set reason = %(reason)s, vehicle = %(vehicle)s, expires_at = %(until)s,"
            " proposal_id = %(proposal)s, version = version + 1 where id = %(id)s"
            " and not exists (select from hot_list_withdrawal w where w.entry_id = e.id)",
            id=entry,
            reason=reason,
            vehicle=vehicle,
            until=expires_at,
            proposal=proposal,
        )
    )


@touches(_H, WRITE)
async def end_unratified(tx: Tx) -> list[EntryId]:
    """The entries that one person made and nobody ratified in time, each told once."""
    rows = await tx.fetch(
        "update hot_list_entry e set ended_at = %(now)s where ratify_by <= %(now)s and ended_at is null and not exists"
        " (select from hot_list_withdrawal w where w.entry_id = e.id) returning id",
        now=tx.now,
    )
    return [EntryId(row["id"]) for row in rows]


@touches(_H, READ)
async def resting(tx: Tx) -> dict[EntryId, UUID]:
    """The entries in force that rest on a case, and on which."""
    rows = await tx.fetch(
        "select id, case_id from hot_list_entry where case_id is not null and ended_at is null"
        " and expires_at > %(now)s order by id",
        now=tx.now,
    )
    return {EntryId(row["id"]): row["case_id"] for row in rows}


@touches(_H, WRITE)
async def end_entry(tx: Tx, entry: EntryId) -> bool:
    """Keep that an entry has ended; False when that is known."""
    return bool(
        await tx.execute(
            "update hot_list_entry set ended_at = %(now)s, version = version + 1 where id = %(id)s and ended_at is null",
            id=entry,
            now=tx.now,
        )
    )


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That an entry answers no more, since when, by whom and why."""

    entry: EntryId
    at: datetime
    by: UUID
    why: str


@touches(_H, WRITE)
async def withdraw(tx: Tx, entry: Wanted, why: str) -> bool:
    """Withdraw an entry; False when it was before."""
    return bool(
        await tx.execute(
            "insert into hot_list_withdrawal (entry_id, agency_id, hot_list_id, withdrawn_at, withdrawn_by, why, expires_at)"
            " values (%(id)s, %(agency)s, %(list)s, %(now)s, %(by)s, %(why)s, %(until)s) on conflict (entry_id) do nothing",
            id=entry.id,
            agency=tx.agency,
            list=entry.list,
            now=tx.now,
            by=tx.actor,
            why=why,
            until=entry.expires_at,
        )
    )


@touches(_H, READ)
async def withdrawn(tx: Tx, entries: Collection[EntryId]) -> dict[EntryId, Withdrawal]:
    """Those of the entries that were withdrawn."""
    rows = await tx.fetch(
        "select * from hot_list_withdrawal where entry_id = any(%(ids)s)", ids=list(entries)
    )
    return {
        EntryId(row["entry_id"]): Withdrawal(
            EntryId(row["entry_id"]), row["withdrawn_at"], row["withdrawn_by"], row["why"]
        )
        for row in rows
    }


@touches(_H, READ)
async def entry_withdrawn(tx: Tx, entry: EntryId) -> Withdrawal | None:
    """The withdrawal of an entry."""
    return (await withdrawn(tx, [entry])).get(entry)


@touches(_H, WRITE)
async def enter_again(tx: Tx, entries: Collection[EntryId]) -> None:
    """Entries that their own source enters anew are withdrawn no longer."""
    await tx.execute("delete from hot_list_withdrawal where entry_id = any(%(ids)s)", ids=list(entries))
