"""All SQL of look-ups and of staff's plates: keyed hashes alone. It decides nothing; reviews have a store of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.plates.misuse.rules import Flag, LookUp, Registered, Relation
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_BY_NAME: Final = Order("staff_plates", (("name", "text"), ("id", "uuid")))
# Who can look up plates, or is a colleague of those who can.
ROOM: Final = ("analyst", "detective", "supervisor", "officer")


@dataclass(frozen=True, slots=True)
class Said:
    """Of one person: how many plates are registered, and since when they have said so; never which."""

    person: UUID
    name: str
    plates: int
    said_at: datetime | None


@touches(DataClass.LOOK_UP, WRITE)
async def insert_look_up(
    tx: Tx,
    entry: UUID,
    *,
    way: str,
    case: UUID | None,
    fingerprints: Sequence[bytes],
    found: int,
    answered: bool,
    keep_for: timedelta,
) -> None:
    """Keep a look-up of whoever asks; the same entry once."""
    await tx.execute(
        "insert into plate_look_up (id, agency_id, person_id, at, way, case_id, fingerprints, found, answered, flags, erase_after)"
        " values (%(id)s, %(agency)s, %(person)s, %(now)s, %(way)s, %(case)s, %(prints)s::bytea[], %(found)s, %(answered)s, '{}',"
        " %(erase)s) on conflict (id) do nothing",
        id=entry,
        agency=tx.agency,
        person=tx.actor,
        now=tx.now,
        way=way,
        case=case,
        prints=list(fingerprints),
        found=found,
        answered=answered,
        erase=tx.now + keep_for,
    )


@touches(DataClass.HOT_LIST, READ)
async def is_entered(tx: Tx, keys: Sequence[int]) -> bool:
    """Whether a plate with one of these folded keys is on a hot list now, and not by the word of one person alone."""
    row = await tx.fetch_one(
        "select exists (select from hot_list_entry e join hot_list l on l.id = e.hot_list_id and l.edition = e.edition"
        " where e.folded_key = any(%(keys)s::bigint[]) and e.expires_at > %(now)s and e.ended_at is null"
        " and e.ratify_by is null) as entered",
        keys=list(keys),
        now=tx.now,
    )
    return bool(row and row["entered"])


@touches(DataClass.LOOK_UP, READ)
async def unjudged(tx: Tx, most: int) -> list[LookUp]:
    """Look-ups that nobody judged yet, the oldest first; those of one person at once are held for this transaction."""
    rows = await tx.fetch(
        "select * from plate_look_up where judged_at is null order by id limit %(most)s for update skip locked",
        most=most,
    )
    return [_look_up(row) for row in rows]


@touches(DataClass.LOOK_UP, READ)
async def earlier(tx: Tx, this: LookUp, since: datetime) -> list[LookUp]:
    """What the same person looked up of the same plates since then, before this."""
    rows = await tx.fetch(
        "select * from plate_look_up where agency_id = %(agency)s and person_id = %(person)s and at between %(since)s and %(at)s"
        " and id < %(id)s and fingerprints && %(prints)s::bytea[] order by at, id",
        agency=tx.agency,
        person=this.person,
        since=since,
        at=this.at,
        id=this.id,
        prints=sorted(this.plates),
    )
    return [_look_up(row) for row in rows]


@touches(DataClass.LOOK_UP, READ)
async def registered(tx: Tx, fingerprints: Sequence[bytes]) -> list[Registered]:
    """Whose plates these are, of those that staff registered."""
    rows = await tx.fetch(
        "select person_id, relation from staff_plate where agency_id = %(agency)s and fingerprint = any(%(prints)s::bytea[])",
        agency=tx.agency,
        prints=list(fingerprints),
    )
    return [Registered(row["person_id"], Relation(row["relation"])) for row in rows]


@touches(DataClass.LOOK_UP, WRITE)
async def judge(tx: Tx, look_up: UUID, flags: Sequence[Flag]) -> None:
    """Keep what a look-up was flagged for, if for anything."""
    await tx.execute(
        "update plate_look_up set judged_at = %(now)s, flags = %(flags)s where id = %(id)s",
        now=tx.now,
        flags=[flag.value for flag in flags],
        id=look_up,
    )


@touches(DataClass.LOOK_UP, READ)
async def look_up(tx: Tx, entry: UUID) -> Row | None:
    """The way and the count of a look-up, and how often its person sought the same plate; None where it is forgotten."""
    return await tx.fetch_one(
        "select way, found, answered, (select count(*) from plate_look_up o where o.agency_id = l.agency_id"
        " and o.person_id = l.person_id and o.id <= l.id and o.fingerprints && l.fingerprints) as times"
        " from plate_look_up l where id = %(id)s",
        id=entry,
    )


@touches(DataClass.LOOK_UP, READ)
async def has_said(tx: Tx, person: UUID) -> bool:
    """Whether a person said which plates are theirs, or that there are none."""
    row = await tx.fetch_one("select 1 as one from staff_plate_said where person_id = %(id)s", id=person)
    return row is not None


@touches(DataClass.LOOK_UP, WRITE)
async def register(tx: Tx, person: UUID, plates: Mapping[bytes, Relation]) -> None:
    """Register plates of a person beside those that are registered; with none, only that it was said."""
    await tx.execute_many(
        "insert into staff_plate (person_id, agency_id, fingerprint, relation, registered_by, registered_at)"
        " values (%(person)s, %(agency)s, %(print)s, %(relation)s, %(by)s, %(now)s)"
        " on conflict (person_id, fingerprint) do update set relation = excluded.relation",
        [
            {
                "person": person,
                "agency": tx.agency,
                "print": one,
                "relation": relation.value,
                "by": tx.actor,
                "now": tx.now,
            }
            for one, relation in plates.items()
        ],
    )
    await tx.execute(
        "insert into staff_plate_said (person_id, agency_id, said_by, said_at) values (%(person)s, %(agency)s, %(by)s, %(now)s)"
        " on conflict (person_id) do update set said_by = excluded.said_by, said_at = excluded.said_at",
        person=person,
        agency=tx.agency,
        by=tx.actor,
        now=tx.now,
    )


@touches(DataClass.LOOK_UP, WRITE)
async def clear(tx: Tx, person: UUID) -> None:
    """Forget all plates of a person, and that they said so."""
    await tx.execute("delete from staff_plate where person_id = %(id)s", id=person)
    await tx.execute("delete from staff_plate_said where person_id = %(id)s", id=person)


@touches(DataClass.LOOK_UP, DataClass.ACCOUNT, READ)
async def said(tx: Tx, extent: Extent | None = None, *, person: UUID | None = None) -> Cut[Said]:
    """Everybody of the room, and who else has plates registered, by name; with `person`, that one."""
    cut = await tx.fetch_page(
        "select p.id, p.display_name as name, s.said_at, (select count(*) from staff_plate r where r.person_id = p.id) as plates"
        " from person p left join staff_plate_said s on s.person_id = p.id where p.suspended_at is null and"
        " (%(person)s::uuid is null or p.id = %(person)s) and (%(person)s::uuid is not null or s.person_id is not null"
        " or exists (select from person_role o where o.person_id = p.id and o.role = any(%(room)s)))",
        _BY_NAME,
        extent,
        person=person,
        room=list(ROOM),
    )
    return cut.of(lambda row: Said(row["id"], row["name"], row["plates"], row["said_at"]))


@touches(DataClass.ACCOUNT, READ)
async def people_named(tx: Tx, names: Sequence[str]) -> dict[str, UUID]:
    """Who has these sign-in names, of those who are not suspended."""
    rows = await tx.fetch(
        "select name, id from person where name = any(%(names)s) and suspended_at is null", names=list(names)
    )
    return {row["name"]: row["id"] for row in rows}


def _look_up(row: Row) -> LookUp:
    return LookUp(
        row["id"],
        row["person_id"],
        row["at"],
        row["case_id"],
        frozenset(bytes(one) for one in row["fingerprints"]),
        row["answered"],
        frozenset(Flag(word) for word in row["flags"]),
    )
