"""Two-person acts: one proposes, another decides. The same person never does both, whatever their roles."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance import policy_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Proposal
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Expired, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

OPEN_FOR: Final = timedelta(days=14)

# What approval does; the id of what it put into force, where that is a thing of its own.
Apply = Callable[[Tx, Proposal], Awaitable[UUID | None]]
WhyProposed = Callable[[Proposal], Why | None]


def no_reason(_: Proposal) -> None:
    """It serves no purpose of the list, and no case."""


@dataclass(frozen=True, slots=True)
class TwoPersonAct:
    """A kind of proposal: who may decide it, what approval does (in its transaction), and for what it was proposed."""

    kind: str
    approve_need: Need
    technology: TechnologyKind | None
    apply: Apply
    open_for: timedelta = OPEN_FOR
    why: WhyProposed = no_reason
    # What a refusal takes back: of what was in force already while it waited.
    undo: Apply | None = None


async def propose(
    tx: Tx, kind: str, *, title: str, sentence: str, payload: Mapping[str, Json], subject: UUID | None = None,
    open_for: timedelta = OPEN_FOR,
) -> Proposal:  # fmt: skip
    """Keep a proposal in this transaction; somebody else decides it."""
    proposal = Proposal(
        uuid7(tx.now),
        kind,
        subject,
        title,
        sentence,
        payload,
        tx.actor,
        tx.now,
        tx.now + open_for,
        None,
        None,
        None,
        None,
    )
    await policy_store.insert_proposal(tx, proposal)
    await effect(
        tx, f"{kind}.proposed", About("proposal", proposal.id), detail={"title": title, "sentence": sentence}
    )
    return proposal


async def decide_on(
    door: Door, actor: Actor, acts: Mapping[str, TwoPersonAct], proposal_id: UUID, *, approve: bool, note: str
) -> Proposal:
    """Approve or refuse another person's proposal. Raises NotFound, Refused (`same_person`), Conflict or Expired."""
    async with door.open(Ask(process_actor(actor.agency, "serve"), Need.POLICY_LOOK_UP)) as tx:
        found = await policy_store.proposal(tx, proposal_id)
    act = acts.get(found.kind) if found else None
    if found is None or act is None:
        raise NotFound("There is no such proposal.")
    ask = Ask(
        actor,
        act.approve_need,
        # What was proposed for a case is approved for it, while it is open; refused it is in any event.
        act.why(found) if approve else None,
        about=About("proposal", proposal_id),
        technology=act.technology,
        detail={"title": found.title},
    )
    async with door.open(ask) as tx:
        found = sure(await policy_store.proposal(tx, proposal_id))
        if found.decided_at is not None:
            raise Conflict(f"This proposal was already {found.verdict}.", reason="decided")
        if found.expires_at <= tx.now:
            raise Expired("This proposal has run out; it can be proposed again.")
        if found.proposed_by == actor.id:
            raise Refused(Denied("same_person", "You proposed this yourself; a second person decides it."))
        subject = await act.apply(tx, found) if approve else None
        if not approve and act.undo is not None:
            await act.undo(tx, found)
        verdict = "approved" if approve else "refused"
        if not await policy_store.decide_proposal(tx, proposal_id, verdict, note, subject):
            raise Conflict("Somebody decided this at the same moment.", reason="decided")
        await effect(
            tx,
            f"{found.kind}.{verdict}",
            About("proposal", proposal_id),
            detail={"title": found.title, "note": note},
        )
        return sure(await policy_store.proposal(tx, proposal_id))
