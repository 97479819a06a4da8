"""The words of dispatch: an assignment and its steps, an outcome. Values and pure decisions; no clock, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, NewType
from uuid import UUID

from watchfloor.incidents.model import IncidentId
from watchfloor.kit.errors import Conflict, Invalid
from watchfloor.units.model import UnitId

AssignmentId = NewType("AssignmentId", UUID)
OutcomeId = NewType("OutcomeId", UUID)
MessageId = NewType("MessageId", UUID)

MOST_WARNING: Final = 500
# Past this a report was kept by a phone without a link, and it is said that it came late.
_LATE: Final = timedelta(minutes=1)
_FUTURE_SKEW: Final = timedelta(minutes=5)


class AssignmentState(StrEnum):
    """How far a sent unit has come."""

    SENT = "sent"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    CLEARED = "cleared"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        return self not in (AssignmentState.CLEARED, AssignmentState.CANCELLED)


class Step(StrEnum):
    """What a crew, or the floor for it, reports."""

    ACCEPT = "accept"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A unit sent to an incident. `warning` is what the crew must hear first; `eta_s` is None without a road."""

    id: AssignmentId
    incident: IncidentId
    unit: UnitId
    call_sign: str
    state: AssignmentState
    warning: str | None = field(repr=False)
    warning_heard_at: datetime | None
    message: str | None = field(repr=False)
    eta_s: float | None
    distance_m: float | None
    how: str
    sent_by: UUID
    sent_at: datetime
    accepted_at: datetime | None
    en_route_at: datetime | None
    on_scene_at: datetime | None
    cleared_at: datetime | None
    version: int


S = AssignmentState
_FROM: Final[Mapping[Step, frozenset[AssignmentState]]] = {
    Step.ACCEPT: frozenset({S.SENT}),
    Step.EN_ROUTE: frozenset({S.ACCEPTED}),
    # A crew that is already there says so; nobody presses two buttons in a street.
    Step.ON_SCENE: frozenset({S.ACCEPTED, S.EN_ROUTE}),
    Step.CLEAR: frozenset({S.SENT, S.ACCEPTED, S.EN_ROUTE, S.ON_SCENE}),
}
_TO: Final[Mapping[Step, AssignmentState]] = {
    Step.ACCEPT: S.ACCEPTED,
    Step.EN_ROUTE: S.EN_ROUTE,
    Step.ON_SCENE: S.ON_SCENE,
    Step.CLEAR: S.CLEARED,
}
_WORDS: Final[Mapping[AssignmentState, str]] = {
    S.SENT: "has been sent and has not accepted yet",
    S.ACCEPTED: "has accepted",
    S.EN_ROUTE: "is on its way",
    S.ON_SCENE: "is on scene",
    S.CLEARED: "is clear",
    S.CANCELLED: "was called back before it accepted",
}


class WrongStep(Conflict):
    """The step does not follow from where the assignment is."""

    def __init__(self, call_sign: str, state: AssignmentState) -> None:
        super().__init__(f"{call_sign} {_WORDS[state]}.", reason=f"is_{state.value}")
        self.state = state


class WarningUnheard(Conflict):
    """The crew must have heard the warning before it goes."""

    def __init__(self) -> None:
        super().__init__(
            "There is a warning; it must be heard before the assignment is accepted.",
            reason="warning_unheard",
            next_step="Read the warning, then accept.",
        )


class UnitTaken(Conflict):
    """The unit cannot be sent now."""

    def __init__(self, call_sign: str, *, crewed: bool) -> None:
        if crewed:
            super().__init__(
                f"{call_sign} is on another assignment.",
                reason="unit_taken",
                next_step="Choose another unit.",
            )
        else:
            super().__init__(
                f"Nobody is on {call_sign}.", reason="unit_off", next_step="Choose another unit."
            )


def stepped(assignment: Assignment, step: Step, *, warning_heard: bool = False) -> AssignmentState | None:
    """The state after the step; None when it is there already and nothing is to be done.

    An assignment cleared before it was accepted is cancelled. Raises WrongStep, or WarningUnheard on accepting.
    """
    state = assignment.state
    after = S.CANCELLED if step is Step.CLEAR and state is S.SENT else _TO[step]
    if state is after:
        return None
    if state not in _FROM[step]:
        raise WrongStep(assignment.call_sign, state)
    if step is Step.ACCEPT and assignment.warning and not warning_heard:
        raise WarningUnheard()
    return after


class Result(StrEnum):
    """What came of an incident; several can be true at once."""

    ARREST = "arrest"
    FORCE_USED = "force_used"
    VEHICLE_RECOVERED = "vehicle_recovered"
    PERSON_HELPED = "person_helped"
    NOTHING_FOUND = "nothing_found"
    WRONG_ALERT = "wrong_alert"


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """An outcome as reported. `charges` are the charges of the arrests, in words; the note names what no box holds."""

    results: frozenset[Result]
    arrests: int
    charges: tuple[str, ...]
    note: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome as kept."""

    id: OutcomeId
    incident: IncidentId
    results: tuple[Result, ...]
    arrests: int
    charges: tuple[str, ...]
    note: str | None = field(repr=False)
    recorded_by: UUID
    recorded_at: datetime


def checked(outcome: NewOutcome) -> NewOutcome:
    """The outcome with its texts trimmed. Raises Invalid, its reason naming the field, when it contradicts itself."""
    charges = tuple(c for c in (" ".join(charge.split()) for charge in outcome.charges) if c)
    note = (outcome.note or "").strip() or None
    arrested = Result.ARREST in outcome.results
    found = outcome.results - {Result.NOTHING_FOUND, Result.WRONG_ALERT}
    faults = (
        (not outcome.results, "results", "Say what came of it: at least one result."),
        (
            Result.NOTHING_FOUND in outcome.results and bool(found),
            "results",
            "Nothing found cannot stand beside a find.",
        ),
        (arrested and not charges, "charges", "An arrest has at least one charge."),
        (arrested and outcome.arrests < 1, "arrests", "Say how many were arrested."),
        (not arrested and bool(charges), "charges", "Charges come with an arrest."),
        (not arrested and outcome.arrests != 0, "arrests", "Arrests are counted where there was an arrest."),
        (not 0 <= outcome.arrests <= 500, "arrests", "The number of arrests cannot be right."),
        (
            len(charges) > 50 or any(len(c) > 200 for c in charges),
            "charges",
            "At most 50 charges of 200 characters.",
        ),
        (len(note or "") > 4000, "note", "A note has at most 4000 characters."),
        (
            Result.WRONG_ALERT in outcome.results and note is None,
            "note",
            "Say in words what was wrong with the alert.",
        ),
    )
    for wrong, field_name, words in faults:
        if wrong:
            raise Invalid(words, reason=field_name)
    return NewOutcome(outcome.results, outcome.arrests, charges, note)


class Side(StrEnum):
    """Who speaks: a crew that was sent, or the room."""

    FIELD = "field"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Seen:
    """Who saw a message first, of each person that did, and when."""

    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A short text about an incident. `unit` is the crew's that wrote it; `at` is when it was written. A machine's is of a `sighting`."""

    id: MessageId
    incident: IncidentId
    side: Side
    unit: UnitId | None
    call_sign: str | None
    by: UUID
    text: str = field(repr=False)
    at: datetime
    received_at: datetime
    seen: tuple[Seen, ...]
    sighting: UUID | None = None
    without_plate: str | None = field(default=None, repr=False)

    def for_reader(self, *, sent: bool) -> str:
        """The text: a plate that a machine read is for crews that were sent after the vehicle."""
        return self.text if sent or self.without_plate is None else self.without_plate


class Report(NamedTuple):
    """When something reported was so, and how to say that it was told late."""

    at: datetime
    late: str


def reported(said_at: datetime | None, *, after: datetime, now: datetime) -> Report:
    """When a crew pressed or wrote it: by its device's clock where that can be true, else when it reached us."""
    if said_at is None or not after <= said_at <= now + _FUTURE_SKEW:
        return Report(now, "")
    at = min(said_at, now)
    minutes = round((now - at) / timedelta(minutes=1))
    return Report(at, f", told {minutes} min later" if now - at > _LATE else "")
