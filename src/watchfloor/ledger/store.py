"""All SQL of the ledger, under its own database role: read the log, give each entry its index once, keep checkpoints.

It sees the entries of every agency and never their payload.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchfloor.governance.tiles import LONGEST_LEAF
from watchfloor.ledger.restored import Restore, restore_of
from watchfloor.storage.session import Session
from watchfloor.storage.tx import Row


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as the database keeps it."""

    size: int
    root: bytes
    note: bytes

    @property
    def origin(self) -> str:
        """The name of the log that it says it is of; nothing is verified here."""
        return self.note.decode().partition("\n")[0]


async def assign(session: Session, most: int) -> int:
    """Give the next indices to at most `most` waiting entries, in order of their ids; how many got one.

    An entry that somebody holds fast is passed over: it waits, and nothing waits for it.
    """
    return await session.execute(
        "with next as (select coalesce(max(leaf_index) + 1, 0) as index from audit_entry where leaf_index is not null),"
        " waiting as (select id, row_number() over (order by id) - 1 as place from"
        "   (select id from audit_entry where leaf_index is null and octet_length(leaf) <= %(longest)s"
        "    order by id limit %(most)s for update skip locked) as first)"
        " update audit_entry as e set leaf_index = next.index + waiting.place from waiting, next"
        " where e.id = waiting.id",
        longest=LONGEST_LEAF,
        most=most,
    )


async def sequenced(session: Session) -> int:
    """How many entries have an index, by the highest one given."""
    rows = await session.fetch("select max(leaf_index) as last from audit_entry where leaf_index is not null")
    last = rows[0]["last"]
    return 0 if last is None else int(last) + 1


async def leaves(session: Session, first: int, most: int) -> list[tuple[int, bytes]]:
    """Index and leaf of at most `most` sequenced entries from index `first` on, in order."""
    rows = await session.fetch(
        "select leaf_index, leaf from audit_entry where leaf_index >= %(first)s order by leaf_index limit %(most)s",
        first=first,
        most=most,
    )
    return [(row["leaf_index"], bytes(row["leaf"])) for row in rows]


async def rows_of(session: Session, first: int, most: int) -> list[Row]:
    """Whole rows of sequenced entries from index `first` on: what people are shown, beside the leaf."""
    return await session.fetch(
        "select id, agency_id, at, kind, actor_id, need, result, reason, about_kind, about_id, cause_id, leaf,"
        " leaf_index from audit_entry where leaf_index >= %(first)s order by leaf_index limit %(most)s",
        first=first,
        most=most,
    )


async def restores(session: Session, below: int | None = None) -> list[Restore]:
    """What the log says of restores, in order: in its first `below` entries, or for None also in what waits."""
    rows = await session.fetch(
        "select leaf from audit_entry where kind = 'restore' and (%(below)s::bigint is null or leaf_index < %(below)s) order by id",
        below=below,
    )
    return [found for row in rows if (found := restore_of(bytes(row["leaf"]))) is not None]


async def keep_checkpoint(session: Session, size: int, root: bytes, note: bytes, at: datetime) -> bool:
    """Keep that a checkpoint was signed; False when one of this size is there with another root."""
    changed = await session.execute(
        "insert into audit_checkpoint (size, root, note, at) values (%(size)s, %(root)s, %(note)s, %(at)s)"
        " on conflict (size) do nothing",
        size=size,
        root=root,
        note=note.decode(),
        at=at,
    )
    return changed == 1 or any(kept.root == root for kept in await checkpoints(session, size, 1))


async def checkpoints(
    session: Session, most_size: int | None = None, count: int | None = 1
) -> Sequence[Signed]:
    """The newest checkpoints kept, largest first, all for None; with `most_size`, from that size downward."""
    rows = await session.fetch(
        "select size, root, note from audit_checkpoint where %(most)s::bigint is null or size <= %(most)s"
        " order by size desc limit %(count)s::bigint",
        most=most_size,
        count=count,
    )
    return [Signed(row["size"], bytes(row["root"]), row["note"].encode()) for row in rows]


async def waiting(session: Session) -> tuple[int, datetime | None, int]:
    """How many entries have no index yet, the time of the oldest, and how many of them are too long to ever get one."""
    rows = await session.fetch(
        "select count(*) as count, min(at) as oldest, count(*) filter (where octet_length(leaf) > %(longest)s) as unfit"
        " from audit_entry where leaf_index is null",
        longest=LONGEST_LEAF,
    )
    return int(rows[0]["count"]), rows[0]["oldest"], int(rows[0]["unfit"])
