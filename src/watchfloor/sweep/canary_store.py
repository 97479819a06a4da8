"""All SQL of canaries: the readers that they come through, and what became of each, kept as jobs that nobody takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.plates.reader_store import reader_of_row
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches
from watchfloor.sweep.canary_model import PLACES, Canary, Stands

_KIND: Final = "retention.canary"
_ROUND: Final = "retention.canaries"


@dataclass(frozen=True, slots=True)
class Round:
    """A round of planting: what was to be planted and since when, and of which none could be."""

    at: datetime
    in_force: Mapping[Stands, datetime]
    failed: frozenset[Stands]


@touches(DataClass.READER, READ, DataClass.READER, WRITE)
async def reader_of(tx: Tx, name: str, beside: Reader) -> Reader | None:
    """The canaries' reader of that name, made where there is none, standing where `beside` does; None where a reader of people's
    has the name.
    """
    row = await tx.fetch_one(
        "insert into reader (id, agency_id, name, technology, place, lat, lon, created_at, created_by, version, canary) values"
        " (%(id)s, %(agency)s, %(name)s, %(technology)s, %(place)s, %(lat)s, %(lon)s, %(now)s, %(by)s, 1, true)"
        " on conflict (agency_id, name) do update set technology = excluded.technology, place = excluded.place, lat = excluded.lat,"
        " lon = excluded.lon where reader.canary returning *",
        id=uuid7(tx.now),
        agency=tx.agency,
        name=name,
        technology=beside.technology.value,
        place=beside.place,
        lat=beside.point.lat,
        lon=beside.point.lon,
        now=tx.now,
        by=tx.actor,
    )
    return reader_of_row(row) if row else None


@touches(DataClass.PLATE_READ, READ)
async def is_kept(tx: Tx, reader: ReaderId, source_key: str) -> bool:
    """Whether a read lies in the table, in force or past its time."""
    return (
        await tx.fetch_one(
            "select 1 as one from plate_read where device_id = %(reader)s and source_key = %(key)s",
            reader=reader,
            key=source_key,
        )
        is not None
    )


@touches(DataClass.PLATE_PICTURE, READ)
async def is_indexed(tx: Tx, reader: ReaderId, picture: str) -> bool:
    """Whether the index of pictures has this one, in force or past its time."""
    return (
        await tx.fetch_one(
            "select 1 as one from plate_picture where device_id = %(reader)s and sha256 = %(picture)s",
            reader=reader,
            picture=picture,
        )
        is not None
    )


@touches(DataClass.PLATE_READ, WRITE)
async def forget_read(tx: Tx, reader: ReaderId, source_key: str) -> None:
    """Forget the invented read of a picture that was looked for: it would be kept for days, and stands for nothing."""
    await tx.execute(
        "delete from plate_read where device_id = %(reader)s and source_key = %(key)s",
        reader=reader,
        key=source_key,
    )


@touches(DataClass.READER, READ, DataClass.PLATE_READ, WRITE)
async def forget_strays(tx: Tx, begin: str) -> None:
    """Forget the invented reads of the canaries' readers whose names begin so: those that came when their canary was over."""
    await tx.execute(
        "delete from plate_read where device_id in (select id from reader where canary and starts_with(name, %(begin)s))"
        " and at < %(now)s",
        begin=begin,
        now=tx.now,
    )


@touches(DataClass.MACHINERY, WRITE)
async def keep(tx: Tx, canary: Canary, *, done: bool = False) -> None:
    """Keep how far a canary is, in place of what was kept of it before."""
    await tx.execute(
        "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, unique_key, done_at) values"
        " (%(id)s, %(kind)s, %(agency)s, %(payload)s, %(planted)s, 0, 0, %(key)s, %(done)s) on conflict (unique_key) do update"
        " set payload = excluded.payload, done_at = excluded.done_at",
        id=canary.id,
        kind=_KIND,
        agency=tx.agency,
        planted=canary.planted_at,
        key=f"{_KIND} {canary.id}",
        done=tx.now if done else None,
        payload={
            "reader": str(canary.reader),
            "minutes": canary.stands.minutes,
            "pictures": canary.stands.pictures,
            "picture": canary.picture,
            "planted_at": rfc3339(canary.planted_at),
            "arrived": canary.arrived,
            "gone_s": dict(canary.gone_s),
            "fault": canary.fault,
        },
    )


@touches(DataClass.MACHINERY, READ)
async def followed(tx: Tx) -> list[Canary]:
    """The canaries of which something may be left, the oldest first."""
    rows = await tx.fetch(
        "select id, payload from job where kind = %(kind)s and agency_id = %(agency)s and done_at is null order by run_at, id",
        kind=_KIND,
        agency=tx.agency,
    )
    return [_canary(row) for row in rows]


@touches(DataClass.MACHINERY, READ)
async def newest(tx: Tx) -> list[Canary]:
    """Of each that is to be planted the canary that was followed to its end last, by length."""
    last = await last_round(tx)
    rows = await tx.fetch(
        "select distinct on (minutes, pictures) id, payload from (select id, payload, run_at, payload -> 'minutes' as minutes,"
        # What was kept before there were canaries of pictures does not say.
        " coalesce((payload ->> 'pictures')::boolean, false) as pictures from job where kind = %(kind)s and agency_id = %(agency)s"
        " and done_at is not null) as ended order by minutes, pictures, run_at desc",
        kind=_KIND,
        agency=tx.agency,
    )
    found = [_canary(row) for row in rows]
    return [one for one in found if last is None or one.stands in last.in_force]


@touches(DataClass.MACHINERY, READ)
async def planted(tx: Tx) -> dict[Stands, datetime]:
    """When the last canary of each was planted."""
    rows = await tx.fetch(
        "select (payload ->> 'minutes')::int as minutes, coalesce((payload ->> 'pictures')::boolean, false) as pictures,"
        " max(run_at) as at from job where kind = %(kind)s and agency_id = %(agency)s group by 1, 2",
        kind=_KIND,
        agency=tx.agency,
    )
    return {Stands(row["minutes"], row["pictures"]): row["at"] for row in rows}


@touches(DataClass.MACHINERY, WRITE)
async def keep_round(tx: Tx, in_force: Mapping[Stands, datetime], failed: Collection[Stands]) -> None:
    """Canaries were planted for what is in force, but for those that failed."""
    await tx.execute(
        "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, unique_key, done_at) values"
        " (%(id)s, %(kind)s, %(agency)s, %(payload)s, %(now)s, 0, 1, %(key)s, %(now)s) on conflict (unique_key) do update"
        " set payload = excluded.payload, run_at = excluded.run_at, done_at = excluded.done_at",
        id=uuid7(tx.now),
        kind=_ROUND,
        agency=tx.agency,
        now=tx.now,
        key=f"{_ROUND} {tx.agency}",
        payload={
            "in_force": {stands.name: rfc3339(since) for stands, since in in_force.items()},
            "failed": sorted(stands.name for stands in failed),
        },
    )


@touches(DataClass.MACHINERY, READ)
async def last_round(tx: Tx) -> Round | None:
    """The last round in which canaries were planted, or none was needed; None before the first."""
    row = await tx.fetch_one(
        "select run_at, payload from job where unique_key = %(key)s", key=f"{_ROUND} {tx.agency}"
    )
    if row is None:
        return None
    kept = row["payload"]
    since = {Stands.named(name): parse_rfc3339(at) for name, at in kept.get("in_force", {}).items()}
    return Round(row["run_at"], since, frozenset(Stands.named(str(name)) for name in kept.get("failed", ())))


def _canary(row: Row) -> Canary:
    kept: Mapping[str, object] = row["payload"]
    gone = sure(row["payload"]["gone_s"])
    return Canary(
        row["id"],
        ReaderId(UUID(str(kept["reader"]))),
        Stands(int(str(kept["minutes"])), bool(kept.get("pictures"))),
        str(kept["picture"]),
        parse_rfc3339(str(kept["planted_at"])),
        bool(kept["arrived"]),
        {place: int(gone[place]) for place in PLACES if place in gone},
        None if kept["fault"] is None else str(kept["fault"]),
    )
