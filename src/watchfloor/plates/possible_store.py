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
# What is past its retention is not there, though the sweep be late; nor what is older than a verdict on it would be kept; nor a
# read that raised an alert, by this entry or another: its alert is judged.
_KEPT: Final[LiteralString] = (
    " where h.grade = 'possible' and h.watch_id is null and h.at > %(now)s - (select keep_for from retention_rule k where k.rule = h.rule)"
    " and h.at > %(now)s - interval '90 days' and not exists (select from plate_hit a where a.device_id = h.device_id"
    " and a.source_key = h.source_key and a.at = h.at and a.grade = 'alarm' and a.watch_id is null)"
)
# Whoever asks proposed the entry, or approved it: they know what the picture is to show.
_OWN: Final[LiteralString] = (
    "exists (select from hot_list_entry e join proposal q on q.id = e.proposal_id where e.edition = l.edition and e.id = h.entry_id"
    " and %(asker)s::uuid in (q.proposed_by, q.decided_by))"
)
# Nothing is decided of the read, whatever it answered to, and whoever asks has not seen an entry of it.
_WAITS: Final[LiteralString] = (
    "(h.picture is not null and not exists (select from plate_verdict o join plate_hit p on p.id = o.hit_id and p.at = o.at"
    " where o.device_id = h.device_id and o.at = h.at and p.source_key = h.source_key"
    " and (o.verdict <> 'undecided' or %(asker)s::uuid = any(o.seen_by))) and not " + _OWN + ")"
)
_HITS: Final[LiteralString] = (
    "select h.*, r.name as reader_name, coalesce(s.place, r.place) as place, coalesce(h.lat, s.lat, r.lat) as spot_lat,"  # noqa: S608  # of text that stands in the code
    " coalesce(h.lon, s.lon, r.lon) as spot_lon, l.name as list_name, v.verdict, v.judged_at, v.judged_by, v.seen_by, "
    + _WAITS
    + " as waits, "
    + _OWN
    + " as own from plate_hit h join reader r on r.id = h.device_id left join hot_list l on l.id = h.hot_list_id"
    " left join plate_verdict v on v.hit_id = h.id"
    " left join lateral (select * from reader_stood o where o.reader_id = h.device_id and o.until > h.at order by o.until limit 1) s"
    " on true" + _KEPT
)


class Given(StrEnum):
    """Whether a verdict was given: `waiting` have a picture, and whoever asks may judge by it."""

    WAITING = "waiting"
    GIVEN = "given"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Sifted:
    """Which possible hits are asked for: of a reader, judged or not."""

    given: Given
    reader: ReaderId | None = None


@dataclass(frozen=True, slots=True)
class HitVerdict:
    """A verdict on a possible hit: what, when, by whom; `seen_by` are all who typed a word and saw the entry."""

    verdict: ReaderVerdict
    at: datetime
    by: UUID
    seen_by: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class PossibleHit:
    """A hit that alerted nobody: the read, where that was, the entry as it was then, and the verdict on it if there is one.

    `waits`: whoever asks may judge it. `own`: they proposed the entry, or approved it.
    """

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
    waits: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reader, how many verdicts it has, how many of its possible hits could be judged, and how many have no picture."""

    reader: ReaderId
    name: str
    verdicts: int
    waiting: int
    unseen: int


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
        HitVerdict(ReaderVerdict(row["verdict"]), row["judged_at"], row["judged_by"], tuple(row["seen_by"]))
        if row["verdict"]
        else None,
        row["waits"],
        row["own"],
    )


_D: Final = DataClass


@touches(_D.PLATE_HIT, _D.READER, _D.HOT_LIST, _D.POLICY, READ)
async def sift(tx: Tx, sifted: Sifted, extent: Extent) -> Cut[PossibleHit]:
    """A part of those that are asked for, the newest first; what has no picture is not among them."""
    found = await tx.fetch_page(
        _HITS
        + " and (%(reader)s::uuid is null or h.device_id = %(reader)s)"
        + " and case %(given)s when 'given' then v.id is not null when 'waiting' then "
        + _WAITS
        + " else v.id is not null or "
        + _WAITS
        + " end",
        _NEWEST,
        extent,
        reader=sifted.reader,
        given=sifted.given.value,
        asker=tx.actor,
        now=tx.now,
    )
    return found.of(_hit)


@touches(_D.PLATE_HIT, _D.READER, _D.HOT_LIST, _D.POLICY, READ)
async def one(tx: Tx, hit: HitId) -> PossibleHit | None:
    """One of them."""
    row = await tx.fetch_one(_HITS + " and h.id = %(id)s", id=hit, asker=tx.actor, now=tx.now)
    return _hit(row) if row else None


@touches(_D.PLATE_HIT, _D.READER, _D.HOT_LIST, _D.POLICY, READ)
async def of_read(tx: Tx, read: PlateRead) -> list[PossibleHit]:
    """All that one read answered to: possible hits of the same picture."""
    rows = await tx.fetch(
        _HITS + " and h.device_id = %(device)s and h.source_key = %(key)s and h.at = %(at)s order by h.id",
        device=read.device,
        key=read.source_key,
        at=read.at,
        asker=tx.actor,
        now=tx.now,
    )
    return [_hit(row) for row in rows]


@touches(_D.PLATE_HIT, _D.READER, _D.ALERT, READ)
async def counted(tx: Tx, read: PlateRead) -> bool:
    """Whether a verdict counts already of this plate at this reader within these ten minutes, on an alert or a possible hit."""
    row = await tx.fetch_one(
        "select exists (select from plate_hit o where o.device_id = %(device)s and o.plate = %(plate)s and o.watch_id is null"
        " and floor(extract(epoch from o.at) / 600) = floor(extract(epoch from %(at)s::timestamptz) / 600)"
        " and (exists (select from plate_verdict v where v.hit_id = o.id and v.counts and v.verdict <> 'undecided')"
        " or exists (select from alert_part a join plate_verdict v on v.alert_id = a.alert_id where a.hit_id = o.id))) as yes",
        device=read.device,
        plate=read.plate.text,
        at=read.at,
    )
    return row is not None and bool(row["yes"])


@touches(_D.PLATE_HIT, _D.READER, _D.HOT_LIST, _D.POLICY, READ)
async def waiting(tx: Tx, since: datetime, judged_since: datetime) -> Sequence[Waiting]:
    """Every reader that has a possible hit since then or a verdict, fewest verdicts first."""
    rows = await tx.fetch(
        "select r.id, r.name, coalesce(v.n, 0) as verdicts, coalesce(w.n, 0) as waiting, coalesce(w.unseen, 0) as unseen from reader r"  # noqa: S608  # of text that stands in the code
        " left join (select device_id, count(*) as n from plate_verdict where judged_at >= %(judged)s and erase_after > %(now)s"
        " and verdict not in ('undecided', 'another_car') and counts and expected_misread is not null group by 1) v on v.device_id = r.id"
        " left join (select h.device_id, count(*) filter (where "
        + _WAITS
        + ") as n, count(*) filter (where h.picture is null) as unseen from plate_hit h left join hot_list l on l.id = h.hot_list_id"
        + _KEPT
        + " and h.at >= %(since)s group by 1) w on w.device_id = r.id where v.n is not null or w.n is not null order by 3, r.name, r.id",
        since=since,
        judged=judged_since,
        asker=tx.actor,
        now=tx.now,
    )
    return [
        Waiting(ReaderId(row["id"]), row["name"], row["verdicts"], row["waiting"], row["unseen"])
        for row in rows
    ]
