"""All SQL of following: what is followed, and where it was read. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.incidents.model import LOOKS_AFTER_CLOSING
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
    """End it; False when it has ended, or a second person has agreed meanwhile.

    Where nobody agreed, what had been read before anybody followed goes: one person's word keeps nothing of it.
    """
    ended = await tx.execute(
        "update follow set ended_at = %(now)s, ended_why = %(why)s, ended_by = %(by)s where id = %(id)s and ended_at is null"
        " and (%(why)s <> 'not_ratified' or (ratified_by is null and ratify_by <= %(now)s))",
        id=follow,
        now=tx.now,
        why=why.value,
        by=by,
    )
    if ended:
        await tx.execute(
            "delete from sighting s using follow f where f.id = s.follow_id and f.id = %(id)s and f.ratified_by is null"
            " and s.received_at < f.started_at",
            id=follow,
        )
    return bool(ended)


@touches(_F, DataClass.INCIDENT, DataClass.POLICY, READ)
async def seen_no_more(tx: Tx) -> list[SightingId]:
    """Sightings of incidents that closed too long ago to look: but those whose read, or its picture, a person holds."""
    rows = await tx.fetch(
        "select s.id from incident i join follow f on f.incident_id = i.id join sighting s on s.follow_id = f.id"
        " where i.closed_at <= %(until)s and not exists (select from hold h where h.ended_at is null"
        " and h.data_class in ('plate_read', 'plate_picture', 'plate_hit') and h.about_id = s.reader_id"
        " and h.from_at <= s.at and h.to_at >= s.at) limit 1000",
        until=tx.now - LOOKS_AFTER_CLOSING,
    )
    return [SightingId(row["id"]) for row in rows]


@touches(_F, WRITE)
async def delete_sightings(tx: Tx, sightings: Sequence[SightingId]) -> None:
    """Forget where it was read."""
    await tx.execute("delete from sighting where id = any(%(ids)s)", ids=list(sightings))


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
async def picture_of(tx: Tx, incident: UUID, sighting: UUID) -> tuple[str, bool] | None:
    """The name of the picture of a sighting under an incident, and whether crews were told of it; None where there is none."""
    row = await tx.fetch_one(
        "select s.picture, s.told_at is not null as told from sighting s join follow f on f.id = s.follow_id"
        " where s.id = %(sighting)s and f.incident_id = %(incident)s and s.picture is not null",
        sighting=sighting,
        incident=incident,
    )
    return (row["picture"], row["told"]) if row else None


@touches(_F, READ)
async def stays(tx: Tx, found: Sighting) -> bool:
    """Whether it was read there a moment before or after, since it is followed: it stands before that reader."""
    row = await tx.fetch_one(
        "select 1 as one from sighting s join follow f on f.id = s.follow_id where s.follow_id = %(follow)s"
        " and s.reader_id = %(reader)s and s.received_at >= f.started_at and s.at <> %(at)s"
        " and s.at between %(at)s - interval '2 minutes' and %(at)s + interval '2 minutes'"
        # A reader in a car is elsewhere by then.
        " and abs(s.lat - %(lat)s) < 0.001 and abs(s.lon - %(lon)s) < 0.001 limit 1",
        follow=found.follow,
        reader=found.reader,
        at=found.at,
        lat=found.point.lat,
        lon=found.point.lon,
    )
    return row is not None


@touches(_F, WRITE)
async def insert_sightings(tx: Tx, found: Sequence[Sighting]) -> list[Sighting]:
    """Keep where it was read; those that were not there before. A picture that comes late is kept with its sighting."""
    new = []
    for one in found:
        row = await tx.fetch_one(
            "insert into sighting as s (id, agency_id, follow_id, reader_id, at, received_at, plate, state, lat, lon, place,"
            " heading_deg, picture, told_at) values (%(id)s, %(agency)s, %(follow)s, %(reader)s, %(at)s, %(received)s, %(plate)s,"
            " %(state)s, %(lat)s, %(lon)s, %(place)s, %(heading)s, %(picture)s, %(told)s)"
            " on conflict (follow_id, reader_id, at) do update set picture = excluded.picture"
            " where s.picture is null and excluded.picture is not null returning s.id",
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
        if row is not None and row["id"] == one.id:
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
