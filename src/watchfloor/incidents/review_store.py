"""All SQL of reviews. It decides nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from watchfloor.acoustics.kind import SoundKind
from watchfloor.incidents.model import AlertId, ReviewId
from watchfloor.incidents.review import (
    Agreement,
    Difference,
    EntryNow,
    Grounds,
    HeardVerdict,
    LiveRecord,
    Reply,
    Review,
    Typed,
)
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_A: Final = DataClass.ALERT


def _review(row: Row) -> Review:
    record = None
    if row["record_reply"] is not None:
        record = LiveRecord(Reply(row["record_reply"]), row["record_reference"], row["record_checked_at"])
    typed = None
    if row["typed_at"] is not None:
        typed = Typed(row["typed_plate"], row["typed_state"], row["typed_vehicle"])
    return Review(
        id=ReviewId(row["id"]),
        alert=AlertId(row["alert_id"]),
        reviewer=row["reviewer_id"],
        opened_at=row["opened_at"],
        typed=typed,
        entry=_entry(row["entry"]) if row["entry"] else None,
        agreement=Agreement(row["agreement"]) if row["agreement"] else None,
        differences=tuple(Difference(**d) for d in row["differences"] or ()),
        record=record,
        vehicle_agrees=row["vehicle_agrees"],
        verdict=row["verdict"],
        closed_at=row["closed_at"],
        heard=_heard(row) if row["kind_told"] is not None else None,
    )


def _heard(row: Row) -> HeardVerdict:
    grounds = Grounds(row["grounds"]) if row["grounds"] is not None else None
    return HeardVerdict(SoundKind(row["kind_told"]), SoundKind(row["kind_taken"]), grounds)


def _entry(kept: dict[str, Any]) -> EntryNow:
    times = {name: parse_rfc3339(kept[name]) for name in ("entered_at", "expires_at")}
    handling = tuple(kept.get("handling", ()))
    return EntryNow(**{**kept, "id": UUID(kept["id"]), "handling": handling, **times})


def _entry_json(entry: EntryNow) -> dict[str, object]:
    times = {"entered_at": rfc3339(entry.entered_at), "expires_at": rfc3339(entry.expires_at)}
    return asdict(entry) | {"id": str(entry.id)} | times


@touches(_A, READ)
async def open_review(tx: Tx, alert: UUID) -> Review | None:
    """The review of the alert that is not finished."""
    row = await tx.fetch_one(
        "select * from review where alert_id = %(alert)s and verdict is null", alert=alert
    )
    return _review(row) if row else None


@touches(_A, READ)
async def last_review(tx: Tx, alert: UUID) -> Review | None:
    """The alert's review as it stands: the open one, else the latest."""
    row = await tx.fetch_one(
        "select * from review where alert_id = %(alert)s order by (verdict is null) desc, opened_at desc limit 1",
        alert=alert,
    )
    return _review(row) if row else None


@touches(_A, READ)
async def review_of(tx: Tx, review: UUID) -> Review | None:
    """One review."""
    row = await tx.fetch_one("select * from review where id = %(id)s", id=review)
    return _review(row) if row else None


@touches(_A, WRITE)
async def insert_review(tx: Tx, review: UUID, alert: UUID) -> None:
    """Begin the actor's review of an alert."""
    await tx.execute(
        "insert into review (id, agency_id, alert_id, reviewer_id, opened_at)"
        " values (%(id)s, %(agency)s, %(alert)s, %(by)s, %(now)s)",
        id=review,
        agency=tx.agency,
        alert=alert,
        by=tx.actor,
        now=tx.now,
    )


@touches(_A, WRITE)
async def hand_over(tx: Tx, review: UUID) -> None:
    """End a review without a verdict: a colleague begins a new one, blind again."""
    await tx.execute(
        "update review set verdict = 'handed_over', closed_at = %(now)s where id = %(id)s and verdict is null",
        id=review,
        now=tx.now,
    )


@touches(_A, WRITE)
async def keep_typed(
    tx: Tx,
    review: UUID,
    typed: Typed,
    entry: EntryNow,
    agreement: Agreement,
    differences: tuple[Difference, ...],
) -> bool:
    """Keep what was typed, and the entry that is shown for it; False when something was typed before."""
    done = await tx.execute(
        "update review set typed_plate = %(plate)s, typed_state = %(state)s, typed_vehicle = %(vehicle)s,"
        " typed_at = %(now)s, entry = %(entry)s, agreement = %(agreement)s, differences = %(differences)s::jsonb"
        " where id = %(id)s and typed_at is null and verdict is null",
        id=review,
        plate=typed.plate,
        state=typed.state,
        vehicle=typed.vehicle,
        now=tx.now,
        **_seen(entry, agreement, differences),
    )
    return bool(done)


@touches(_A, WRITE)
async def keep_entry(
    tx: Tx, review: UUID, entry: EntryNow, agreement: Agreement, differences: tuple[Difference, ...]
) -> None:
    """Keep the entry as it is shown anew, because it was changed since."""
    await tx.execute(
        "update review set entry = %(entry)s, agreement = %(agreement)s, differences = %(differences)s::jsonb"
        " where id = %(id)s and typed_at is not null and verdict is null",
        id=review,
        **_seen(entry, agreement, differences),
    )


def _seen(entry: EntryNow, agreement: Agreement, differences: tuple[Difference, ...]) -> dict[str, object]:
    # An empty list would be taken for an array of scalars; null is no difference.
    rows = [asdict(difference) for difference in differences] or None
    return {"entry": _entry_json(entry), "agreement": agreement.value, "differences": rows}


@touches(_A, WRITE)
async def keep_record(tx: Tx, review: UUID, record: LiveRecord, *, vehicle_agrees: bool) -> None:
    """Keep the live record's reply with a review that it did not let end in a confirmation."""
    await tx.execute(
        "update review set record_reply = %(reply)s, record_reference = %(reference)s, record_checked_at = %(checked_at)s,"
        " vehicle_agrees = %(vehicle_agrees)s where id = %(id)s and verdict is null",
        id=review,
        reply=record.reply.value,
        reference=record.reference,
        checked_at=record.checked_at,
        vehicle_agrees=vehicle_agrees,
    )


@touches(_A, WRITE)
async def keep_heard(tx: Tx, review: UUID, heard: HeardVerdict) -> None:
    """Keep what a sound was told to be and is taken for, before its verdict."""
    await tx.execute(
        "update review set grounds = %(grounds)s, kind_told = %(told)s, kind_taken = %(taken)s where id = %(id)s and verdict is null",
        id=review,
        grounds=heard.grounds.value if heard.grounds else None,
        told=heard.told.value,
        taken=heard.taken.value,
    )


@touches(_A, WRITE)
async def close_review(
    tx: Tx,
    review: UUID,
    verdict: str,
    *,
    record: LiveRecord | None,
    vehicle_agrees: bool | None,
    reason: str | None,
    note: str | None,
    hasty: bool,
) -> None:
    """Keep the verdict and what it rests on."""
    await tx.execute(
        "update review set verdict = %(verdict)s, closed_at = %(now)s, record_reply = %(reply)s,"
        " record_reference = %(reference)s, record_checked_at = %(checked_at)s, vehicle_agrees = %(vehicle_agrees)s,"
        " reason = %(reason)s, note = %(note)s, hasty = %(hasty)s where id = %(id)s and verdict is null",
        id=review,
        verdict=verdict,
        now=tx.now,
        reply=record.reply.value if record else None,
        reference=record.reference if record else None,
        checked_at=record.checked_at if record else None,
        vehicle_agrees=vehicle_agrees,
        reason=reason,
        note=note,
        hasty=hasty,
    )
