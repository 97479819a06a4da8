"""All SQL of following: what is followed, and where it was read. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.investigations.following.model import Ended, Follow, FollowId, Sighting, SightingId
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.plates.model import Plate, ReaderId
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_F: Final = DataClass.FOLLOW
# A device that floods makes neither the track nor its page slow.
MOST_SHOWN: Final = 300
# What its incident or its hour has ended is followed no more, though nobody has written that down yet.
_OPEN: Final[LiteralString] = (
    "select f.* from follow f join incident i on i.id = f.incident_id where f.ended_at is null and i.closed_at is null"
    " and (f.ratify_by is null or f.ratify_by > %(now)s)"
)


def _follow(row: Row) -> Follow:
    return Follow(
        id=FollowId(row["id"]),
        incident=row["incident_id"],
        plate=Plate(row["plate"]),
        state=row["state"],
        key=row["folded_key"],
        looked_back_to=row["looked_back_to"],
        started_by=row["started_by"],
        started_at=row["started_at"],
        ratify_by=row["ratify_by"],
        ratified_by=row["ratified_by"],
        ended_at=row["ended_at"],
        ended_by=row["ended_by"],
        ended_why=Ended(row["ended_why"]) if row["ended_why"] else None,
    )


@touches(_F, DataClass.INCIDENT, READ)
async def open_follows(tx: Tx) -> list[Follow]:
    """Everything of the agency that is followed now: a handful."""
    return [_follow(row) for row in await tx.fetch(_OPEN + " order by f.id", now=tx.now)]


@touches(_F, READ)
async def latest(tx: Tx, incident: UUID) -> Follow | None:
    """What is or was last followed under an incident."""
    row = await tx.fetch_one(
        "select * from follow where incident_id = %(incident)s order by started_at desc, id desc limit 1",
        incident=incident,
    )
    return _follow(row) if row else None


@touches(_F, READ)
async def alone_since(tx: Tx, incident: UUID, key: int) -> datetime | None:
    """When whoever asks first followed that plate under the incident by their own word alone."""
    row = await tx.fetch_one(
        "select min(started_at) as since from follow where incident_id = %(incident)s and folded_key = %(key)s"
        " and started_by = %(by)s and ratified_by is null",
        incident=incident,
        key=key,
        by=tx.actor,
    )
    return row["since"] if row else None


@touches(_F, WRITE)
async def insert_follow(tx: Tx, new: Follow) -> bool:
    """Begin; False when something is followed under the incident already."""
    return bool(
        await tx.execute(
            "insert into follow (id, agency_id, incident_id, plate, state, folded_key, looked_back_to, started_by, started_at,"
            " ratify_by) values (%(id)s, %(agency)s, %(incident)s, %(plate)s, %(state)s, %(key)s, %(back)s, %(by)s, %(now)s,"
            " %(ratify_by)s) on conflict do nothing",
            id=new.id,
            agency=tx.agency,
            incident=new.incident,
            plate=new.plate.text,
            state=new.state,
            key=new.key,
            back=new.looked_back_to,
            by=new.started_by,
            now=new.started_at,
            ratify_by=new.ratify_by,
        )
    )


@touches(_F, WRITE)
async def end(tx: Tx, follow: FollowId, why: Ended, *, by: UUID | None) -> bool:
    """End it; False when it has ended."""
    return bool(
        await tx.execute(
            "update follow set ended_at = %(now)s, ended_why = %(why)s, ended_by = %(by)s where id = %(id)s and ended_at is null",
            id=follow,
            now=tx.now,
            why=why.value,
            by=by,
        )
    )


@touches(_F, WRITE)
async def ratify(tx: Tx, follow: FollowId) -> bool:
    """A second person agrees: it lasts as long as its incident. False when its hour is over or another has agreed."""
    return bool(
        await tx.execute(
            "update follow set ratify_by = null, ratified_by = %(by)s where id = %(id)s and ended_at is null"
            " and ratify_by > %(now)s and started_by <> %(by)s",
            id=follow,
            by=tx.actor,
            now=tx.now,
        )
    )


@touches(_F, DataClass.INCIDENT, READ)
async def over(tx: Tx) -> list[tuple[Follow, Ended]]:
    """What has ended without having been ended: with its incident, or because no second person agreed."""
    rows = await tx.fetch(
        "select f.*, i.closed_at from follow f join incident i on i.id = f.incident_id where f.ended_at is null"
        " and (i.closed_at is not null or f.ratify_by <= %(now)s) order by f.id",
        now=tx.now,
    )
    return [
        (_follow(row), Ended.INCIDENT_CLOSED if row["closed_at"] is not None else Ended.NOT_RATIFIED)
        for row in rows
    ]


@touches(_F, DataClass.READER, READ)
async def sightings(tx: Tx, follow: FollowId) -> list[Sighting]:
    """Where it was read, the first read first; of very many the last."""
    rows = await tx.fetch(
        "select s.*, r.name as reader_name from sighting s join reader r on r.id = s.reader_id"
        " where s.follow_id = %(follow)s order by s.at desc, s.id desc limit %(most)s",
        follow=follow,
        most=MOST_SHOWN,
    )
    return [_sighting(row) for row in reversed(rows)]


@touches(_F, READ)
async def picture_of(tx: Tx, incident: UUID, sighting: UUID) -> str | None:
    """The name of the picture of a sighting under an incident; None where there is no such sighting, or no picture."""
    row = await tx.fetch_one(
        "select s.picture from sighting s join follow f on f.id = s.follow_id"
        " where s.id = %(sighting)s and f.incident_id = %(incident)s",
        sighting=sighting,
        incident=incident,
    )
    return row["picture"] if row else None


@touches(_F, WRITE)
async def insert_sightings(tx: Tx, found: Sequence[Sighting]) -> list[Sighting]:
    """Keep where it was read; those that were not there before."""
    new = []
    for one in found:
        count = await tx.execute(
            "insert into sighting (id, agency_id, follow_id, reader_id, at, received_at, plate, state, lat, lon, place,"
            " heading_deg, picture, told_at) values (%(id)s, %(agency)s, %(follow)s, %(reader)s, %(at)s, %(received)s, %(plate)s,"
            " %(state)s, %(lat)s, %(lon)s, %(place)s, %(heading)s, %(picture)s, %(told)s) on conflict do nothing",
            id=one.id,
            agency=tx.agency,
            follow=one.follow,
            reader=one.reader,
            at=one.at,
            received=one.received_at,
            plate=one.plate.text,
            state=one.state,
            lat=one.point.lat,
            lon=one.point.lon,
            place=one.place,
            heading=one.heading_deg,
            picture=one.picture,
            told=one.told_at,
        )
        if count:
            new.append(one)
    return new


def new_id(now: datetime) -> SightingId:
    """An id for a sighting."""
    return SightingId(uuid7(now))


def _sighting(row: Row) -> Sighting:
    return Sighting(
        id=SightingId(row["id"]),
        follow=FollowId(row["follow_id"]),
        reader=ReaderId(row["reader_id"]),
        reader_name=row["reader_name"],
        place=row["place"],
        point=Point(row["lat"], row["lon"]),
        at=row["at"],
        received_at=row["received_at"],
        plate=Plate(row["plate"]),
        state=row["state"],
        heading_deg=row["heading_deg"],
        picture=row["picture"],
        told_at=row["told_at"],
    )
