"""What the routes of dispatch answer, and what dispatch adds to an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.dispatch.model import AssignmentState, Result
from watchfloor.governance.inner_forms import AssignmentId, IncidentId, Named, OutcomeId
from watchfloor.incidents.forms import Incident, IncidentStory, Path, Plate
from watchfloor.units.forms import UnitNamed

How = Annotated[
    Literal["road", "straight_line"],
    Field(description="`straight_line`: no road is known, so there is no time either."),
]


class ProposedUnit(TypedDict):
    """A unit that could go; what is not known of its way or its place is null."""

    unit: UnitNamed
    eta_s: float | None
    distance_m: int | None
    how: How
    position_at: datetime | None
    position_stale: bool | None
    sentence: str


class ProposedUnits(TypedDict):
    """Free units, the nearest first; `sentence` says what the order rests on, or that nobody is free."""

    items: list[ProposedUnit]
    next: None
    sentence: str


class Warned(TypedDict):
    """A warning, and when the crew heard it."""

    text: str
    heard_at: datetime | None


class Assignment(TypedDict):
    """A unit sent to an incident."""

    id: AssignmentId
    incident_id: IncidentId
    unit: UnitNamed
    state: AssignmentState
    sent_at: datetime
    accepted_at: datetime | None
    en_route_at: datetime | None
    on_scene_at: datetime | None
    cleared_at: datetime | None
    warning: Warned | None
    message: str | None
    eta_s: float | None
    distance_m: float | None
    how: How
    sent_by: Named
    version: int


class IncidentForCrew(Incident):
    """An incident as the crew that is on it sees it."""

    vehicle: str | None
    plate: Plate | None


class OwnAssignment(Assignment):
    """An assignment of the asker's own unit, with all that its crew needs to know."""

    incident: IncidentForCrew
    picture: Path | None


class Outcome(TypedDict):
    """What came of an incident; an arrest has at least one charge."""

    id: OutcomeId
    incident_id: IncidentId
    results: list[Result]
    arrests: int
    charges: list[str]
    note: str | None
    recorded_by: Named
    recorded_at: datetime


class BesideIncident(TypedDict):
    """What dispatch adds to an incident."""

    assignments: list[Assignment]
    outcome: Outcome | None


class IncidentDetail(IncidentStory):
    """One incident with all that happened to it: who was sent, and what came of it."""

    assignments: list[Assignment]
    outcome: Outcome | None
