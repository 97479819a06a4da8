"""Another agency's alerts, incidents, units and calls are not there; and nothing of one can refer to the other's."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from tests.fixtures.engines import Dsns
from tests.incidents.floor import Floor
from watchfloor.calls import store as call_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.incidents import alert_store, incident_store, review_store
from watchfloor.incidents.model import KEPT_AFTER_CLOSING, IncidentState
from watchfloor.kit.extent import Extent
from watchfloor.kit.ids import decode, uuid7
from watchfloor.sweep import expire_store
from watchfloor.units import store as unit_store

CALL = {"type": "Burglary", "priority": 2, "purpose": "burglary_theft", "place": "Mill St 12"}


async def test_what_is_another_agencys_is_not_there(floor: Floor, dsns: Dsns) -> None:
    incident = decode("inc", await floor.incident())
    unit = decode("unt", (await floor.post("/units", {"call_sign": "3142"}, by="supervisor")).json()["id"])
    call = decode("call", (await floor.post("/calls", CALL)).json()["id"])
    async with floor.upkeep() as tx:
        (row,) = await tx.fetch("select alert_id, review_id, number from incident")
    other = uuid7(floor.clock.now())
    async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
        await connection.execute(
            "insert into agency (id, name, time_zone, created_at) values (%s, 'Elsewhere', 'UTC', %s)",
            (other, floor.clock.now()),
        )
    async with floor.web.parts.door.open(Ask(process_actor(other, "sweep"), Need.RETENTION_SWEEP)) as tx:
        assert await alert_store.alert_of(tx, row["alert_id"]) is None
        assert (await alert_store.closed_alerts(tx, Extent(10))).items == []
        assert await alert_store.parts_of(tx, row["alert_id"]) == []
        assert await review_store.review_of(tx, row["review_id"]) is None
        assert await incident_store.incident_of(tx, incident) is None
        assert (await incident_store.incidents(tx, open_only=False)).items == []
        assert await incident_store.timeline(tx, incident) == []
        assert not await incident_store.incident_is_open(tx, incident)
        assert not await incident_store.has_number(tx, row["number"])
        assert await unit_store.unit_of(tx, unit) is None
        assert not await unit_store.occupy(tx, unit, uuid7(tx.now))
        assert await call_store.call_of(tx, call) is None
        await incident_store.set_state(tx, incident, IncidentState.CLOSED)
    async with floor.upkeep() as tx:
        kept = await incident_store.incident_of(tx, incident)
        assert kept is not None and kept.state is IncidentState.OPEN
    case = await floor.post("/cases", {"number": row["number"], "title": "The same matter"})
    assert case.json()["provisional_until"] is None  # to its own agency the number is known


async def test_nothing_refers_to_what_is_another_agencys(floor: Floor, dsns: Dsns) -> None:
    """Foreign keys do not ask row security, so they carry the agency themselves."""
    unit = decode("unt", (await floor.post("/units", {"call_sign": "3142"}, by="supervisor")).json()["id"])
    now = floor.clock.now()
    other = uuid7(now)
    async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
        await connection.execute(
            "insert into agency (id, name, time_zone, created_at) values (%s, 'Elsewhere', 'UTC', %s)",
            (other, now),
        )
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        async with floor.web.parts.database.transaction(agency=other) as connection:
            await connection.execute(
                "insert into incident (id, agency_id, number, year, serial, origin, unit_id, kind, level, title, place, at,"
                " opened_by, opened_at, state, why, sure_word, unknown, says, purpose, version) values"
                " (%(id)s, %(agency)s, '26-1', 26, 1, 'officer', %(unit)s, 'officer_emergency', 'critical', 't', 'p', %(now)s,"
                " %(id)s, %(now)s, 'open', 'w', 's', '{}', 's', 'rescue', 1)",
                {"id": uuid7(now), "agency": other, "unit": unit, "now": now},
            )


async def test_a_closed_incident_and_its_alert_end_together(floor: Floor) -> None:
    incident = decode("inc", await floor.incident())
    async with floor.upkeep() as tx:
        await incident_store.set_state(tx, incident, IncidentState.CLOSED)
        await alert_store.end_with_incident(tx, incident, tx.now + KEPT_AFTER_CLOSING)
    for later, left in (
        (KEPT_AFTER_CLOSING - timedelta(days=1), 1),
        (KEPT_AFTER_CLOSING + timedelta(days=1), 0),
    ):
        async with floor.upkeep(floor.door_at(floor.clock.now() + later)) as tx:
            for table in ("incident", "alert"):
                await expire_store.delete_expired(tx, table)
            for count in ("select id from incident", "select id from alert", "select id from review"):
                assert len(await tx.fetch(count)) == left
            entries = await tx.fetch("select id from incident_entry")
            assert bool(entries) is bool(left)
