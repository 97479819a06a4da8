"""All SQL of watches and of what answered to them. It decides nothing.

A hit of a watch lies with the hits of hot-list entries, whose retention and picture it has; its `entry_id` is the watch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.governance.words import Purpose
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.plates.model import HitId, PlateRead, ReaderId
from watchfloor.plates.store import KeptRead, alternatives_json, read_of, read_values, vehicle_json
from watchfloor.plates.watch import Answers, Expected, Watch, Watched, WatchId
from watchfloor.plates.where import Where
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_W: Final = DataClass.WATCH
_NEWEST: Final = Order("plate watches", (("started_at", "timestamptz"), ("id", "uuid")), down=True)
_NEWEST_HIT: Final = Order("hits of a watch", (("at", "timestamptz"), ("id", "uuid")), down=True)
# What is past its retention is not there, though the sweep be late.
_KEPT: Final[LiteralString] = (
    " and h.at > %(now)s - (select keep_for from retention_rule k where k.rule = h.rule)"
)
_HITS: Final[LiteralString] = (
    "select h.*, r.name as reader_name, coalesce(s.place, r.place) as place, coalesce(h.lat, s.lat, r.lat) as spot_lat,"
    " coalesce(h.lon, s.lon, r.lon) as spot_lon from plate_hit h join reader r on r.id = h.device_id left join lateral"
    " (select * from reader_stood o where o.reader_id = h.device_id and o.until > h.at order by o.until limit 1) s on true"
)


def _watch(row: Row) -> Watch:
    hours = (row["from_hour"], row["to_hour"])
    return Watch(
        id=WatchId(row["id"]),
        watched=Watched(
            row["pattern"], row["state"], row["colour"], row["make"], row["body"], place_of(row["place"]),
            tuple(ReaderId(one) for one in row["readers"]), None if hours[0] is None else hours,
        ),
        case=row["case_id"],
        purpose=Purpose.of(row["purpose"]),
        reason=row["reason"],
        started_at=row["started_at"],
        expires_at=row["expires_at"],
        expected=Expected(row["expected"]["reads"], float(row["expected"]["hours"])),
        **{
            name: row[name]
            for name in (
                "most_per_shift", "counted_from", "proposed_by", "approved_by", "paused_at", "withdrawn_at", "withdrawn_by",
                "withdrawn_why", "version",
            )
        },
    )  # fmt: skip


def place_json(where: Where | None) -> dict[str, object] | None:
    """A place as a row has it."""
    if where is None:
        return None
    points = [[point.lat, point.lon] for point in where.points]
    return {"kind": where.kind, "points": points, "within_m": where.within_m}


def place_of(kept: Mapping[str, object] | None) -> Where | None:
    """The place of a row."""
    if kept is None:
        return None
    points = kept["points"]
    if not isinstance(points, list):
        raise TypeError("a place has points")
    return Where(
        str(kept["kind"]),
        tuple(Point(float(lat), float(lon)) for lat, lon in points),
        float(str(kept["within_m"])),
    )


@touches(_W, WRITE)
async def insert(tx: Tx, watch: Watch, proposal: UUID) -> None:
    """Put a watch in force."""
    watched = watch.watched
    await tx.execute(
        "insert into plate_watch (id, agency_id, case_id, purpose, reason, pattern, state, colour, make, body, place, readers,"
        " from_hour, to_hour, expected, most_per_shift, proposal_id, proposed_by, approved_by, started_at, expires_at,"
        " counted_from, version) values (%(id)s, %(agency)s, %(case)s, %(purpose)s, %(reason)s, %(pattern)s, %(state)s,"
        " %(colour)s, %(make)s, %(body)s, %(place)s, %(readers)s::uuid[], %(first)s, %(last)s, %(expected)s, %(most)s,"
        " %(proposal)s, %(proposed_by)s, %(approved_by)s, %(started_at)s, %(expires_at)s, %(started_at)s, 1)",
        id=watch.id,
        agency=tx.agency,
        case=watch.case,
        purpose=watch.purpose.word,
        reason=watch.reason,
        pattern=watched.pattern,
        state=watched.state,
        colour=watched.colour,
        make=watched.make,
        body=watched.body,
        place=place_json(watched.where),
        readers=list(watched.readers),
        first=watched.hours[0] if watched.hours else None,
        last=watched.hours[1] if watched.hours else None,
        expected={"reads": watch.expected.reads, "hours": watch.expected.hours},
        most=watch.most_per_shift,
        proposal=proposal,
        proposed_by=watch.proposed_by,
        approved_by=watch.approved_by,
        started_at=watch.started_at,
        expires_at=watch.expires_at,
    )


@touches(_W, READ)
async def watches(tx: Tx, extent: Extent, *, case: UUID | None) -> Cut[Watch]:
    """Watches, the last begun first, of one case or of all; those that are over too."""
    rows = await tx.fetch_page(
        "select * from plate_watch where (%(case)s::uuid is null or case_id = %(case)s)",
        _NEWEST,
        extent,
        case=case,
    )
    return rows.of(_watch)


@touches(_W, READ)
async def in_force(tx: Tx) -> list[Watch]:
    """Those that may answer now, their cases not asked about."""
    rows = await tx.fetch(
        "select * from plate_watch where withdrawn_at is null and paused_at is null and expires_at > %(now)s order by id",
        now=tx.now,
    )
    return [_watch(row) for row in rows]


@touches(_W, READ)
async def by_state(tx: Tx) -> dict[str, int]:
    """How many look at reads, and how many rest because they brought too much."""
    row = await tx.fetch_one(
        "select count(*) filter (where paused_at is null) as watching, count(*) filter (where paused_at is not null) as paused"
        " from plate_watch where withdrawn_at is null and ended_at is null and expires_at > %(now)s",
        now=tx.now,
    )
    return dict(row) if row else {}


@touches(_W, READ)
async def one(tx: Tx, watch: WatchId) -> Watch | None:
    """One watch."""
    row = await tx.fetch_one("select * from plate_watch where id = %(id)s", id=watch)
    return _watch(row) if row else None


@touches(_W, READ)
async def again(tx: Tx, of: Collection[WatchId]) -> list[Watch]:
    """These watches as they stand now."""
    rows = await tx.fetch("select * from plate_watch where id = any(%(ids)s) order by id", ids=list(of))
    return [_watch(row) for row in rows]


@touches(_W, WRITE)
async def withdraw(tx: Tx, watch: WatchId, why: str) -> bool:
    """Withdraw a watch; False when it was before."""
    return bool(
        await tx.execute(
            "update plate_watch set withdrawn_at = %(now)s, withdrawn_by = %(by)s, withdrawn_why = %(why)s, version = version + 1"
            " where id = %(id)s and withdrawn_at is null",
            id=watch,
            now=tx.now,
            by=tx.actor,
            why=why,
        )
    )


@touches(_W, WRITE)
async def pause(tx: Tx, watch: WatchId) -> bool:
    """Let it answer no more until somebody resumes it; False when it is paused already."""
    return bool(
        await tx.execute(
            "update plate_watch set paused_at = %(now)s, version = version + 1 where id = %(id)s and paused_at is null",
            id=watch,
            now=tx.now,
        )
    )


@touches(_W, WRITE)
async def resume(tx: Tx, watch: WatchId) -> bool:
    """Let it answer again, its budget whole; False when it is not paused."""
    return bool(
        await tx.execute(
            "update plate_watch set paused_at = null, counted_from = %(now)s, version = version + 1 where id = %(id)s"
            " and paused_at is not null",
            id=watch,
            now=tx.now,
        )
    )


@touches(_W, WRITE)
async def end_with(tx: Tx, cases: Collection[UUID]) -> list[WatchId]:
    """Keep that the watches of these cases ended with them, each told once."""
    rows = await tx.fetch(
        "update plate_watch set ended_at = %(now)s, version = version + 1 where case_id = any(%(cases)s) and ended_at is null"
        " and withdrawn_at is null and expires_at > %(now)s returning id",
        cases=list(cases),
        now=tx.now,
    )
    return [WatchId(row["id"]) for row in rows]


@touches(_W, READ)
async def resting(tx: Tx) -> set[UUID]:
    """The cases on which watches rest that have not ended."""
    rows = await tx.fetch(
        "select distinct case_id from plate_watch where ended_at is null and withdrawn_at is null and expires_at > %(now)s",
        now=tx.now,
    )
    return {row["case_id"] for row in rows}


@touches(DataClass.PLATE_HIT, READ)
async def brought(tx: Tx, watch: WatchId, since: datetime) -> int:
    """How many hits a watch brought since then, by when they came."""
    row = await tx.fetch_one(
        "select count(*) as n from plate_hit where entry_id = %(id)s and received_at >= %(since)s",
        id=watch,
        since=since,
    )
    return int(row["n"]) if row else 0


@touches(DataClass.PLATE_HIT, READ)
async def tallies(tx: Tx, of: Collection[WatchId]) -> dict[WatchId, tuple[int, datetime]]:
    """How many hits of each are kept, and when the last was; nothing of those that have none."""
    rows = await tx.fetch(
        "select h.entry_id, count(*) as n, max(h.at) as last from plate_hit h where h.entry_id = any(%(ids)s)"  # noqa: S608  # of text that stands in the code
        + _KEPT
        + " group by h.entry_id",
        ids=list(of),
        now=tx.now,
    )
    return {WatchId(row["entry_id"]): (row["n"], row["last"]) for row in rows}


@touches(DataClass.PLATE_HIT, WRITE)
async def insert_hit(tx: Tx, hit: HitId, watch: Watch, kept: KeptRead, answers: Answers) -> bool:
    """Keep that a read answered to a watch; False when that is known."""
    read = kept.read
    return bool(
        await tx.execute(
            "insert into plate_hit (id, agency_id, rule, at, device_id, source_key, plate, state, confidence, device_at, received_at,"
            " clock_suspect, picture, lane, heading_deg, lat, lon, vehicle, alternatives, answer, kind, grade, strict, reason,"
            " entry_id, watch_id, entry_version, wanted_state, wanted_reason, wanted_purpose, wanted_expires_at, authorisation_id)"
            " values (%(id)s, %(agency)s, %(rule)s, %(at)s, %(device_id)s, %(source_key)s, %(plate)s, %(state)s, %(confidence)s,"
            " %(device_at)s, %(received_at)s, %(clock_suspect)s, %(picture)s, %(lane)s, %(heading_deg)s, %(lat)s, %(lon)s,"
            " %(vehicle)s::jsonb, %(alternatives)s::jsonb, 'candidate', %(kind)s, 'possible', %(strict)s, %(reason)s, %(watch)s,"
            " %(watch)s, %(version)s, %(wanted_state)s, %(wanted_reason)s, %(purpose)s, %(expires_at)s, %(authorisation)s)"
            " on conflict (device_id, source_key, entry_id, at, rule) do nothing",
            **read_values(read),
            id=hit,
            agency=tx.agency,
            rule=kept.rules.hit,
            vehicle=vehicle_json(read.vehicle),
            alternatives=alternatives_json(read) or None,
            kind="exact" if answers.strict else "confusable",
            strict=answers.strict,
            reason=answers.reason,
            watch=watch.id,
            version=watch.version,
            wanted_state=watch.watched.state,
            wanted_reason=watch.reason,
            purpose=watch.purpose.word,
            expires_at=watch.expires_at,
            authorisation=kept.authorisation,
        )
    )


@dataclass(frozen=True, slots=True)
class WatchHit:
    """A read that answered to a watch, copied: at which reader and where that was, and how it answered."""

    id: HitId
    watch: WatchId
    read: PlateRead
    reader: str
    place: str
    point: Point
    strict: bool
    reason: str


def _hit(row: Row) -> WatchHit:
    return WatchHit(
        HitId(row["id"]),
        WatchId(row["watch_id"]),
        read_of(row),
        row["reader_name"],
        row["place"],
        Point(row["spot_lat"], row["spot_lon"]),
        row["strict"],
        row["reason"],
    )


@touches(DataClass.PLATE_HIT, DataClass.READER, READ)
async def hits(tx: Tx, watch: WatchId, extent: Extent) -> Cut[WatchHit]:
    """What answered to a watch, the newest first."""
    sql: LiteralString = _HITS + " where h.entry_id = %(watch)s and h.watch_id = %(watch)s" + _KEPT
    found = await tx.fetch_page(sql, _NEWEST_HIT, extent, watch=watch, now=tx.now)
    return found.of(_hit)


@touches(DataClass.PLATE_HIT, DataClass.READER, READ)
async def hit(tx: Tx, watch: WatchId, hit_id: HitId) -> WatchHit | None:
    """One of them."""
    sql: LiteralString = (
        _HITS + " where h.id = %(id)s and h.entry_id = %(watch)s and h.watch_id = %(watch)s" + _KEPT
    )
    row = await tx.fetch_one(sql, id=hit_id, watch=watch, now=tx.now)
    return _hit(row) if row else None
