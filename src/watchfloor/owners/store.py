"""All SQL of owners and of their one-time links, which come here as hashes only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.owners.model import (
    UNDECIDED_FOR,
    LinkUse,
    Owner,
    OwnerId,
    OwnerKind,
    OwnerState,
    Shares,
    SignUp,
)
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_O: Final = DataClass.OWNER
# Who waits for a decision comes first, the longest first.
_QUEUE: Final = Order("owners", (("turn", "bigint"), ("created_at", "timestamptz"), ("id", "uuid")))
_OWNER: Final[LiteralString] = (
    "select o.*, array_position(array['waiting', 'asked', 'unverified', 'accepted', 'refused', 'ended'], o.state)::bigint as turn"
    " from owner o"
)


def _owner(row: Row) -> Owner:
    place = Point(row["lat"], row["lon"]) if row["lat"] is not None else None
    signed_up = SignUp(
        OwnerKind(row["kind"]), row["name"], row["email"], row["phone"], row["address"], place, row["make"], row["cameras"],
        Shares(row["shares"]), row["note"],
    )  # fmt: skip
    return Owner(
        OwnerId(row["id"]), signed_up, row["terms"], row["terms_at"], OwnerState(row["state"]), row["said"], row["person_id"],
        row["created_at"], row["verified_at"], row["decided_at"], row["decided_by"], row["version"],
    )  # fmt: skip


@touches(DataClass.ACCOUNT, READ)
async def agency_name(tx: Tx) -> str:
    """What the agency of this transaction is called."""
    row = await tx.fetch_one("select name from agency where id = %(agency)s", agency=tx.agency)
    return str(row["name"]) if row else ""


@touches(_O, READ)
async def owners(tx: Tx, states: Sequence[OwnerState], extent: Extent) -> Cut[Owner]:
    """Owners in these states, those who wait first."""
    wanted = [state.value for state in states]
    rows = await tx.fetch_page(_OWNER + " where o.state = any(%(states)s)", _QUEUE, extent, states=wanted)
    return rows.of(_owner)


@touches(_O, READ)
async def owner_of(tx: Tx, owner: UUID, *, to_change: bool = False) -> Owner | None:
    """One owner; locked until the transaction ends where somebody decides about them."""
    lock: LiteralString = " for update of o" if to_change else ""
    row = await tx.fetch_one(_OWNER + " where o.id = %(id)s" + lock, id=owner)
    return _owner(row) if row else None


@touches(_O, READ)
async def owner_with(tx: Tx, email: str) -> Owner | None:
    """Whoever signed up with this address and is not gone; nobody else signs up with it until this is over."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('wf_owner ' || %(agency)s || %(email)s, 0))",
        agency=str(tx.agency),
        email=email,
    )
    row = await tx.fetch_one(
        _OWNER + " where o.email = %(email)s and o.state not in ('refused', 'ended')", email=email
    )
    return _owner(row) if row else None


@touches(_O, WRITE)
async def insert_owner(tx: Tx, owner: UUID, said: SignUp, terms: str, erase_after: datetime) -> None:
    """Keep a sign-up whose address is not proved yet."""
    await tx.execute(
        "insert into owner (id, agency_id, kind, name, email, phone, address, lat, lon, make, cameras, shares, note, terms, terms_at,"
        " state, said, created_at, erase_after, version) values (%(id)s, %(agency)s, %(kind)s, %(name)s, %(email)s, %(phone)s,"
        " %(address)s, %(lat)s, %(lon)s, %(make)s, %(cameras)s, %(shares)s, %(note)s, %(terms)s, %(now)s, 'unverified', '', %(now)s,"
        " %(erase)s, 1)",
        id=owner,
        agency=tx.agency,
        kind=said.kind.value,
        name=said.name,
        email=said.email,
        phone=said.phone,
        address=said.address,
        lat=said.place.lat if said.place else None,
        lon=said.place.lon if said.place else None,
        make=said.make,
        cameras=said.cameras,
        shares=said.shares.value,
        note=said.note,
        terms=terms,
        now=tx.now,
        erase=erase_after,
    )


@touches(_O, WRITE)
async def offer_anew(tx: Tx, owner: UUID, said: SignUp, terms: str) -> None:
    """What is offered now with an address that nobody has proved yet: the newest form counts, and no other."""
    place = said.place
    await tx.execute(
        "update owner set kind = %(kind)s, name = %(name)s, phone = %(phone)s, address = %(address)s, lat = %(lat)s, lon = %(lon)s,"
        " make = %(make)s, cameras = %(cameras)s, shares = %(shares)s, note = %(note)s, terms = %(terms)s, terms_at = %(now)s,"
        " version = version + 1 where id = %(id)s and state = 'unverified'",
        id=owner,
        kind=said.kind.value,
        name=said.name,
        phone=said.phone,
        address=said.address,
        lat=place.lat if place else None,
        lon=place.lon if place else None,
        make=said.make,
        cameras=said.cameras,
        shares=said.shares.value,
        note=said.note,
        terms=terms,
        now=tx.now,
    )


@touches(_O, WRITE)
async def end_links(tx: Tx, owner: UUID) -> None:
    """No link that an owner was given before opens anything any more."""
    await tx.execute(
        "update owner_link set used_at = %(now)s where owner_id = %(owner)s and used_at is null",
        owner=owner,
        now=tx.now,
    )


@touches(_O, WRITE)
async def put_state(
    tx: Tx, owner: UUID, state: OwnerState, *, said: str = "", erase_after: datetime | None = None
) -> None:
    """Another state, by whoever acts; what was asked before is over."""
    await tx.execute(
        "update owner set state = %(state)s, said = %(said)s, erase_after = %(erase)s, decided_at = %(now)s, decided_by = %(by)s,"
        " version = version + 1 where id = %(id)s",
        id=owner,
        state=state.value,
        said=said,
        erase=erase_after,
        now=tx.now,
        by=tx.actor,
    )


@touches(_O, WRITE)
async def verified(tx: Tx, owner: UUID) -> None:
    """The address is theirs: from now on staff decides, and what nobody decides about is forgotten in the end."""
    await tx.execute(
        "update owner set state = 'waiting', verified_at = %(now)s, erase_after = %(erase)s, version = version + 1"
        " where id = %(id)s and state = 'unverified'",
        id=owner,
        now=tx.now,
        erase=tx.now + UNDECIDED_FOR,
    )


@touches(_O, WRITE)
async def answer(tx: Tx, owner: UUID, note: str) -> None:
    """What an owner who was asked says: it waits again, with the answer below what was said before."""
    await tx.execute(
        "update owner set state = 'waiting', note = right(note || E'\\n' || %(note)s, 4000), version = version + 1"
        " where id = %(id)s and state = 'asked'",
        id=owner,
        note=note,
    )


@touches(_O, WRITE)
async def put_person(tx: Tx, owner: UUID, person: UUID) -> None:
    """The account by which the owner signs in."""
    await tx.execute("update owner set person_id = %(person)s where id = %(id)s", id=owner, person=person)


@touches(_O, READ)
async def owner_by_person(tx: Tx, person: UUID) -> Owner | None:
    """Whose account it is."""
    row = await tx.fetch_one(_OWNER + " where o.person_id = %(person)s", person=person)
    return _owner(row) if row else None


@touches(_O, WRITE)
async def insert_link(tx: Tx, token_hash: bytes, owner: UUID, use: LinkUse, until: datetime) -> None:
    """Keep a one-time link; earlier ones for the same use end."""
    await tx.execute(
        "update owner_link set used_at = %(now)s where owner_id = %(owner)s and use = %(use)s and used_at is null",
        owner=owner,
        use=use.value,
        now=tx.now,
    )
    await tx.execute(
        "insert into owner_link (token_hash, agency_id, owner_id, use, created_at, until)"
        " values (%(hash)s, %(agency)s, %(owner)s, %(use)s, %(now)s, %(until)s)",
        hash=token_hash,
        agency=tx.agency,
        owner=owner,
        use=use.value,
        now=tx.now,
        until=until,
    )


@touches(_O, WRITE)
async def use_link(tx: Tx, token_hash: bytes, use: LinkUse) -> Owner | None:
    """Use a link that is neither used nor over; once, however often it is tried at the same time."""
    row = await tx.fetch_one(
        "update owner_link set used_at = %(now)s where token_hash = %(hash)s and use = %(use)s and used_at is null"
        " and until > %(now)s returning owner_id",
        hash=token_hash,
        use=use.value,
        now=tx.now,
    )
    return await owner_of(tx, row["owner_id"]) if row else None


@touches(_O, READ)
async def owner_of_link(tx: Tx, token_hash: bytes) -> Owner | None:
    """Whose link it is."""
    row = await tx.fetch_one(
        _OWNER + " join owner_link l on l.owner_id = o.id where l.token_hash = %(hash)s", hash=token_hash
    )
    return _owner(row) if row else None


@touches(_O, READ)
async def link_stands(tx: Tx, token_hash: bytes, use: LinkUse) -> bool:
    """Whether the link could be used now; looking does not use it."""
    found = await tx.fetch_one(
        "select from owner_link where token_hash = %(hash)s and use = %(use)s and used_at is null and until > %(now)s",
        hash=token_hash,
        use=use.value,
        now=tx.now,
    )
    return found is not None


@touches(_O, WRITE)
async def insert_mail(tx: Tx, mail: UUID, owner: UUID | None, kind: str, sealed: bytes) -> None:
    """Put mail into the outbox, in the transaction that wants it; to an owner, or to an address that is sealed with it."""
    await tx.execute(
        "insert into mail (id, agency_id, owner_id, kind, sealed, created_at, attempts, next_at)"
        " values (%(id)s, %(agency)s, %(owner)s, %(kind)s, %(sealed)s, %(now)s, 0, %(now)s)",
        id=mail,
        agency=tx.agency,
        owner=owner,
        kind=kind,
        sealed=sealed,
        now=tx.now,
    )


@touches(_O, READ)
async def mailed_since(tx: Tx, owner: UUID, since: datetime) -> int:
    """How often an owner was written to since then."""
    row = await tx.fetch_one(
        "select count(*) as count from mail where owner_id = %(owner)s and created_at > %(since)s",
        owner=owner,
        since=since,
    )
    return int(row["count"]) if row else 0


@touches(_O, READ)
async def last_mails(tx: Tx, owners: Sequence[UUID]) -> dict[UUID, Row]:
    """The newest mail to each of these owners, and what became of it."""
    rows = await tx.fetch(
        "select distinct on (owner_id) owner_id, kind, created_at, attempts, sent_at, given_up_at, error from mail"
        " where owner_id = any(%(owners)s) order by owner_id, created_at desc, id desc",
        owners=list(owners),
    )
    return {row["owner_id"]: row for row in rows}


@touches(_O, WRITE)
async def take_mail(tx: Tx, most: int, lease: timedelta) -> list[Row]:
    """Mail that is due and to whom, leased so that no other process sends it meanwhile."""
    return await tx.fetch(
        "with due as materialized (select id from mail"
        "  where sent_at is null and sealed is not null and next_at <= %(now)s order by next_at, id"
        "  limit %(most)s for update skip locked)"
        " update mail m set next_at = %(until)s, attempts = attempts + 1 from due where m.id = due.id"
        " returning m.id, m.kind, m.sealed, m.attempts,"
        " (select o.email from owner o where o.id = m.owner_id) as email",
        now=tx.now,
        until=tx.now + lease,
        most=most,
    )


@touches(_O, WRITE)
async def mail_sent(tx: Tx, mail: UUID) -> None:
    """The mail server took it: what it said goes."""
    await tx.execute(
        "update mail set sent_at = %(now)s, sealed = null, error = null where id = %(id)s",
        id=mail,
        now=tx.now,
    )


@touches(_O, WRITE)
async def mail_given_up(tx: Tx, mail: UUID, error: str) -> None:
    """It will never be taken: what it said goes, and staff see why."""
    await tx.execute(
        "update mail set given_up_at = %(now)s, sealed = null, error = %(error)s where id = %(id)s",
        id=mail,
        error=error[:500],
        now=tx.now,
    )


@touches(_O, WRITE)
async def mail_failed(tx: Tx, mail: UUID, error: str, again: datetime) -> None:
    """It was not taken, and is tried again then."""
    await tx.execute(
        "update mail set error = %(error)s, next_at = %(again)s where id = %(id)s",
        id=mail,
        error=error[:500],
        again=again,
    )


@touches(_O, READ)
async def placed_within(
    tx: Tx, south: float, west: float, north: float, east: float
) -> list[tuple[UUID, Shares, Point]]:
    """Accepted owners whose camera stands there, all of them; who they are stays here."""
    rows = await tx.fetch(
        "select id, shares, lat, lon from owner where state = 'accepted' and lat between %(south)s and %(north)s"
        " and lon between %(west)s and %(east)s order by id",
        south=south, west=west, north=north, east=east,
    )  # fmt: skip
    return [(row["id"], Shares(row["shares"]), Point(row["lat"], row["lon"])) for row in rows]


@touches(_O, READ)
async def unplaced(tx: Tx) -> int:
    """How many accepted owners no area finds: they wrote an address, and nobody put it on the map."""
    row = await tx.fetch_one("select count(*) as n from owner where state = 'accepted' and lat is null")
    return int(row["n"]) if row else 0


@touches(_O, WRITE)
async def put_place(tx: Tx, owner: UUID, place: Point) -> None:
    """Where their camera is on the map."""
    await tx.execute(
        "update owner set lat = %(lat)s, lon = %(lon)s, version = version + 1 where id = %(id)s",
        id=owner,
        lat=place.lat,
        lon=place.lon,
    )
