"""Routes of governance: what is approved and what is not, two-person acts, cases. Translate in, use case, translate out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from watchfloor.governance import authorise, bodies, body_store, lift, policy_store, standing
from watchfloor.governance import policy_forms as forms
from watchfloor.governance.asker import Asker
from watchfloor.governance.asks import asks
from watchfloor.governance.authorise import Draft
from watchfloor.governance.body_store import Approval
from watchfloor.governance.cases import KnowsNumber
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.holds import IsKnown
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.keep import KEEPS, TITLES, TRANSIENT, is_brief, minutes_of
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.names import NamesOf, ThingsOf, nobody, nothing
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Kept, Proposal
from watchfloor.governance.proposals import TwoPersonAct, decide_on
from watchfloor.governance.standing import state_of, state_text
from watchfloor.governance.warn import warnings_of
from watchfloor.governance.words import Purpose, Role, TechnologyKind
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.kit.said import day
from watchfloor.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class GovernanceParts:
    """What the routes need: the door, the clock, the two-person acts by kind, the ledger's folder; `known` as in holds.

    `numbers` as in cases.
    """

    door: Door
    clock: Clock
    acts: Mapping[str, TwoPersonAct]
    ledger: Path
    names_of: NamesOf = nobody
    things_of: ThingsOf = nothing
    known: Mapping[str, IsKnown] = field(default_factory=dict)
    numbers: Sequence[KnowsNumber] = ()


class BodyOf(BaseModel):
    """One approving body's decision."""

    body: str = Field(max_length=120)
    instrument: str = Field(max_length=200)
    approved_at: Instant | None = None
    hearing_at: Instant | None = None
    comment_until: Instant | None = None


class AuthorisationBody(BaseModel):
    """An authorisation to propose."""

    technology: str
    title: str
    bodies: list[BodyOf]
    effective_at: Instant
    expires_at: Instant
    purposes: list[str]
    roles: list[str]
    area: list[tuple[float, float]] = Field(default_factory=list, max_length=500)
    keep_for_days: int
    keep_by_class: dict[str, int] = Field(default_factory=dict, max_length=20)
    keep_minutes: dict[str, int] = Field(default_factory=dict, max_length=20)
    audio: bool = False
    note: str = Field(default="", max_length=2000)


# Whoever may decide one kind or another of proposal.
_EITHER: Final = (
    Need.POLICY_APPROVE, Need.HOT_LIST_APPROVE, Need.EXPORT_APPROVE, Need.USE_SEAL_APPROVE, Need.WATCH_APPROVE,
    Need.CO_TRAVEL_APPROVE,
)  # fmt: skip


class NoteBody(BaseModel):
    """Words beside a verdict."""

    note: str = Field(default="", max_length=2000)


class WhyBody(BaseModel):
    """Why, in words."""

    reason: str = Field(min_length=3, max_length=500)


def routes(parts: GovernanceParts) -> APIRouter:
    """The routes of policy, proposals and cases."""
    router = APIRouter(tags=["governance"], route_class=Stated)
    _add_lists(router, parts)
    _add_authorisations(router, parts)
    _add_proposals(router, parts)
    return router


def _add_lists(router: APIRouter, parts: GovernanceParts) -> None:
    @router.get("/technologies", openapi_extra=asks(Need.POLICY_VIEW))
    async def list_technologies(actor: Asker) -> Page[forms.Technology]:
        """Every technology there is, approved or not."""
        async with parts.door.open(Ask(actor, Need.POLICY_VIEW)) as tx:
            known, kept = await policy_store.technologies(tx), (await policy_store.authorisations(tx)).items
            required = await body_store.required(tx)
            return page([technology_json(one, kept, required.get(one[0], ()), tx) for one in known])

    @router.get("/purposes", openapi_extra=asks())
    async def list_purposes(actor: Asker) -> Page[forms.Purpose]:
        """The closed list of purposes, the prohibited ones included."""
        return page([
            {"purpose": p.word, "title": p.title, "needs_case": p.needs_case, "prohibited": p.prohibited} for p in Purpose
        ])  # fmt: skip

    @router.get("/needs", openapi_extra=asks())
    async def list_needs(actor: Asker) -> Page[forms.Need]:
        """Every need and the roles it is for."""
        return page([{"need": n.word, "sentence": n.sentence, "roles": sorted(n.roles)} for n in Need])


def _add_authorisations(router: APIRouter, parts: GovernanceParts) -> None:
    @router.get("/authorisations", openapi_extra=asks(Need.POLICY_VIEW))
    async def list_authorisations(actor: Asker, extent: InPages) -> Page[forms.Authorisation]:
        """Every authorisation, newest first."""
        async with parts.door.open(Ask(actor, Need.POLICY_VIEW)) as tx:
            found = await policy_store.authorisations(tx, extent)
            return page(found.of(lambda kept: authorisation_json(kept, tx)))

    @router.get("/authorisations/{authorisation_id}", openapi_extra=asks(Need.POLICY_VIEW))
    async def get_authorisation(actor: Asker, authorisation_id: str) -> forms.AuthorisationDetail:
        """One authorisation, what each body decided, and its history."""
        wanted = inside("authorisation", authorisation_id)
        async with parts.door.open(Ask(actor, Need.POLICY_VIEW, about=About("authorisation", wanted))) as tx:
            kept = await policy_store.authorisation(tx, wanted)
            if kept is None:
                raise NotFound("There is no such authorisation.")
            return await _detail(tx, kept, parts.names_of)

    @router.post("/authorisations", status_code=201, openapi_extra=asks(Need.POLICY_PROPOSE))
    async def propose_authorisation(actor: Asker, body: AuthorisationBody) -> forms.Proposal:
        """Propose an authorisation; a second person puts it into force."""
        return proposal_json(
            await authorise.propose_authorisation(parts.door, actor, _draft(body)), parts.clock.now()
        )

    @router.post("/authorisations/{authorisation_id}/suspend", openapi_extra=asks(Need.POLICY_SUSPEND))
    async def suspend_authorisation(
        actor: Asker, authorisation_id: str, body: WhyBody, if_match: Annotated[str | None, Header()] = None
    ) -> forms.Authorisation:
        """Suspend it: whatever runs under it stops within a minute."""
        wanted, version = inside("authorisation", authorisation_id), version_of(if_match)
        async with authorise.suspended(parts.door, actor, wanted, body.reason, version) as (tx, kept):
            return authorisation_json(kept, tx)


def _add_proposals(router: APIRouter, parts: GovernanceParts) -> None:
    @router.get("/proposals", openapi_extra=asks(Need.POLICY_VIEW))
    async def list_proposals(actor: Asker, extent: InPages, state: str = "") -> Page[forms.Proposal]:
        """Two-person acts that the asker's roles may see."""
        kinds = [kind for kind, act in parts.acts.items() if may_see(act, actor)]
        async with parts.door.open(Ask(actor, Need.POLICY_VIEW)) as tx:
            found = await policy_store.proposals(tx, kinds, extent, open_only=state == "open")
            names = await parts.names_of(tx, people_of(found.items))
            return page(found.of(lambda proposal: proposal_json(proposal, tx.now, names)))

    @router.post(
        "/proposals/{proposal_id}/approve",
        openapi_extra=asks(_EITHER),
    )
    async def approve_proposal(actor: Asker, proposal_id: str, body: NoteBody) -> forms.Proposal:
        """Put another person's proposal into force."""
        wanted = inside("proposal", proposal_id)
        return proposal_json(
            await decide_on(parts.door, actor, parts.acts, wanted, approve=True, note=body.note),
            parts.clock.now(),
        )

    @router.post(
        "/proposals/{proposal_id}/refuse",
        openapi_extra=asks(_EITHER),
    )
    async def refuse_proposal(actor: Asker, proposal_id: str, body: WhyBody) -> forms.Proposal:
        """Refuse another person's proposal."""
        wanted = inside("proposal", proposal_id)
        return proposal_json(
            await decide_on(parts.door, actor, parts.acts, wanted, approve=False, note=body.reason),
            parts.clock.now(),
        )


def may_see(act: TwoPersonAct, actor: Actor) -> bool:
    """What is approved, and by whom, is public knowledge; other proposals are for those who may decide them or make them."""
    return (
        act.kind in authorise.ACTS
        or bool(actor.roles & act.approve_need.roles)
        or Role.ANALYST in actor.roles
    )


def version_of(if_match: str | None) -> int | None:
    """The version an `If-Match` header names. Raises Invalid."""
    if if_match is None:
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdigit():
        raise Invalid('If-Match should be a version in quotes, as in "3".', reason="if_match")
    return int(text)


def authorisation_json(kept: Kept, tx: Tx) -> forms.Authorisation:
    """The outside form of an authorisation."""
    a, now = kept.authorisation, tx.now
    return {
        "id": outside("authorisation", a.id),
        "technology": a.technology,
        "title": a.title,
        "state": state_of(kept, now),
        "state_text": state_text(kept, now, tx.zone),
        "waiting_for": list(a.waiting_for),
        "warnings": warnings_of(a.expires_at, now) if state_of(kept, now) == "in_force" else [],
        "effective_at": a.effective_at,
        "expires_at": a.expires_at,
        "purposes": sorted(purpose.word for purpose in a.purposes),
        "roles": sorted(a.roles),
        "area": [list(corner) for corner in a.area],
        "area_text": "in a stated area" if a.area else "in the whole jurisdiction",
        "keep_for_days": a.keep_for.days,
        "keep_by_class": {
            one.data_class.value: one.keep_for.days for one in a.keeps if not is_brief(one.keep_for)
        },
        "keep_minutes": {
            one.data_class.value: minutes_of(one.keep_for) for one in a.keeps if is_brief(one.keep_for)
        },
        "audio": a.audio,
        "suspended_at": a.suspended_at,
        "suspended_reason": kept.suspended_why,
        "note": kept.note,
        "version": kept.version,
    }


async def _detail(tx: Tx, kept: Kept, names_of: NamesOf) -> forms.AuthorisationDetail:
    wanted = kept.authorisation.id
    given, released = await body_store.approvals(tx, wanted), await body_store.released(tx, wanted)
    lifted = await policy_store.lifted(tx, lift.KIND, wanted)
    names = await names_of(tx, standing.people_of(kept, given, released, lifted))
    return {
        **authorisation_json(kept, tx),
        "approvals": [_approval(one.approval) for one in given],
        "history": standing.history(kept, given, released, names, tx.now, lifted),
    }


def technology_json(
    known: tuple[str, str, str], kept: Sequence[Kept], required: Sequence[str], tx: Tx
) -> forms.Technology:
    """A technology, whether it may be used, and the bodies whose approval it requires."""
    (kind, title, words), now = known, tx.now
    own = [k for k in kept if k.authorisation.technology.value == kind]
    live = max(
        (k for k in own if state_of(k, now) == "in_force"),
        key=lambda k: k.authorisation.expires_at,
        default=None,
    )
    newest = own[0] if own else None
    if live is not None:
        reason = f"Authorised until {day(live.authorisation.expires_at, tx.zone)}."
    elif newest is not None:
        reason = f"“{newest.authorisation.title}” is {state_text(newest, now, tx.zone)}."
    else:
        reason = "No authorisation has been approved."
    return {
        "technology": TechnologyKind(kind),
        "title": title,
        "sentence": words,
        "keeps": [
            {"data_class": one, "title": TITLES[one], "may_be_none": one in TRANSIENT}
            for one in KEEPS.get(TechnologyKind(kind), ())
        ],
        "authorised": live is not None,
        "authorisation": outside("authorisation", live.authorisation.id) if live else None,
        "until": live.authorisation.expires_at if live else None,
        "reason": reason,
        "required_bodies": list(required),
    }


def people_of(proposals: Sequence[Proposal]) -> list[UUID]:
    """Everybody who proposed or decided one of these."""
    return [p for one in proposals for p in (one.proposed_by, one.decided_by) if p is not None]


def _person(person: UUID, names: Mapping[UUID, str]) -> Acted:
    return {"id": outside("person", person), "name": names.get(person)}


def proposal_json(
    proposal: Proposal, now: datetime, names: Mapping[UUID, str] | None = None
) -> forms.Proposal:
    """The outside form of a two-person act."""
    names = names or {}
    state = proposal.verdict or ("open" if proposal.expires_at > now else "expired")
    # Some are about an authorisation that is there; else a proposal makes what it is named for.
    about_one = proposal.kind in (bodies.APPROVAL, lift.KIND)
    subject_kind = authorise.KIND if about_one else proposal.kind
    return {
        "id": outside("proposal", proposal.id),
        "kind": proposal.kind,
        "state": state,
        "title": proposal.title,
        "sentence": proposal.sentence,
        "payload": proposal.payload,
        "proposed_by": _person(proposal.proposed_by, names),
        "proposed_at": proposal.proposed_at,
        "expires_at": proposal.expires_at,
        "decided_by": _person(proposal.decided_by, names) if proposal.decided_by else None,
        "decided_at": proposal.decided_at,
        "note": proposal.note,
        "subject": outside(subject_kind, proposal.subject) if proposal.subject else None,
    }


def approval_of(body: BodyOf) -> Approval:
    """What a body decided, as sent."""
    return Approval(
        body.body.strip(), body.instrument.strip(), body.approved_at, body.hearing_at, body.comment_until
    )


def _approval(body: Approval) -> forms.Approval:
    return {
        "body": body.body,
        "instrument": body.instrument,
        "approved_at": body.decided_at,
        "hearing_at": body.hearing_at,
        "comment_until": body.comment_until,
    }


def _draft(body: AuthorisationBody) -> Draft:
    try:
        return Draft(
            technology=TechnologyKind(body.technology),
            title=body.title.strip(),
            bodies=tuple(approval_of(one) for one in body.bodies),
            effective_at=body.effective_at,
            expires_at=body.expires_at,
            purposes=frozenset(Purpose.of(word) for word in body.purposes),
            roles=frozenset(Role(word) for word in body.roles),
            area=tuple(body.area),
            keep_for_days=body.keep_for_days,
            keep_by_class=body.keep_by_class,
            keep_minutes=body.keep_minutes,
            audio=body.audio,
            note=body.note,
        )
    except (KeyError, ValueError) as error:
        raise Invalid(
            f"{error} is not a word of the lists of technologies, purposes and roles.", reason="words"
        ) from error
