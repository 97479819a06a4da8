"""All SQL of messages between crews and the room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.dispatch.model import Message, MessageId, Seen, Side
from watchfloor.incidents.model import IncidentId
from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches
from watchfloor.units.model import UnitId

_D, _U = DataClass.DISPATCH, DataClass.UNIT
_BY_INCIDENT: Final = Order("new_messages", (("id", "uuid"),))


def _message(row: Row) -> Message:
    return Message(
        id=MessageId(row["id"]),
        incident=IncidentId(row["incident_id"]),
        side=Side(row["side"]),
        unit=UnitId(row["unit_id"]) if row["unit_id"] else None,
        call_sign=row["call_sign"],
        by=row["by_id"],
        text=row["text"],
        without_plate=row["without_plate"],
        at=row["at"],
        received_at=row["received_at"],
        sighting=row["sighting_id"],
        seen=tuple(Seen(by, at) for by, at in zip(row["people"] or (), row["times"] or (), strict=True)),
    )


@touches(_D, WRITE)
async def insert_message(
    tx: Tx,
    message: UUID,
    incident: UUID,
    *,
    side: Side,
    unit: UUID | None,
    text: str,
    at: datetime,
    without_plate: str | None = None,
    sighting: UUID | None = None,
) -> None:
    """Keep a message; one of a machine says of which sighting it has the picture, and how it reads without a plate."""
    await tx.execute(
        "insert into incident_message (id, agency_id, incident_id, side, unit_id, by_id, text, without_plate, at, received_at,"
        " sighting_id) values (%(id)s, %(agency)s, %(incident)s, %(side)s, %(unit)s, %(by)s, %(text)s, %(without_plate)s, %(at)s,"
        " %(now)s, %(sighting)s)",
        id=message,
        agency=tx.agency,
        incident=incident,
        side=side.value,
        unit=unit,
        by=tx.actor,
        text=text,
        without_plate=without_plate,
        at=at,
        now=tx.now,
        sighting=sighting,
    )


@touches(_D, WRITE)
async def without_pictures(tx: Tx, sightings: Sequence[UUID]) -> None:
    """The words of messages stay when the sightings go that they tell of."""
    await tx.execute(
        "update incident_message set sighting_id = null where sighting_id = any(%(sightings)s)",
        sightings=list(sightings),
    )


@touches(_D, _U, READ)
async def messages_of(tx: Tx, incidents: Sequence[UUID]) -> dict[UUID, list[Message]]:
    """The messages of these incidents, in the order they reached us."""
    rows = await tx.fetch(
        "select m.*, u.call_sign, s.people, s.times from incident_message m left join unit u on u.id = m.unit_id"
        " left join lateral (select array_agg(x.person_id order by x.at, x.person_id) as people,"
        "   array_agg(x.at order by x.at, x.person_id) as times from incident_message_seen x where x.message_id = m.id)"
        " s on true where m.incident_id = any(%(incidents)s) order by m.received_at, m.id",
        incidents=list(incidents),
    )
    found: dict[UUID, list[Message]] = {incident: [] for incident in incidents}
    for row in rows:
        found[row["incident_id"]].append(_message(row))
    return found


@touches(_D, _U, READ)
async def unseen(
    tx: Tx, by: UUID, incidents: Sequence[UUID], extent: Extent | None = None
) -> Cut[tuple[UUID, int, str, datetime]]:
    """Of these incidents, those with messages of crews that `by` neither wrote nor saw: how many, whose the newest is, since when."""
    rows = await tx.fetch_page(
        "select m.incident_id as id, count(*) as count, max(m.received_at) as at,"
        " (array_agg(u.call_sign order by m.received_at desc, m.id desc))[1] as call_sign"
        " from incident_message m join unit u on u.id = m.unit_id where m.incident_id = any(%(incidents)s)"
        " and m.side = 'field' and m.by_id <> %(by)s and not exists"
        " (select from incident_message_seen s where s.message_id = m.id and s.person_id = %(by)s) group by m.incident_id",
        _BY_INCIDENT,
        extent,
        incidents=list(incidents),
        by=by,
    )
    return rows.of(lambda row: (row["id"], row["count"], row["call_sign"], row["at"]))


@touches(_D, WRITE)
async def mark_seen(tx: Tx, incident: UUID, until: UUID, *, side: Side, unit: UUID | None) -> int:
    """Keep that whoever acts saw what others wrote, up to this message; how many they had not seen before."""
    return await tx.execute(
        "insert into incident_message_seen (message_id, agency_id, person_id, at)"
        " select m.id, %(agency)s, %(by)s, %(now)s from incident_message m"
        " join incident_message last on last.id = %(until)s and last.incident_id = m.incident_id"
        " where m.incident_id = %(incident)s and (m.received_at, m.id) <= (last.received_at, last.id)"
        " and (m.side <> %(side)s or (%(unit)s::uuid is not null and m.unit_id is distinct from %(unit)s::uuid))"
        " on conflict do nothing",
        agency=tx.agency,
        by=tx.actor,
        now=tx.now,
        until=until,
        incident=incident,
        side=side.value,
        unit=unit,
    )
