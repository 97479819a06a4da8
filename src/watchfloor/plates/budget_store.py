"""All SQL of alert budgets: what two persons allowed, and what hits brought or would have brought. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.plates.budget import BINS, Bin
from watchfloor.plates.model import Priority
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_P: Final = DataClass.POLICY


@dataclass(frozen=True, slots=True)
class Allowed:
    """What two persons allowed: so many false alerts in a shift."""

    priority: Priority
    per_shift: float
    since: datetime


@touches(_P, READ)
async def allowed(tx: Tx) -> dict[Priority, Allowed]:
    """What was decided, by priority; nothing of those that nobody decided on."""
    rows = await tx.fetch("select priority, per_shift, decided_at from alert_budget")
    return {
        Priority(row["priority"]): Allowed(Priority(row["priority"]), row["per_shift"], row["decided_at"])
        for row in rows
    }


@touches(_P, WRITE)
async def allow(tx: Tx, priority: Priority, per_shift: float) -> None:
    """Put into force what two persons decided."""
    await tx.execute(
        "insert into alert_budget (agency_id, priority, per_shift, decided_at) values (%(agency)s, %(priority)s, %(per_shift)s,"
        " %(now)s) on conflict (agency_id, priority) do update set per_shift = excluded.per_shift, decided_at = excluded.decided_at",
        agency=tx.agency,
        priority=priority.value,
        per_shift=per_shift,
        now=tx.now,
    )


@touches(DataClass.PLATE_HIT, DataClass.READER, DataClass.ALERT, READ)
async def bins(tx: Tx, since: datetime) -> list[Bin]:
    """What hits that may alert brought since then, or would have brought at another threshold, by list and probability.

    Repeats of one reading of one entry within ten minutes count once, as they make one alert.
    """
    rows = await tx.fetch(
        "with passed as (select h.priority, h.hot_list_id, max(h.probability) as probability,"
        " max(coalesce(v.verdict, p.verdict)) as verdict"
        " from plate_hit h left join alert_part a on a.hit_id = h.id left join plate_verdict v on v.alert_id = a.alert_id"
        " left join plate_verdict p on p.hit_id = h.id and p.verdict <> 'undecided'"
        " where h.at >= %(since)s and h.probability is not null and h.state is not null and h.kind in ('exact', 'confusable')"
        " group by h.priority, h.hot_list_id, h.entry_id, h.plate, floor(extract(epoch from h.at) / 600))"
        " select priority, hot_list_id, floor(probability * %(bins)s) / %(bins)s as at_least, count(*) as alerts,"
        " sum(case when verdict is null then 1 - probability when verdict in ('misread', 'wrong_state', 'another_car') then 1 else 0 end)"
        " as wrong from passed group by 1, 2, 3",
        since=since,
        bins=BINS,
    )
    return [
        Bin(
            Priority(row["priority"]),
            row["hot_list_id"],
            float(row["at_least"]),
            row["alerts"],
            float(row["wrong"]),
        )
        for row in rows
    ]


@touches(DataClass.PLATE_HIT, READ)
async def first_hit(tx: Tx, since: datetime) -> datetime | None:
    """The first hit with a probability since then."""
    row = await tx.fetch_one(
        "select min(at) as at from plate_hit where at >= %(since)s and probability is not null", since=since
    )
    return row["at"] if row else None


@touches(DataClass.HOT_LIST, READ)
async def names(tx: Tx) -> dict[UUID, str]:
    """The names of the agency's hot lists."""
    return {row["id"]: row["name"] for row in await tx.fetch("select id, name from hot_list")}
