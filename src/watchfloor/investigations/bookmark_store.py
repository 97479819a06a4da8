"""All SQL of bookmarks. It decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.governance.model import Case
from watchfloor.governance.words import CaseKind
from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_B: Final = DataClass.BOOKMARK
_NAMED: Final = (
    _B, DataClass.CASE, DataClass.INCIDENT, DataClass.CAMERA, DataClass.POLICY, DataClass.ACCOUNT,
)  # fmt: skip
_NEWEST: Final = Order("bookmarks", (("made_at", "timestamptz"), ("id", "uuid")), down=True)
# With what it is called that it belongs to, what its cameras are called, and how many of them a hold preserves there.
_NAMES: Final[LiteralString] = (
    "select b.*, coalesce((select c.number || ' · ' || c.title from case_file c where b.case_kind = 'case' and c.id = b.case_id),"
    " (select 'Incident ' || i.number || ' · ' || i.title from incident i where b.case_kind = 'incident'"
    " and i.id = b.case_id)) as case_name,"
    " (select array_agg(coalesce(c.name, '') order by n.at) from unnest(b.cameras) with ordinality n (id, at)"
    " left join camera c on c.id = n.id) as names, (select p.display_name from person p where p.id = b.made_by) as author,"
    " (select count(*) from unnest(b.cameras) n (id) where exists (select from hold h where h.about_id = n.id"
    " and h.data_class = 'footage' and h.ended_at is null and h.from_at <= b.from_at and h.to_at >= coalesce(b.to_at, b.from_at)))"
    " as held from bookmark b where b.case_kind = any(%(kinds)s)"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """When, and of which cameras; `to_at` is None for a moment."""

    cameras: tuple[UUID, ...]
    from_at: datetime
    to_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A moment or a span that somebody marked, with what everything in it is called."""

    id: UUID
    case: Case
    case_name: str | None
    of: Moment
    names: tuple[str, ...]
    note: str
    made_by: UUID
    author: str | None
    made_at: datetime
    held: int
    version: int


def _bookmark(row: Row) -> Bookmark:
    return Bookmark(
        row["id"],
        Case(CaseKind(row["case_kind"]), row["case_id"]),
        row["case_name"],
        Moment(tuple(row["cameras"]), row["from_at"], row["to_at"]),
        tuple(row["names"]),
        row["note"],
        row["made_by"],
        row["author"],
        row["made_at"],
        row["held"],
        row["version"],
    )


@touches(*_NAMED, READ)
async def bookmarks(
    tx: Tx, kinds: Collection[CaseKind], case: Case | None, camera: UUID | None, extent: Extent
) -> Cut[Bookmark]:
    """Bookmarks of cases of these kinds, the newest first; of one case alone, or of one camera."""
    rows = await tx.fetch_page(
        _NAMES + " and (%(case)s::uuid is null or (b.case_id = %(case)s and b.case_kind = %(kind)s))"
        " and (%(camera)s::uuid is null or b.cameras @> array[%(camera)s::uuid])",
        _NEWEST,
        extent,
        kinds=[kind.value for kind in kinds],
        case=case.id if case else None,
        kind=case.kind.value if case else None,
        camera=camera,
    )
    return rows.of(_bookmark)


@touches(*_NAMED, READ)
async def bookmark_of(tx: Tx, kinds: Collection[CaseKind], bookmark: UUID) -> Bookmark | None:
    """One bookmark, where it is of a case of these kinds."""
    row = await tx.fetch_one(_NAMES + " and b.id = %(id)s", kinds=[kind.value for kind in kinds], id=bookmark)
    return _bookmark(row) if row else None


@touches(_B, WRITE)
async def lock(tx: Tx, bookmark: UUID) -> None:
    """Nobody else changes it until this transaction ends."""
    await tx.fetch_one("select id from bookmark where id = %(id)s for update", id=bookmark)


@touches(DataClass.CAMERA, READ)
async def known(tx: Tx, cameras: Sequence[UUID]) -> set[UUID]:
    """Which of these are, or were, cameras of the registry: what was recorded of one that was removed is there for a while."""
    rows = await tx.fetch("select id from camera where id = any(%(ids)s)", ids=list(cameras))
    return {row["id"] for row in rows}


@touches(_B, WRITE)
async def insert(tx: Tx, bookmark: UUID, case: Case, of: Moment, note: str) -> None:
    """Keep a bookmark of the asker's."""
    await tx.execute(
        "insert into bookmark (id, agency_id, case_kind, case_id, cameras, from_at, to_at, note, made_by, made_at, changed_at, version)"
        " values (%(id)s, %(agency)s, %(kind)s, %(case)s, %(cameras)s::uuid[], %(from)s, %(to)s, %(note)s, %(by)s, %(now)s, %(now)s, 1)",
        **{
            "id": bookmark,
            "agency": tx.agency,
            "kind": case.kind.value,
            "case": case.id,
            "cameras": list(of.cameras),
            "from": of.from_at,
            "to": of.to_at,
            "note": note,
            "by": tx.actor,
            "now": tx.now,
        },
    )


@touches(_B, WRITE)
async def update(tx: Tx, bookmark: UUID, of: Moment, note: str) -> None:
    """Change when it is and what it says."""
    await tx.execute(
        "update bookmark set from_at = %(from)s, to_at = %(to)s, note = %(note)s, changed_at = %(now)s, version = version + 1"
        " where id = %(id)s",
        **{"id": bookmark, "from": of.from_at, "to": of.to_at, "note": note, "now": tx.now},
    )


@touches(_B, WRITE)
async def remove(tx: Tx, bookmark: UUID) -> None:
    """Keep it no more."""
    await tx.execute("delete from bookmark where id = %(id)s", id=bookmark)
