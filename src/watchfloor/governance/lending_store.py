"""All SQL of lendings: which cameras of ours a partner may record, by whose leave and until when. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.governance.lending import NOTHING_LENT, Lending, Lendings
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_P: Final = DataClass.POLICY
_NEWEST: Final = Order("lendings", (("given_at", "timestamptz"), ("id", "uuid")), down=True)
_LENDINGS: Final[LiteralString] = (
    "select l.*, array(select c.camera_id from lending_camera c where c.lending_id = l.id order by c.camera_id) as cameras"
    " from lending l"
)


@dataclass(frozen=True, slots=True)
class Given:
    """A lending with who gave it and why, and who ended it and why."""

    lending: Lending
    reason: str = field(repr=False)
    asked_by: UUID
    given_by: UUID
    ended_by: UUID | None = None
    ended_why: str | None = field(default=None, repr=False)


def _lending(row: Row) -> Lending:
    return Lending(
        row["id"], row["partner_id"], row["title"], frozenset(row["cameras"]), row["given_at"], row["until"], row["ended_at"]
    )  # fmt: skip


def _given(row: Row) -> Given:
    return Given(
        _lending(row), row["reason"], row["asked_by"], row["given_by"], row["ended_by"], row["ended_why"]
    )


@touches(_P, READ)
async def lendings_about(tx: Tx, asks: Sequence[Ask]) -> Lendings:
    """What asks of partners to record rest on; nothing is read for others."""
    of = [ask for ask in asks if ask.need is Need.CAMERA_LENT]
    cameras = {ask.about.id for ask in of if ask.about is not None and ask.about.id is not None}
    if not cameras:
        return NOTHING_LENT
    return await of_partners(tx, sorted({ask.actor.id for ask in of}), sorted(cameras))


@touches(_P, READ)
async def of_partners(tx: Tx, partners: Sequence[UUID], cameras: Sequence[UUID]) -> Lendings:
    """What of these cameras was ever lent to these, of each lending those cameras alone."""
    rows = await tx.fetch(
        "select l.*, array_agg(c.camera_id) as cameras from lending_camera c join lending l on l.id = c.lending_id"
        " where c.camera_id = any(%(cameras)s) and l.partner_id = any(%(partners)s) group by l.id",
        partners=list(partners),
        cameras=list(cameras),
    )
    return Lendings.of([_lending(row) for row in rows])


@touches(_P, READ)
async def of_camera(tx: Tx, camera: UUID) -> list[Lending]:
    """Every lending that a camera was ever in, to whomever, of each that camera alone."""
    rows = await tx.fetch(
        "select l.*, array[c.camera_id] as cameras from lending_camera c join lending l on l.id = c.lending_id"
        " where c.camera_id = %(camera)s",
        camera=camera,
    )
    return [_lending(row) for row in rows]


@touches(_P, READ)
async def lendings(tx: Tx, extent: Extent) -> Cut[Given]:
    """Every lending, the newest first."""
    return (await tx.fetch_page(_LENDINGS, _NEWEST, extent)).of(_given)


@touches(_P, READ)
async def lending(tx: Tx, wanted: UUID) -> Given | None:
    """One lending."""
    row = await tx.fetch_one(_LENDINGS + " where l.id = %(id)s", id=wanted)
    return _given(row) if row else None


@touches(_P, WRITE)
async def insert(tx: Tx, one: Given) -> None:
    """Keep it, with its cameras."""
    lent = one.lending
    await tx.execute(
        "insert into lending (id, agency_id, partner_id, title, reason, asked_by, given_by, given_at, until)"
        " values (%(id)s, %(agency)s, %(partner)s, %(title)s, %(reason)s, %(asked)s, %(by)s, %(at)s, %(until)s)",
        id=lent.id, agency=tx.agency, partner=lent.partner, title=lent.title, reason=one.reason, asked=one.asked_by,
        by=one.given_by, at=lent.given_at, until=lent.until,
    )  # fmt: skip
    await tx.execute(
        "insert into lending_camera (lending_id, agency_id, camera_id) select %(id)s, %(agency)s, unnest(%(cameras)s::uuid[])",
        id=lent.id,
        agency=tx.agency,
        cameras=sorted(lent.cameras),
    )


@touches(_P, WRITE)
async def end(tx: Tx, wanted: UUID, why: str) -> bool:
    """End it now; False where it is over already."""
    return bool(
        await tx.execute(
            "update lending set ended_at = %(now)s, ended_by = %(by)s, ended_why = %(why)s"
            " where id = %(id)s and ended_at is null and until > %(now)s",
            id=wanted,
            now=tx.now,
            by=tx.actor,
            why=why,
        )
    )
