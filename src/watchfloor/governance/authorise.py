"""Authorisations: proposed by one person, put into force by another, suspended by any who may. Never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, cast
from uuid import UUID

from shapely.geometry import Polygon

from watchfloor.governance import policy_store, store
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Approval, Kept, Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.governance.warn import plan_warnings
from watchfloor.governance.words import Purpose, Role, TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Stale
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.storage.classes import TABLES, DataClass, Retention
from watchfloor.storage.tx import Tx

KIND: Final = "authorisation"
LONGEST_WINDOW: Final = timedelta(days=5 * 366)
LONGEST_KEEPING_DAYS: Final = 3650
DAYS_AHEAD: Final = 3

_VIDEO: Final = frozenset({DataClass.FOOTAGE})
_PLATES: Final = frozenset({DataClass.PLATE_READ, DataClass.PLATE_PICTURE, DataClass.PLATE_HIT})
# What each technology keeps by rule: room is made for no other table.
_WRITES: Final = {
    TechnologyKind.FIXED_CAMERA: _VIDEO,
    TechnologyKind.MOBILE_TRAILER: _VIDEO,
    TechnologyKind.PRIVATE_CAMERA_LINK: _VIDEO,
    TechnologyKind.PLATE_READER: _PLATES,
    TechnologyKind.PLATE_READING_ON_VIDEO: _PLATES,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """An authorisation as proposed; `area` is a polygon of (lat, lon), empty for the whole jurisdiction."""

    technology: TechnologyKind
    title: str
    bodies: tuple[Approval, ...]
    effective_at: datetime
    expires_at: datetime
    purposes: frozenset[Purpose]
    roles: frozenset[Role]
    area: tuple[tuple[float, float], ...]
    keep_for_days: int
    audio: bool
    note: str


def check_draft(draft: Draft) -> None:
    """Raises Invalid, its reason naming the field, unless the draft could be an authorisation."""
    prohibited = sorted(purpose.title for purpose in draft.purposes if purpose.prohibited)
    faults: Sequence[tuple[bool, str, str]] = (
        (not 3 <= len(draft.title) <= 200, "title", "A title has 3 to 200 characters."),
        (not draft.bodies, "bodies", "At least one approving body and its instrument are needed."),
        (
            any(len(body.body) < 2 or len(body.instrument) < 2 for body in draft.bodies),
            "bodies",
            "Each body has a name and an instrument.",
        ),
        (
            len({body.body for body in draft.bodies}) != len(draft.bodies),
            "bodies",
            "Each body is named once.",
        ),
        (draft.expires_at <= draft.effective_at, "expires_at", "It must expire after it takes effect."),
        (
            draft.expires_at - draft.effective_at > LONGEST_WINDOW,
            "expires_at",
            "No approval lasts longer than five years.",
        ),
        (not draft.purposes, "purposes", "At least one purpose is needed."),
        (bool(prohibited), "purposes", f"Prohibited for everyone: {', '.join(prohibited)}."),
        (not draft.roles, "roles", "At least one role is needed."),
        (
            not 1 <= draft.keep_for_days <= LONGEST_KEEPING_DAYS,
            "keep_for_days",
            "Data is kept from 1 day to ten years.",
        ),
        (
            bool(draft.area) and not _is_area(draft.area),
            "area",
            "An area is a polygon of at least three corners that does not cross itself.",
        ),
    )
    for wrong, field, words in faults:
        if wrong:
            raise Invalid(words, reason=field)


def _is_area(area: Sequence[tuple[float, float]]) -> bool:
    if len(area) < 3 or not all(-90 <= lat <= 90 and -180 <= lon <= 180 for lat, lon in area):
        return False
    return bool(Polygon([(lon, lat) for lat, lon in area]).is_valid)


async def propose_authorisation(door: Door, actor: Actor, draft: Draft) -> Proposal:
    """Propose it; another clerk or supervisor puts it into force."""
    check_draft(draft)
    async with door.open(Ask(actor, Need.POLICY_PROPOSE, detail={"title": draft.title})) as tx:
        return await propose(
            tx, KIND, title=draft.title, sentence=sentence_of(draft), payload=payload_of(draft)
        )


async def apply_authorisation(tx: Tx, proposal: Proposal) -> UUID:
    """What approval does: the authorisation and its bodies' decisions are kept, and policy has a new version."""
    draft = draft_of(proposal.payload)
    check_draft(draft)
    authorisation_id = uuid7(tx.now)
    rule = await policy_store.rule_for(tx, timedelta(days=draft.keep_for_days))
    await policy_store.create_partitions(tx, by_rule(draft.technology), rule, days_ahead(tx.now))
    for body in draft.bodies:
        await policy_store.ensure_body(tx, uuid7(tx.now), body.body)
    await policy_store.insert_authorisation(
        tx,
        authorisation_id,
        {
            "technology": draft.technology.value,
            "title": draft.title,
            "effective_at": draft.effective_at,
            "expires_at": draft.expires_at,
            "purposes": sorted(purpose.word for purpose in draft.purposes),
            "roles": sorted(role.value for role in draft.roles),
            "area": policy_store.json_text([list(corner) for corner in draft.area]),
            "rule": rule,
            "audio": draft.audio,
            "proposed_by": proposal.proposed_by,
            "approved_by": tx.actor,
            "note": draft.note,
        },
    )
    for body in draft.bodies:
        await policy_store.insert_approval(tx, uuid7(tx.now), authorisation_id, body)
    await plan_warnings(tx, authorisation_id, draft.expires_at)
    await store.raise_policy_version(tx)
    await effect(
        tx,
        "authorisation.in_force",
        About("authorisation", authorisation_id),
        more={"technology": draft.technology.value},
    )
    return authorisation_id


def by_rule(technology: TechnologyKind | None = None) -> list[str]:
    """The tables that are kept in partitions of (rule, day): all, or those that a technology writes."""
    wanted = frozenset(DataClass) if technology is None else _WRITES.get(technology, frozenset())
    return sorted(
        name
        for name, kept in TABLES.items()
        if kept.retention is Retention.BY_RULE and kept.data_class in wanted
    )


def days_ahead(now: datetime) -> list[date]:
    """The UTC days that need partitions: yesterday for what comes late, and some ahead so that a dead sweep stops nothing."""
    today = now.astimezone(UTC).date()
    return [today + timedelta(days=offset) for offset in range(-1, DAYS_AHEAD + 1)]


ACT: Final = TwoPersonAct(KIND, Need.POLICY_APPROVE, None, apply_authorisation)


async def suspend(door: Door, actor: Actor, authorisation_id: UUID, why: str, version: int | None) -> Kept:
    """Suspend at once: running sensors stop within 60 s, viewers close. Raises NotFound, Stale or Conflict."""
    async with door.open(
        Ask(actor, Need.POLICY_SUSPEND, about=About("authorisation", authorisation_id), detail={"why": why})
    ) as tx:
        before = await policy_store.authorisation(tx, authorisation_id)
        if before is None:
            raise NotFound("There is no such authorisation.")
        if version is not None and version != before.version:
            raise Stale("The authorisation was changed since you read it.", next_step="Read it again.")
        if not await policy_store.suspend(tx, authorisation_id, why, version):
            raise Conflict("It is suspended already.", reason="suspended")
        await store.raise_policy_version(tx)
        await effect(
            tx, "authorisation.suspended", About("authorisation", authorisation_id), detail={"why": why}
        )
        return sure(await policy_store.authorisation(tx, authorisation_id))


def sentence_of(draft: Draft) -> str:
    """The draft as one plain sentence."""
    bodies = " and ".join(f"{body.body} ({body.instrument})" for body in draft.bodies)
    purposes = ", ".join(sorted(purpose.title.lower() for purpose in draft.purposes))
    where = "in a stated area" if draft.area else "in the whole jurisdiction"
    sound = "with sound" if draft.audio else "without sound"
    name = draft.technology.value.replace("_", " ")
    return (
        f"{bodies} allow {name} {where}, {sound}, for {purposes}, from {draft.effective_at:%Y-%m-%d} to {draft.expires_at:%Y-%m-%d};"
        f" data is kept {draft.keep_for_days} days."
    )


def payload_of(draft: Draft) -> dict[str, Json]:
    """The draft as kept in a proposal."""
    return {
        "technology": draft.technology.value,
        "title": draft.title,
        "bodies": [
            {
                "body": body.body,
                "instrument": body.instrument,
                "approved_at": rfc3339(body.decided_at) if body.decided_at else None,
                "hearing_at": rfc3339(body.hearing_at) if body.hearing_at else None,
                "comment_until": rfc3339(body.comment_until) if body.comment_until else None,
            }
            for body in draft.bodies
        ],
        "effective_at": rfc3339(draft.effective_at),
        "expires_at": rfc3339(draft.expires_at),
        "purposes": sorted(purpose.word for purpose in draft.purposes),
        "roles": sorted(role.value for role in draft.roles),
        "area": [[str(lat), str(lon)] for lat, lon in draft.area],
        "keep_for_days": draft.keep_for_days,
        "audio": draft.audio,
        "note": draft.note,
    }


def draft_of(payload: object) -> Draft:
    """The draft kept in a proposal."""
    kept = cast("dict[str, object]", payload)
    bodies = cast("list[dict[str, str | None]]", kept["bodies"])
    return Draft(
        technology=TechnologyKind(str(kept["technology"])),
        title=str(kept["title"]),
        bodies=tuple(
            Approval(
                str(b["body"]),
                str(b["instrument"]),
                _time(b["approved_at"]),
                _time(b["hearing_at"]),
                _time(b["comment_until"]),
            )
            for b in bodies
        ),
        effective_at=parse_rfc3339(str(kept["effective_at"])),
        expires_at=parse_rfc3339(str(kept["expires_at"])),
        purposes=frozenset(Purpose.of(word) for word in cast("list[str]", kept["purposes"])),
        roles=frozenset(Role(word) for word in cast("list[str]", kept["roles"])),
        area=tuple((float(lat), float(lon)) for lat, lon in cast("list[list[str]]", kept["area"])),
        keep_for_days=int(str(kept["keep_for_days"])),
        audio=bool(kept["audio"]),
        note=str(kept["note"]),
    )


def _time(text: str | None) -> datetime | None:
    return parse_rfc3339(text) if text else None
