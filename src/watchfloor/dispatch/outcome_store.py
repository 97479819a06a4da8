"""SQL of looking back: outcomes of a time, and their sums. It keeps nothing and names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from watchfloor.dispatch.model import Outcome, Result
from watchfloor.dispatch.store import outcome_of_row
from watchfloor.kit.pages import Cut, Extent
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Tx, touches

_O, _I = DataClass.OUTCOME, DataClass.INCIDENT
_NEWEST_FIRST: Final = Order("outcomes", (("recorded_at", "timestamptz"), ("id", "uuid")), down=True)


@dataclass(frozen=True, slots=True)
class Sums:
    """Outcomes of a time in figures; `wrong` counts those of alerts that were confirmed and came to a wrong alert."""

    outcomes: int
    arrests: int
    charges: int
    wrong: int
    results: Mapping[Result, int]


@touches(_O, READ)
async def outcomes(
    tx: Tx, extent: Extent, *, since: datetime, until: datetime, result: Result | None
) -> Cut[Outcome]:
    """Outcomes recorded in that time, the newest first."""
    rows = await tx.fetch_page(
        "select * from outcome where recorded_at >= %(since)s and recorded_at < %(until)s"
        " and (%(result)s::text is null or %(result)s = any(results))",
        _NEWEST_FIRST,
        extent,
        since=since,
        until=until,
        result=result.value if result else None,
    )
    return rows.of(outcome_of_row)


@touches(_O, _I, READ)
async def sums(tx: Tx, *, since: datetime, until: datetime) -> Sums:
    """What came of it in that time, in figures."""
    one = await tx.fetch_one(
        "select count(*) as outcomes, coalesce(sum(o.arrests), 0)::bigint as arrests,"
        " coalesce(sum(cardinality(o.charges)), 0)::bigint as charges,"
        " count(*) filter (where 'wrong_alert' = any(o.results) and i.alert_id is not null) as wrong"
        " from outcome o left join incident i on i.id = o.incident_id"
        " where o.recorded_at >= %(since)s and o.recorded_at < %(until)s",
        since=since,
        until=until,
    )
    kinds = await tx.fetch(
        "select r.result, count(*) as found from outcome o cross join unnest(o.results) as r (result)"
        " where o.recorded_at >= %(since)s and o.recorded_at < %(until)s group by r.result",
        since=since,
        until=until,
    )
    if one is None:
        raise AssertionError("a sum is one row")
    return Sums(
        one["outcomes"],
        one["arrests"],
        one["charges"],
        one["wrong"],
        {Result(row["result"]): row["found"] for row in kinds},
    )
