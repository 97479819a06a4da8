"""What the routes of dispatch answer, and what dispatch adds to an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.dispatch.model import AssignmentState, Result, Side
from watchfloor.governance.inner_forms import AssignmentId, IncidentId, MessageId, Named, OutcomeId
from watchfloor.incidents.forms import Hazard, Incident, IncidentStory, Path, Plate
from watchfloor.incidents.review import DismissReason
from watchfloor.places.legs import Turn
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
    """The nearest free units, the nearest first, of `free` in all; `sentence` says what the order rests on, or that nobody is free."""

    items: list[ProposedUnit]
    next: None
    free: int
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


class HitForCrew(TypedDict):
    """Whether the agency that entered a hit confirmed it: before that nobody is arrested and nothing is towed on it."""

    confirmed: bool
    sentence: str


class IncidentForCrew(Incident):
    """An incident as the crew that is on it sees it."""

    vehicle: str | None
    plate: Plate | None
    hazards: list[Hazard]
    hit: Annotated[HitForCrew | None, Field(description="Of a hit; of nothing else.")]


class SeenBy(TypedDict):
    """Who saw a message, and when first."""

    by: Named
    at: datetime


class Message(TypedDict):
    """A short text about an incident: of a crew (`field`, its unit) or of the `room`. Seen by nobody yet where `seen` is empty."""

    id: MessageId
    incident_id: IncidentId
    side: Side
    unit: UnitNamed | None
    by: Named
    text: str
    at: Annotated[datetime, Field(description="When it was written.")]
    received_at: Annotated[datetime, Field(description="When it reached the center.")]
    seen: list[SeenBy]
    picture: Annotated[
        Path | None,
        Field(description="Of a sighting that a reader made and nobody has looked at: what the reader saw."),
    ]


class NewMessages(TypedDict):
    """An open incident with messages of crews that are new to whoever asks: how many, and of which unit the newest is."""

    id: IncidentId
    count: int
    call_sign: str
    at: Annotated[datetime, Field(description="When the newest reached the center.")]


class SeenNow(TypedDict):
    """How many messages were new to whoever said that they saw them."""

    seen: int


class Leg(TypedDict):
    """A part of a way along one street, without a name where it has none; `sentence` says what to do."""

    street: str | None
    turn: Turn
    distance_m: int
    sentence: str


LatLon = Annotated[list[float], Field(description="[lat, lon] in degrees.")]


class Route(TypedDict):
    """The way from where the unit was last to the incident.

    `how`: `road`; `straight_line` where no road is known, and then there is no time; `unknown` where an end of it is not
    known. `sentence` says what it rests on, or what is missing. `around` are the streets about it, `around_names` their
    names in the same order, null for one without.
    """

    how: Literal["road", "straight_line", "unknown"]
    eta_s: float | None
    distance_m: int | None
    sentence: str
    source: LatLon | None
    target: LatLon | None
    position_at: datetime | None
    position_stale: bool | None
    line: list[LatLon]
    legs: list[Leg]
    around: list[list[LatLon]]
    around_names: list[str | None]


class Way(TypedDict):
    """The way of one unit that was sent and is not there yet, to draw; the words are those of `Route`."""

    id: AssignmentId
    unit: UnitNamed
    how: Literal["road", "straight_line", "unknown"]
    eta_s: float | None
    distance_m: int | None
    sentence: str
    position_stale: bool | None
    line: list[LatLon]


class Ways(TypedDict):
    """The ways to an incident, one for each unit that is under way."""

    ways: list[Way]


class OwnAssignment(Assignment):
    """An assignment of the asker's own unit, with all that its crew needs to know."""

    incident: IncidentForCrew
    picture: Path | None
    messages: list[Message]


class OpenAssignment(Assignment):
    """An assignment that is not over, with the incident that the unit was sent to."""

    incident: Incident


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


class RecordedOutcome(Outcome):
    """An outcome with the incident that it closed; null where that is past its retention."""

    incident: Incident | None


class AlertsDecided(TypedDict):
    """How alerts ended that were decided in a time, with the reasons of those that were dismissed.

    `wrong` counts those that were confirmed, and whose outcome, recorded in that time, was a wrong alert.
    """

    confirmed: int
    dismissed: int
    reasons: dict[DismissReason, int]
    wrong: int


class OutcomeSums(TypedDict):
    """Outcomes of a time in figures; one of several kinds counts for each of them."""

    outcomes: int
    results: dict[Result, int]
    arrests: int
    charges: int
    alerts: AlertsDecided


class BesideIncident(TypedDict):
    """What dispatch adds to an incident."""

    assignments: list[Assignment]
    outcome: Outcome | None
    messages: list[Message]


class IncidentDetail(IncidentStory):
    """One incident with all that happened to it: who was sent, what was written, and what came of it."""

    assignments: list[Assignment]
    outcome: Outcome | None
    messages: list[Message]
