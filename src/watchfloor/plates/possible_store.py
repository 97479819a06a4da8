"""All SQL of possible hits of hot lists, and of the verdicts given on them. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.plates.likely import Odds
from watchfloor.plates.model import HitId, HotListId, Kind, Plate, PlateRead, Priority, ReaderId
from watchfloor.plates.record import ReaderVerdict
from watchfloor.plates.store import read_of
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_NEWEST: Final = Order("possible hits", (("at", "timestamptz"), ("id", "uuid")), down=True)
# What is past its retention is not there, though the sweep be late.
_KEPT: Final[LiteralString] = (
    " where h.grade = 'possible' and h.watch_id is null and h.at > %(now)s - (select keep_for from retention_rule k where k.rule = h.rule)"
)
_HITS: Final[LiteralString] = (
    "select h.*, r.name as reader_name, coalesce(s.place, r.place) as place, coalesce(h.lat, s.lat, r.lat) as spot_lat,"  # noqa: S608  # of text that stands in the code
    " coalesce(h.lon, s.lon, r.lon) as spot_lon, l.name as list_name, v.verdict, v.judged_at, v.judged_by from plate_hit h"
    " join reader r on r.id = h.device_id left join hot_list l on l.id = h.hot_list_id left join plate_verdict v on v.hit_id = h.id"
    " left join lateral (select * from reader_stood o where o.reader_id = h.device_id and o.until > h.at order by o.until limit 1) s"
    " on true" + _KEPT
)


class Given(StrEnum):
    """Whether a verdict was given: `waiting` have a picture that somebody could judge by."""

    WAITING = "waiting"
    GIVEN = "given"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Sifted:
    """Which possible hits are asked for: of a reader, of a list, judged or not, read from then to then."""

    given: Given
    reader: ReaderId | None = None
    hot_list: HotListId | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HitVerdict:
    """A verdict on a possible hit: what, when, by whom."""

    verdict: ReaderVerdict
    at: datetime
    by: UUID


@dataclass(frozen=True, slots=True)
class PossibleHit:
    """A hit that alerted nobody: the read, where that was, the entry as it was then, and the verdict on it if there is one."""

    id: HitId
    read: PlateRead
    reader: str
    place: str
    point: Point
    kind: Kind
    reason: str
    odds: Odds | None
    priority: Priority
    list: HotListId
    list_name: str | None
    wanted: Plate
    wanted_state: str | None
    wanted_for: str
    vehicle: str | None
    judged: HitVerdict | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reader, how many verdicts it has, and how many of its possible hits could be judged."""

    reader: ReaderId
    name: str
    verdicts: int
    waiting: int


def _hit(row: Row) -> PossibleHit:
    return PossibleHit(
        HitId(row["id"]),
        read_of(row),
        row["reader_name"],
        row["place"],
        Point(row["spot_lat"], row["spot_lon"]),
        Kind(row["kind"]),
        row["reason"],
        Odds(**row["odds"]) if row["odds"] else None,
        Priority(row["priority"]),
        HotListId(row["hot_list_id"]),
        row["list_name"],
        Plate(row["wanted_plate"]),
        row["wanted_state"],
        row["wanted_reason"],
        row["wanted_vehicle"],
        HitVerdict(ReaderVerdict(row["verdict"]), row["judged_at"], row["judged_by"])
        if row["verdict"]
        else None,
    )


@touches(DataClass.PLATE_HIT, DataClass.READER, DataClass.HOT_LIST, READ)
async def sift(tx: Tx, sifted: Sifted, extent: Extent) -> Cut[PossibleHit]:
    """A part of those that are asked for, the newest first."""
    found = await tx.fetch_page(
        _HITS
        + " and (%(reader)s::uuid is null or h.device_id = %(reader)s) and (%(list)s::uuid is null or h.hot_list_id = %(list)s)"
        " and (%(since)s::timestamptz is null or h.at >= %(since)s) and (%(until)s::timestamptz is null or h.at < %(until)s)"
        " and case %(given)s when 'waiting' then v.id is null and h.picture is not null when 'given' then v.id is not null else true end",
        _NEWEST,
        extent,
        reader=sifted.reader,
        list=sifted.hot_list,
        since=sifted.since,
        until=sifted.until,
        given=sifted.given.value,
        now=tx.now,
    )
    return found.of(_hit)


@touches(DataClass.PLATE_HIT, DataClass.READER, DataClass.HOT_LIST, READ)
async def one(tx: Tx, hit: HitId) -> PossibleHit | None:
    """One of them."""
    row = await tx.fetch_one(_HITS + " and h.id = %(id)s", id=hit, now=tx.now)
    return _hit(row) if row else None


@touches(DataClass.PLATE_HIT, DataClass.READER, DataClass.HOT_LIST, READ)
async def of_read(tx: Tx, read: PlateRead) -> list[PossibleHit]:
    """All that one read answered to: possible hits of the same picture."""
    rows = await tx.fetch(
        _HITS + " and h.device_id = %(device)s and h.source_key = %(key)s and h.at = %(at)s order by h.id",
        device=read.device,
        key=read.source_key,
        at=read.at,
        now=tx.now,
    )
    return [_hit(row) for row in rows]


@touches(DataClass.PLATE_HIT, DataClass.READER, READ)
async def waiting(tx: Tx, since: datetime, judged_since: datetime) -> Sequence[Waiting]:
    """Every reader that has a possible hit since then or a verdict, fewest verdicts first."""
    rows = await tx.fetch(
        "select r.id, r.name, coalesce(v.n, 0) as verdicts, coalesce(w.n, 0) as waiting from reader r"  # noqa: S608  # of text that stands in the code
        " left join (select device_id, count(*) as n from plate_verdict where judged_at >= %(judged)s and erase_after > %(now)s"
        " and verdict <> 'undecided' group by 1) v on v.device_id = r.id"
        " left join (select h.device_id, count(*) as n from plate_hit h"  # of text that stands in the code
        + _KEPT
        + " and h.at >= %(since)s and h.picture is not null and not exists (select from plate_verdict o where o.hit_id = h.id)"
        " group by 1) w on w.device_id = r.id where v.n is not null or w.n is not null order by 3, r.name, r.id",
        since=since,
        judged=judged_since,
        now=tx.now,
    )
    return [Waiting(ReaderId(row["id"]), row["name"], row["verdicts"], row["waiting"]) for row in rows]
