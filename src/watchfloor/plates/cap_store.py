"""All SQL of CAP messages that were taken: which, what waits of each for a person, and which were ended. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.plates.cap import Identity
from watchfloor.plates.hot_list_store import wanted_of
from watchfloor.plates.model import HotListId, Plate, Wanted
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_H: Final = DataClass.HOT_LIST


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a message: whether it came (or only another that ends it) and only by a person's hand, why it was ended,
    which proposals wait.
    """

    came: bool
    by_hand: bool
    ended_why: str | None
    proposals: tuple[UUID, ...]


@touches(_H, WRITE)
async def lock(tx: Tx, list_id: HotListId) -> None:
    """Let the messages of a list be taken one after another."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('wf_cap ' || %(list)s, 0))", list=str(list_id)
    )


@touches(_H, READ)
async def known(tx: Tx, list_id: HotListId, one: Identity) -> Known | None:
    """What is known of a message; None where neither it came nor one that ends it."""
    row = await tx.fetch_one(
        "select kind is not null as came, by_hand, ended_why, proposals from cap_message where hot_list_id = %(list)s"
        " and sender = %(sender)s and identifier = %(identifier)s and sent = %(sent)s",
        list=list_id,
        **_named(one),
    )
    return Known(row["came"], row["by_hand"], row["ended_why"], tuple(row["proposals"])) if row else None


@touches(_H, READ)
async def ended_why(tx: Tx, list_id: HotListId, reference: str) -> str | None:
    """Why the alert of this reference looks for nothing any more; None while it does."""
    row = await tx.fetch_one(
        "select ended_why from cap_message where hot_list_id = %(list)s and reference = %(reference)s",
        list=list_id,
        reference=reference,
    )
    return row["ended_why"] if row else None


@touches(_H, WRITE)
async def keep(
    tx: Tx,
    list_id: HotListId,
    one: Identity,
    kind: str,
    expires_at: datetime,
    proposals: Sequence[UUID],
    *,
    by_hand: bool,
) -> None:
    """Keep that a message came, by a person's hand or by the machine (the last counts), and what of it waits for a person."""
    await tx.execute(
        "insert into cap_message (agency_id, hot_list_id, sender, identifier, sent, reference, kind, taken_at, expires_at, proposals,"
        " by_hand) values (%(agency)s, %(list)s, %(sender)s, %(identifier)s, %(sent)s, %(reference)s, %(kind)s, %(now)s, %(expires)s,"
        " %(proposals)s, %(by_hand)s) on conflict (hot_list_id, sender, identifier, sent) do update set kind = excluded.kind,"
        " taken_at = excluded.taken_at, expires_at = excluded.expires_at, proposals = excluded.proposals, by_hand = excluded.by_hand",
        agency=tx.agency,
        list=list_id,
        reference=one.text,
        kind=kind,
        now=tx.now,
        expires=expires_at,
        proposals=list(proposals),
        by_hand=by_hand,
        **_named(one),
    )


@touches(_H, WRITE)
async def end(tx: Tx, list_id: HotListId, one: Identity, why: str, until: datetime) -> None:
    """Keep that a message is ended, though it has not come yet: `until` it would have to."""
    await tx.execute(
        "insert into cap_message as m (agency_id, hot_list_id, sender, identifier, sent, reference, taken_at, expires_at, ended_at,"
        " ended_why) values (%(agency)s, %(list)s, %(sender)s, %(identifier)s, %(sent)s, %(reference)s, %(now)s, %(until)s, %(now)s,"
        " %(why)s) on conflict (hot_list_id, sender, identifier, sent) do update set ended_at = coalesce(m.ended_at, excluded.ended_at),"
        " ended_why = coalesce(m.ended_why, excluded.ended_why)",
        agency=tx.agency,
        list=list_id,
        reference=one.text,
        now=tx.now,
        until=until,
        why=why,
        **_named(one),
    )


@touches(_H, READ)
async def entries_of(tx: Tx, list_id: HotListId, one: Identity) -> list[Wanted]:
    """The entries of a message that have neither expired nor been withdrawn."""
    rows = await tx.fetch(
        "select e.*, l.purpose, l.priority from hot_list l join hot_list_entry e on e.edition = l.edition where l.id = %(list)s"
        " and e.reference = %(reference)s and e.expires_at > %(now)s and not exists (select from hot_list_withdrawal w"
        " where w.entry_id = e.id) order by e.id",
        list=list_id,
        reference=one.text,
        now=tx.now,
    )
    return [wanted_of(row) for row in rows]


@touches(_H, READ)
async def withdrawn_by_persons(
    tx: Tx, list_id: HotListId, plates: Sequence[Plate], since: datetime
) -> dict[Plate, tuple[datetime, str]]:
    """Which of the plates a person withdrew from the list after `since` and nobody confirmed again: when last, and why.

    What went because its alert was ended is not among them, whoever handed that message in.
    """
    rows = await tx.fetch(
        "select distinct on (e.plate) e.plate, w.withdrawn_at, w.why from hot_list l join hot_list_withdrawal w on w.hot_list_id = l.id"
        " join hot_list_entry e on e.edition = l.edition and e.id = w.entry_id where l.id = %(list)s and w.withdrawn_at > %(since)s"
        " and w.withdrawn_by <> l.id and e.plate = any(%(plates)s) and not exists (select from cap_message m where m.hot_list_id = l.id"
        " and m.reference = e.reference and m.ended_at = w.withdrawn_at) and not exists (select from hot_list_entry c"
        " where c.edition = l.edition and c.plate = e.plate and c.proposal_id is not null and c.entered_at > w.withdrawn_at)"
        " order by e.plate, w.withdrawn_at desc",
        list=list_id,
        since=since,
        plates=[plate.text for plate in plates],
    )
    return {Plate(row["plate"]): (row["withdrawn_at"], row["why"]) for row in rows}


def _named(one: Identity) -> dict[str, object]:
    return {"sender": one.sender, "identifier": one.identifier, "sent": one.sent}
