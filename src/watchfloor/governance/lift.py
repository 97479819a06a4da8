"""The end of an authorisation's suspension: one person proposes it with a reason, another approves. To suspend one suffices."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.governance import bodies, policy_store, store
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Kept, Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

KIND: Final = "suspension_lift"


async def propose_lift(door: Door, actor: Actor, authorisation_id: UUID, why: str) -> Proposal:
    """Propose that a suspension ends. Raises NotFound, Invalid or Conflict."""
    about = About("authorisation", authorisation_id)
    async with door.open(Ask(actor, Need.POLICY_PROPOSE, about=about, detail={"why": why})) as tx:
        if len(why) < 3:
            raise Invalid("A reason has at least 3 characters.", reason="reason")
        kept = await policy_store.authorisation(tx, authorisation_id)
        since = _suspended_since(kept, tx.now)
        title = sure(kept).authorisation.title
        payload: dict[str, Json] = {
            "suspended_at": rfc3339(since),
            "suspended_by": outside("person", sure(sure(kept).suspended_by)),
            "suspended_why": sure(kept).suspended_why,
            "reason": why,
        }
        sentence = f"The suspension of “{title}” ends: {why.rstrip('.')}. It was suspended because: {sure(kept).suspended_why}"
        return await propose(
            tx, KIND, title=title, sentence=sentence, payload=payload, subject=authorisation_id
        )


async def _apply(tx: Tx, proposal: Proposal) -> UUID:
    """What approval does: it is in force again, if every body has approved it. A later suspension is not lifted by it."""
    wanted = sure(proposal.subject)
    # First of all: who changes policy at the same moment waits for us here.
    await store.raise_policy_version(tx)
    since = _suspended_since(await policy_store.authorisation(tx, wanted), tx.now)
    if rfc3339(since) != proposal.payload["suspended_at"] or not await policy_store.lift(tx, wanted):
        raise Conflict("It was lifted and suspended anew since this was proposed.", reason="suspended_anew")
    await effect(
        tx, "authorisation.lifted", About("authorisation", wanted), detail={"why": proposal.payload["reason"]}
    )
    await bodies.tell(tx, sure(await policy_store.authorisation(tx, wanted)).authorisation)
    return wanted


def _suspended_since(kept: Kept | None, now: datetime) -> datetime:
    if kept is None:
        raise NotFound("There is no such authorisation.")
    since = kept.authorisation.suspended_at
    if since is None:
        raise Conflict("It is not suspended.", reason="not_suspended")
    if kept.authorisation.expires_at <= now:
        raise Conflict("It has expired; another can be proposed.", reason="expired")
    return since


ACT: Final = TwoPersonAct(KIND, Need.POLICY_APPROVE, None, _apply)
