"""Authorisations: proposed by one person, put into force by another, suspended by any who may. Never deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from typing import Final, cast
from uuid import UUID

from shapely.geometry import Polygon

from watchfloor.governance import bodies, body_store, lift, policy_store, store
from watchfloor.governance.audit import effect
from watchfloor.governance.bodies import fault_of
from watchfloor.governance.body_store import Approval
from watchfloor.governance.door import Door
from watchfloor.governance.keep import Length, lengths
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Kept, Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.governance.warn import plan_warnings
from watchfloor.governance.words import Purpose, Role, TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Stale
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import day
from watchfloor.kit.sure import sure
from watchfloor.storage.classes import TABLES, DataClass, Retention
from watchfloor.storage.tx import Tx

KIND: Final = "authorisation"
LONGEST_WINDOW: Final = timedelta(days=5 * 366)
DAYS_AHEAD: Final = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """An authorisation as proposed; `area` is a polygon of (lat, lon), empty for the whole jurisdiction.

    `keep_by_class` names the classes of data that are not kept for `keep_for_days`, and their days; `keep_minutes` those that are
    kept for less than a day.
    """

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
    keep_by_class: Mapping[str, int] = field(default_factory=dict)
    keep_minutes: Mapping[str, int] = field(default_factory=dict)

    @property
    def lengths(self) -> tuple[Length, ...]:
        """How long every class that the technology keeps is kept. Raises Invalid."""
        return lengths(self.technology, self.keep_for_days, self.keep_by_class, self.keep_minutes)


def check_draft(draft: Draft, now: datetime, zone: tzinfo) -> None:
    """Raises Invalid, its reason naming the field, unless the draft could be an authorisation."""
    prohibited = sorted(purpose.title for purpose in draft.purposes if purpose.prohibited)
    _, wrong_body = next((fault for body in draft.bodies if (fault := fault_of(body, now, zone))), ("", ""))
    faults: Sequence[tuple[bool, str, str]] = (
        (not 3 <= len(draft.title) <= 200, "title", "A title has 3 to 200 characters."),
        (not draft.bodies, "bodies", "At least one approving body and its instrument are needed."),
        (bool(wrong_body), "bodies", wrong_body),
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
            bool(draft.area) and not _is_area(draft.area),
            "area",
            "An area is a polygon of at least three corners that does not cross itself.",
        ),
    )
    for wrong, name, words in faults:
        if wrong:
            raise Invalid(words, reason=name)
    lengths(draft.technology, draft.keep_for_days, draft.keep_by_class, draft.keep_minutes)


def _is_area(area: Sequence[tuple[float, float]]) -> bool:
    if len(area) < 3 or not all(-90 <= lat <= 90 and -180 <= lon <= 180 for lat, lon in area):
        return False
    return bool(Polygon([(lon, lat) for lat, lon in area]).is_valid)


async def propose_authorisation(door: Door, actor: Actor, draft: Draft) -> Proposal:
    """Propose it; another clerk or supervisor puts it into force."""
    async with door.open(Ask(actor, Need.POLICY_PROPOSE, detail={"title": draft.title})) as tx:
        check_draft(draft, tx.now, tx.zone)
        required = (await body_store.required(tx)).get(draft.technology.value, ())
        sentence = sentence_of(draft, required, tx.zone)
        return await propose(tx, KIND, title=draft.title, sentence=sentence, payload=payload_of(draft))


async def apply_authorisation(tx: Tx, proposal: Proposal) -> UUID:
    """What approval does: the authorisation and its bodies' decisions are kept, and policy has a new version.

    It is in force once every body that it names and every one that is required for its technology has approved it.
    """
    draft = draft_of(proposal.payload)
    check_draft(draft, tx.now, tx.zone)
    authorisation_id = uuid7(tx.now)
    rule = await policy_store.rule_for(tx, timedelta(days=draft.keep_for_days))
    for body in draft.bodies:
        await body_store.ensure_body(tx, body.body)
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
            "proposed_at": proposal.proposed_at,
            "approved_by": tx.actor,
            "note": draft.note,
        },
    )
    # Whoever makes partitions takes the tables in the order of their names, so that no two wait for each other.
    for length in sorted(draft.lengths, key=lambda one: by_rule(one.data_class)):
        await _keep(tx, authorisation_id, length)
    for body in draft.bodies:
        await body_store.keep_approval(tx, authorisation_id, body, proposal.proposed_by)
    await plan_warnings(tx, authorisation_id, draft.expires_at)
    await store.raise_policy_version(tx)
    await bodies.tell(tx, sure(await policy_store.authorisation(tx, authorisation_id)).authorisation)
    return authorisation_id


async def _keep(tx: Tx, authorisation_id: UUID, length: Length) -> None:
    """Keep how long a class lives, and make room for it under its rule."""
    rule = await policy_store.rule_for(tx, length.keep_for) if length.keep_for else None
    if rule is not None:
        await policy_store.create_partitions(tx, by_rule(length.data_class), rule, days_ahead(tx.now))
    await policy_store.insert_keeping(tx, authorisation_id, length.data_class, rule)


def by_rule(data_class: DataClass | None = None) -> list[str]:
    """The tables that are kept in partitions of (rule, day): all, or those of one class."""
    return sorted(
        name
        for name, kept in TABLES.items()
        if kept.retention is Retention.BY_RULE and data_class in (None, kept.data_class)
    )


def days_ahead(now: datetime) -> list[date]:
    """The UTC days that need partitions: yesterday for what comes late, and some ahead so that a dead sweep stops nothing."""
    today = now.astimezone(UTC).date()
    return [today + timedelta(days=offset) for offset in range(-1, DAYS_AHEAD + 1)]


# The two-person acts of policy, by kind.
ACTS: Final[Mapping[str, TwoPersonAct]] = {
    KIND: TwoPersonAct(KIND, Need.POLICY_APPROVE, None, apply_authorisation),
    **bodies.ACTS,
    lift.KIND: lift.ACT,
}


@asynccontextmanager
async def suspended(
    door: Door, actor: Actor, authorisation_id: UUID, why: str, version: int | None
) -> AsyncIterator[tuple[Tx, Kept]]:
    """Suspend at once: running sensors stop within 60 s, viewers close within the act. Raises NotFound, Stale or Conflict."""
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
        tx.after_commit(partial(door.look_now, tx.agency))
        await effect(
            tx, "authorisation.suspended", About("authorisation", authorisation_id), detail={"why": why}
        )
        yield tx, sure(await policy_store.authorisation(tx, authorisation_id))


def sentence_of(draft: Draft, required: Sequence[str], zone: tzinfo) -> str:
    """The draft as one plain sentence, and whose yes it lacks of those that it names and those `required` for its technology."""
    yes = {body.body: f"{body.body} ({body.instrument})" for body in draft.bodies if body.decided_at}
    waits = dict.fromkeys(body for body in (*(b.body for b in draft.bodies), *required) if body not in yes)
    allow = "allow" if len(yes) > 1 else "allows"
    who = f"{' and '.join(yes.values())} {allow}" if yes else "No body has approved yet:"
    purposes = ", ".join(sorted(purpose.title.lower() for purpose in draft.purposes))
    where = "in a stated area" if draft.area else "in the whole jurisdiction"
    sound = "with sound" if draft.audio else "without sound"
    name = draft.technology.words
    return (
        f"{who} {name} {where}, {sound}, for {purposes}, from {day(draft.effective_at, zone)} to {day(draft.expires_at, zone)};"
        f" {kept_words(draft)}." + (f" It waits for: {', '.join(waits)}." if waits else "")
    )


def kept_words(draft: Draft) -> str:
    """How long data is kept, class by class where they differ."""
    found = draft.lengths
    if all(length.keep_for == timedelta(days=draft.keep_for_days) for length in found):
        return f"data is kept {draft.keep_for_days} days"
    return f"kept are: {', '.join(length.sentence for length in found)}"


def payload_of(draft: Draft) -> dict[str, Json]:
    """The draft as kept in a proposal."""
    return {
        "technology": draft.technology.value,
        "title": draft.title,
        "bodies": [bodies.payload_of(body) for body in draft.bodies],
        "effective_at": rfc3339(draft.effective_at),
        "expires_at": rfc3339(draft.expires_at),
        "purposes": sorted(purpose.word for purpose in draft.purposes),
        "roles": sorted(role.value for role in draft.roles),
        "area": [[str(lat), str(lon)] for lat, lon in draft.area],
        "keep_for_days": draft.keep_for_days,
        "keep_by_class": dict(draft.keep_by_class),
        "keep_minutes": dict(draft.keep_minutes),
        "audio": draft.audio,
        "note": draft.note,
    }


def draft_of(payload: object) -> Draft:
    """The draft kept in a proposal."""
    kept = cast("dict[str, object]", payload)
    named = cast("list[dict[str, Json]]", kept["bodies"])
    return Draft(
        technology=TechnologyKind(str(kept["technology"])),
        title=str(kept["title"]),
        bodies=tuple(bodies.approval_of(body) for body in named),
        effective_at=parse_rfc3339(str(kept["effective_at"])),
        expires_at=parse_rfc3339(str(kept["expires_at"])),
        purposes=frozenset(Purpose.of(word) for word in cast("list[str]", kept["purposes"])),
        roles=frozenset(Role(word) for word in cast("list[str]", kept["roles"])),
        area=tuple((float(lat), float(lon)) for lat, lon in cast("list[list[str]]", kept["area"])),
        keep_for_days=int(str(kept["keep_for_days"])),
        keep_by_class=_numbers(kept.get("keep_by_class", {})),
        keep_minutes=_numbers(kept.get("keep_minutes", {})),
        audio=bool(kept["audio"]),
        note=str(kept["note"]),
    )


def _numbers(kept: object) -> dict[str, int]:
    return {word: int(str(number)) for word, number in cast("dict[str, object]", kept).items()}
