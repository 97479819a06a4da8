"""All SQL of machine leases: the last answer about each thing, and how often each asker was answered in a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches


@dataclass(frozen=True, slots=True)
class Answer:
    """What a machine was told: yes or no, why, and under which authorisation."""

    allowed: bool
    reason: str
    authorisation: UUID | None


@dataclass(frozen=True, slots=True)
class Count:
    """How often one asker was answered about one need on one UTC day; `changes` of these answers have entries of their own.

    `asker` is a word and no name: the process, the kind of the device, or `person`.
    """

    day: date
    asker: str
    need: str
    allowed: int
    refused: int
    changes: int


@touches(DataClass.MACHINERY, READ)
async def leases(tx: Tx, need: str, abouts: Sequence[UUID]) -> dict[UUID, Answer]:
    """The last answers to a machine's need, by the thing asked about."""
    rows = await tx.fetch(
        "select about_id, allowed, reason, authorisation_id from machine_lease where need = %(need)s and about_id = any(%(abouts)s)",
        need=need,
        abouts=list(abouts),
    )
    return {row["about_id"]: Answer(row["allowed"], row["reason"], row["authorisation_id"]) for row in rows}


@touches(DataClass.MACHINERY, WRITE)
async def keep_leases(tx: Tx, answers: Sequence[dict[str, object]]) -> None:
    """Keep the answers of a batch; `since` moves only when the answer changed."""
    await tx.execute_many(
        "insert into machine_lease (agency_id, need, about_kind, about_id, allowed, reason, authorisation_id, since, until)"
        " values (%(agency)s, %(need)s, %(kind)s, %(about)s, %(allowed)s, %(reason)s, %(authorisation)s, %(now)s, %(until)s)"
        " on conflict (agency_id, need, about_kind, about_id) do update set"
        " since = case when row(machine_lease.allowed, machine_lease.reason, machine_lease.authorisation_id)"
        "   is not distinct from row(excluded.allowed, excluded.reason, excluded.authorisation_id)"
        "   then machine_lease.since else excluded.since end,"
        " allowed = excluded.allowed, reason = excluded.reason, authorisation_id = excluded.authorisation_id, until = excluded.until",
        answers,
    )


@touches(DataClass.MACHINERY, WRITE)
async def count(tx: Tx, counts: Sequence[Count]) -> None:
    """Add a batch's answers to those of its day. Always in one order, so that two batches at once do not block each other."""
    await tx.execute_many(
        "insert into lease_count as kept (agency_id, day, asker, need, allowed, refused, changes)"
        " values (%(agency)s, %(day)s, %(asker)s, %(need)s, %(allowed)s, %(refused)s, %(changes)s)"
        " on conflict (agency_id, day, asker, need) do update set allowed = kept.allowed + excluded.allowed,"
        " refused = kept.refused + excluded.refused, changes = kept.changes + excluded.changes",
        [
            {
                "agency": tx.agency,
                "day": one.day,
                "asker": one.asker,
                "need": one.need,
                "allowed": one.allowed,
                "refused": one.refused,
                "changes": one.changes,
            }
            for one in sorted(counts, key=lambda one: (one.need, one.asker))
        ],
    )


@touches(DataClass.MACHINERY, WRITE)
async def take_counts(tx: Tx, before: date) -> list[Count]:
    """The counts of all days before this one, taken out: whoever takes them writes them down in this transaction."""
    rows = await tx.fetch("delete from lease_count where day < %(before)s returning *", before=before)
    found = [Count(r["day"], r["asker"], r["need"], r["allowed"], r["refused"], r["changes"]) for r in rows]
    return sorted(found, key=lambda one: (one.day, one.need, one.asker))
