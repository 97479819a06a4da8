"""All SQL of what is counted around placements. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches
from watchfloor.trailers.model import Placement
from watchfloor.trailers.periods import ALL, Figure, Span
from watchfloor.trailers.store import placement_of_row

# What is counted, and when it was: by its class, which is that of its offence or need.
_COUNTED: Final[dict[str, tuple[LiteralString, LiteralString]]] = {
    "incident": ("incident", "at"),
    "call": ("call", "taken_at"),
    "alert": ("alert", "at"),
}
_METRES: Final[LiteralString] = (
    " sqrt(power((o.lat - %(lat)s) * 111195, 2) + power((o.lon - %(lon)s) * 111195 * cosd(%(lat)s), 2)) <= %(radius)s"
)
# What was counted stays when its parts are forgotten: a count never falls, but where the radius is another now.
_KEPT: Final[LiteralString] = (
    " on conflict (placement_id, period, what, kind) do update set from_at = excluded.from_at, to_at = excluded.to_at,"
    " radius_m = excluded.radius_m, counted_at = excluded.counted_at, count = case when trailer_figure.radius_m = excluded.radius_m"
    " and trailer_figure.from_at = excluded.from_at then greatest(trailer_figure.count, excluded.count) else excluded.count end"
)


@touches(DataClass.TRAILER, READ)
async def lately(tx: Tx, days: int) -> list[Placement]:
    """The placements that stand, and those that ended within so many days and a week."""
    rows = await tx.fetch(
        "select * from trailer_placement where ended_at is null or ended_at > %(now)s - (%(days)s + 7) * interval '1 day'"
        " order by placed_at, id",
        days=days,
        now=tx.now,
    )
    return [placement_of_row(row) for row in rows]


@touches(DataClass.TRAILER, READ)
async def placement(tx: Tx, wanted: UUID) -> Placement | None:
    """One placement."""
    row = await tx.fetch_one("select * from trailer_placement where id = %(id)s", id=wanted)
    return placement_of_row(row) if row else None


@touches(DataClass.INCIDENT, DataClass.CASE, DataClass.ALERT, READ, DataClass.TRAILER, WRITE)
async def count(tx: Tx, placement: Placement, span: Span, radius_m: int) -> None:
    """Count what was around the placement in the span, by class and in all, and keep it."""
    for what, (table, at) in _COUNTED.items():
        await tx.execute(
            "insert into trailer_figure (placement_id, agency_id, period, what, kind, from_at, to_at, radius_m, count, counted_at)"  # noqa: S608  # of text that stands in the code
            " select %(placement)s, %(agency)s, %(period)s, %(what)s, coalesce(purpose, %(all)s), %(from)s, %(to)s, %(radius)s,"
            " count, %(now)s from (select o.purpose, count(*)::int from " + table + " o where o.lat is not null and o." + at
            + " >= %(from)s and o." + at + " < %(to)s and" + _METRES + " group by grouping sets ((o.purpose), ())) counted"
            + _KEPT,
            **{
                "placement": placement.id, "agency": tx.agency, "period": span.period, "what": what, "all": ALL,
                "from": span.begin, "to": span.end, "radius": radius_m, "lat": placement.place.lat,
                "lon": placement.place.lon, "now": tx.now,
            },
        )  # fmt: skip


@touches(DataClass.TRAILER, READ)
async def figures_of(tx: Tx, placements: Sequence[UUID]) -> dict[UUID, list[Figure]]:
    """What was counted around these placements."""
    rows = await tx.fetch(
        "select * from trailer_figure where placement_id = any(%(ids)s) order by placement_id, what, kind, period",
        ids=list(placements),
    )
    found: dict[UUID, list[Figure]] = {placement: [] for placement in placements}
    for row in rows:
        found[row["placement_id"]].append(_figure(row))
    return found


def _figure(row: Row) -> Figure:
    return Figure(
        row["period"], row["what"], row["kind"], row["from_at"], row["to_at"], row["radius_m"], row["count"], row["counted_at"]
    )  # fmt: skip
