"""Approving bodies: which technologies need whose yes, and a body's yes that comes after the others. Two persons each time.

What was authorised before a body was required stands; a body that is no longer required is waited for no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final
from uuid import UUID

from watchfloor.governance import body_store, policy_store, store
from watchfloor.governance.audit import effect
from watchfloor.governance.body_store import Approval
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Authorisation
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.said import day, moment
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

REQUIRE: Final = "required_body"
APPROVAL: Final = "authorisation_approval"


def fault_of(approval: Approval, now: datetime, zone: tzinfo) -> tuple[str, str] | None:
    """What is wrong with a body's approval, field and sentence: it says who decided and how, and not in the future."""
    if not 2 <= len(approval.body) <= 120:
        return "body", "Each body has a name, of 2 to 120 characters."
    if not 2 <= len(approval.instrument) <= 200:
        return "instrument", "Each body has an instrument, of 2 to 200 characters."
    if approval.decided_at is not None and approval.decided_at > now:
        when = moment(approval.decided_at, zone)
        return (
            "approved_at",
            f"{approval.body} cannot have approved it in the future: {when} is still to come.",
        )
    return None


@dataclass(frozen=True, slots=True)
class Rule:
    """Whether a technology needs the yes of a body."""

    technology: TechnologyKind
    body: str
    required: bool

    @property
    def name(self) -> str:
        """The technology in words."""
        return self.technology.words

    @property
    def sentence(self) -> str:
        """The rule as one plain sentence."""
        if self.required:
            return f"Every authorisation of the technology “{self.name}” made from now on needs the approval of {self.body}."
        return (
            f"Authorisations of the technology “{self.name}” no longer need the approval of {self.body}, unless they name it;"
            " those that wait for it alone come into force."
        )


async def propose_required(door: Door, actor: Actor, rule: Rule) -> Proposal:
    """Propose that the technology needs a body's yes, or no longer does. Raises Invalid or Conflict."""
    if not 2 <= len(rule.body) <= 120:
        raise Invalid("The name of a body has 2 to 120 characters.", reason="body")
    title = f"{rule.body}: {'' if rule.required else 'no longer '}required for {rule.name}"
    async with door.open(Ask(actor, Need.POLICY_PROPOSE, detail={"title": title})) as tx:
        await _changes(tx, rule)
        payload: dict[str, Json] = {
            "technology": rule.technology.value,
            "body": rule.body,
            "required": rule.required,
        }
        return await propose(tx, REQUIRE, title=title, sentence=rule.sentence, payload=payload)


async def apply_required(tx: Tx, proposal: Proposal) -> None:
    """What approval does: authorisations made from now on wait for the body; or those that waited for it alone do not any more."""
    kept = proposal.payload
    rule = Rule(TechnologyKind(str(kept["technology"])), str(kept["body"]), bool(kept["required"]))
    technology = rule.technology.value
    # First of all: who changes policy at the same moment waits for us here, and then reads what we did.
    await store.raise_policy_version(tx)
    await _changes(tx, rule)
    waited = {a.id for a in await store.authorisations(tx, [technology]) if not a.approved}
    if rule.required:
        await body_store.ensure_body(tx, rule.body)
        await body_store.require(tx, technology, rule.body)
    else:
        await body_store.require_no_more(tx, technology, rule.body)
    await effect(
        tx,
        "body.required" if rule.required else "body.no_longer_required",
        About("proposal", proposal.id),
        more={"technology": technology},
        detail={"body": rule.body},
    )
    for authorisation in await store.authorisations(tx, [technology]):
        if authorisation.id in waited and authorisation.approved:
            await tell(tx, authorisation)


async def _changes(tx: Tx, rule: Rule) -> None:
    required = rule.body in (await body_store.required(tx)).get(rule.technology.value, ())
    if required is rule.required:
        already = "is required already" if required else "is not required"
        raise Conflict(
            f"The approval of {rule.body} {already} for the technology “{rule.name}”.", reason="no_change"
        )


async def propose_approval(door: Door, actor: Actor, authorisation_id: UUID, approval: Approval) -> Proposal:
    """Propose to record that a body which the authorisation waits for has approved it. Raises NotFound, Invalid or Conflict."""
    ask = Ask(actor, Need.POLICY_PROPOSE, about=About("authorisation", authorisation_id))
    async with door.open(ask) as tx:
        waiting = await _waiting(tx, authorisation_id, approval)
        return await propose(
            tx,
            APPROVAL,
            title=waiting.title,
            sentence=f"{approval.body} approved “{waiting.title}” by {approval.instrument} on {day(sure(approval.decided_at), tx.zone)}.",
            payload=payload_of(approval),
            subject=authorisation_id,
        )


async def apply_approval(tx: Tx, proposal: Proposal) -> UUID:
    """What approval does: the body's yes is kept; with the last one the authorisation is in force."""
    authorisation_id, approval = sure(proposal.subject), approval_of(proposal.payload)
    # First of all: of two last bodies confirmed at the same moment, the second sees the first.
    await store.raise_policy_version(tx)
    await _waiting(tx, authorisation_id, approval)
    await body_store.keep_approval(tx, authorisation_id, approval, proposal.proposed_by)
    about = About("authorisation", authorisation_id)
    await effect(tx, "authorisation.body_approved", about, detail={"body": approval.body})
    await tell(tx, sure(await policy_store.authorisation(tx, authorisation_id)).authorisation)
    return authorisation_id


async def tell(tx: Tx, authorisation: Authorisation) -> None:
    """Write into the log that an authorisation is in force now, or for whom it waits; nothing of one that is suspended or over."""
    if authorisation.suspended_at is not None or authorisation.expires_at <= tx.now:
        return
    await effect(
        tx,
        "authorisation.in_force" if authorisation.approved else "authorisation.waiting",
        About("authorisation", authorisation.id),
        more={"technology": authorisation.technology.value},
        detail={"waiting_for": list(authorisation.waiting_for)} if authorisation.waiting_for else None,
    )


async def _waiting(tx: Tx, authorisation_id: UUID, approval: Approval) -> Authorisation:
    kept = await policy_store.authorisation(tx, authorisation_id)
    if kept is None:
        raise NotFound("There is no such authorisation.")
    fault = fault_of(approval, tx.now, tx.zone)
    if fault is None and approval.decided_at is None:
        fault = "approved_at", "Say when the body approved it."
    if fault is not None:
        raise Invalid(fault[1], reason=fault[0])
    authorisation = kept.authorisation
    if authorisation.expires_at <= tx.now:
        raise Conflict("It has expired; another can be proposed.", reason="expired")
    if approval.body not in authorisation.waiting_for:
        waits = ", ".join(authorisation.waiting_for) or "no body"
        raise Conflict(f"It waits for {waits}, not for {approval.body}.", reason="not_waited_for")
    return authorisation


def payload_of(approval: Approval) -> dict[str, Json]:
    """A body's approval as kept in a proposal."""
    return {
        "body": approval.body,
        "instrument": approval.instrument,
        "approved_at": _text(approval.decided_at),
        "hearing_at": _text(approval.hearing_at),
        "comment_until": _text(approval.comment_until),
    }


def approval_of(kept: Mapping[str, Json]) -> Approval:
    """The approval kept in a proposal."""
    return Approval(
        str(kept["body"]),
        str(kept["instrument"]),
        _time(kept["approved_at"]),
        _time(kept["hearing_at"]),
        _time(kept["comment_until"]),
    )


def _text(at: datetime | None) -> str | None:
    return rfc3339(at) if at else None


def _time(text: Json) -> datetime | None:
    return parse_rfc3339(str(text)) if text else None


ACTS: Final[Mapping[str, TwoPersonAct]] = {
    act.kind: act
    for act in (
        TwoPersonAct(REQUIRE, Need.POLICY_APPROVE, None, apply_required),
        TwoPersonAct(APPROVAL, Need.POLICY_APPROVE, None, apply_approval),
    )
}
