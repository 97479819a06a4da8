"""All SQL of readers and what they last did. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_BY_NAME: Final = Order("readers", (("name", "text"), ("id", "uuid")))


@dataclass(frozen=True, slots=True)
class ReaderState:
    """What a reader last did. `clock_off_ms` is its time less ours when its last dated read came."""

    heard_at: datetime | None
    last_read_at: datetime | None
    reads: int
    duplicates: int
    refused: int
    clock_off_ms: int | None
    clock_suspect: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What one transaction has to say of one reader. `off_ms`, `late_ms`: as in an hour of its health."""

    reader: ReaderId
    heard_at: datetime
    last_read_at: datetime | None = None
    reads: int = 0
    duplicates: int = 0
    refused: int = 0
    clock_off_ms: int | None = None
    clock_suspect: bool | None = None
    rejected: int = 0
    off_ms: int | None = None
    late_ms: int | None = None


def reader_of_row(row: Row) -> Reader:
    """A reader, as its row has it."""
    return Reader(
        id=ReaderId(row["id"]),
        name=row["name"],
        technology=TechnologyKind(row["technology"]),
        place=row["place"],
        point=Point(row["lat"], row["lon"]),
        heading_deg=row["heading_deg"],
        retired=row["retired_at"] is not None,
        version=row["version"],
        site=row["site"],
        mobile=row["mobile"],
        camera=row["camera_id"],
        csv_mapping=row["csv_mapping"],
        csv_mapping_at=row["csv_mapping_at"],
        canary=row["canary"],
        stream=row["stream"],
    )


@touches(DataClass.READER, READ)
async def readers(tx: Tx, extent: Extent | None = None) -> Cut[Reader]:
    """Readers of the agency, the retired included, by name; every one of them without an extent. Of canaries there is no list."""
    return (await tx.fetch_page("select * from reader where not canary", _BY_NAME, extent)).of(reader_of_row)


@touches(DataClass.READER, READ)
async def matched(tx: Tx) -> list[Reader]:
    """Whose reads are taken and kept: readers, the retired included, and canaries."""
    return [reader_of_row(row) for row in await tx.fetch("select * from reader")]


@touches(DataClass.READER, READ)
async def reader(tx: Tx, reader_id: ReaderId) -> Reader | None:
    """One reader."""
    row = await tx.fetch_one("select * from reader where id = %(id)s", id=reader_id)
    return reader_of_row(row) if row else None


@touches(DataClass.READER, READ)
async def was_registered(tx: Tx, reader_id: UUID) -> bool:
    """Whether there is such a reader, in service or not."""
    return await reader(tx, ReaderId(reader_id)) is not None


@touches(DataClass.READER, READ)
async def states(tx: Tx) -> dict[ReaderId, ReaderState]:
    """What each reader last did."""
    return {
        ReaderId(row["reader_id"]): ReaderState(
            row["heard_at"],
            row["last_read_at"],
            row["reads"],
            row["duplicates"],
            row["refused"],
            row["clock_off_ms"],
            row["clock_suspect"],
        )
        for row in await tx.fetch("select * from reader_state")
    }


@touches(DataClass.READER, WRITE)
async def insert_reader(tx: Tx, new: Reader) -> bool:
    """Register a reader; False when the agency has one of that name."""
    count = await tx.execute(
        "insert into reader (id, agency_id, name, technology, place, lat, lon, heading_deg, created_at,"
        " created_by, version, site, mobile, camera_id, stream) values (%(id)s, %(agency)s, %(name)s, %(technology)s, %(place)s,"
        " %(lat)s, %(lon)s, %(heading)s, %(now)s, %(by)s, %(version)s, %(site)s, %(mobile)s, %(camera)s, %(stream)s)"
        " on conflict (agency_id, name) do nothing",
        id=new.id,
        agency=tx.agency,
        name=new.name,
        technology=new.technology.value,
        place=new.place,
        lat=new.point.lat,
        lon=new.point.lon,
        heading=new.heading_deg,
        now=tx.now,
        by=tx.actor,
        version=new.version,
        site=new.site,
        mobile=new.mobile,
        camera=new.camera,
        stream=new.stream,
    )
    return count == 1


@dataclass(frozen=True, slots=True)
class Sums:
    """Reads taken, those that came again, and those that could not be taken."""

    reads: int = 0
    repeated: int = 0
    refused: int = 0


@touches(DataClass.READER, WRITE)
async def keep_heard(tx: Tx, heard: Sequence[Heard]) -> None:
    """Add to the states of readers; in one order, so that two matchers never wait for each other."""
    await tx.execute_many_uncounted(
        "insert into reader_state as s (reader_id, agency_id, heard_at, last_read_at, reads, duplicates,"
        " refused, clock_off_ms, clock_suspect) values (%(reader)s, %(agency)s, %(heard_at)s,"
        " %(last_read_at)s, %(reads)s, %(duplicates)s, %(refused)s, %(clock_off_ms)s,"
        " coalesce(%(clock_suspect)s, false)) on conflict (reader_id) do update set heard_at ="
        " greatest(s.heard_at, excluded.heard_at), last_read_at = greatest(s.last_read_at,"
        " excluded.last_read_at), reads = s.reads + excluded.reads, duplicates = s.duplicates +"
        " excluded.duplicates, refused = s.refused + excluded.refused, clock_off_ms ="
        " coalesce(excluded.clock_off_ms, s.clock_off_ms), clock_suspect = coalesce(%(clock_suspect)s,"
        " s.clock_suspect)",
        [
            {
                "reader": one.reader,
                "agency": tx.agency,
                "heard_at": one.heard_at,
                "last_read_at": one.last_read_at,
                "reads": one.reads,
                "duplicates": one.duplicates,
                "refused": one.refused,
                "clock_off_ms": one.clock_off_ms,
                "clock_suspect": one.clock_suspect,
            }
            for one in sorted(heard, key=lambda one: one.reader)
        ],
    )


@touches(DataClass.READER, WRITE)
async def retire(tx: Tx, reader: Reader) -> bool:
    """Take it out of service; False when it was before."""
    count = await tx.execute(
        "update reader set retired_at = %(now)s, version = version + 1 where id = %(id)s and retired_at is null",
        now=tx.now,
        id=reader.id,
    )
    return count == 1


@touches(DataClass.READER, WRITE)
async def map_columns(tx: Tx, reader: ReaderId, mapping: str | None) -> bool:
    """Say which column of its tables says what, as JSON; None: their headings are our own words. False where there is no such reader."""
    count = await tx.execute(
        "update reader set csv_mapping = %(mapping)s, csv_mapping_at = %(now)s, version = version + 1 where id = %(id)s",
        mapping=mapping,
        now=tx.now,
        id=reader,
    )
    return count == 1


@touches(DataClass.READER, READ)
async def sums(tx: Tx) -> Sums:
    """What all readers have reported so far."""
    row = await tx.fetch_one(
        "select coalesce(sum(reads), 0)::bigint as reads, coalesce(sum(duplicates), 0)::bigint as repeated,"
        " coalesce(sum(refused), 0)::bigint as refused from reader_state"
    )
    return Sums(row["reads"], row["repeated"], row["refused"]) if row else Sums()
