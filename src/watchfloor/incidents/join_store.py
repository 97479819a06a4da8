"""All SQL of where hits belong: the alerts that they join, what was found false of them before. Asked for all hits of a batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.incidents.alert_store import alert_from
from watchfloor.incidents.model import Alert, Binding
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_A: Final = DataClass.ALERT


@dataclass(frozen=True, slots=True)
class Found:
    """What a person found false of a reading: its id, the reason, and when."""

    id: UUID
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sought:
    """A reading, and between which times its alert was seen if it is the same."""

    binding: Binding
    since: datetime
    until: datetime


@touches(_A, WRITE)
async def hold_entries(tx: Tx, entries: Sequence[UUID]) -> None:
    """Nobody else bundles hits of these entries until the transaction ends, so that two matchers raise one alert. They are held in the
    order that is given: the same for every matcher, so that none waits for one that waits for it.
    """
    await tx.fetch(
        "select pg_advisory_xact_lock(hashtextextended('alert ' || entry::text, 0)) from unnest(%(entries)s::uuid[]) as entry",
        entries=list(entries),
    )


@touches(_A, READ)
async def parts_among(tx: Tx, hits: Sequence[UUID]) -> set[UUID]:
    """Those of the hits that stand behind an alert already."""
    rows = await tx.fetch("select hit_id from alert_part where hit_id = any(%(hits)s)", hits=list(hits))
    return {row["hit_id"] for row in rows}


@touches(_A, DataClass.INCIDENT, READ)
async def to_join(tx: Tx, sought: Sequence[Sought]) -> list[Alert | None]:
    """For each reading the alert it belongs to: one still open and near in time, or one whose incident is being answered."""
    rows = await tx.fetch(
        "select w.n, a.* from unnest(%(entries)s::uuid[], %(plates)s::text[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[])"
        " with ordinality as w (entry, plate, since, until, n) cross join lateral ("
        "  select a.* from alert a left join incident i on i.id = a.incident_id"
        "  where a.entry_id = w.entry and a.read_plate = w.plate and ("
        "   (a.decided_at is null and a.erase_after > %(now)s and a.last_seen_at >= w.since and a.at <= w.until)"
        "   or (a.state = 'confirmed' and i.state <> 'closed'))"
        "  order by a.last_seen_at desc limit 1 for update of a) a",
        entries=[one.binding.entry_id for one in sought],
        plates=[one.binding.read_plate for one in sought],
        sinces=[one.since for one in sought],
        untils=[one.until for one in sought],
        now=tx.now,
    )
    found = {row["n"]: alert_from(row) for row in rows}
    return [found.get(n) for n in range(1, len(sought) + 1)]


@touches(_A, READ)
async def found_false(tx: Tx, bindings: Sequence[Binding]) -> list[Found | None]:
    """For each reading what a person found of this very reading of this version of the entry."""
    rows = await tx.fetch(
        "select w.n, f.id, f.reason, f.found_at from unnest(%(entries)s::uuid[], %(versions)s::bigint[], %(plates)s::text[],"
        " %(states)s::text[], %(vehicles)s::text[]) with ordinality as w (entry, version, plate, state, vehicle, n)"
        " join false_binding f on f.entry_id = w.entry and f.entry_version = w.version and f.read_plate = w.plate"
        " and f.read_state = w.state and f.vehicle_key = w.vehicle and f.until > %(now)s",
        entries=[one.entry_id for one in bindings],
        versions=[one.entry_version for one in bindings],
        plates=[one.read_plate for one in bindings],
        states=[one.read_state for one in bindings],
        vehicles=[one.vehicle_key for one in bindings],
        now=tx.now,
    )
    found = {row["n"]: Found(row["id"], row["reason"], row["found_at"]) for row in rows}
    return [found.get(n) for n in range(1, len(bindings) + 1)]
