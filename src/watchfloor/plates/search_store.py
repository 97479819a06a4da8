"""All SQL of searching reads, and of looking at one: the read, the entries it answered to, its picture. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from watchfloor.kit.geo import Point
from watchfloor.plates.likely import Odds
from watchfloor.plates.model import Grade, Kind, Plate, PlateRead
from watchfloor.plates.store import read_of
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.tx import Row, Tx, touches


@dataclass(frozen=True, slots=True)
class Found:
    """A read as a search shows it."""

    number: int
    read: PlateRead
    reader: str
    place: str
    point: Point


@dataclass(frozen=True, slots=True)
class Answered:
    """A hot-list entry that a read answered to, as it was then; `answer` is match or candidate. Of what was kept before odds
    were reckoned there are none.
    """

    answer: str
    kind: Kind
    grade: Grade
    strict: bool
    reason: str
    plate: Plate
    state: str | None
    wanted_for: str
    vehicle: str | None
    expires_at: datetime
    odds: Odds | None


_MOST_OF_ONE: Final = 200
# What is past its retention is not there, though the sweep be late.
_KEPT: Final[LiteralString] = (
    " and p.at > %(now)s - (select keep_for from retention_rule k where k.rule = p.rule)"
)
_BRIEFLY: Final[LiteralString] = (
    " and %(brief)s = ((select keep_for from retention_rule k where k.rule = p.rule) < interval '1 day')"
)
_READS: Final[LiteralString] = (
    # A reader that was moved since stood elsewhere when it read.
    "select p.*, r.name as reader_name, coalesce(s.place, r.place) as place, coalesce(p.lat, s.lat, r.lat) as lat,"
    " coalesce(p.lon, s.lon, r.lon) as lon from plate_read p join reader r on r.id = p.device_id left join lateral"
    " (select * from reader_stood o where o.reader_id = p.device_id and o.until > p.at order by o.until limit 1) s on true"
)


def found_of(row: Row) -> Found:
    """The read of a row that names its reader and its place."""
    return Found(row["number"], read_of(row), row["reader_name"], row["place"], Point(row["lat"], row["lon"]))


@touches(DataClass.PLATE_READ, DataClass.READER, READ)
async def read_at(tx: Tx, at: datetime, number: int) -> Found | None:
    """One read, by when it was and its number."""
    row = await tx.fetch_one(
        _READS + " where p.at = %(at)s and p.number = %(number)s" + _KEPT, at=at, number=number, now=tx.now
    )
    return found_of(row) if row else None


@touches(DataClass.PLATE_READ, DataClass.READER, READ)
async def reads_at(tx: Tx, places: Sequence[tuple[datetime, int]]) -> dict[tuple[datetime, int], Found]:
    """Reads by when they were and their numbers; those that are not there (any more) are left out."""
    if not places:
        return {}
    rows = await tx.fetch(
        _READS + " join unnest(%(ats)s::timestamptz[], %(numbers)s::bigint[]) w (at, number) on p.at = w.at and p.number = w.number"
        " where p.at >= %(first)s and p.at <= %(last)s" + _KEPT,
        ats=[at for at, _ in places],
        numbers=[number for _, number in places],
        first=min(at for at, _ in places),
        last=max(at for at, _ in places),
        now=tx.now,
    )  # fmt: skip
    return {(row["at"], row["number"]): found_of(row) for row in rows}


@touches(DataClass.PLATE_READ, DataClass.READER, READ)
async def reads_of_key(tx: Tx, key: int, since: datetime, *, brief: bool) -> list[Found]:
    """The newest reads of a plate since then, alike characters counted as one: the first read first.

    Either those that are kept for minutes (`brief`), or those that are kept for days.
    """
    rows = await tx.fetch(
        _READS
        + " where p.folded_key = %(key)s and p.at >= %(since)s"
        + _KEPT
        + _BRIEFLY
        + " order by p.at desc, p.number desc limit %(most)s",
        brief=brief,
        key=key,
        since=since,
        most=_MOST_OF_ONE,
        now=tx.now,
    )
    return [found_of(row) for row in reversed(rows)]


@touches(DataClass.PLATE_HIT, READ)
async def answered(tx: Tx, read: PlateRead) -> Sequence[Answered]:
    """The entries that this read answered to, as they were then."""
    rows = await tx.fetch(
        "select p.* from plate_hit p where p.device_id = %(device)s and p.source_key = %(key)s and p.at = %(at)s and p.watch_id is null"
        " and p.at > %(now)s - (select keep_for from retention_rule k where k.rule = p.rule) order by p.id",
        device=read.device,
        key=read.source_key,
        at=read.at,
        now=tx.now,
    )
    return [answered_of(row) for row in rows]


def answered_of(row: Row) -> Answered:
    """The entry of a row of `plate_hit`, as it was then."""
    return Answered(
        row["answer"],
        Kind(row["kind"]),
        Grade(row["grade"]),
        row["strict"],
        row["reason"],
        Plate(row["wanted_plate"]),
        row["wanted_state"],
        row["wanted_reason"],
        row["wanted_vehicle"],
        row["wanted_expires_at"],
        Odds(**row["odds"]) if row["odds"] else None,
    )


@touches(DataClass.PLATE_PICTURE, DataClass.PLATE_HIT, READ)
async def picture_is_kept(tx: Tx, read: PlateRead) -> bool:
    """Whether the picture of this read may still be shown: its own retention has not passed, or a hit's has not."""
    row = await tx.fetch_one(
        "select exists (select from plate_picture p where p.sha256 = %(name)s and p.at = %(at)s and"
        " p.device_id = %(device)s and"
        " p.at > %(now)s - (select keep_for from retention_rule k where k.rule = p.rule))"
        " or exists (select from plate_hit p where p.device_id = %(device)s and p.source_key = %(key)s and"
        " p.at = %(at)s and p.picture = %(name)s and"
        " p.at > %(now)s - (select keep_for from retention_rule k where k.rule = p.rule)) as kept",
        name=read.picture,
        at=read.at,
        device=read.device,
        key=read.source_key,
        now=tx.now,
    )
    return bool(row and row["kept"])
