"""All SQL of the door: authorisations in force, the log, grants. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

from watchfloor.governance.entry import Entry
from watchfloor.governance.model import Act, Authorisation, AuthorisationId, Keeping
from watchfloor.governance.words import Purpose, Role, TechnologyKind
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

# Names and plates beside the log live five years: what the strictest access-log law we know asks (Washington SB 6002).
PAYLOAD_KEPT_FOR: Final = timedelta(days=5 * 365 + 1)

# An authorisation with its base rule, the bodies whose yes it lacks (of those that it names, and those that were required for its
# technology when it was made and still are), and each class's own rule.
AUTHORISATION: Final[LiteralString] = (
    "select a.*, r.keep_for, array(select b.name from approving_body b"
    "   left join authorisation_approval p on p.body_id = b.id and p.authorisation_id = a.id"
    "   where b.agency_id = a.agency_id and p.decided_at is null and (p.id is not null or exists (select from required_body q"
    "     where q.body_id = b.id and q.technology = a.technology and q.since <= a.created_at and q.until is null))"
    "   order by b.name) as waiting_for,"
    " (select jsonb_agg(jsonb_build_object('class', k.data_class, 'rule', k.rule,"
    "   'seconds', coalesce(extract(epoch from o.keep_for), 0)))"
    "   from authorisation_keeping k left join retention_rule o using (rule) where k.authorisation_id = a.id) as keeps"
    " from authorisation a join retention_rule r using (rule)"
)


def authorisation_of(row: Row) -> Authorisation:
    """The value of a row of `authorisation` joined with its rule and approvals."""
    return Authorisation(
        id=AuthorisationId(row["id"]),
        technology=TechnologyKind(row["technology"]),
        title=row["title"],
        effective_at=row["effective_at"],
        expires_at=row["expires_at"],
        purposes=frozenset(Purpose.of(word) for word in row["purposes"]),
        roles=frozenset(Role(word) for word in row["roles"]),
        area=tuple((float(lat), float(lon)) for lat, lon in row["area"]),
        retention_rule=row["rule"],
        keep_for=row["keep_for"],
        audio=row["audio"],
        waiting_for=tuple(row["waiting_for"]),
        suspended_at=row["suspended_at"],
        keeps=tuple(
            Keeping(DataClass(one["class"]), one["rule"], timedelta(seconds=float(one["seconds"])))
            for one in row["keeps"] or ()
        ),
    )


@touches(DataClass.ACCOUNT, READ)
async def zone(tx: Tx) -> ZoneInfo | None:
    """The agency's time zone; None where there is no agency."""
    row = await tx.fetch_one("select time_zone from agency where id = %(agency)s", agency=tx.agency)
    return ZoneInfo(row["time_zone"]) if row else None


@touches(DataClass.POLICY, READ)
async def authorisations(tx: Tx, technologies: Sequence[str]) -> list[Authorisation]:
    """Every authorisation of these technologies, and whose yes each lacks."""
    rows = await tx.fetch(
        AUTHORISATION + " where a.technology = any(%(technologies)s)", technologies=list(technologies)
    )
    return [authorisation_of(row) for row in rows]


@touches(DataClass.POLICY, READ)
async def policy_version(tx: Tx) -> int:
    """The agency's policy version; 0 before the first."""
    row = await tx.fetch_one("select version from policy_version")
    return row["version"] if row else 0


@touches(DataClass.POLICY, WRITE)
async def raise_policy_version(tx: Tx) -> None:
    """Say that policy changed: every cache and grant of every process looks again within two seconds."""
    await tx.execute(
        "insert into policy_version (agency_id, version, changed_at) values (%(agency)s, 1, %(now)s)"
        " on conflict (agency_id) do update set version = policy_version.version + 1, changed_at = excluded.changed_at",
        agency=tx.agency,
        now=tx.now,
    )


@touches(DataClass.MACHINERY, WRITE)
async def mark_done(tx: Tx, act: Act) -> bool:
    """Keep beside what an act does that it was done. False when another request has its key by now: it must not be done."""
    marked = await tx.execute(
        "update idempotency set done = true where actor_id = %(actor)s and key = %(key)s and held_by = %(request)s",
        actor=tx.actor,
        key=act.key,
        request=act.request,
    )
    return marked == 1


@touches(DataClass.AUDIT, DataClass.AUDIT_PAYLOAD, WRITE)
async def append_entry(tx: Tx, entry: Entry) -> None:
    """Add an entry to the log, and its payload beside it, in one statement."""
    await tx.execute_uncounted(
        "with leaf as (insert into audit_entry"
        " (id, agency_id, at, kind, actor_id, need, result, reason, about_kind, about_id, case_id, authorisation_id, cause_id,"
        " leaf)"
        " values (%(id)s, %(agency)s, %(at)s, %(kind)s, %(actor)s, %(need)s, %(result)s, %(reason)s, %(about_kind)s, %(about_id)s,"
        " %(case)s, %(authorisation)s, %(cause)s, %(leaf)s) returning id)"
        " insert into audit_payload (entry_id, agency_id, salt, payload, erase_after)"
        " select id, %(agency)s, %(salt)s, %(payload)s, %(erase)s from leaf where %(salt)s::bytea is not null",
        case=entry.case,
        authorisation=entry.authorisation,
        cause=entry.cause,
        **_kept(entry),
    )


@touches(DataClass.ACCOUNT, DataClass.CREDENTIAL, READ, DataClass.AUDIT, DataClass.AUDIT_PAYLOAD, WRITE)
async def append_while_signed_in(tx: Tx, entry: Entry, session: UUID | None) -> bool:
    """Add an entry of neither case nor authorisation if `session` (None: no session is needed) holds; whether it did.

    One statement that is a transaction of its own.
    """
    if entry.case or entry.authorisation or entry.cause:
        raise ValueError("an entry of a case, an authorisation or a cause is written by append_entry")
    row = await tx.fetch_one(
        "select wf_log_while_signed_in(%(agency)s, %(session)s, %(id)s, %(at)s, %(kind)s, %(actor)s, %(need)s, %(result)s,"
        " %(reason)s, %(about_kind)s, %(about_id)s, %(leaf)s, %(salt)s, %(payload)s, %(erase)s) as kept",
        session=session,
        **_kept(entry),
    )
    return row is not None and bool(row["kept"])


def _kept(entry: Entry) -> dict[str, object]:
    """An entry as its row keeps it."""
    return {
        "id": entry.id,
        "agency": entry.agency,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "need": entry.need,
        "result": entry.result,
        "reason": entry.reason,
        "about_kind": entry.about.kind if entry.about else None,
        "about_id": entry.about.id if entry.about else None,
        "leaf": entry.leaf,
        "salt": entry.salt,
        "payload": dict(entry.payload or {}),
        "erase": entry.at + PAYLOAD_KEPT_FOR,
    }


@touches(DataClass.AUDIT, WRITE)
async def insert_grant(
    tx: Tx,
    grant: UUID,
    entry: UUID,
    need: str,
    about: tuple[str, UUID | None] | None,
    technology: str | None,
    until: datetime,
) -> None:
    """Keep that a grant was given."""
    await tx.execute(
        "insert into access_grant (id, agency_id, entry_id, actor_id, need, about_kind, about_id, technology, opened_at, until)"
        " values (%(id)s, %(agency)s, %(entry)s, %(actor)s, %(need)s, %(kind)s, %(about)s, %(technology)s, %(now)s, %(until)s)",
        id=grant,
        agency=tx.agency,
        entry=entry,
        actor=tx.actor,
        need=need,
        kind=about[0] if about else None,
        about=about[1] if about else None,
        technology=technology,
        now=tx.now,
        until=until,
    )


@touches(DataClass.AUDIT, WRITE)
async def renew_grant(tx: Tx, grant: UUID, until: datetime) -> None:
    """Move a grant's end."""
    await tx.execute(
        "update access_grant set until = %(until)s where id = %(id)s and ended_at is null",
        id=grant,
        until=until,
    )


@touches(DataClass.AUDIT, WRITE)
async def end_grant(tx: Tx, grant: UUID, reason: str, counts: dict[str, int]) -> None:
    """Keep when, why and with which counts a grant ended."""
    await tx.execute(
        "update access_grant set ended_at = %(now)s, end_reason = %(reason)s, counts = %(counts)s where id = %(id)s and ended_at is null",
        id=grant,
        now=tx.now,
        reason=reason,
        counts=counts,
    )


@touches(DataClass.AUDIT, WRITE)
async def end_left_grants(tx: Tx, before: datetime) -> list[Row]:
    """End the grants that nobody renewed or ended and that were over by `before`: at the end they had."""
    return await tx.fetch(
        "update access_grant set ended_at = until, end_reason = 'nobody said when' where ended_at is null"
        " and until < %(before)s returning *",
        before=before,
    )


@touches(DataClass.ACCOUNT, DataClass.POLICY, WRITE)
async def insert_agency(
    tx: Tx, name: str, time_zone: str, technologies: Sequence[tuple[str, str, str]]
) -> None:
    """The agency of this transaction, its technologies (kind, title, words; none authorised), its policy's first version."""
    await tx.execute("select set_config('wf.agency', %(id)s, true)", id=str(tx.agency))
    await tx.execute(
        "insert into agency (id, name, time_zone, created_at) values (%(id)s, %(name)s, %(zone)s, %(now)s)",
        id=tx.agency,
        name=name,
        zone=time_zone,
        now=tx.now,
    )
    await tx.execute_many(
        "insert into technology (id, agency_id, kind, title, description, created_at)"
        " values (%(id)s, %(agency)s, %(kind)s, %(title)s, %(words)s, %(now)s)",
        [
            {
                "id": uuid7(tx.now),
                "agency": tx.agency,
                "kind": kind,
                "title": title,
                "words": words,
                "now": tx.now,
            }
            for kind, title, words in technologies
        ],
    )
    await raise_policy_version(tx)
