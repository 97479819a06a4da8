"""All SQL of searches for co-travellers. It decides nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.kit.canonical import Json
from watchfloor.kit.extent import Cut, Extent
from watchfloor.plates.model import Plate
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CO_TRAVEL
_NEWEST: Final = Order("co_travel", (("asked_at", "timestamptz"), ("id", "uuid")), down=True)
# What the proposal says comes first: until it is approved nothing else happens.
_SEARCHES: Final[LiteralString] = (
    "select c.*, p.decided_by, case when p.decided_by is not null then p.decided_at end as decided_at,"
    " case when c.expires_at <= %(now)s then 'forgotten' when c.state <> 'asked' then c.state"
    " when p.verdict = 'refused' then 'refused' when c.asked_until <= %(now)s then 'lapsed' else 'asked' end as stands"
    " from co_travel c left join proposal p on p.id = c.proposal_id"
)


@dataclass(frozen=True, slots=True)
class CoTravel:
    """A search as it stands, without the vehicle: what oversight sees of it."""

    id: UUID
    proposal: UUID
    case: UUID
    order: str
    reason: str
    asked_by: UUID
    asked_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    open_until: datetime
    state: str
    said: str
    progress: float
    passes: int | None
    drives: int | None
    tries: int | None
    found: int | None
    ended_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """The vehicle of a search, and who travelled with it once that is known."""

    plate: Plate
    since: datetime
    until: datetime
    companions: Sequence[Mapping[str, Json]] | None


def _search(row: Row) -> CoTravel:
    return CoTravel(
        row["id"], row["proposal_id"], row["case_id"], row["court_order"], row["reason"], row["asked_by"], row["asked_at"],
        row["decided_by"], row["decided_at"], row["asked_until"], row["stands"], row["said"], row["progress"], row["passes"],
        row["drives"], row["tries"], row["found"], row["ended_at"], row["expires_at"],
    )  # fmt: skip


@touches(_C, WRITE)
async def insert(
    tx: Tx, search: UUID, proposal: UUID, case: UUID, order: str, reason: str, vehicle: Vehicle, asked_until: datetime
) -> None:  # fmt: skip
    """Keep what is asked for."""
    await tx.execute(
        "insert into co_travel (id, agency_id, proposal_id, case_id, court_order, reason, asked_by, asked_at, asked_until, state, said,"
        " progress) values (%(id)s, %(agency)s, %(proposal)s, %(case)s, %(order)s, %(reason)s, %(by)s, %(now)s, %(until)s, 'asked', '', 0)",
        id=search, agency=tx.agency, proposal=proposal, case=case, order=order, reason=reason, by=tx.actor, now=tx.now,
        until=asked_until,
    )  # fmt: skip
    await tx.execute(
        "insert into co_travel_vehicle (search_id, agency_id, plate, since, until, erase_after)"
        " values (%(id)s, %(agency)s, %(plate)s, %(since)s, %(until)s, %(erase)s)",
        id=search, agency=tx.agency, plate=vehicle.plate.text, since=vehicle.since, until=vehicle.until, erase=asked_until,
    )  # fmt: skip


@touches(_C, DataClass.POLICY, READ)
async def searches(
    tx: Tx, extent: Extent, *, case: UUID | None = None, only: UUID | None = None
) -> Cut[CoTravel]:
    """Searches, the newest first: of one case, one alone, or every one."""
    of: LiteralString = (
        _SEARCHES + " where (%(case)s::uuid is null or c.case_id = %(case)s)"
        " and (%(only)s::uuid is null or c.id = %(only)s)"
    )
    return (await tx.fetch_page(of, _NEWEST, extent, now=tx.now, case=case, only=only)).of(_search)


@touches(_C, DataClass.POLICY, READ)
async def search_of(tx: Tx, search: UUID) -> CoTravel | None:
    """One search."""
    row = await tx.fetch_one(_SEARCHES + " where c.id = %(id)s", id=search, now=tx.now)
    return _search(row) if row else None


@touches(_C, READ)
async def vehicle_of(tx: Tx, search: UUID) -> Vehicle | None:
    """Its vehicle and its companions; None once their time is over, though the sweep be late."""
    row = await tx.fetch_one(
        "select * from co_travel_vehicle where search_id = %(id)s and erase_after > %(now)s",
        id=search,
        now=tx.now,
    )
    return Vehicle(Plate(row["plate"]), row["since"], row["until"], row["companions"]) if row else None


@touches(_C, WRITE)
async def stands(tx: Tx, search: UUID, state: str, said: str, progress: float, of: Sequence[str]) -> bool:
    """It stands so now; False where it was in none of these states."""
    return bool(
        await tx.execute(
            "update co_travel set state = %(state)s, said = %(said)s, progress = %(progress)s,"
            " ended_at = case when %(state)s in ('stopped', 'failed') then %(now)s end where id = %(id)s and state = any(%(of)s)",
            id=search, state=state, said=said, progress=progress, now=tx.now, of=list(of),
        )
    )  # fmt: skip


@touches(_C, WRITE)
async def ready(
    tx: Tx, search: UUID, counts: tuple[int, int, int], companions: Sequence[Mapping[str, Json]], expires_at: datetime
) -> bool:  # fmt: skip
    """What was found is there: of how many passes, drives and tries; False where it was stopped meanwhile."""
    done = await tx.execute(
        "update co_travel set state = 'ready', said = '', progress = 1, passes = %(passes)s, drives = %(drives)s, tries = %(tries)s,"
        " found = %(found)s, ended_at = %(now)s, expires_at = %(expires)s where id = %(id)s and state = 'running'",
        id=search, passes=counts[0], drives=counts[1], tries=counts[2], found=len(companions), now=tx.now, expires=expires_at,
    )  # fmt: skip
    if done:
        await tx.execute(
            "update co_travel_vehicle set companions = %(found)s::text::jsonb, erase_after = %(expires)s where search_id = %(id)s",
            id=search, found=json.dumps(list(companions)), expires=expires_at,
        )  # fmt: skip
    return bool(done)


@touches(_C, WRITE)
async def keep_until(tx: Tx, search: UUID, until: datetime) -> None:
    """The vehicle is kept for the work on it, until then."""
    await tx.execute(
        "update co_travel_vehicle set erase_after = %(until)s where search_id = %(id)s",
        id=search,
        until=until,
    )


@touches(DataClass.PLATE_READ, DataClass.READER, READ)
async def met(tx: Tx, key: int, reader: UUID, first: datetime, last: datetime) -> Sequence[tuple[str, str]]:
    """The plate texts of that key at a reader between two times, and what the reader is called."""
    rows = await tx.fetch(
        "select distinct p.plate, r.name from plate_read p join reader r on r.id = p.device_id"
        " join retention_rule k on k.rule = p.rule and p.at > %(now)s - k.keep_for"
        " where p.folded_key = %(key)s and p.device_id = %(reader)s and p.at >= %(first)s and p.at <= %(last)s order by 1",
        key=key,
        reader=reader,
        first=first,
        last=last,
        now=tx.now,
    )
    return [(row["plate"], row["name"]) for row in rows]
