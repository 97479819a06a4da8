"""All SQL of two scenes (which plates were at both) and of who was near whom at which readers. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.plates.model import ReaderId
from watchfloor.plates.search_store import Found, found_of
from watchfloor.plates.where import Stood
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.tx import Tx, touches

MOST_AT_BOTH: Final = 100
MOST_PASSES: Final = 500
_READS_EACH: Final = 5
_KEPT: Final[LiteralString] = "join retention_rule k on k.rule = p.rule and p.at > %(now)s - k.keep_for"


@dataclass(frozen=True, slots=True)
class Scene:
    """The readers of a place between two times; `area` is its outline, for reads that say themselves where they were."""

    stood: tuple[Stood, ...]
    since: datetime
    until: datetime
    area: str | None = None


@dataclass(frozen=True, slots=True)
class AtBoth:
    """A plate at both scenes, alike characters counted as one: its reads at the first, and later at the second."""

    first: tuple[Found, ...]
    second: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Pass:
    """One vehicle before one reader."""

    reader: ReaderId
    at: datetime


@dataclass(frozen=True, slots=True)
class Near:
    """Another vehicle, by its folded key, that passed the same reader within the time of pass number `number`."""

    number: int
    key: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """Of leg `number`: how many vehicles passed its first reader within the hour, and how many of these its second as long after."""

    number: int
    first: int
    both: int


@touches(DataClass.PLATE_READ, DataClass.READER, READ)
async def at_both(tx: Tx, first: Scene, second: Scene) -> tuple[Sequence[AtBoth], bool]:
    """Plates read at the first scene and later at the second, the soonest first; and whether that is all of them."""
    rows = await tx.fetch(
        "with a as materialized (" + _narrow("a") + "), b as materialized (" + _narrow("b") + "),"  # noqa: S608  # of text that stands in the code
        " both_at as (select folded_key, min(b.at - a.at) as took from a join b using (folded_key) where b.at > a.at"
        " group by 1 order by 2, 1 limit %(most)s + 1),"
        " read_there as (select 'a' as scene, a.* from a join both_at using (folded_key)"
        " union all select 'b', b.* from b join both_at using (folded_key)),"
        " few as (select *, row_number() over (partition by folded_key, scene order by at) as place from read_there)"
        " select t.took, f.scene, p.*, r.name as reader_name, coalesce(s.place, r.place) as place, coalesce(p.lat, s.lat, r.lat) as lat,"
        " coalesce(p.lon, s.lon, r.lon) as lon from few f join both_at t using (folded_key)"
        " join plate_read p on p.folded_key = f.folded_key and p.at = f.at and p.number = f.number"
        " join reader r on r.id = p.device_id"
        " left join reader_stood s on s.reader_id = p.device_id and s.since <= p.at and s.until > p.at"
        " where f.place <= %(each)s order by t.took, p.folded_key, p.at, p.number",
        now=tx.now,
        most=MOST_AT_BOTH,
        each=_READS_EACH,
        **_stood("a", first),
        **_stood("b", second),
    )  # fmt: skip
    found: dict[int, dict[str, list[Found]]] = {}
    for row in rows:
        found.setdefault(row["folded_key"], {"a": [], "b": []})[row["scene"]].append(found_of(row))
    pairs = [AtBoth(tuple(reads["a"]), tuple(reads["b"])) for reads in found.values()]
    return pairs[:MOST_AT_BOTH], len(pairs) <= MOST_AT_BOTH


def _narrow(scene: LiteralString) -> LiteralString:
    return (
        f"select p.folded_key, p.at, p.number from unnest(%({scene}_readers)s::uuid[], %({scene}_sinces)s::timestamptz[],"  # noqa: S608  # of text that stands in the code
        f" %({scene}_untils)s::timestamptz[], %({scene}_insides)s::boolean[]) s (reader, since, until, inside)"
        " cross join lateral (select p.* from plate_read p where p.device_id = s.reader and p.at >= s.since and p.at < s.until"
        f" and p.at >= %({scene}_from)s and p.at < %({scene}_to)s and (%({scene}_area)s::polygon is null or"
        f" case when p.lat is null then s.inside else %({scene}_area)s::polygon @> point(p.lon, p.lat) end) offset 0) p "
        + _KEPT
    )


def _stood(name: str, scene: Scene) -> dict[str, object]:
    return {
        f"{name}_readers": [one.reader for one in scene.stood],
        f"{name}_sinces": [one.since for one in scene.stood],
        f"{name}_untils": [one.until for one in scene.stood],
        f"{name}_insides": [one.inside for one in scene.stood],
        f"{name}_from": scene.since,
        f"{name}_to": scene.until,
        f"{name}_area": scene.area,
    }


@touches(DataClass.PLATE_READ, READ)
async def passes_of(
    tx: Tx, keys: Sequence[int], since: datetime, until: datetime, readers: Sequence[UUID] | None = None
) -> dict[int, list[Pass]]:
    """When and where these vehicles were read, oldest first; the newest `MOST_PASSES` of each. With `readers`, there alone."""
    rows = await tx.fetch(
        "with m as (select p.folded_key, p.device_id, p.at,"  # noqa: S608  # of text that stands in the code
        " row_number() over (partition by p.folded_key order by p.at desc) as place from plate_read p " + _KEPT
        + " where p.folded_key = any(%(keys)s::bigint[]) and p.at >= %(since)s and p.at < %(until)s"
        " and (%(readers)s::uuid[] is null or p.device_id = any(%(readers)s)))"
        " select folded_key, device_id, at from m where place <= %(most)s order by folded_key, at, device_id",
        keys=list(keys),
        since=since,
        until=until,
        readers=None if readers is None else list(readers),
        most=MOST_PASSES,
        now=tx.now,
    )  # fmt: skip
    found: dict[int, list[Pass]] = {key: [] for key in keys}
    for row in rows:
        found[row["folded_key"]].append(Pass(row["device_id"], row["at"]))
    return found


@touches(DataClass.PLATE_READ, READ)
async def near(tx: Tx, key: int, passes: Sequence[Pass], within: timedelta) -> Sequence[Near]:
    """Which other vehicles passed the same reader within that time of each of these passes."""
    rows = await tx.fetch(
        "select distinct w.number::int as number, p.folded_key"  # noqa: S608  # of text that stands in the code
        " from unnest(%(readers)s::uuid[], %(ats)s::timestamptz[]) with ordinality w (reader, at, number)"
        " cross join lateral (select p.folded_key, p.rule, p.at from plate_read p where p.device_id = w.reader"
        " and p.at >= w.at - %(within)s and p.at <= w.at + %(within)s and p.at >= %(first)s and p.at <= %(last)s offset 0) p "
        + _KEPT
        + " where p.folded_key <> %(key)s order by 1, 2",
        key=key,
        readers=[one.reader for one in passes],
        ats=[one.at for one in passes],
        within=within,
        first=passes[0].at - within,
        last=passes[-1].at + within,
        now=tx.now,
    )
    return [Near(row["number"] - 1, row["folded_key"]) for row in rows]


@touches(DataClass.PLATE_READ, READ)
async def traffic(
    tx: Tx, legs: Sequence[tuple[int, Pass, Pass]], around: timedelta, within: timedelta, oldest: datetime
) -> Sequence[Traffic]:
    """For each leg (number, pass, next pass): what passed its first reader around then, and its second as long after."""
    rows = await tx.fetch(
        "select w.number, count(distinct a.folded_key) as first, count(distinct b.folded_key) as both_at"
        " from unnest(%(numbers)s::int[], %(from_readers)s::uuid[], %(lefts)s::timestamptz[], %(to_readers)s::uuid[],"
        " %(arrivals)s::timestamptz[]) w (number, reader, at, next_reader, next_at)"
        " cross join lateral (select p.folded_key, p.at from plate_read p where p.device_id = w.reader"
        " and p.at >= w.at - %(around)s and p.at < w.at + %(around)s and p.at >= %(oldest)s offset 0) a"
        " left join lateral (select p.folded_key from plate_read p where p.folded_key = a.folded_key"
        " and p.device_id = w.next_reader and p.at >= %(oldest)s and p.at >= a.at + (w.next_at - w.at) - 2 * %(within)s::interval"
        " and p.at <= a.at + (w.next_at - w.at) + 2 * %(within)s::interval limit 1) b on true group by 1",
        numbers=[number for number, _, _ in legs],
        from_readers=[one.reader for _, one, _ in legs],
        lefts=[one.at for _, one, _ in legs],
        to_readers=[after.reader for _, _, after in legs],
        arrivals=[after.at for _, _, after in legs],
        around=around,
        within=within,
        oldest=oldest,
    )
    return [Traffic(row["number"], row["first"], row["both_at"]) for row in rows]
