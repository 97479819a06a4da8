"""All SQL that reads the log. It writes nothing: entries are made in `audit.py` and sequenced by the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_NEWEST_FIRST: Final = Order("audit", (("id", "uuid"),), down=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What to look for in the log; None means any."""

    kind: str | None = None
    result: str | None = None
    need: str | None = None
    actor: UUID | None = None
    about: UUID | None = None
    authorisation: UUID | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None


@touches(DataClass.AUDIT, DataClass.AUDIT_PAYLOAD, READ)
async def entries(tx: Tx, asked: Asked, extent: Extent) -> Cut[Row]:
    """Entries, newest first, with their payload where it is not erased."""
    return await tx.fetch_page(
        "select e.*, p.payload, p.salt, p.erased_at, p.erased_under from audit_entry e left join audit_payload p on p.entry_id = e.id"
        " where (%(kind)s::text is null or e.kind = %(kind)s) and (%(result)s::text is null or e.result = %(result)s)"
        " and (%(need)s::text is null or e.need = %(need)s) and (%(actor)s::uuid is null or e.actor_id = %(actor)s)"
        " and (%(about)s::uuid is null or e.about_id = %(about)s)"
        " and (%(authorisation)s::uuid is null or e.authorisation_id = %(authorisation)s)"
        " and (%(from_at)s::timestamptz is null or e.at >= %(from_at)s) and (%(to_at)s::timestamptz is null or e.at < %(to_at)s)",
        _NEWEST_FIRST,
        extent,
        kind=asked.kind,
        result=asked.result,
        need=asked.need,
        actor=asked.actor,
        about=asked.about,
        authorisation=asked.authorisation,
        from_at=asked.from_at,
        to_at=asked.to_at,
    )


@touches(DataClass.AUDIT, DataClass.AUDIT_PAYLOAD, READ)
async def sequenced(tx: Tx) -> int:
    """How many entries of all agencies have their place in the log; for the owner."""
    row = await tx.fetch_one("select max(leaf_index) as last from audit_entry where leaf_index is not null")
    return 0 if row is None or row["last"] is None else int(row["last"]) + 1


@touches(DataClass.ACCOUNT, READ)
async def first_agency(tx: Tx) -> UUID | None:
    """The agency that was here first, in whose name the center itself speaks; None before the first start."""
    row = await tx.fetch_one("select id from agency order by created_at, id limit 1")
    return row["id"] if row else None


@touches(DataClass.AUDIT, DataClass.AUDIT_PAYLOAD, READ)
async def entry(tx: Tx, entry_id: UUID) -> Row | None:
    """One entry with its payload."""
    return await tx.fetch_one(
        "select e.*, p.payload, p.salt, p.erased_at, p.erased_under from audit_entry e left join audit_payload p on p.entry_id = e.id"
        " where e.id = %(id)s",
        id=entry_id,
    )


@touches(DataClass.AUDIT, READ)
async def unsequenced(tx: Tx) -> int:
    """How many of the agency's entries wait for their place in the log."""
    row = await tx.fetch_one("select count(*) as n from audit_entry where leaf_index is null")
    return int(row["n"]) if row else 0


@touches(DataClass.AUDIT, READ)
async def newest_checkpoint(tx: Tx) -> tuple[int, datetime] | None:
    """Size and time of the newest checkpoint of the whole log; None before the first."""
    row = await tx.fetch_one("select size, at from audit_checkpoint order by size desc limit 1")
    return (row["size"], row["at"]) if row else None


@touches(DataClass.AUDIT, READ)
async def began(tx: Tx) -> datetime | None:
    """When the agency's log began, which is when the agency did; None where there is no entry."""
    row = await tx.fetch_one("select min(at) as at from audit_entry")
    return row["at"] if row else None


@touches(DataClass.AUDIT, DataClass.AUDIT_PAYLOAD, READ)
async def detail_of(tx: Tx, entry: UUID, need: str) -> Row | None:
    """What was asked under a need that was allowed, as its erasable payload keeps it; None where there is none (any more)."""
    row = await tx.fetch_one(
        "select p.payload from audit_entry e join audit_payload p on p.entry_id = e.id"
        " where e.id = %(entry)s and e.need = %(need)s and e.result = 'allowed' and e.about_id is null",
        entry=entry,
        need=need,
    )
    return row["payload"] if row else None
