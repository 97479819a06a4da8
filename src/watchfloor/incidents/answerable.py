"""What a unit may be sent to: a confirmed alert, a call, an officer's emergency; there is no fourth.

An `Answerable` is made here alone, and a `Confirmed` only from a review that stands. It must stay impossible to write a
line that sends somebody on what no person has reviewed.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import Final
from uuid import UUID

from watchfloor.calls.model import Call
from watchfloor.incidents.model import Incident, IncidentState, Origin
from watchfloor.incidents.review import Review, stands
from watchfloor.kit.errors import Conflict
from watchfloor.plates.handling import forbids_stopping
from watchfloor.units.model import Unit


class _Seal:
    """Held by this module alone; without it no Answerable comes into being, by copy neither."""


_SEAL: Final = _Seal()


class NotAnswerable(Conflict):
    """Nobody can be sent to this."""

    def __init__(self, detail: str, reason: str) -> None:
        super().__init__(detail, reason=reason)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A machine's alert that a person reviewed and confirmed."""

    incident: Incident
    review: Review
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        _check(seal)


@dataclass(frozen=True, slots=True)
class CallTaken:
    """What somebody asked help for."""

    incident: Incident
    call: Call
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        _check(seal)


@dataclass(frozen=True, slots=True)
class OfficerEmergency:
    """An officer needs help."""

    incident: Incident
    unit: UUID
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        _check(seal)


Answerable = Confirmed | CallTaken | OfficerEmergency


def _check(seal: object) -> None:
    if seal is not _SEAL:
        raise TypeError("an Answerable is made by incidents.answerable alone, from what it rests on")


def confirmed(incident: Incident, review: Review) -> Confirmed:
    """The answerable of an alert's incident. Raises NotAnswerable unless the review is its own and stands."""
    _still_open(incident)
    if incident.origin is not Origin.ALERT or incident.review != review.id or incident.alert != review.alert:
        raise NotAnswerable("This review is of another alert than the incident's.", "not_reviewed")
    if not stands(review):
        raise NotAnswerable("No review that stands confirms this incident.", "not_reviewed")
    if review.entry is not None and forbids_stopping(review.entry.handling):
        raise NotAnswerable(
            "The entry says: do not stop, watch only. Nobody is sent to stop this vehicle.", "do_not_stop"
        )
    return Confirmed(incident, review, _SEAL)


def call_taken(incident: Incident, call: Call) -> CallTaken:
    """The answerable of a call's incident. Raises NotAnswerable unless the call is its own."""
    _still_open(incident)
    if incident.origin is not Origin.CALL or incident.call != call.id:
        raise NotAnswerable("This call is another than the incident's.", "no_call")
    return CallTaken(incident, call, _SEAL)


def officer_emergency(incident: Incident, unit: Unit) -> OfficerEmergency:
    """The answerable of an officer's emergency. Raises NotAnswerable unless the unit is its own."""
    _still_open(incident)
    if incident.origin is not Origin.OFFICER or incident.unit != unit.id:
        raise NotAnswerable("This unit is another than the incident's.", "no_emergency")
    return OfficerEmergency(incident, unit.id, _SEAL)


def _still_open(incident: Incident) -> None:
    if incident.state is IncidentState.CLOSED:
        raise NotAnswerable(f"Incident {incident.number} is closed.", "closed")
