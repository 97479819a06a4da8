"""All SQL of verdicts on readers' alerts and possible hits: kept without a plate, to be summed up. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.kit.ids import uuid7
from watchfloor.plates.model import ReaderId
from watchfloor.plates.record import Judged, ReaderVerdict
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_R: Final = DataClass.READER
# What a reader's record covers; a verdict is forgotten after it.
LOOKS_BACK: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Told:
    """One verdict as it is kept: which reader, when it passed (by the agency's hour), of which state it was told.

    Without an `alert` it is on a possible hit, which alerted nobody.
    """

    reader: ReaderId
    alert: UUID | None
    at: datetime
    hour: int
    state: str | None
    judged: Judged
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class OnHit:
    """What is kept of a verdict on a possible hit besides: who gave it, who saw the entry before, whether it `counts`."""

    by: UUID
    seen_by: tuple[UUID, ...]
    counts: bool


@touches(_R, WRITE, DataClass.PLATE_HIT, READ)
async def keep(tx: Tx, told: Told, hit: UUID, on_hit: OnHit | None = None) -> bool:
    """Keep the verdict on an alert, with what the odds of its first hit were; or on a possible hit.

    False where there is one; one on a possible hit takes the place of an undecided one of somebody else.
    """
    if on_hit is not None:
        await tx.execute(
            "delete from plate_verdict where hit_id = %(hit)s and verdict = 'undecided' and not %(by)s = any(seen_by)",
            hit=hit,
            by=on_hit.by,
        )
    count = await tx.execute(
        "insert into plate_verdict (id, alert_id, hit_id, judged_by, seen_by, counts, agency_id, device_id, at, judged_at, hour,"
        " night, state, verdict, pairs, probability, expected_misread, expected_wrong_state, erase_after) select %(id)s, %(alert)s,"
        " case when %(alert)s::uuid is null then %(hit)s::uuid end, %(by)s::uuid, %(seen)s::uuid[], %(counts)s, %(agency)s,"
        " %(reader)s, %(at)s, %(now)s, %(hour)s, %(night)s, %(state)s, %(verdict)s, %(pairs)s, h.probability,"
        " case when %(of_plate)s then coalesce((h.odds->>'expected_misread')::real, 0) end,"
        " case when %(of_state)s then coalesce((h.odds->>'expected_wrong_state')::real, 0) end, %(now)s + %(keep_for)s"
        " from (select 1) as one left join plate_hit h on h.id = %(hit)s and h.at = %(at)s limit 1 on conflict do nothing",
        **_values(tx, told),
        hit=hit,
        by=on_hit.by if on_hit else None,
        seen=[*on_hit.seen_by, on_hit.by] if on_hit else [],
        counts=on_hit.counts if on_hit else True,
    )
    if count and on_hit is None:
        await _counts_alone(tx, told, hit)
    return bool(count)


def _values(tx: Tx, told: Told) -> dict[str, object]:
    judged = told.judged
    return {
        "id": uuid7(tx.now),
        "alert": told.alert,
        "agency": tx.agency,
        "reader": told.reader,
        "at": told.at,
        "now": tx.now,
        "hour": told.hour,
        "night": judged.night,
        "state": told.state,
        "verdict": judged.verdict.value,
        "pairs": ["".join(pair) for pair in judged.pairs],
        "of_plate": judged.expected_misread is not None,
        "of_state": judged.expected_wrong_state is not None,
        "keep_for": LOOKS_BACK,
    }


@touches(_R, WRITE, DataClass.PLATE_HIT, READ)
async def _counts_alone(tx: Tx, told: Told, hit: UUID) -> None:
    """An alert's verdict counts instead of what was given on possible hits of the same car, before it alarmed."""
    await tx.execute(
        "update plate_verdict v set counts = false where v.hit_id is not null and v.counts and v.device_id = %(reader)s"
        " and v.at > %(at)s - interval '10 minutes' and v.at < %(at)s + interval '10 minutes' and (v.at = %(at)s or exists ("
        "select from plate_hit o join plate_hit f on f.device_id = o.device_id and f.plate = o.plate and f.watch_id is null"
        " and floor(extract(epoch from f.at) / 600) = floor(extract(epoch from o.at) / 600)"
        " where o.id = v.hit_id and o.at = v.at and f.id = %(hit)s and f.at = %(at)s))",
        reader=told.reader,
        at=told.at,
        hit=hit,
    )


@touches(_R, WRITE)
async def take_back(tx: Tx, hit: UUID) -> bool:
    """Let the verdict that this person gave on a possible hit count for nobody; False where there is none."""
    return bool(
        await tx.execute(
            "update plate_verdict set verdict = 'undecided', pairs = '{}' where hit_id = %(hit)s and judged_by = %(by)s"
            " and verdict <> 'undecided'",
            hit=hit,
            by=tx.actor,
        )
    )


@touches(_R, READ)
async def since(tx: Tx, begin: datetime, reader: ReaderId | None = None) -> list[Told]:
    """The verdicts since then that say something of a reader, one of each passing: of one reader, or of all."""
    rows = await tx.fetch(
        "select * from plate_verdict where judged_at >= %(begin)s and erase_after > %(now)s"
        " and verdict not in ('undecided', 'another_car') and counts"
        " and (%(reader)s::uuid is null or device_id = %(reader)s) order by judged_at, id",
        begin=begin,
        now=tx.now,
        reader=reader,
    )
    return [_told(row) for row in rows]


def _told(row: Row) -> Told:
    judged = Judged(
        ReaderVerdict(row["verdict"]),
        row["night"],
        tuple((pair[0], pair[1]) for pair in row["pairs"]),
        row["expected_misread"],
        row["expected_wrong_state"],
    )
    reader = ReaderId(row["device_id"])
    return Told(reader, row["alert_id"], row["at"], row["hour"], row["state"], judged, row["probability"])


@touches(DataClass.PLATE_READ, READ)
async def passed(tx: Tx, since: datetime, most: int) -> list[tuple[str, str]]:
    """State and text of some of the reads since then: only to count formats by, when a matcher starts."""
    rows = await tx.fetch(
        "select state, plate from plate_read where at >= %(since)s and state is not null limit %(most)s",
        since=since,
        most=most,
    )
    return [(row["state"], row["plate"]) for row in rows]
