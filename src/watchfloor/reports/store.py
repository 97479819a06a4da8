"""All SQL of reports: what the record says of then. It decides nothing and writes nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, Role, TechnologyKind
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.reports.sight import Account, Approval, Happened, Leased, Span
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_A, _P, _L = DataClass.ACCOUNT, DataClass.POLICY, DataClass.AUDIT
# What has a name that the log is told by.
_NAMED: Final = (
    _A, _P, DataClass.CAMERA, DataClass.READER, DataClass.MICROPHONE, DataClass.CASE, DataClass.INCIDENT, DataClass.ALERT, DataClass.UNIT,
)  # fmt: skip
# The words of the index `audit_entry_standing`, literal so that it is used.
_STANDING: Final[LiteralString] = (
    "select e.about_id, e.at, e.reason, e.leaf from audit_entry e where e.about_id = any(%(ids)s) and e.reason in"
    " ('person.invited', 'person.roles_changed', 'invitation.accepted', 'person.suspended', 'authorisation.in_force',"
    " 'authorisation.suspended') order by e.at, e.id"
)
# What the log can be about and people know by a name, with what tells it from another of that name.
_THINGS: Final[LiteralString] = (
    "select * from (select 'camera' as kind, id, name as text, place as more from camera"
    " union all select 'reader', id, name, place from reader"
    " union all select 'microphone', id, name, '' from microphone"
    " union all select 'case', id, number, title from case_file"
    " union all select 'call', id, number, type from call"
    " union all select 'incident', id, number || ' ' || title, place from incident"
    " union all select 'alert', id, title, place from alert"
    " union all select 'unit', id, call_sign, '' from unit"
    " union all select 'person', id, display_name, name from person"
    " union all select 'authorisation', id, title, '' from authorisation) as thing where kind = any(%(kinds)s)"
)
_BY_NAME: Final = Order("things", (("text", "text"), ("id", "uuid")))
# How far back a look may have begun that lasts still: no session is that long.
_LONGEST_LOOK: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Agency:
    """The agency, and the zone its days are in."""

    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Stood:
    """A camera as the registry has it: since when, until when, and when its entry was changed last."""

    name: str
    technology: TechnologyKind
    place: Point
    registered_at: datetime
    removed_at: datetime | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Look:
    """What one actor asked to see of a camera in one way, for one purpose, with one answer: how often, from when to when."""

    entry: UUID
    actor: UUID
    need: str
    result: str
    reason: str
    purpose: str | None
    case: str | None
    authorisation: UUID | None
    first_at: datetime
    last_at: datetime
    times: int
    watched_s: float

    @property
    def case_id(self) -> UUID | None:
        """The id of the case, call, incident or alert it was for."""
        return UUID(self.case.rpartition(":")[2]) if self.case else None


@touches(_A, READ)
async def agency(tx: Tx) -> Agency:
    """The agency of whoever asks."""
    (row,) = await tx.fetch("select name, time_zone from agency where id = %(agency)s", agency=tx.agency)
    return Agency(row["name"], row["time_zone"])


@touches(DataClass.CAMERA, _L, READ)
async def stood(tx: Tx, camera: UUID) -> Stood | None:
    """A camera, though it be removed."""
    row = await tx.fetch_one(
        "select c.*, (select max(e.at) from audit_entry e where e.about_id = c.id and e.reason = 'camera.changed') as changed_at"
        " from camera c where c.id = %(id)s",
        id=camera,
    )
    if row is None:
        return None
    return Stood(
        row["name"],
        TechnologyKind(row["technology"]),
        Point(row["lat"], row["lon"]),
        row["created_at"],
        row["removed_at"],
        row["changed_at"],
    )


@touches(_P, _L, READ)
async def approvals(
    tx: Tx, technology: TechnologyKind
) -> list[tuple[Approval, tuple[tuple[float, float], ...]]]:
    """Every authorisation there was of a technology, with its area, the first one first."""
    rows = await tx.fetch(
        "select * from authorisation where technology = %(technology)s order by created_at, id",
        technology=technology.value,
    )
    log = await _log_of(tx, [row["id"] for row in rows])
    return [
        (
            Approval(
                row["id"],
                row["title"],
                row["effective_at"],
                row["expires_at"],
                frozenset(Purpose.of(word) for word in row["purposes"]),
                frozenset(Role(word) for word in row["roles"]),
                log[row["id"]],
            ),
            tuple((float(lat), float(lon)) for lat, lon in row["area"]),
        )
        for row in rows
    ]


@touches(_A, _L, READ)
async def accounts(tx: Tx, *, before: datetime) -> list[Account]:
    """Every account there was before a moment, by name."""
    rows = await tx.fetch(
        "select p.id, p.name, p.display_name, p.created_at,"
        " array(select role from person_role r where r.person_id = p.id) as roles"
        " from person p where p.created_at < %(before)s order by p.display_name, p.id",
        before=before,
    )
    log = await _log_of(tx, [row["id"] for row in rows])
    return [
        Account(
            row["id"],
            row["display_name"],
            row["created_at"],
            frozenset(Role(word) for word in row["roles"]),
            log[row["id"]],
        )
        for row in rows
    ]


@touches(_L, READ)
async def _log_of(tx: Tx, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Happened]]:
    """What the log says of these that changed what somebody might, the first thing first."""
    found: defaultdict[UUID, list[Happened]] = defaultdict(list)
    for row in await tx.fetch(_STANDING, ids=list(ids)):
        leaf = json.loads(bytes(row["leaf"]))
        found[row["about_id"]].append(
            Happened(row["at"], row["reason"], _roles(leaf.get("roles")), _roles(leaf.get("before")))
        )
    return found


def _roles(said: object) -> frozenset[Role] | None:
    return frozenset(Role(word) for word in said.split(",")) if isinstance(said, str) and said else None


@touches(_L, DataClass.AUDIT_PAYLOAD, READ)
async def leased(tx: Tx, camera: UUID, *, before: datetime) -> list[Leased]:
    """Every answer that recording processes got about a camera, the first one first."""
    rows = await tx.fetch(
        "select e.at, e.actor_id, e.result, e.authorisation_id, p.payload ->> 'name' as name from audit_entry e"
        " left join audit_payload p on p.entry_id = e.id where e.about_id = %(camera)s and e.at < %(before)s"
        " and e.kind = 'lease' and e.need = %(need)s order by e.at, e.id",
        camera=camera,
        before=before,
        need=Need.CAMERA_RECORD.word,
    )
    return [
        Leased(r["at"], r["actor_id"], r["name"], r["authorisation_id"] if r["result"] == "allowed" else None)
        for r in rows
    ]


@touches(_L, READ)
async def looks(tx: Tx, camera: UUID, day: Span, needs: Sequence[Need]) -> list[Look]:
    """Who asked to see it in this time or was looking still, and what was answered; what is alike together."""
    rows = await tx.fetch(
        "with looked as (select e.*, convert_from(e.leaf, 'UTF8')::jsonb as said,"
        "   greatest(coalesce(g.opened_at, e.at), %(since)s) as first_at,"
        "   least(coalesce(g.ended_at, g.until, e.at), %(until)s) as last_at from audit_entry e"
        "   left join access_grant g on g.entry_id = e.id where e.about_id = %(camera)s and e.kind = 'decision'"
        "   and e.need = any(%(needs)s) and e.at >= %(earliest)s and e.at < %(until)s"
        "   and (e.at >= %(since)s or coalesce(g.ended_at, g.until) > %(since)s))"
        " select (array_agg(id order by id))[1] as entry, actor_id, need, result, reason, said ->> 'purpose' as purpose,"
        " said ->> 'case' as case, authorisation_id, min(first_at) as first_at, max(last_at) as last_at,"
        " count(*) as times, extract(epoch from sum(last_at - first_at)) as watched_s from looked"
        " group by actor_id, need, result, reason, said ->> 'purpose', said ->> 'case', authorisation_id"
        " order by first_at, entry",
        camera=camera,
        needs=[need.word for need in needs],
        since=day.since,
        until=day.until,
        earliest=day.since - _LONGEST_LOOK,
    )
    return [_look(row) for row in rows]


def _look(row: Row) -> Look:
    return Look(
        row["entry"], row["actor_id"], row["need"], row["result"], row["reason"], row["purpose"], row["case"], row["authorisation_id"],
        row["first_at"], row["last_at"], row["times"], float(row["watched_s"]),
    )  # fmt: skip


@touches(*_NAMED, READ)
async def called(tx: Tx, kinds: Sequence[str], ids: Sequence[UUID]) -> dict[UUID, str]:
    """What those of these things that are of such a kind are called."""
    rows = await tx.fetch(_THINGS + " and id = any(%(ids)s)", kinds=list(kinds), ids=list(ids))
    return {row["id"]: row["text"] for row in rows}


@touches(*_NAMED, READ)
async def things(tx: Tx, kinds: Sequence[str], *, find: str, only: UUID | None, extent: Extent) -> Cut[Row]:
    """Things of these kinds whose name, or what stands beside it, has `find` in it, by name; with `only`, that one."""
    return await tx.fetch_page(
        _THINGS + " and (%(only)s::uuid is null or id = %(only)s)"
        " and position(lower(%(find)s) in lower(text || ' ' || more)) > 0",
        _BY_NAME,
        extent,
        kinds=list(kinds),
        find=find,
        only=only,
    )
