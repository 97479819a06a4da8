"""Alert budgets for people: what is allowed, what thresholds follow from it, what others would have cost last week.

A change takes two persons. The matcher follows within a minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.plates import budget_store, reader_store, verdict_store
from watchfloor.plates.budget import ALLOWED, LOOKS_BACK, MOST_ALLOWED, Bin, Threshold, covered, threshold_of
from watchfloor.plates.model import Priority, ReaderId
from watchfloor.plates.verdict_store import Told
from watchfloor.storage.tx import Tx

KIND: Final = "alert_budget"
WEEK: Final = timedelta(days=7)
# Why a budget is changed, in words.
LEAST_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Looked:
    """What a page of budgets shows: the last week by list and probability, lists by name, and since when each was decided."""

    thresholds: Sequence[Threshold]
    decided: Mapping[Priority, datetime]
    week: Sequence[Bin]
    names: Mapping[UUID, str]
    since: datetime


async def look(door: Door, actor: Actor) -> Looked:
    """Budgets, thresholds and last week. Raises Refused."""
    async with door.open(Ask(actor, Need.ALERT_BUDGET_VIEW)) as tx:
        since = tx.now - LOOKS_BACK
        bins = await budget_store.bins(tx, since)
        over = covered(await budget_store.first_hit(tx, since), tx.now)
        allowed = await budget_store.allowed(tx)
        week = await budget_store.bins(tx, tx.now - WEEK)
        return Looked(
            [
                threshold_of(p, allowed[p].per_shift if p in allowed else ALLOWED[p], bins, covered=over)
                for p in Priority
            ],
            {p: one.since for p, one in allowed.items()},
            week,
            await budget_store.names(tx),
            tx.now - WEEK,
        )


async def propose_budget(
    door: Door, actor: Actor, priority: Priority, per_shift: float, why: str
) -> Proposal:
    """Propose how many false alerts a shift may bring; another person puts it in force. Raises Invalid or Refused."""
    if not 0 <= per_shift <= MOST_ALLOWED:
        raise Invalid(f"A shift may bring 0 to {MOST_ALLOWED:g} false alerts.", reason="per_shift")
    if len(why.strip()) < LEAST_WORDS:
        raise Invalid("Say in words why it is changed.", reason="why")
    tenths = round(per_shift * 10)
    async with door.open(Ask(actor, Need.POLICY_PROPOSE, detail={"priority": priority.value})) as tx:
        title = f"False alerts of lists of priority “{priority.value}”"
        sentence = f"Let a shift bring {tenths / 10:g} false alerts of lists of priority “{priority.value}”: {why.strip().rstrip('.')}."
        payload: dict[str, Json] = {
            "priority": priority.value,
            "tenths_per_shift": tenths,
            "why": why.strip(),
        }
        return await propose(tx, KIND, title=title, sentence=sentence, payload=payload)


async def _apply(tx: Tx, proposal: Proposal) -> None:
    said = cast("dict[str, str | int]", proposal.payload)
    priority, tenths = Priority(str(said["priority"])), int(said["tenths_per_shift"])
    await budget_store.allow(tx, priority, tenths / 10)
    more: dict[str, Json] = {"priority": priority.value, "tenths_per_shift": tenths}
    await effect(tx, "alert_budget.in_force", About("proposal", proposal.id), more=more)


ACT: Final = TwoPersonAct(KIND, Need.POLICY_APPROVE, None, _apply)


async def record(door: Door, actor: Actor, reader: ReaderId) -> tuple[str, Sequence[Told]]:
    """A reader's name and the verdicts on it in 90 days. Raises NotFound or Refused."""
    async with door.open(Ask(actor, Need.READERS_VIEW, about=About("reader", reader))) as tx:
        found = await reader_store.reader(tx, reader)
        if found is None:
            raise NotFound("There is no such reader.")
        return found.name, await verdict_store.since(tx, tx.now - verdict_store.LOOKS_BACK, reader)
