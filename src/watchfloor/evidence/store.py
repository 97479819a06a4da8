"""All SQL of evidence: exports and their spans, and what the log says of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.cameras.dwelling_budget import WARRANT
from watchfloor.evidence.model import Export, ExportId, ReadAsked, ReadsAsked, Span
from watchfloor.governance.model import Case
from watchfloor.governance.words import CaseKind, Purpose, TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_E: Final = DataClass.EXPORT
_P: Final = DataClass.POLICY
_NEWEST: Final = Order("exports", (("asked_at", "timestamptz"), ("id", "uuid")), down=True)
# What the proposal says comes first: until it is approved nothing else happens.
_EXPORTS: Final[LiteralString] = (
    "select e.*, p.decided_by, case when p.decided_by is not null then p.decided_at end as decided_at, p.note,"
    " case when e.state <> 'asked' then e.state"
    " when p.verdict = 'refused' then 'refused' when e.asked_until <= %(now)s then 'lapsed' else 'asked' end as stands,"
    " (select jsonb_agg(to_jsonb(s) order by s.number) from export_span s where s.export_id = e.id) as spans,"
    " (select jsonb_agg(to_jsonb(r) order by r.number) from export_read r where r.export_id = e.id) as reads"
    " from export e left join proposal p on p.id = e.proposal_id"
)


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the log as the database has it: its leaf, and its place once the ledger gave it one."""

    id: UUID
    leaf: bytes
    index: int | None


@touches(_E, WRITE)
async def insert_export(tx: Tx, export: Export) -> None:
    """Keep what was asked for."""
    await tx.execute(
        "insert into export (id, agency_id, proposal_id, purpose, case_kind, case_id, reason, asked_by, asked_at, asked_until,"
        " state, said, done_ms, total_ms, missing, fetched, search_id) values (%(id)s, %(agency)s, %(proposal)s, %(purpose)s, %(kind)s,"
        " %(case)s, %(reason)s, %(by)s, %(at)s, %(until)s, 'asked', '', 0, %(total)s, '[]', 0, %(search)s)",
        id=export.id, agency=tx.agency, proposal=export.proposal, purpose=export.purpose.word, kind=export.case.kind.value,
        case=export.case.id, reason=export.reason, by=export.asked_by, at=export.asked_at, until=export.asked_until,
        total=export.total_ms, search=export.of_reads.search if export.of_reads else None,
    )  # fmt: skip
    for number, read in enumerate(export.of_reads.reads if export.of_reads else ()):
        await tx.execute(
            "insert into export_read (export_id, agency_id, number, read_at, read_number, read_id, row_sha256, picture_sha256) values"
            " (%(export)s, %(agency)s, %(number)s, %(at)s, %(read)s, %(id)s, %(row)s, %(picture)s)",
            export=export.id, agency=tx.agency, number=number, at=read.at, read=read.number, id=read.id, row=read.row_sha256,
            picture=read.picture_sha256,
        )  # fmt: skip
    for number, span in enumerate(export.spans):
        await tx.execute(
            "insert into export_span (export_id, agency_id, number, camera_id, camera_name, technology, lat, lon, from_at, to_at,"
            " recorded_ms, gaps, unmasked) values (%(export)s, %(agency)s, %(number)s, %(camera)s, %(name)s, %(technology)s, %(lat)s,"
            " %(lon)s, %(from)s, %(to)s, %(recorded)s, %(gaps)s::text::jsonb, %(unmasked)s)",
            **{
                "export": export.id, "agency": tx.agency, "number": number, "camera": span.camera, "name": span.camera_name,
                "technology": span.technology.value, "lat": span.place.lat, "lon": span.place.lon, "from": span.from_at,
                "to": span.to_at, "recorded": span.recorded_ms, "gaps": _json(span.gaps),
                "unmasked": span.unmasked,
            },
        )  # fmt: skip


@touches(_E, _P, READ)
async def exports(tx: Tx, extent: Extent | None = None) -> Cut[Export]:
    """Exports, newest first; those of the last 30 days and what is not over without an extent."""
    if extent is None:
        rows = await tx.fetch(
            _EXPORTS
            + " where e.asked_at > %(now)s - interval '30 days' or e.state in ('waiting', 'cutting', 'ready')"
            " order by e.asked_at desc, e.id desc",
            now=tx.now,
        )
        return Cut([_export(row) for row in rows])
    return (await tx.fetch_page(_EXPORTS, _NEWEST, extent, now=tx.now)).of(_export)


@touches(_E, _P, READ)
async def export_of(tx: Tx, export: UUID) -> Export | None:
    """One export."""
    row = await tx.fetch_one(_EXPORTS + " where e.id = %(id)s", id=export, now=tx.now)
    return _export(row) if row else None


@touches(_E, _P, READ)
async def asked_since(tx: Tx, since: datetime) -> list[tuple[UUID, datetime, datetime]]:
    """The times of cameras of which an export was asked for since then, but by a court's order, and but for those that nobody got:
    refused, lapsed, cancelled or failed."""
    rows = await tx.fetch(
        "select s.camera_id, s.from_at, s.to_at from export e join export_span s on s.export_id = e.id"
        " left join proposal p on p.id = e.proposal_id where e.asked_at >= %(since)s and e.purpose <> %(order)s"
        " and case when e.state = 'asked' then p.verdict is distinct from 'refused' and e.asked_until > %(now)s"
        " else e.state not in ('refused', 'lapsed', 'cancelled', 'failed', 'stopped') end",
        since=since,
        order=WARRANT.word,
        now=tx.now,
    )
    return [(row["camera_id"], row["from_at"], row["to_at"]) for row in rows]


@touches(_E, READ)
async def is_known(tx: Tx, export: UUID) -> bool:
    """Whether there is or was such an export: what a hold can be of."""
    return await tx.fetch_one("select 1 as one from export where id = %(id)s", id=export) is not None


@touches(_E, WRITE)
async def approve(tx: Tx, export: UUID, entry: UUID, said: str) -> bool:
    """It waits for its turn; False when it is no longer asked for."""
    return bool(
        await tx.execute(
            "update export set state = 'waiting', said = %(said)s, said_at = %(now)s, approval_entry = %(entry)s"
            " where id = %(id)s and state = 'asked'",
            id=export, entry=entry, said=said, now=tx.now,
        )
    )  # fmt: skip


@touches(_E, WRITE)
async def progress(tx: Tx, export: UUID, *, done_ms: int, doing: UUID | None, said: str, anew: bool) -> bool:
    """How far it is; False when it was cancelled or stopped meanwhile. `anew`: a worker begins it."""
    return bool(
        await tx.execute(
            "update export set state = 'cutting', done_ms = %(done)s, doing = %(doing)s, said = %(said)s, said_at = %(now)s,"
            " began_at = case when %(anew)s then %(now)s else began_at end"
            " where id = %(id)s and state in ('waiting', 'cutting')",
            id=export, done=done_ms, doing=doing, said=said, now=tx.now, anew=anew,
        )
    )  # fmt: skip


@touches(_E, WRITE)
async def waits(tx: Tx, export: UUID, said: str) -> None:
    """It is tried again later, for this reason."""
    await tx.execute(
        "update export set state = 'waiting', said = %(said)s, said_at = %(now)s, done_ms = 0, doing = null"
        " where id = %(id)s and state in ('waiting', 'cutting')",
        id=export,
        said=said,
        now=tx.now,
    )


@touches(_E, WRITE)
async def end(tx: Tx, export: UUID, state: str, said: str, of: Sequence[str]) -> bool:
    """It is over without a package, or its package is gone; False when it was not in one of these states."""
    return bool(
        await tx.execute(
            "update export set state = %(state)s, said = %(said)s, said_at = %(now)s, doing = null,"
            " ended_at = coalesce(ended_at, %(now)s) where id = %(id)s and state = any(%(of)s)",
            id=export, state=state, said=said, now=tx.now, of=list(of),
        )
    )  # fmt: skip


@touches(_E, WRITE)
async def ready(
    tx: Tx, export: UUID, *, size: int, clips: int, manifest_sha256: str, missing: Sequence[Mapping[str, Json]],
    entry: UUID, expires_at: datetime,
) -> bool:  # fmt: skip
    """Its package is there; False when it was cancelled meanwhile."""
    return bool(
        await tx.execute(
            "update export set state = 'ready', said = '', said_at = %(now)s, done_ms = total_ms, doing = null, ended_at = %(now)s,"
            " size = %(size)s, clips = %(clips)s, manifest_sha256 = %(sha256)s, missing = %(missing)s::text::jsonb,"
            " made_entry = %(entry)s, expires_at = %(expires)s where id = %(id)s and state = 'cutting'",
            id=export, now=tx.now, size=size, clips=clips, sha256=manifest_sha256, missing=_json(missing), entry=entry,
            expires=expires_at,
        )
    )  # fmt: skip


@touches(_E, WRITE)
async def count_fetch(tx: Tx, export: UUID) -> None:
    """It was fetched once more."""
    await tx.execute("update export set fetched = fetched + 1 where id = %(id)s", id=export)


@touches(_P, READ)
async def is_held(tx: Tx, export: UUID) -> bool:
    """Whether a hold keeps it."""
    return (
        await tx.fetch_one(
            "select 1 as one from hold where about_kind = 'export' and about_id = %(id)s and ended_at is null",
            id=export,
        )
        is not None
    )


@touches(DataClass.AUDIT, READ)
async def logged(tx: Tx, entry: UUID) -> Logged | None:
    """An entry of the log."""
    row = await tx.fetch_one("select id, leaf, leaf_index from audit_entry where id = %(id)s", id=entry)
    return Logged(row["id"], bytes(row["leaf"]), row["leaf_index"]) if row else None


@touches(DataClass.AUDIT, READ)
async def forgotten_days(tx: Tx, begin: datetime, end: datetime) -> list[str]:
    """The UTC days of that time of which footage was forgotten, by the receipts."""
    rows = await tx.fetch(
        "select distinct day::text as day from deletion_receipt where data_class = 'footage'"
        " and day between (%(begin)s::timestamptz at time zone 'UTC')::date and (%(end)s::timestamptz at time zone 'UTC')::date",
        begin=begin,
        end=end,
    )
    return [row["day"] for row in rows]


@touches(_E, READ)
async def kept_ids(tx: Tx) -> set[UUID]:
    """The exports whose package may be there, and the files that were sent."""
    sql = "select id from export where state in ('cutting', 'ready') union all select id from received_file"
    return {row["id"] for row in await tx.fetch(sql)}


@touches(_E, _P, READ)
async def owed(tx: Tx, before: datetime) -> bool:
    """Whether a package of that age is there by right: its time is not over, or a hold keeps it."""
    return (
        await tx.fetch_one(
            "select 1 as one from export e where e.state = 'ready' and e.ended_at <= %(before)s and (e.expires_at > %(now)s"
            " or exists (select from hold h where h.about_id = e.id and h.ended_at is null))"
            " union all select 1 from received_file where kept_at <= %(before)s limit 1",
            before=before,
            now=tx.now,
        )
        is not None
    )


def _json(value: Sequence[Mapping[str, Json]]) -> str:
    return json.dumps(list(value))


def _span(row: Row) -> Span:
    return Span(
        UUID(row["camera_id"]), row["camera_name"], TechnologyKind(row["technology"]), Point(row["lat"], row["lon"]),
        datetime.fromisoformat(row["from_at"]), datetime.fromisoformat(row["to_at"]), row["recorded_ms"], tuple(row["gaps"]),
        row["unmasked"],
    )  # fmt: skip


def _read(row: Row) -> ReadAsked:
    at = datetime.fromisoformat(row["read_at"])
    return ReadAsked(at, row["read_number"], row["read_id"], row["row_sha256"], row["picture_sha256"])


def _export(row: Row) -> Export:
    return Export(
        ExportId(row["id"]), row["proposal_id"], Purpose.of(row["purpose"]), Case(CaseKind(row["case_kind"]), row["case_id"]),
        row["reason"], row["asked_by"], row["asked_at"], row["asked_until"], row["stands"], row["said"], row["decided_by"],
        row["decided_at"], row["note"] or "", row["approval_entry"], row["began_at"], row["said_at"], row["done_ms"],
        row["total_ms"], row["doing"], row["ended_at"], row["expires_at"], row["size"], row["clips"], row["manifest_sha256"],
        row["made_entry"], tuple(row["missing"]), row["fetched"], tuple(map(_span, row["spans"] or ())),
        ReadsAsked(row["search_id"], tuple(map(_read, row["reads"] or ()))) if row["search_id"] else None,
    )  # fmt: skip
