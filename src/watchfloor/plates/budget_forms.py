"""What the routes of alert budgets and readers' records answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import HotListId, ReaderId
from watchfloor.plates.model import Priority


class PriorityBudget(TypedDict):
    """One priority: what is allowed, and from which probability hits alert therefore."""

    priority: Priority
    per_shift: Annotated[float, Field(description="False alerts that a shift may bring.")]
    decided_at: Annotated[
        datetime | None, Field(description="Null: nobody decided it, it is what a center begins with.")
    ]
    threshold: Annotated[float, Field(description="The probability from which a hit alerts.")]
    derived: Annotated[
        bool, Field(description="False in the first week: there is too little to derive it from.")
    ]
    wrong_per_shift: Annotated[
        float, Field(description="False alerts that the last weeks brought for each shift at that threshold.")
    ]


class WeekBin(TypedDict):
    """Alerts of last week that hits of this probability made or would have made: of one list, how many, how many of them wrong."""

    priority: Priority
    hot_list: HotListId
    name: str
    probability: float
    alerts: int
    wrong: float


class AlertBudget(TypedDict):
    """Budgets of false alerts, and last week (from `since`) by list and probability: what any threshold would have cost."""

    shift_hours: float
    since: datetime
    priorities: list[PriorityBudget]
    week: list[WeekBin]


class RecordRow(TypedDict):
    """Verdicts on a reader's alerts: right of those judged, with the interval of the true share; stale entries are counted apart."""

    of: Annotated[str, Field(description="Which: all, a state as read, or an hour by the agency's clock.")]
    right: int
    judged: int
    low: float
    high: float
    misread: int
    wrong_state: int
    stale_entry: int
    possible_right: Annotated[int, Field(description="Of possible hits, which alerted nobody.")]
    possible_judged: int


class TakenFor(TypedDict):
    """Which character a reader took for which, and how often."""

    true: str
    read: str
    times: int


class ReaderRecord(TypedDict):
    """What verdicts of so many days say of a reader; `pooled`: those of all readers stand in for its own in the odds."""

    reader: ReaderId
    name: str
    days: int
    pooled: bool
    pooled_until: int
    verdicts: Annotated[
        int, Field(description="On alerts and possible hits, by which its hits are reckoned.")
    ]
    all: RecordRow
    by_state: list[RecordRow]
    by_hour: list[RecordRow]
    pairs: list[TakenFor]
