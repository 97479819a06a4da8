"""All SQL of assignments and outcomes."""

from __future__ import annotations

from typing import Final, LiteralString
from uuid import UUID

from watchfloor.dispatch.model import (
    Assignment,
    AssignmentId,
    AssignmentState,
    NewOutcome,
    Outcome,
    OutcomeId,
    Result,
)
from watchfloor.incidents.model import IncidentId
from watchfloor.kit.extent import Cut, Extent
from watchfloor.places.model import Eta
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches
from watchfloor.units.model import UnitId

_D, _U, _O = DataClass.DISPATCH, DataClass.UNIT, DataClass.OUTCOME
_SENT_LAST_FIRST: Final = Order("assignments", (("sent_at", "timestamptz"), ("id", "uuid")), down=True)

_ASSIGNMENT: Final[LiteralString] = (
    "select a.*, u.call_sign from assignment a join unit u on u.id = a.unit_id"
)


def _assignment(row: Row) -> Assignment:
    return Assignment(
        id=AssignmentId(row["id"]),
        incident=IncidentId(row["incident_id"]),
        unit=UnitId(row["unit_id"]),
        call_sign=row["call_sign"],
        state=AssignmentState(row["state"]),
        warning=row["warning"],
        warning_heard_at=row["warning_heard_at"],
        message=row["message"],
        eta_s=row["eta_s"],
        distance_m=row["distance_m"],
        how=row["how"],
        sent_by=row["sent_by"],
        sent_at=row["sent_at"],
        accepted_at=row["accepted_at"],
        en_route_at=row["en_route_at"],
        on_scene_at=row["on_scene_at"],
        cleared_at=row["cleared_at"],
        version=row["version"],
    )


@touches(_D, _U, READ)
async def is_sent(tx: Tx, incident: UUID, person: UUID) -> bool:
    """Whether somebody is on a unit that is sent to the incident now."""
    row = await tx.fetch_one(
        "select 1 as one from assignment a join unit_crew c on c.unit_id = a.unit_id and c.person_id = %(person)s and c.until is null"
        " where a.incident_id = %(incident)s and a.cleared_at is null limit 1",
        incident=incident,
        person=person,
    )
    return row is not None


@touches(_D, _U, READ)
async def of_incident(tx: Tx, incident: UUID) -> list[Assignment]:
    """Everybody who was sent to an incident, the first one first."""
    where: LiteralString = " where a.incident_id = %(incident)s order by a.sent_at, a.id"
    return [_assignment(row) for row in await tx.fetch(_ASSIGNMENT + where, incident=incident)]


@touches(_D, _U, READ)
async def open_of_unit(tx: Tx, unit: UUID) -> list[Assignment]:
    """What a unit is on, the newest first."""
    where: LiteralString = " where a.unit_id = %(unit)s and a.cleared_at is null order by a.sent_at desc"
    return [_assignment(row) for row in await tx.fetch(_ASSIGNMENT + where, unit=unit)]


@touches(_D, _U, READ)
async def open_ones(tx: Tx, extent: Extent | None = None) -> Cut[Assignment]:
    """Assignments that are not over, the newest first; every one of them without an extent."""
    rows = await tx.fetch_page(_ASSIGNMENT + " where a.cleared_at is null", _SENT_LAST_FIRST, extent)
    return rows.of(_assignment)


@touches(_D, _U, READ)
async def assignment_of(tx: Tx, assignment: UUID) -> Assignment | None:
    """One assignment."""
    where: LiteralString = " where a.id = %(id)s"
    row = await tx.fetch_one(_ASSIGNMENT + where, id=assignment)
    return _assignment(row) if row else None


@touches(_D, WRITE, _U, READ)
async def locked(tx: Tx, assignment: UUID) -> Assignment | None:
    """One assignment, held until the transaction ends."""
    where: LiteralString = " where a.id = %(id)s for update of a"
    row = await tx.fetch_one(_ASSIGNMENT + where, id=assignment)
    return _assignment(row) if row else None


@touches(_D, WRITE)
async def insert_assignment(
    tx: Tx,
    assignment: UUID,
    incident: UUID,
    unit: UUID,
    *,
    warning: str | None,
    message: str | None,
    eta: Eta | None,
) -> None:
    """Send a unit; the caller has taken it before."""
    how = "unknown" if eta is None else "road" if eta.by == "road" else "straight_line"
    await tx.execute(
        "insert into assignment (id, agency_id, incident_id, unit_id, state, warning, message, eta_s, distance_m, how,"
        " sent_by, sent_at, version) values (%(id)s, %(agency)s, %(incident)s, %(unit)s, 'sent', %(warning)s, %(message)s,"
        " %(eta)s, %(distance)s, %(how)s, %(by)s, %(now)s, 1)",
        id=assignment,
        agency=tx.agency,
        incident=incident,
        unit=unit,
        warning=warning,
        message=message,
        eta=eta.seconds if eta else None,
        distance=eta.metres if eta else None,
        how=how,
        by=tx.actor,
        now=tx.now,
    )


@touches(_D, WRITE)
async def move(tx: Tx, assignment: UUID, state: AssignmentState) -> None:
    """Keep the step and its time; accepting one with a warning says that the warning was heard."""
    await tx.execute(
        "update assignment set state = %(state)s, version = version + 1,"
        " accepted_at = case when %(state)s = 'accepted' then %(now)s else accepted_at end,"
        " warning_heard_at = case when %(state)s = 'accepted' and warning is not null then %(now)s else warning_heard_at end,"
        " warning_heard_by = case when %(state)s = 'accepted' and warning is not null then %(by)s else warning_heard_by end,"
        " en_route_at = case when %(state)s = 'en_route' then %(now)s else en_route_at end,"
        " on_scene_at = case when %(state)s = 'on_scene' then %(now)s else on_scene_at end,"
        " cleared_at = case when %(state)s in ('cleared', 'cancelled') then %(now)s else cleared_at end,"
        " cleared_by = case when %(state)s in ('cleared', 'cancelled') then %(by)s else cleared_by end"
        " where id = %(id)s",
        id=assignment,
        state=state.value,
        now=tx.now,
        by=tx.actor,
    )


def outcome_of_row(row: Row) -> Outcome:
    """The outcome of a row."""
    return Outcome(
        id=OutcomeId(row["id"]),
        incident=IncidentId(row["incident_id"]),
        results=tuple(Result(result) for result in row["results"]),
        arrests=row["arrests"],
        charges=tuple(row["charges"]),
        note=row["note"],
        recorded_by=row["recorded_by"],
        recorded_at=row["recorded_at"],
    )


@touches(_O, WRITE)
async def insert_outcome(tx: Tx, outcome_id: UUID, incident: UUID, outcome: NewOutcome) -> bool:
    """Keep what came of an incident; False when that is kept already."""
    done = await tx.execute(
        "insert into outcome (id, agency_id, incident_id, results, arrests, charges, note, recorded_by, recorded_at)"
        " values (%(id)s, %(agency)s, %(incident)s, %(results)s, %(arrests)s, %(charges)s, %(note)s, %(by)s, %(now)s)"
        " on conflict (incident_id) do nothing",
        id=outcome_id,
        agency=tx.agency,
        incident=incident,
        results=sorted(result.value for result in outcome.results),
        arrests=outcome.arrests,
        charges=list(outcome.charges),
        note=outcome.note,
        by=tx.actor,
        now=tx.now,
    )
    return bool(done)


@touches(_O, READ)
async def outcome_of(tx: Tx, incident: UUID) -> Outcome | None:
    """What came of an incident."""
    row = await tx.fetch_one("select * from outcome where incident_id = %(incident)s", incident=incident)
    return outcome_of_row(row) if row else None
