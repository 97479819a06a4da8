"""All SQL of what was read of the weather. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from watchfloor.acoustics.weather import Reading
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

# What was located with a reading is asked about for as long as sounds are kept; no reading is needed longer.
_KEPT: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class KeptReading:
    """A reading, and when it was entered; who did so stands in the log."""

    reading: Reading
    entered_at: datetime


def _reading(row: Row) -> Reading:
    return Reading(
        row["at"],
        row["temperature_c"],
        row["humidity"],
        row["wind_mps"],
        row["wind_from_deg"],
        row["station"],
    )


@touches(DataClass.MICROPHONE, READ)
async def between(tx: Tx, since: datetime, until: datetime) -> list[Reading]:
    """What was read between these, the first one first."""
    rows = await tx.fetch(
        "select * from weather_reading where at >= %(since)s and at < %(until)s order by at, station",
        since=since,
        until=until,
    )
    return [_reading(row) for row in rows]


@touches(DataClass.MICROPHONE, READ)
async def latest(tx: Tx, most: int) -> list[KeptReading]:
    """What was read last, the newest first."""
    rows = await tx.fetch("select * from weather_reading order by at desc, station limit %(most)s", most=most)
    return [KeptReading(_reading(row), row["entered_at"]) for row in rows]


@touches(DataClass.MICROPHONE, WRITE)
async def keep(tx: Tx, one: Reading) -> None:
    """Keep a reading; of one station and moment the last that was entered counts. Those of long ago go."""
    await tx.execute("delete from weather_reading where at < %(gone)s", gone=tx.now - _KEPT)
    await tx.execute(
        "insert into weather_reading (agency_id, station, at, temperature_c, humidity, wind_mps, wind_from_deg, entered_by,"
        " entered_at) values (%(agency)s, %(station)s, %(at)s, %(temperature)s, %(humidity)s, %(wind)s, %(from)s, %(by)s, %(now)s)"
        " on conflict (agency_id, station, at) do update set temperature_c = excluded.temperature_c,"
        " humidity = excluded.humidity, wind_mps = excluded.wind_mps, wind_from_deg = excluded.wind_from_deg,"
        " entered_by = excluded.entered_by, entered_at = excluded.entered_at",
        agency=tx.agency,
        station=one.station,
        at=one.at,
        temperature=one.temperature_c,
        **{
            "humidity": one.humidity,
            "wind": one.wind_mps,
            "from": one.wind_from_deg,
            "by": tx.actor,
            "now": tx.now,
        },
    )
