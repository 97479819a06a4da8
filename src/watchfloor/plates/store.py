"""All SQL of keeping reads, pictures and hits. It decides nothing; searches, readers and hot lists have stores of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from watchfloor.governance.model import AuthorisationId
from watchfloor.kit.geo import Point
from watchfloor.plates.model import (
    Alternative,
    Hit,
    Match,
    Plate,
    PlateRead,
    ReaderId,
    Told,
    Vehicle,
)
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

# How far back a read without a time we trust is looked for, before it counts as another one.
UNDATED_FOR: Final = timedelta(days=1)

ReadKey = tuple[UUID, str, datetime]


@dataclass(frozen=True, slots=True)
class Rules:
    """The retention rules of a read, its picture and its hits; None for what is never stored."""

    read: int | None
    picture: int | None
    hit: int


@dataclass(frozen=True, slots=True)
class KeptRead:
    """A read and what it lives under."""

    read: PlateRead
    folded_key: int
    rules: Rules
    authorisation: AuthorisationId

    @property
    def key(self) -> ReadKey:
        return (self.read.device, self.read.source_key, self.read.at)


@touches(DataClass.MACHINERY, WRITE)
async def ensure_partitions(tx: Tx, wanted: Sequence[tuple[str, int, date]]) -> None:
    """Make the partitions of these (table, retention rule, day) where they are missing."""
    for table, rule, day in wanted:
        await tx.execute(
            "call wf_partition_create(%(table)s::text, %(rule)s::smallint, %(day)s::date)",
            table=table,
            rule=rule,
            day=day,
        )


@touches(DataClass.PLATE_READ, DataClass.PLATE_HIT, READ)
async def known_undated(tx: Tx, undated: Sequence[KeptRead]) -> set[tuple[UUID, str]]:
    """Which of these reads, whose time is ours, came before: their key alone must tell, within a day.

    Of a read that is never stored its hits tell; without one it may come as often as it likes. Holds a lock for each of
    their readers until the end of the transaction, so that two matchers cannot both say no.
    """
    if not undated:
        return set()
    for device in sorted({one.read.device for one in undated}):
        await tx.execute("select pg_advisory_xact_lock(hashtextextended(%(device)s::text, 5))", device=device)
    rows = await tx.fetch(
        "with w as (select * from unnest(%(devices)s::uuid[], %(keys)s::text[]) as w (device_id, source_key))"
        " select r.device_id, r.source_key from plate_read r join w using (device_id, source_key)"
        " where r.at >= %(since)s union"
        " select h.device_id, h.source_key from plate_hit h join w using (device_id, source_key)"
        " where h.at >= %(since)s",
        devices=[one.read.device for one in undated],
        keys=[one.read.source_key for one in undated],
        since=min(one.read.received_at for one in undated) - UNDATED_FOR,
    )
    return {(row["device_id"], row["source_key"]) for row in rows}


@touches(DataClass.PLATE_READ, WRITE)
async def insert_reads(tx: Tx, reads: Sequence[KeptRead]) -> set[ReadKey]:
    """Keep reads; the keys of those that were new. The others were kept before."""
    if not reads:
        return set()
    rows = await tx.fetch(
        "insert into plate_read (agency_id, rule, at, device_id, source_key, plate, folded_key, state,"
        " confidence, device_at, received_at, clock_suspect, picture, lane, heading_deg, vehicle,"
        " alternatives, authorisation_id, lat, lon, told) select %(agency)s, r.* from jsonb_to_recordset(%(rows)s::jsonb) as r"
        " (rule smallint, at timestamptz, device_id uuid, source_key text, plate text, folded_key bigint,"
        " state text, confidence real, device_at timestamptz, received_at timestamptz, clock_suspect"
        " boolean, picture text, lane text, heading_deg real, vehicle jsonb, alternatives jsonb,"
        " authorisation_id uuid, lat float8, lon float8, told jsonb) on conflict (device_id, source_key, at, rule) do nothing returning"
        " device_id, source_key, at",
        agency=tx.agency,
        rows=msgspec.json.encode([_read_json(one) for one in reads]).decode(),
    )
    return {(row["device_id"], row["source_key"], row["at"]) for row in rows}


@touches(DataClass.PLATE_PICTURE, WRITE)
async def insert_pictures(tx: Tx, reads: Sequence[KeptRead]) -> None:
    """Keep which pictures these reads refer to, and until when."""
    await tx.execute_many(
        "insert into plate_picture (agency_id, rule, at, sha256, device_id)"
        " values (%(agency)s, %(rule)s, %(at)s, %(sha256)s, %(device)s) on conflict do nothing",
        [
            {
                "agency": tx.agency,
                "rule": one.rules.picture,
                "at": one.read.at,
                "sha256": one.read.picture,
                "device": one.read.device,
            }
            for one in reads
            if one.read.picture is not None and one.rules.picture is not None
        ],
    )


@touches(DataClass.PLATE_READ, DataClass.PLATE_PICTURE, WRITE)
async def keep_held(
    tx: Tx,
    devices: Collection[UUID] | None = None,
    first: datetime | None = None,
    last: datetime | None = None,
) -> set[ReadKey]:
    """Put what is held of the reads and pictures that are kept for minutes where a crash does not lose it, of these readers and times or
    of all; the keys of reads that came again and had been put there before.
    """
    rows = await tx.fetch(
        "select device_id, source_key, at from wf_keep_held(%(now)s, %(devices)s::uuid[],"
        " coalesce(%(first)s::timestamptz, '-infinity'), coalesce(%(last)s::timestamptz, 'infinity'))",
        now=tx.now,
        devices=None if devices is None else list(devices),
        first=first,
        last=last,
    )
    return {(row["device_id"], row["source_key"], row["at"]) for row in rows}


@touches(
    DataClass.PLATE_PICTURE, DataClass.PLATE_HIT, DataClass.ALERT, DataClass.INCIDENT, DataClass.FOLLOW, READ
)
async def unkept(tx: Tx, names: Sequence[str]) -> list[str]:
    """Those of these pictures that nothing refers to."""
    rows = await tx.fetch(
        "select w.name from unnest(%(names)s::text[]) as w (name)"
        " where not exists (select from plate_picture p where p.sha256 = w.name)"
        " and not exists (select from plate_hit h where h.picture = w.name)"
        " and not exists (select from alert_part a where a.picture = w.name)"
        " and not exists (select from incident i where i.picture = w.name)"
        " and not exists (select from sighting g where g.picture = w.name)",
        names=list(names),
    )
    return [row["name"] for row in rows]


@touches(DataClass.PLATE_PICTURE, READ)
async def without_reads(tx: Tx, names: Sequence[str]) -> list[str]:
    """Those of these pictures that no read refers to, held or not: those of hits lie elsewhere."""
    rows = await tx.fetch(
        "select w.name from unnest(%(names)s::text[]) as w (name)"
        " where not exists (select from plate_picture p where p.sha256 = w.name)",
        names=list(names),
    )
    return [row["name"] for row in rows]


@touches(DataClass.PLATE_HIT, WRITE)
async def insert_hits(tx: Tx, hits: Sequence[Hit]) -> list[Hit]:
    """Keep hits, copied with what the entry says now; those that were new."""
    counts = await tx.execute_many(
        "insert into plate_hit as h (id, agency_id, rule, at, device_id, source_key, plate, state,"
        " confidence, device_at, received_at, clock_suspect, picture, lane, heading_deg, vehicle,"
        " alternatives, characters, answer, kind, grade, strict, reason, hot_list_id, entry_id, entry_version, wanted_plate,"
        " wanted_state, wanted_reason, wanted_vehicle, wanted_purpose, wanted_expires_at,"
        " authorisation_id, probability, odds, priority, lat, lon) values (%(id)s, %(agency)s, %(rule)s, %(at)s,"
        " %(device_id)s, %(source_key)s, %(plate)s, %(state)s, %(confidence)s, %(device_at)s, %(received_at)s, %(clock_suspect)s,"
        " %(picture)s, %(lane)s, %(heading_deg)s, %(vehicle)s::jsonb, %(alternatives)s::jsonb,"
        " %(characters)s::jsonb, %(answer)s, %(kind)s, %(grade)s, %(strict)s, %(reason)s, %(list)s,"
        " %(entry)s, %(version)s, %(wanted_plate)s, %(wanted_state)s, %(wanted_reason)s, %(wanted_vehicle)s, %(purpose)s,"
        " %(expires_at)s, %(authorisation)s, %(probability)s, %(odds)s, %(priority)s, %(lat)s, %(lon)s)"
        " on conflict (device_id, source_key, entry_id, at, rule) do update set"
        # What was possible is an alarm once a later telling of the same car says what was unread.
        " id = excluded.id, plate = excluded.plate, state = excluded.state, confidence = excluded.confidence,"
        " picture = coalesce(excluded.picture, h.picture), answer = excluded.answer, kind = excluded.kind,"
        " grade = excluded.grade, strict = excluded.strict, reason = excluded.reason,"
        " probability = excluded.probability, odds = excluded.odds"
        " where h.grade = 'possible' and excluded.grade = 'alarm'",
        [_hit_values(tx, hit) for hit in hits],
    )
    return [hit for hit, count in zip(hits, counts, strict=True) if count]


@touches(DataClass.MACHINERY, READ)
async def quarantined(tx: Tx) -> int:
    """How many messages are in quarantine."""
    row = await tx.fetch_one("select count(*) as n from quarantine where erase_after > %(now)s", now=tx.now)
    return int(row["n"]) if row else 0


@touches(DataClass.PLATE_HIT, READ)
async def hits_since(tx: Tx, since: datetime) -> int:
    """How many reads since then were on a hot list; what watches brought is not among them."""
    row = await tx.fetch_one(
        "select count(*) as n from plate_hit where at >= %(since)s and watch_id is null", since=since
    )
    return int(row["n"]) if row else 0


def read_of(row: Row) -> PlateRead:
    """The read of a row of `plate_read` or `plate_hit`."""
    return PlateRead(
        device=ReaderId(row["device_id"]),
        source_key=row["source_key"],
        plate=Plate(row["plate"]),
        state=row["state"],
        confidence=row["confidence"],
        device_at=row["device_at"],
        received_at=row["received_at"],
        at=row["at"],
        clock_suspect=row["clock_suspect"],
        picture=row["picture"],
        lane=row["lane"],
        heading_deg=row["heading_deg"],
        vehicle=Vehicle(**(row["vehicle"] or {})),
        alternatives=tuple(
            Alternative(Plate(one["plate"]), one["confidence"]) for one in row["alternatives"] or ()
        ),
        position=Point(row["lat"], row["lon"])
        if row.get("lat") is not None and row.get("lon") is not None
        else None,
        told=tuple(_told(row)),
    )


def read_values(read: PlateRead) -> dict[str, object]:
    """What a row of `plate_read` and one of `plate_hit` have of a read."""
    return {
        "at": read.at,
        "device_id": read.device,
        "source_key": read.source_key,
        "plate": read.plate.text,
        "state": read.state,
        "confidence": read.confidence,
        "device_at": read.device_at,
        "received_at": read.received_at,
        "clock_suspect": read.clock_suspect,
        "picture": read.picture,
        "lane": read.lane,
        "heading_deg": read.heading_deg,
        "lat": read.position.lat if read.position else None,
        "lon": read.position.lon if read.position else None,
    }


def told_json(read: PlateRead) -> list[dict[str, object]] | None:
    """The tellings of a read as its row has them; None where it was told once."""
    return [
        {
            "id": one.id, "at": one.at.isoformat(), "by": str(one.by), "lane": one.lane, "plate": one.plate.text,
            "state": one.state, "confidence": one.confidence, "picture": one.picture,
        }
        for one in read.told
    ] or None  # fmt: skip


def _told(row: Row) -> Iterator[Told]:
    for one in row.get("told") or ():
        yield Told(
            one["id"], datetime.fromisoformat(one["at"]), UUID(one["by"]), one["lane"], Plate(one["plate"]), one["state"],
            one["confidence"], one["picture"],
        )  # fmt: skip


def vehicle_json(vehicle: Vehicle) -> dict[str, object] | None:
    """The vehicle as a row has it."""
    said = {"colour": vehicle.colour, "make": vehicle.make, "model": vehicle.model, "body": vehicle.body}
    return {name: words for name, words in said.items() if words is not None} or None


def alternatives_json(read: PlateRead) -> list[dict[str, object]]:
    """The other readings as a row has them."""
    return [{"plate": one.plate.text, "confidence": one.confidence} for one in read.alternatives]


def _characters_json(read: PlateRead) -> list[dict[str, object]]:
    return [
        {"confidence": one.confidence, "others": [list(other) for other in one.others]}
        for one in read.characters
    ]


def _read_json(one: KeptRead) -> dict[str, object]:
    return read_values(one.read) | {
        "rule": one.rules.read,
        "picture": one.read.picture if one.rules.picture is not None else None,
        "folded_key": one.folded_key,
        "vehicle": vehicle_json(one.read.vehicle),
        "alternatives": alternatives_json(one.read) or None,
        "authorisation_id": one.authorisation,
        "told": told_json(one.read),
    }


def _hit_values(tx: Tx, hit: Hit) -> Mapping[str, object]:
    answer = hit.answer
    read, wanted = answer.read, answer.wanted
    return read_values(read) | {
        "id": hit.id,
        "agency": tx.agency,
        "rule": hit.rule,
        "vehicle": vehicle_json(read.vehicle),
        "alternatives": alternatives_json(read) or None,
        "characters": _characters_json(read) or None,
        "answer": "match" if isinstance(answer, Match) else "candidate",
        "kind": answer.kind.value,
        "grade": hit.grade.value,
        "strict": answer.strict,
        "reason": answer.reason,
        "list": wanted.list,
        "entry": wanted.id,
        "version": wanted.version,
        "wanted_plate": wanted.plate.text,
        "wanted_state": wanted.state,
        "wanted_reason": wanted.reason,
        "wanted_vehicle": wanted.vehicle,
        "purpose": wanted.purpose.word,
        "expires_at": wanted.expires_at,
        "authorisation": hit.authorisation,
        "probability": hit.odds.probability if hit.odds else None,
        "odds": asdict(hit.odds) if hit.odds else None,
        "priority": wanted.priority.value,
    }
