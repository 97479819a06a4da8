"""All SQL of what came of sounds. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from watchfloor.dispatch.sounds.model import (
    OWN,
    LearntBy,
    Missed,
    NewOutcome,
    Off,
    OutcomeState,
    SoundCause,
    SoundEvidence,
    SoundOutcome,
    SoundRecord,
    SoundSaid,
)
from watchfloor.kit.geo import Point
from watchfloor.kit.pages import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_O, _A = DataClass.OUTCOME, DataClass.ALERT
_NEWEST_FIRST: Final = Order("sounds", (("at", "timestamptz"), ("id", "uuid")), down=True)


class WhichSounds(StrEnum):
    """Which sounds a list is of."""

    ALL = "all"
    TO_SAY = "to_say"
    TO_AGREE = "to_agree"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Sought:
    """Between which times, and which of them; `alert` is one alert's alone."""

    since: datetime
    until: datetime
    which: WhichSounds
    alert: UUID | None = None


def _record(row: Row) -> SoundRecord:
    return SoundRecord(
        id=row["id"],
        missed=row["what"] == "miss",
        source=row["source"],
        source_ref=row["source_ref"],
        at=row["at"],
        told_at=row["told_at"],
        district=row["district"],
        verdict=row["verdict"],
        reason=row["reason"],
        decided_at=row["decided_at"],
        how=LearntBy(row["how"]) if row["how"] else None,
        note=row["note"],
        recorded_by=row["recorded_by"],
        alert_kept=row["alert_kept"],
        incident=row["incident_id"],
        stands=SoundSaid(row["stands"]) if row["stands"] else None,
        waits=SoundSaid(row["waits"]) if row["waits"] else None,
    )


def _outcome(row: Row) -> SoundOutcome:
    off = Off(row["error_m"], row["first_error_m"], row["in_half"], row["in_most"])
    return SoundOutcome(
        id=row["id"],
        sound=row["sound_id"],
        state=OutcomeState(row["state"]),
        said=SoundSaid(row["said"]),
        evidence=tuple(SoundEvidence(word) for word in row["evidence"]),
        victims=row["victims"],
        cause=SoundCause(row["cause"]) if row["cause"] else None,
        note=row["note"],
        why=row["why"],
        off=off if row["in_most"] is not None else None,
        recorded_by=row["recorded_by"],
        recorded_at=row["recorded_at"],
        second_by=row["second_by"],
        second_at=row["second_at"],
        second_why=row["second_why"],
    )


@touches(_O, _A, READ)
async def sounds(tx: Tx, extent: Extent, sought: Sought) -> Cut[SoundRecord]:
    """Sounds of a time, the newest first."""
    rows = await tx.fetch_page(
        "select * from (select r.*, a.id is not null as alert_kept, a.incident_id, s.said as stands, w.said as waits"
        " from sound_record r left join alert a on a.id = r.id"
        " left join sound_outcome s on s.sound_id = r.id and s.state = 'stands'"
        " left join sound_outcome w on w.sound_id = r.id and w.state = 'waits') found"
        " where at >= %(since)s and at < %(until)s and (%(alert)s::uuid is null or id = %(alert)s)"
        " and (%(which)s = 'all' or %(which)s = 'missed' and what = 'miss' or %(which)s = 'to_agree' and waits is not null"
        " or %(which)s = 'to_say' and what = 'alert' and stands is null and waits is null)",
        _NEWEST_FIRST,
        extent,
        since=sought.since,
        until=sought.until,
        which=sought.which.value,
        alert=sought.alert,
    )
    return rows.of(_record)


@touches(_O, _A, READ)
async def sound_of(tx: Tx, sound: UUID) -> SoundRecord | None:
    """One sound."""
    row = await tx.fetch_one(
        "select r.*, a.id is not null as alert_kept, a.incident_id,"
        " (select said from sound_outcome where sound_id = r.id and state = 'stands') as stands,"
        " (select said from sound_outcome where sound_id = r.id and state = 'waits') as waits"
        " from sound_record r left join alert a on a.id = r.id where r.id = %(id)s",
        id=sound,
    )
    return _record(row) if row else None


@touches(_O, _A, READ)
async def told_by_others(tx: Tx, sound: UUID) -> list[SoundRecord]:
    """What other sources told of within 90 seconds and 500 m of a sound, the first one first."""
    rows = await tx.fetch(
        "select r.*, a.id is not null as alert_kept, a.incident_id,"
        " (select said from sound_outcome where sound_id = r.id and state = 'stands') as stands,"
        " (select said from sound_outcome where sound_id = r.id and state = 'waits') as waits"
        " from sound_record o join sound_record r on r.agency_id = o.agency_id and r.source <> o.source and r.what = 'alert'"
        " and o.what = 'alert' and r.at between o.at - interval '90 seconds' and o.at + interval '90 seconds'"
        " and (r.lat - o.lat) ^ 2 + ((r.lon - o.lon) * cos(radians(o.lat))) ^ 2 <= (500 / 111320.0) ^ 2"
        " left join alert a on a.id = r.id where o.id = %(id)s order by r.at, r.id limit 20",
        id=sound,
    )
    return [_record(row) for row in rows]


@touches(_O, WRITE)
async def hold(tx: Tx, sound: UUID) -> bool:
    """Whether there is such a sound; nobody else says what came of it until the transaction ends."""
    return await tx.fetch_one("select 1 from sound_record where id = %(id)s for update", id=sound) is not None


@touches(_O, READ)
async def outcomes_of(tx: Tx, sounds: Sequence[UUID]) -> list[SoundOutcome]:
    """All that was said of these sounds, the newest first."""
    rows = await tx.fetch(
        "select * from sound_outcome where sound_id = any(%(ids)s) order by recorded_at desc, id desc",
        ids=list(sounds),
    )
    return [_outcome(row) for row in rows]


@touches(_A, READ)
async def truth_of(tx: Tx, outcome: UUID) -> Point | None:
    """Where a sound truly was by an outcome; None where nobody knew, and after its alert is forgotten."""
    row = await tx.fetch_one("select lat, lon from sound_truth where outcome_id = %(id)s", id=outcome)
    return Point(row["lat"], row["lon"]) if row else None


@touches(_O, WRITE)
async def insert(
    tx: Tx, outcome: UUID, sound: UUID, new: NewOutcome, state: OutcomeState, off: Off | None
) -> None:
    """Keep an outcome."""
    await tx.execute(
        "insert into sound_outcome (id, agency_id, sound_id, state, said, evidence, victims, cause, note, why, error_m, first_error_m,"
        " in_half, in_most, recorded_by, recorded_at) values (%(id)s, %(agency)s, %(sound)s, %(state)s, %(said)s, %(evidence)s,"
        " %(victims)s, %(cause)s, %(note)s, %(why)s, %(error)s, %(first)s, %(half)s, %(most)s, %(by)s, %(now)s)",
        id=outcome,
        agency=tx.agency,
        sound=sound,
        state=state.value,
        said=new.said.value,
        evidence=sorted(word.value for word in new.evidence),
        victims=new.victims,
        cause=new.cause.value if new.cause else None,
        note=new.note,
        why=new.why,
        error=off.error_m if off else None,
        first=off.first_error_m if off else None,
        half=off.in_half if off else None,
        most=off.in_most if off else None,
        by=tx.actor,
        now=tx.now,
    )


@touches(_A, WRITE)
async def keep_truth(tx: Tx, outcome: UUID, alert: UUID, place: Point) -> None:
    """Keep where a sound truly was, as long as its alert is kept."""
    await tx.execute(
        "insert into sound_truth (outcome_id, agency_id, alert_id, lat, lon) values (%(id)s, %(agency)s, %(alert)s, %(lat)s, %(lon)s)",
        id=outcome,
        agency=tx.agency,
        alert=alert,
        lat=place.lat,
        lon=place.lon,
    )


@touches(_O, WRITE)
async def replace(tx: Tx, sound: UUID) -> None:
    """What stood of a sound stands no more."""
    await tx.execute(
        "update sound_outcome set state = 'replaced' where sound_id = %(id)s and state = 'stands'", id=sound
    )


@touches(_O, WRITE)
async def seconded(tx: Tx, outcome: UUID, state: OutcomeState, why: str | None) -> bool:
    """A second person agreed, or did not; False where it does not wait."""
    done = await tx.execute(
        "update sound_outcome set state = %(state)s, second_by = %(by)s, second_at = %(now)s, second_why = %(why)s"
        " where id = %(id)s and state = 'waits'",
        id=outcome,
        state=state.value,
        by=tx.actor,
        now=tx.now,
        why=why,
    )
    return bool(done)


@touches(_O, WRITE)
async def insert_miss(tx: Tx, sound: UUID, missed: Missed, district: str | None) -> None:
    """Keep gunfire that was not alerted."""
    await tx.execute(
        "insert into sound_record (id, agency_id, what, source, at, district, lat, lon, how, note, recorded_by) values (%(id)s, %(agency)s,"
        " 'miss', %(source)s, %(at)s, %(district)s, round(%(lat)s::numeric, 3), round(%(lon)s::numeric, 3), %(how)s, %(note)s, %(by)s)",
        id=sound,
        agency=tx.agency,
        source=OWN,
        at=missed.at,
        district=district,
        lat=missed.place.lat,
        lon=missed.place.lon,
        how=missed.how.value,
        note=missed.note,
        by=tx.actor,
    )
