"""All SQL of draws and of reviews of look-ups. It decides nothing, and no plate stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.governance.draw import LOOKS_AT_ONE, SEARCHES
from watchfloor.governance.store import PAYLOAD_KEPT_FOR
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_NEWEST_FIRST: Final = Order("look_up_reviews", (("id", "uuid"),), down=True)
_OWN: Final = Order("own_look_up_reviews", (("id", "uuid"),), down=True)


@dataclass(frozen=True, slots=True)
class Review:
    """A review of one look-up: why it is made, by when, and what came of it."""

    id: UUID
    entry: UUID
    person: UUID
    looked_at: datetime
    causes: tuple[str, ...]
    opened_at: datetime
    due_at: datetime
    verdict: str | None
    reason: str | None
    reviewed_by: UUID | None
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Draw:
    """A period of the log that ended, and what was drawn of it; `root` is None until it was."""

    id: UUID
    closed_entry: UUID
    closed_at: datetime
    share_ppm: int
    size: int | None
    root: bytes | None
    searched: int | None
    drawn: int | None
    drawn_at: datetime | None


@touches(DataClass.LOOK_UP, WRITE)
async def open_review(
    tx: Tx, entry: UUID, person: UUID, looked_at: datetime, causes: Sequence[str], due_at: datetime
) -> UUID | None:
    """Open the review of a look-up, or give an open one these causes too; its id where it is new."""
    row = await tx.fetch_one(
        "insert into look_up_review (id, agency_id, entry_id, person_id, looked_at, causes, opened_at, due_at, erase_after)"
        " values (%(id)s, %(agency)s, %(entry)s, %(person)s, %(looked)s, %(causes)s, %(now)s, %(due)s, %(erase)s)"
        " on conflict (entry_id) do update set causes = array(select distinct unnest(look_up_review.causes || excluded.causes) order by 1)"
        " returning id, xmax = 0 as new",
        id=uuid7(tx.now),
        agency=tx.agency,
        entry=entry,
        person=person,
        looked=looked_at,
        causes=sorted(causes),
        now=tx.now,
        due=due_at,
        erase=tx.now + PAYLOAD_KEPT_FOR,
    )
    return row["id"] if row and row["new"] else None


@touches(DataClass.LOOK_UP, READ)
async def reviews(tx: Tx, state: str | None, extent: Extent) -> Cut[Review]:
    """Reviews, newest first: of a state (`open`, `overdue`, `reviewed`), or all."""
    cut = await tx.fetch_page(
        "select * from look_up_review where (%(state)s::text is null or (%(state)s = 'reviewed') = (verdict is not null))"
        " and (%(state)s::text is distinct from 'overdue' or due_at < %(now)s)",
        _NEWEST_FIRST,
        extent,
        state=state,
        now=tx.now,
    )
    return cut.of(_review)


@touches(DataClass.LOOK_UP, READ)
async def review(tx: Tx, review_id: UUID) -> Review | None:
    """One review."""
    row = await tx.fetch_one("select * from look_up_review where id = %(id)s", id=review_id)
    return _review(row) if row else None


@touches(DataClass.LOOK_UP, READ)
async def told(tx: Tx, person: UUID, extent: Extent) -> Cut[Review]:
    """Reviews of a person's own look-ups that they are told of, newest first."""
    cut = await tx.fetch_page(
        "select * from look_up_review where person_id = %(person)s and told", _OWN, extent, person=person
    )
    return cut.of(_review)


@touches(DataClass.LOOK_UP, WRITE)
async def decide(tx: Tx, review_id: UUID, verdict: str, reason: str, *, told: bool) -> bool:
    """Keep the verdict; False where there is one already."""
    done = await tx.execute(
        "update look_up_review set verdict = %(verdict)s, reason = %(reason)s, reviewed_by = %(by)s, reviewed_at = %(now)s,"
        " told = %(told)s where id = %(id)s and verdict is null",
        verdict=verdict,
        reason=reason,
        by=tx.actor,
        now=tx.now,
        told=told,
        id=review_id,
    )
    return done == 1


@touches(DataClass.LOOK_UP, READ)
async def overdue(tx: Tx) -> tuple[int, datetime | None]:
    """How many reviews are overdue, and since when the oldest."""
    row = await tx.fetch_one(
        "select count(*) as n, min(due_at) as since from look_up_review where agency_id = %(agency)s and verdict is null"
        " and due_at < %(now)s",
        agency=tx.agency,
        now=tx.now,
    )
    return (int(row["n"]), row["since"]) if row else (0, None)


@touches(DataClass.LOOK_UP, READ)
async def last_draw(tx: Tx) -> Draw | None:
    """The newest period that ended."""
    row = await tx.fetch_one(
        "select * from look_up_draw where agency_id = %(agency)s order by closed_at desc, id desc limit 1",
        agency=tx.agency,
    )
    return _draw(row) if row else None


@touches(DataClass.LOOK_UP, READ)
async def waits_since(tx: Tx) -> datetime | None:
    """When the oldest period ended of which nothing is drawn yet."""
    row = await tx.fetch_one(
        "select min(closed_at) as since from look_up_draw where agency_id = %(agency)s and drawn_at is null",
        agency=tx.agency,
    )
    return row["since"] if row else None


@touches(DataClass.LOOK_UP, WRITE)
async def close_period(tx: Tx, entry: UUID, share_ppm: int) -> UUID:
    """Keep that a period ended with this entry; the draw's id."""
    draw = uuid7(tx.now)
    await tx.execute(
        "insert into look_up_draw (id, agency_id, closed_entry, closed_at, share_ppm)"
        " values (%(id)s, %(agency)s, %(entry)s, %(now)s, %(share)s)",
        id=draw,
        agency=tx.agency,
        entry=entry,
        now=tx.now,
        share=share_ppm,
    )
    return draw


@touches(DataClass.LOOK_UP, DataClass.AUDIT, READ)
async def to_draw(tx: Tx) -> list[tuple[Draw, int, int]]:
    """Periods that ended and nothing was drawn of yet: each with the last place of the period before (-1 where none was) and its
    own, oldest first, as far as they have their place in the log.
    """
    rows = await tx.fetch(
        "select d.*, e.leaf_index as last, coalesce((select max(b.leaf_index) from look_up_draw o join audit_entry b"
        " on b.id = o.closed_entry where o.agency_id = d.agency_id and (o.closed_at, o.id) < (d.closed_at, d.id)), -1) as before"
        " from look_up_draw d join audit_entry e on e.id = d.closed_entry where d.agency_id = %(agency)s and d.drawn_at is null"
        " and e.leaf_index is not null order by d.closed_at, d.id limit 10",
        agency=tx.agency,
    )
    return [(_draw(row), row["before"], row["last"]) for row in rows]


@touches(DataClass.AUDIT, READ)
async def searches(tx: Tx, after: int, last: int) -> list[tuple[UUID, UUID, datetime]]:
    """Searches between two places of the log: entry, person, when. `governance/draw.py` says what counts, of a leaf."""
    rows = await tx.fetch(
        "select id, actor_id, at from audit_entry where agency_id = %(agency)s and leaf_index > %(after)s and leaf_index <= %(last)s"
        " and kind = 'decision' and result = 'allowed' and need = any(%(needs)s)"
        " and (about_kind is null or about_kind <> all(%(not)s)) order by leaf_index",
        agency=tx.agency,
        after=after,
        last=last,
        needs=list(SEARCHES),
        **{"not": list(LOOKS_AT_ONE)},
    )
    return [(row["id"], row["actor_id"], row["at"]) for row in rows]


@touches(DataClass.LOOK_UP, WRITE)
async def keep_draw(tx: Tx, draw: UUID, *, size: int, root: bytes, searched: int, drawn: int) -> None:
    """Keep what was drawn of a period."""
    await tx.execute(
        "update look_up_draw set size = %(size)s, root = %(root)s, searched = %(searched)s, drawn = %(drawn)s, drawn_at = %(now)s"
        " where id = %(id)s and drawn_at is null",
        size=size,
        root=root,
        searched=searched,
        drawn=drawn,
        now=tx.now,
        id=draw,
    )


@touches(DataClass.LOOK_UP, READ)
async def draws(tx: Tx, since: datetime, until: datetime) -> list[Draw]:
    """Periods that ended between two times, newest first."""
    rows = await tx.fetch(
        "select * from look_up_draw where agency_id = %(agency)s and closed_at >= %(since)s and closed_at < %(until)s"
        " order by closed_at desc, id desc limit 400",
        agency=tx.agency,
        since=since,
        until=until,
    )
    return [_draw(row) for row in rows]


@touches(DataClass.LOOK_UP, READ)
async def counted(tx: Tx, since: datetime, until: datetime) -> list[Row]:
    """Reviews opened between two times, by cause and verdict; `late`: still open and overdue."""
    return await tx.fetch(
        "select cause, coalesce(verdict, 'open') as verdict, count(*) as n, count(*) filter (where verdict is null and due_at < %(now)s)"
        " as late from look_up_review, unnest(causes) as cause where agency_id = %(agency)s and opened_at >= %(since)s"
        " and opened_at < %(until)s group by 1, 2 order by 1, 2",
        agency=tx.agency,
        since=since,
        until=until,
        now=tx.now,
    )


@touches(DataClass.LOOK_UP, READ)
async def verdicts(tx: Tx, since: datetime, until: datetime) -> Mapping[str, int]:
    """Look-ups whose review was opened between two times, each once, by verdict; `open` without one."""
    rows = await tx.fetch(
        "select coalesce(verdict, 'open') as verdict, count(*) as n from look_up_review where agency_id = %(agency)s"
        " and opened_at >= %(since)s and opened_at < %(until)s group by 1",
        agency=tx.agency,
        since=since,
        until=until,
    )
    return {row["verdict"]: row["n"] for row in rows}


def _review(row: Row) -> Review:
    return Review(
        row["id"],
        row["entry_id"],
        row["person_id"],
        row["looked_at"],
        tuple(row["causes"]),
        row["opened_at"],
        row["due_at"],
        row["verdict"],
        row["reason"],
        row["reviewed_by"],
        row["reviewed_at"],
    )


def _draw(row: Row) -> Draw:
    root = row["root"]
    return Draw(
        row["id"],
        row["closed_entry"],
        row["closed_at"],
        row["share_ppm"],
        row["size"],
        bytes(root) if root is not None else None,
        row["searched"],
        row["drawn"],
        row["drawn_at"],
    )
