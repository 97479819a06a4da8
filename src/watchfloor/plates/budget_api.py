"""Routes of alert budgets and readers' records. Translate in, call a use case, translate out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.governance.api import proposal_json
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_forms import Proposal
from watchfloor.identity.api import Signed
from watchfloor.plates import budget_forms as forms
from watchfloor.plates import budgets
from watchfloor.plates.budget import MOST_ALLOWED, SHIFT
from watchfloor.plates.budgets import Looked
from watchfloor.plates.model import Priority, ReaderId
from watchfloor.plates.record import OWN_FROM, ReaderVerdict, precision_of, tally, weighed
from watchfloor.plates.verdict_store import LOOKS_BACK, Told


class BudgetBody(BaseModel):
    """How many false alerts a shift may bring, to propose."""

    priority: Priority
    per_shift: float = Field(ge=0, le=MOST_ALLOWED)
    why: str = Field(min_length=3, max_length=200)


def add_routes(router: APIRouter, door: Door) -> None:
    """The routes of budgets and records."""

    @router.get("/alert-budget", openapi_extra=asks(Need.ALERT_BUDGET_VIEW))
    async def show_budget(actor: Signed) -> forms.AlertBudget:
        """How many false alerts a shift may bring, from which probability hits alert therefore, and what last week would have cost."""
        return budget_json(await budgets.look(door, actor))

    @router.post("/alert-budget", status_code=201, openapi_extra=asks(Need.POLICY_PROPOSE))
    async def propose_budget(actor: Signed, body: BudgetBody) -> Proposal:
        """Propose how many false alerts a shift may bring for a priority; a second person puts it in force."""
        proposal = await budgets.propose_budget(door, actor, body.priority, body.per_shift, body.why)
        return proposal_json(proposal, proposal.proposed_at)

    @router.get("/readers/{reader_id}/record", openapi_extra=asks(Need.READERS_VIEW))
    async def show_record(actor: Signed, reader_id: str) -> forms.ReaderRecord:
        """How many of a reader's alerts and possible hits were right in 90 days: by state, by hour, and what it takes for what."""
        reader = ReaderId(inside("reader", reader_id))
        return record_json(reader, *await budgets.record(door, actor, reader))


def budget_json(looked: Looked) -> forms.AlertBudget:
    """The outside form of budgets."""
    return {
        "shift_hours": SHIFT / timedelta(hours=1),
        "since": looked.since,
        "priorities": [
            {
                "priority": one.priority,
                "per_shift": one.allowed,
                "decided_at": looked.decided.get(one.priority),
                "threshold": one.probability,
                "derived": one.derived,
                "wrong_per_shift": one.wrong_per_shift,
            }
            for one in looked.thresholds
        ],
        "week": [
            {
                "priority": one.priority,
                "hot_list": outside("hot_list", one.list),
                "name": looked.names.get(one.list, "a list that is gone"),
                "probability": one.probability,
                "alerts": one.alerts,
                "wrong": one.wrong,
            }
            for one in looked.week
        ],
    }


def record_json(reader: ReaderId, name: str, told: Sequence[Told]) -> forms.ReaderRecord:
    """The outside form of a reader's record."""
    pairs = tally(one.judged for one in told).pairs
    count = weighed(one.judged for one in told)
    return {
        "reader": outside("reader", reader),
        "name": name,
        "days": LOOKS_BACK.days,
        "pooled": count < OWN_FROM,
        "pooled_until": OWN_FROM,
        "verdicts": count,
        "all": _row("all", told),
        "by_state": _rows(told, lambda one: one.state or "unread"),
        "by_hour": _rows(told, lambda one: f"{one.hour:02d}"),
        "pairs": [
            {"true": true, "read": read, "times": times}
            for (true, read), times in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
    }


def _rows(told: Iterable[Told], key: Callable[[Told], str]) -> list[forms.RecordRow]:
    by: dict[str, list[Told]] = {}
    for one in told:
        by.setdefault(key(one), []).append(one)
    return [_row(of, some) for of, some in sorted(by.items())]


def _row(of: str, told: Sequence[Told]) -> forms.RecordRow:
    sums = tally(one.judged for one in told if one.alert is not None)
    possible = precision_of(tally(one.judged for one in told if one.alert is None))
    said = precision_of(sums)
    return {
        "of": of,
        "right": said.right,
        "judged": said.of,
        "low": said.low,
        "high": said.high,
        "misread": sums.of(ReaderVerdict.MISREAD),
        "wrong_state": sums.of(ReaderVerdict.WRONG_STATE),
        "stale_entry": sums.of(ReaderVerdict.STALE),
        "possible_right": possible.right,
        "possible_judged": possible.of,
    }
