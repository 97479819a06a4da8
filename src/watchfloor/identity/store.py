"""All SQL of identity. Tokens come here as hashes only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.governance.words import Role
from watchfloor.identity.model import Credential, Person, SignIn
from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_A, _C = DataClass.ACCOUNT, DataClass.CREDENTIAL
_BY_NAME: Final = Order("people", (("name", "text"), ("id", "uuid")), by_id=True)

_PEOPLE: Final[LiteralString] = (
    "select p.*, c.totp_secret is not null as has_totp, c.locked_at, c.person_id is null as invited,"
    " array(select role from person_role r where r.person_id = p.id order by role) as roles,"
    " (select max(at) from sign_in s where s.person_id = p.id) as last_at,"
    " (select max(until) from invitation i where i.person_id = p.id and i.used_at is null and i.until > %(now)s) as invited_until"
    " from person p left join credential c on c.person_id = p.id"
)


def _person(row: Row) -> Person:
    state = (
        "suspended"
        if row["suspended_at"]
        else "invited"
        if row["invited"]
        else "locked"
        if row["locked_at"]
        else "active"
    )
    return Person(
        id=row["id"],
        agency=row["agency_id"],
        name=row["name"],
        full_name=row["display_name"],
        roles=frozenset(Role(role) for role in row["roles"]),
        state=state,
        second_factor=bool(row["has_totp"]),
        last_signed_in_at=row["last_at"],
        invited_until=row["invited_until"],
        version=row["version"],
    )


@touches(_A, _C, READ)
async def people(tx: Tx, extent: Extent) -> Cut[Person]:
    """People of the agency, by name."""
    return (await tx.fetch_page(_PEOPLE, _BY_NAME, extent, now=tx.now)).of(_person)


@touches(_A, _C, READ)
async def person(tx: Tx, person_id: UUID) -> Person | None:
    """One person."""
    row = await tx.fetch_one(_PEOPLE + " where p.id = %(id)s", now=tx.now, id=person_id)
    return _person(row) if row else None


@touches(_A, _C, READ)
async def person_named(tx: Tx, name: str) -> Person | None:
    """One person by the name they sign in with."""
    row = await tx.fetch_one(_PEOPLE + " where p.name = %(name)s", now=tx.now, name=name)
    return _person(row) if row else None


@touches(_A, READ)
async def roles_of(tx: Tx, person_id: UUID) -> frozenset[Role]:
    """A person's roles; none while the account is suspended."""
    known = "select role from person_role where person_id = %(id)s and person_id in (select id from person where suspended_at is null)"
    rows = await tx.fetch(known, id=person_id)
    return frozenset(Role(row["role"]) for row in rows)


@touches(_A, READ)
async def names_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Display names by id, for lists that show who acted."""
    rows = await tx.fetch("select id, display_name from person where id = any(%(ids)s)", ids=list(ids))
    return {row["id"]: row["display_name"] for row in rows}


@touches(_A, WRITE)
async def insert_person(
    tx: Tx, person_id: UUID, name: str, full_name: str, roles: frozenset[Role], by: UUID
) -> bool:
    """Create an account without a credential; False when the name is taken."""
    done = await tx.execute(
        "insert into person (id, agency_id, name, display_name, created_at, version)"
        " values (%(id)s, %(agency)s, %(name)s, %(full_name)s, %(now)s, 0) on conflict (name) do nothing",
        id=person_id,
        agency=tx.agency,
        name=name,
        full_name=full_name,
        now=tx.now,
    )
    if not done:
        return False
    await set_roles(tx, person_id, roles, by)
    return True


@touches(_A, WRITE)
async def set_roles(tx: Tx, person_id: UUID, roles: frozenset[Role], by: UUID) -> None:
    """Give a person these roles and no others, which makes a new version; what they were before is in the log."""
    await tx.execute(
        "delete from person_role where person_id = %(id)s and role <> all(%(roles)s)",
        id=person_id,
        roles=[role.value for role in sorted(roles)],
    )
    await tx.execute_many(
        "insert into person_role (person_id, agency_id, role, given_by, given_at)"
        " values (%(id)s, %(agency)s, %(role)s, %(by)s, %(now)s) on conflict do nothing",
        [
            {"id": person_id, "agency": tx.agency, "role": role.value, "by": by, "now": tx.now}
            for role in sorted(roles)
        ],
    )
    await tx.execute("update person set version = version + 1 where id = %(id)s", id=person_id)


@touches(_A, WRITE)
async def suspend_person(tx: Tx, person_id: UUID) -> bool:
    """Close an account; False when it is not there or closed already."""
    return bool(
        await tx.execute(
            "update person set suspended_at = %(now)s, version = version + 1 where id = %(id)s and suspended_at is null",
            id=person_id,
            now=tx.now,
        )
    )


@touches(_C, WRITE)
async def insert_invitation(tx: Tx, token_hash: bytes, person_id: UUID, until: datetime) -> None:
    """Keep an invitation; earlier unused ones of the person end."""
    await tx.execute(
        "update invitation set used_at = %(now)s where person_id = %(id)s and used_at is null",
        id=person_id,
        now=tx.now,
    )
    await tx.execute(
        "insert into invitation (token_hash, agency_id, person_id, created_at, until)"
        " values (%(hash)s, %(agency)s, %(id)s, %(now)s, %(until)s)",
        hash=token_hash,
        agency=tx.agency,
        id=person_id,
        now=tx.now,
        until=until,
    )


@touches(_C, READ)
async def invitation(tx: Tx, token_hash: bytes) -> tuple[UUID, datetime] | None:
    """Who an unused invitation is for, and when it ends. Locks it: two acceptances cannot both win."""
    row = await tx.fetch_one(
        "select person_id, until from invitation where token_hash = %(hash)s and used_at is null for update",
        hash=token_hash,
    )
    return (row["person_id"], row["until"]) if row else None


@touches(_C, WRITE)
async def accept_invitation(tx: Tx, token_hash: bytes, person_id: UUID, password_hash: str) -> None:
    """Use the invitation up and set the password; a second factor of before is gone, sessions of before end."""
    await tx.execute(
        "update invitation set used_at = %(now)s where token_hash = %(hash)s", hash=token_hash, now=tx.now
    )
    await tx.execute(
        "insert into credential (person_id, agency_id, password_hash, password_at) values (%(id)s, %(agency)s, %(password)s, %(now)s)"
        " on conflict (person_id) do update set password_hash = excluded.password_hash, password_at = excluded.password_at,"
        " totp_secret = null, totp_last_step = null, locked_at = null",
        id=person_id,
        agency=tx.agency,
        password=password_hash,
        now=tx.now,
    )
    await end_sign_ins(tx, person_id, "the password was set anew")


@touches(_C, READ)
async def credential(tx: Tx, person_id: UUID) -> Credential | None:
    """The credential of a person, locked for this transaction so that a code counts once."""
    row = await tx.fetch_one("select * from credential where person_id = %(id)s for update", id=person_id)
    if row is None:
        return None
    return Credential(row["person_id"], row["password_hash"], row["totp_secret"], row["totp_last_step"])


@touches(_C, WRITE)
async def keep_totp(tx: Tx, person_id: UUID, sealed: bytes | None, step: int) -> None:
    """Keep the last used step and, when given, a new second factor."""
    await tx.execute(
        "update credential set totp_secret = coalesce(%(sealed)s, totp_secret), totp_last_step = %(step)s where person_id = %(id)s",
        id=person_id,
        sealed=sealed,
        step=step,
    )


@touches(_C, READ)
async def failures(tx: Tx, person_id: UUID, since: datetime) -> tuple[int, datetime | None]:
    """How many wrong passwords or codes since then, and when the first was."""
    row = await tx.fetch_one(
        "select count(*) as count, min(at) as first from sign_in_failure where person_id = %(id)s and at > %(since)s",
        id=person_id,
        since=since,
    )
    return (row["count"], row["first"]) if row else (0, None)


@touches(_C, WRITE)
async def insert_failure(tx: Tx, failure_id: UUID, person_id: UUID, source: str) -> None:
    """Keep a wrong try."""
    await tx.execute(
        "insert into sign_in_failure (id, agency_id, person_id, source, at) values (%(id)s, %(agency)s, %(person)s, %(source)s, %(now)s)",
        id=failure_id,
        agency=tx.agency,
        person=person_id,
        source=source,
        now=tx.now,
    )


@touches(_C, WRITE)
async def forget_failures(tx: Tx, person_id: UUID) -> None:
    """A right sign-in clears the count."""
    await tx.execute("delete from sign_in_failure where person_id = %(id)s", id=person_id)


@touches(_C, WRITE)
async def insert_sign_in(
    tx: Tx, sign_in_id: UUID, person_id: UUID, token_hash: bytes, until: datetime, *, second_factor: bool
) -> None:
    """Keep a session."""
    await tx.execute(
        "insert into sign_in (id, agency_id, person_id, token_hash, second_factor, at, seen_at, until)"
        " values (%(id)s, %(agency)s, %(person)s, %(hash)s, %(second)s, %(now)s, %(now)s, %(until)s)",
        id=sign_in_id,
        agency=tx.agency,
        person=person_id,
        hash=token_hash,
        second=second_factor,
        now=tx.now,
        until=until,
    )


@touches(_C, WRITE)
async def sign_in_proved(tx: Tx, sign_in_id: UUID) -> None:
    """The second factor was proved in this session."""
    await tx.execute("update sign_in set second_factor = true where id = %(id)s", id=sign_in_id)


@touches(_A, _C, READ)
async def sign_in(tx: Tx, token_hash: bytes) -> SignIn | None:
    """The live session of a token, with its person and roles."""
    row = await tx.fetch_one(
        "select * from wf_sign_in(%(agency)s, %(hash)s, %(now)s)",
        agency=tx.agency,
        hash=token_hash,
        now=tx.now,
    )
    if row is None:
        return None
    return SignIn(
        id=row["id"],
        agency=row["agency_id"],
        agency_name=row["agency_name"],
        time_zone=row["time_zone"],
        person=row["person_id"],
        name=row["name"],
        full_name=row["display_name"],
        roles=frozenset(Role(role) for role in row["roles"]),
        second_factor=row["second_factor"],
        has_totp=row["has_totp"],
        at=row["at"],
        seen_at=row["seen_at"],
        until=row["until"],
    )


@touches(_C, WRITE)
async def seen(tx: Tx, sign_in_id: UUID) -> None:
    """The session was used."""
    await tx.execute("update sign_in set seen_at = %(now)s where id = %(id)s", id=sign_in_id, now=tx.now)


@touches(_C, WRITE)
async def end_sign_in(tx: Tx, sign_in_id: UUID, reason: str) -> None:
    """End one session."""
    await tx.execute(
        "update sign_in set ended_at = %(now)s, end_reason = %(reason)s where id = %(id)s and ended_at is null",
        id=sign_in_id,
        now=tx.now,
        reason=reason,
    )


@touches(_C, WRITE)
async def end_sign_ins(tx: Tx, person_id: UUID, reason: str) -> None:
    """End every session of a person, and what one that was locked left on a workstation."""
    await tx.execute(
        "update sign_in set looks_until = null where person_id = %(id)s and looks_until is not null",
        id=person_id,
    )
    await tx.execute(
        "update sign_in set ended_at = %(now)s, end_reason = %(reason)s where person_id = %(id)s and ended_at is null",
        id=person_id,
        now=tx.now,
        reason=reason,
    )


@touches(_A, _C, READ)
async def why_ended(tx: Tx, sign_in_id: UUID) -> str | None:
    """Why a session no longer holds, in a sentence; None while it does. The door asks this at each decision."""
    row = await tx.fetch_one(
        "select s.ended_at, s.end_reason, s.until, p.suspended_at from sign_in s join person p on p.id = s.person_id where s.id = %(id)s",
        id=sign_in_id,
    )
    if row is None or row["ended_at"] is not None:
        return f"This session has ended: {row['end_reason']}." if row else "This session is not known."
    if row["suspended_at"] is not None:
        return "This account is suspended."
    return "This session is over." if row["until"] <= tx.now else None


@touches(_C, READ)
async def agency_of(tx: Tx, what: str, given: str | bytes) -> UUID | None:
    """The agency a name or a token's hash belongs to: `name`, `sign_in`, `invitation`, `device` or `workstation`; no more is told."""
    match what:
        case "name":
            row = await tx.fetch_one("select wf_agency_of_name(%(given)s) as agency", given=given)
        case "sign_in":
            row = await tx.fetch_one("select wf_agency_of_sign_in(%(given)s) as agency", given=given)
        case "invitation":
            row = await tx.fetch_one("select wf_agency_of_invitation(%(given)s) as agency", given=given)
        case "device":
            row = await tx.fetch_one("select wf_agency_of_device(%(given)s) as agency", given=given)
        case "workstation":
            row = await tx.fetch_one("select wf_agency_of_workstation(%(given)s) as agency", given=given)
        case _:
            raise ValueError(what)
    return row["agency"] if row else None


@touches(_A, READ)
async def set_agency(tx: Tx) -> None:
    """Let row security show the agency of this transaction: for the owner's own, which the door did not open."""
    await tx.execute("select set_config('wf.agency', %(id)s, true)", id=str(tx.agency))


@touches(_A, READ)
async def agencies(tx: Tx) -> list[UUID]:
    """Every agency of this center."""
    return [row["id"] for row in await tx.fetch("select id from agency order by created_at")]


@touches(_A, READ)
async def only_agency(tx: Tx) -> str | None:
    """The name of this center's agency; None when there are several: to whom it speaks is known after signing in."""
    names = [row["name"] for row in await tx.fetch("select name from agency limit 2")]
    return names[0] if len(names) == 1 else None
