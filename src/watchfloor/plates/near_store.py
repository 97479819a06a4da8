"""How many plates were read near a place: a number, and no read. It decides nothing."""

from __future__ import annotations

from datetime import datetime

from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.tx import Tx, touches


@touches(DataClass.PLATE_READ, DataClass.READER, READ)
async def count_near(tx: Tx, place: Point, within_m: float, since: datetime, until: datetime) -> int:
    """How many reads there are of within so many metres (a square), where the read or its reader was; what is past its retention is not."""
    row = await tx.fetch_one(
        # A reader that was moved since stood elsewhere when it read.
        "select count(*)::int as reads from plate_read p join reader r on r.id = p.device_id left join lateral"
        " (select * from reader_stood o where o.reader_id = p.device_id and o.until > p.at order by o.until limit 1) s on true"
        " where p.at >= %(since)s and p.at < %(until)s"
        " and p.at > %(now)s - (select keep_for from retention_rule k where k.rule = p.rule)"
        " and abs(coalesce(p.lat, s.lat, r.lat) - %(lat)s) * 111000 <= %(within)s"
        " and abs(coalesce(p.lon, s.lon, r.lon) - %(lon)s) * 111000 * cosd(%(lat)s) <= %(within)s",
        since=since,
        until=until,
        now=tx.now,
        lat=place.lat,
        lon=place.lon,
        within=within_m,
    )
    return int(row["reads"]) if row else 0
