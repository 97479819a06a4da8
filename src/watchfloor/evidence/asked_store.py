"""All SQL of evidence that somebody is asked for, and of the files that come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.evidence.asked import Asked, File
from watchfloor.governance.words import Purpose
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.sure import sure
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_E: Final = DataClass.EXPORT
_NEWEST: Final = Order("evidence-requests", (("asked_at", "timestamptz"), ("id", "uuid")), down=True)
_ASKED: Final[LiteralString] = (
    "select r.*, f.number as case_number, coalesce((select jsonb_agg(to_jsonb(x) order by x.began_at, x.id) from received_file x"
    " where x.request_id = r.id), '[]') as files from evidence_request r join case_file f on f.id = r.case_id"
)


def _file(row: Row) -> File:
    def at(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]) if isinstance(row[name], str) else row[name]

    began = at("began_at")
    entry = row["entry_id"]
    return File(
        UUID(str(row["id"])), row["name"], row["kind"], row["size"], row["taken"], sure(began), row["sha256"],
        at("kept_at"), UUID(str(entry)) if entry else None,
    )  # fmt: skip


def _asked(row: Row) -> Asked:
    files = row["files"] if isinstance(row["files"], list) else json.loads(row["files"])
    return Asked(
        row["id"], row["case_id"], row["case_number"], Purpose.of(row["purpose"]), row["owner_id"], row["camera_id"], row["place"],
        row["from_at"], row["to_at"], row["words"], row["asked_by"], row["asked_at"], row["expires_at"], row["reminded_at"],
        row["seen_at"], row["declined_at"], row["received_at"], row["ended_at"], row["withdrawn_at"], tuple(map(_file, files)),
    )  # fmt: skip


@touches(_E, WRITE)
async def insert(tx: Tx, asked: Asked, token_hash: bytes) -> None:
    """Keep that somebody is asked."""
    await tx.execute(
        "insert into evidence_request (id, agency_id, case_id, purpose, owner_id, camera_id, place, from_at, to_at, words, token_hash,"
        " asked_by, asked_at, expires_at) values (%(id)s, %(agency)s, %(case)s, %(purpose)s, %(owner)s, %(camera)s, %(place)s,"
        " %(from)s, %(to)s, %(words)s, %(hash)s, %(by)s, %(at)s, %(until)s)",
        **{
            "id": asked.id, "agency": tx.agency, "case": asked.case, "purpose": asked.purpose.word, "owner": asked.owner,
            "camera": asked.camera, "place": asked.place, "from": asked.from_at, "to": asked.to_at, "words": asked.words,
            "hash": token_hash, "by": asked.asked_by, "at": asked.asked_at, "until": asked.expires_at,
        },
    )  # fmt: skip


@touches(DataClass.OWNER, WRITE)
async def insert_contact(tx: Tx, request: UUID, email: str) -> None:
    """Where a witness who is no owner is written."""
    await tx.execute(
        "insert into evidence_contact (request_id, agency_id, email) values (%(id)s, %(agency)s, %(email)s)",
        id=request,
        agency=tx.agency,
        email=email,
    )


@touches(DataClass.OWNER, READ)
async def contact(tx: Tx, request: UUID) -> str | None:
    """Where the witness is written."""
    row = await tx.fetch_one("select email from evidence_contact where request_id = %(id)s", id=request)
    return str(row["email"]) if row else None


@touches(_E, READ)
async def lately(tx: Tx, owner: UUID, since: datetime) -> int:
    """How often an owner was asked since then."""
    row = await tx.fetch_one(
        "select count(*) as n from evidence_request where owner_id = %(owner)s and asked_at > %(since)s",
        owner=owner,
        since=since,
    )
    return int(row["n"]) if row else 0


@touches(_E, READ, DataClass.OWNER, READ)
async def written_lately(tx: Tx, email: str, since: datetime) -> int:
    """How often a witness at an address was asked since then."""
    row = await tx.fetch_one(
        "select count(*) as n from evidence_request r join evidence_contact c on c.request_id = r.id"
        " where lower(c.email) = lower(%(email)s) and r.asked_at > %(since)s",
        email=email,
        since=since,
    )
    return int(row["n"]) if row else 0


@touches(_E, DataClass.CASE, READ)
async def requests(tx: Tx, case: UUID | None, extent: Extent) -> Cut[Asked]:
    """Requests, the newest first; of one case, where it is named."""
    rows = await tx.fetch_page(
        _ASKED + " where (%(case)s::uuid is null or r.case_id = %(case)s)", _NEWEST, extent, case=case
    )
    return rows.of(_asked)


@touches(_E, DataClass.CASE, READ)
async def one(tx: Tx, request: UUID) -> Asked | None:
    """One of them, locked until the transaction ends."""
    row = await tx.fetch_one(_ASKED + " where r.id = %(id)s for update of r", id=request)
    return _asked(row) if row else None


@touches(_E, DataClass.CASE, READ)
async def by_link(tx: Tx, token_hash: bytes) -> Asked | None:
    """Whose link it is, locked until the transaction ends."""
    row = await tx.fetch_one(_ASKED + " where r.token_hash = %(hash)s for update of r", hash=token_hash)
    return _asked(row) if row else None


@touches(_E, DataClass.CASE, READ)
async def of_file(tx: Tx, file: UUID) -> Asked | None:
    """The request that a file was sent for."""
    row = await tx.fetch_one(
        _ASKED + " join received_file y on y.request_id = r.id where y.id = %(id)s", id=file
    )
    return _asked(row) if row else None


@touches(_E, WRITE)
async def seen(tx: Tx, request: UUID) -> bool:
    """Whoever was asked has opened the page; False when that is known."""
    return bool(
        await tx.execute(
            "update evidence_request set seen_at = %(now)s where id = %(id)s and seen_at is null",
            id=request,
            now=tx.now,
        )
    )


@touches(_E, WRITE)
async def declined(tx: Tx, request: UUID) -> None:
    """They would rather not."""
    await tx.execute(
        "update evidence_request set declined_at = %(now)s, seen_at = coalesce(seen_at, %(now)s) where id = %(id)s",
        id=request,
        now=tx.now,
    )


@touches(_E, WRITE)
async def ended(tx: Tx, request: UUID) -> None:
    """They have sent everything: the link opens nothing any more."""
    await tx.execute(
        "update evidence_request set ended_at = %(now)s where id = %(id)s", id=request, now=tx.now
    )


@touches(_E, WRITE)
async def withdrawn(tx: Tx, request: UUID) -> None:
    """It is not needed any more."""
    await tx.execute(
        "update evidence_request set withdrawn_at = %(now)s where id = %(id)s", id=request, now=tx.now
    )


@touches(_E, WRITE)
async def new_link(tx: Tx, request: UUID, token_hash: bytes, *, reminded: bool) -> None:
    """Another link in place of the one before."""
    await tx.execute(
        "update evidence_request set token_hash = %(hash)s, reminded_at = case when %(reminded)s then %(now)s else reminded_at end"
        " where id = %(id)s",
        id=request,
        hash=token_hash,
        reminded=reminded,
        now=tx.now,
    )


@touches(_E, WRITE)
async def begin_file(tx: Tx, request: UUID, file: File) -> None:
    """A file is on its way."""
    await tx.execute(
        "insert into received_file (id, agency_id, request_id, name, kind, size, taken, began_at) values (%(id)s, %(agency)s,"
        " %(request)s, %(name)s, %(kind)s, %(size)s, 0, %(at)s)",
        id=file.id, agency=tx.agency, request=request, name=file.name, kind=file.kind, size=file.size, at=file.began_at,
    )  # fmt: skip


@touches(_E, WRITE)
async def took(tx: Tx, file: UUID, before: int, after: int) -> bool:
    """So much of it has come; False when another request was first."""
    return bool(
        await tx.execute(
            "update received_file set taken = %(after)s where id = %(id)s and taken = %(before)s and kept_at is null",
            id=file,
            before=before,
            after=after,
        )
    )


@touches(_E, WRITE)
async def drop_file(tx: Tx, file: UUID) -> None:
    """It is not what its name says, or was begun anew: nothing of it is kept."""
    await tx.execute("delete from received_file where id = %(id)s and kept_at is null", id=file)


@touches(_E, WRITE)
async def drop_unfinished(tx: Tx, request: UUID | None) -> list[UUID]:
    """Nothing is known any more of files that came half for a request that is over, or for any where none is named; which they were."""
    rows = await tx.fetch(
        "delete from received_file x using evidence_request r where r.id = x.request_id and x.kept_at is null"
        " and (%(id)s::uuid is null or r.id = %(id)s)"
        " and (r.expires_at <= %(now)s or coalesce(r.declined_at, r.ended_at, r.withdrawn_at) is not null) returning x.id",
        id=request,
        now=tx.now,
    )
    return [row["id"] for row in rows]


@touches(_E, WRITE)
async def kept(tx: Tx, request: UUID, file: UUID, sha256: str, entry: UUID) -> bool:
    """All of it is here, and stays; False when it went with its request at that moment: `one` may say what was before it waited."""
    there = await tx.execute(
        "update received_file set sha256 = %(sha256)s, kept_at = %(now)s, entry_id = %(entry)s where id = %(id)s and kept_at is null",
        id=file,
        sha256=sha256,
        entry=entry,
        now=tx.now,
    )
    if not there:
        return False
    await tx.execute(
        "update evidence_request set received_at = coalesce(received_at, %(now)s) where id = %(id)s",
        id=request,
        now=tx.now,
    )
    return True


@touches(_E, DataClass.CASE, READ)
async def about(tx: Tx, owners: Sequence[UUID], begin: datetime, end: datetime) -> dict[UUID, Asked]:
    """The newest request to each of these owners about any of that time."""
    rows = await tx.fetch(
        _ASKED
        + " where r.owner_id = any(%(owners)s) and r.from_at < %(end)s and r.to_at > %(begin)s order by r.asked_at, r.id",
        owners=list(owners),
        begin=begin,
        end=end,
    )
    return {row["owner_id"]: _asked(row) for row in rows}
