"""The SQL of the reads behind an alert. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from watchfloor.kit.geo import Point
from watchfloor.plates.model import PlateRead
from watchfloor.plates.search_store import Answered, answered_of
from watchfloor.plates.store import read_of
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.tx import Tx, touches

MOST_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Behind:
    """A read that raised or strengthened an alert, where its reader stood, and the entry it answered to."""

    read: PlateRead
    reader: str
    place: str
    point: Point
    hit: Answered


@touches(DataClass.ALERT, DataClass.PLATE_HIT, DataClass.READER, READ)
async def reads_behind(tx: Tx, alert: UUID) -> list[Behind]:
    """The newest `MOST_SHOWN` of them, the newest first; what is past its retention is not there, though the sweep be late."""
    rows = await tx.fetch(
        "select h.*, r.name as reader_name, a.place as stood_at, coalesce(h.lat, a.lat, r.lat) as stood_lat,"
        " coalesce(h.lon, a.lon, r.lon) as stood_lon from alert_part a join plate_hit h on h.id = a.hit_id"
        " join reader r on r.id = h.device_id where a.alert_id = %(alert)s"
        " and h.at > %(now)s - (select keep_for from retention_rule k where k.rule = h.rule)"
        " order by h.at desc, h.id limit %(most)s",
        alert=alert,
        now=tx.now,
        most=MOST_SHOWN,
    )
    return [
        Behind(
            read_of(row),
            row["reader_name"],
            row["stood_at"],
            Point(row["stood_lat"], row["stood_lon"]),
            answered_of(row),
        )
        for row in rows
    ]
