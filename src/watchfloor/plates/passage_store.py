"""All SQL of passings: reads that may be told again, found and corrected. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.plates.model import PlateRead
from watchfloor.plates.passage import LANES_WITHIN, PASSING_FOR, Passing
from watchfloor.plates.store import KeptRead, alternatives_json, read_of, told_json, vehicle_json
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

MOST_NEAR: Final = 64


@touches(DataClass.PLATE_READ, DataClass.PLATE_HIT, READ)
async def open_passings(tx: Tx, tellings: Sequence[PlateRead]) -> dict[tuple[UUID, str], Passing]:
    """The passings of which these are tellings, where they began within ten minutes. Locks their readers' passings until the end of the
    transaction. Of a read that is never stored its hit says when it began.
    """
    for device in sorted({one.device for one in tellings}):
        await tx.execute("select pg_advisory_xact_lock(hashtextextended(%(device)s::text, 7))", device=device)
    rows = await tx.fetch(
        "with w as (select distinct * from unnest(%(devices)s::uuid[], %(keys)s::text[]) as w (device_id, source_key))"
        " select r.device_id, r.source_key, r.plate, r.state, r.confidence, r.device_at, r.received_at, r.at,"
        " r.clock_suspect, r.picture, r.lane, r.heading_deg, r.vehicle, r.alternatives, r.told"
        " from plate_read r join w using (device_id, source_key) where r.at >= %(since)s"
        " union all select h.device_id, h.source_key, h.plate, h.state, h.confidence, h.device_at, h.received_at, h.at,"
        " h.clock_suspect, h.picture, h.lane, h.heading_deg, h.vehicle, h.alternatives, null"
        " from plate_hit h join w using (device_id, source_key) where h.at >= %(since)s and not exists"
        " (select from plate_read r where r.device_id = h.device_id and r.source_key = h.source_key and r.at = h.at)"
        " order by at",
        devices=[one.device for one in tellings],
        keys=[one.source_key for one in tellings],
        since=min(one.at for one in tellings) - PASSING_FOR,
    )
    return {(row["device_id"], row["source_key"]): _passing(row) for row in rows}


@touches(DataClass.PLATE_READ, READ)
async def seen_near(tx: Tx, reads: Sequence[KeptRead], lanes: Sequence[Sequence[UUID]]) -> list[Passing]:
    """Reads within seconds of these, of plates that look alike, by the readers that `lanes` names for each: of each plate and reader the
    last `MOST_NEAR`, and these themselves where they were kept before. A plate sent ten thousand times costs no more than one.
    """
    pairs = [(one, device) for one, devices in zip(reads, lanes, strict=True) for device in devices]
    rows = await tx.fetch(
        "with w as (select key, device, min(at) - %(within)s::interval as first, max(at) + %(within)s::interval as last"
        " from unnest(%(keys)s::bigint[], %(devices)s::uuid[], %(ats)s::timestamptz[]) as w (key, device, at) group by 1, 2),"
        " near as (select r.* from w cross join lateral (select r.* from plate_read r where r.folded_key = w.key"
        " and r.device_id = w.device and r.at between w.first and w.last and r.at between %(first)s and %(last)s"
        " order by r.at desc limit %(most)s) r"
        " union all select r.* from unnest(%(own_devices)s::uuid[], %(source_keys)s::text[], %(own_ats)s::timestamptz[])"
        " as o (device_id, source_key, at) join plate_read r using (device_id, source_key, at)"
        " where r.at between %(first)s and %(last)s),"
        " once as (select distinct on (device_id, source_key, at) * from near order by device_id, source_key, at)"
        " select * from once order by at, number",
        keys=[one.folded_key for one, _ in pairs],
        devices=[device for _, device in pairs],
        ats=[one.read.at for one, _ in pairs],
        own_devices=[one.read.device for one in reads],
        source_keys=[one.read.source_key for one in reads],
        own_ats=[one.read.at for one in reads],
        within=LANES_WITHIN,
        most=MOST_NEAR,
        first=min(one.read.at for one in reads) - LANES_WITHIN,
        last=max(one.read.at for one in reads) + LANES_WITHIN,
    )
    return [_passing(row) for row in rows]


@touches(DataClass.PLATE_READ, WRITE)
async def correct(tx: Tx, passings: Sequence[tuple[PlateRead, int]]) -> None:
    """Write down what these reads say now, each with the key of its plate."""
    await tx.execute_many(
        "update plate_read set plate = %(plate)s, folded_key = %(key)s, state = %(state)s, confidence = %(confidence)s,"
        " picture = %(picture)s, heading_deg = %(heading)s, vehicle = %(vehicle)s::jsonb, alternatives = %(alternatives)s::jsonb,"
        " told = %(told)s::jsonb where device_id = %(device)s and source_key = %(source)s and at = %(at)s",
        [
            {
                "plate": read.plate.text, "key": key, "state": read.state, "confidence": read.confidence,
                "picture": read.picture, "heading": read.heading_deg, "vehicle": vehicle_json(read.vehicle),
                "alternatives": alternatives_json(read) or None, "told": told_json(read), "device": read.device,
                "source": read.source_key, "at": read.at,
            }
            for read, key in passings
        ],
    )  # fmt: skip


def _passing(row: Row) -> Passing:
    read = read_of(row)
    return Passing(read, _spoken(read))


def _spoken(read: PlateRead) -> datetime:
    """When what the read says was told: of those that say the same the last."""
    same = [one.at for one in read.told if one.plate == read.plate]
    return max(same, default=read.device_at or read.received_at)
