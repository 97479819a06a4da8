"""The outside forms of units that could go, assignments, messages, ways and outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from watchfloor.dispatch import forms
from watchfloor.dispatch.guide import Guided
from watchfloor.dispatch.model import Assignment, Message, Outcome
from watchfloor.dispatch.propose import Option
from watchfloor.governance.forms import outside
from watchfloor.incidents.confirmation import ForCrew
from watchfloor.incidents.model import Incident, TimelineEntry
from watchfloor.incidents.show import hazards_form, incident_form, person_form, plate_form
from watchfloor.kit.geo import Point


def option_form(option: Option) -> forms.ProposedUnit:
    """The outside form of a unit that could go."""
    eta = option.eta
    return {
        "unit": {"id": outside("unit", option.unit.id), "call_sign": option.unit.call_sign},
        "eta_s": round(eta.seconds, 1) if eta and eta.seconds is not None else None,
        "distance_m": round(eta.metres) if eta else None,
        "how": "road" if eta and eta.by == "road" else "straight_line",
        "position_at": option.unit.position_at,
        "position_stale": option.age.stale if option.age else None,
        "sentence": option.sentence,
    }


def assignment_form(assignment: Assignment, names: Mapping[UUID, str]) -> forms.Assignment:
    """The outside form of an assignment."""
    warning: forms.Warned | None = (
        {"text": assignment.warning, "heard_at": assignment.warning_heard_at} if assignment.warning else None
    )
    return {
        "id": outside("assignment", assignment.id),
        "incident_id": outside("incident", assignment.incident),
        "unit": {"id": outside("unit", assignment.unit), "call_sign": assignment.call_sign},
        "state": assignment.state,
        "sent_at": assignment.sent_at,
        "accepted_at": assignment.accepted_at,
        "en_route_at": assignment.en_route_at,
        "on_scene_at": assignment.on_scene_at,
        "cleared_at": assignment.cleared_at,
        "warning": warning,
        "message": assignment.message,
        "eta_s": assignment.eta_s,
        "distance_m": assignment.distance_m,
        "how": "road" if assignment.how == "road" else "straight_line",
        "sent_by": person_form(assignment.sent_by, names),
        "version": assignment.version,
    }


def mine_form(
    assignment: Assignment,
    incident: Incident,
    warned: Sequence[TimelineEntry],
    written: Sequence[Message],
    names: Mapping[UUID, str],
    *,
    hit: ForCrew | None,
) -> forms.OwnAssignment:
    """The outside form of an assignment of one's own: `warned` are its incident's hazards, `hit` what to know of a hit."""
    picture = (
        f"/api/v1/assignments/{outside('assignment', assignment.id)}/picture" if incident.picture else None
    )
    return {
        **assignment_form(assignment, names),
        "incident": {
            **incident_form(incident),
            "vehicle": incident.vehicle,
            "plate": plate_form(incident),
            "hazards": hazards_form(warned, names),
            "hit": {"confirmed": hit.confirmed, "sentence": hit.sentence} if hit else None,
        },
        "picture": picture,
        "messages": [message_form(message, names) for message in written],
    }


def people_of(messages: Sequence[Message]) -> list[UUID]:
    """Whoever wrote or saw these messages."""
    return [person for one in messages for person in (one.by, *(seen.by for seen in one.seen))]


def new_messages_form(new: tuple[UUID, int, str, datetime]) -> forms.NewMessages:
    """The outside form of an incident's new messages."""
    incident, count, call_sign, at = new
    return {"id": outside("incident", incident), "count": count, "call_sign": call_sign, "at": at}


def message_form(message: Message, names: Mapping[UUID, str], *, sent: bool = True) -> forms.Message:
    """The outside form of a message, for somebody who was sent there or for anybody else who sees the incident."""
    return {
        "id": outside("message", message.id),
        "incident_id": outside("incident", message.incident),
        "side": message.side,
        "unit": {"id": outside("unit", message.unit), "call_sign": message.call_sign or ""}
        if message.unit
        else None,
        "by": person_form(message.by, names),
        "text": message.for_reader(sent=sent),
        "at": message.at,
        "received_at": message.received_at,
        "seen": [{"by": person_form(seen.by, names), "at": seen.at} for seen in message.seen],
        "picture": f"/api/v1/incidents/{outside('incident', message.incident)}/sightings/"
        f"{outside('sighting', message.sighting)}/picture"
        if message.sighting
        else None,
    }


def outcome_form(outcome: Outcome, names: Mapping[UUID, str]) -> forms.Outcome:
    """The outside form of an outcome."""
    return {
        "id": outside("outcome", outcome.id),
        "incident_id": outside("incident", outcome.incident),
        "results": list(outcome.results),
        "arrests": outcome.arrests,
        "charges": list(outcome.charges),
        "note": outcome.note,
        "recorded_by": person_form(outcome.recorded_by, names),
        "recorded_at": outcome.recorded_at,
    }


def route_form(guided: Guided) -> forms.Route:
    """The outside form of a route."""
    route = guided.route
    road = route is not None and route.eta.by == "road"
    return {
        "how": "unknown" if route is None else "road" if road else "straight_line",
        "eta_s": round(route.eta.seconds, 1) if route and route.eta.seconds is not None else None,
        "distance_m": round(route.eta.metres) if route else None,
        "sentence": guided.sentence,
        "source": _at(guided.source) if guided.source else None,
        "target": _at(guided.target) if guided.target else None,
        "position_at": guided.position_at,
        "position_stale": guided.age.stale if guided.age else None,
        "line": [_at(point) for point in route.line] if route else [],
        "legs": [
            {
                "street": leg.street,
                "turn": leg.turn,
                "distance_m": round(leg.metres),
                "sentence": leg.sentence,
            }
            for leg in (route.legs if route else ())
        ],
        "around": [[_at(point) for point in street.line] for street in (route.around if route else ())],
        "around_names": [street.name for street in (route.around if route else ())],
    }


def way_form(assignment: Assignment, guided: Guided) -> forms.Way:
    """The outside form of a unit's way, for the room."""
    whole = route_form(guided)
    return {
        "id": outside("assignment", assignment.id),
        "unit": {"id": outside("unit", assignment.unit), "call_sign": assignment.call_sign},
        "how": whole["how"],
        "eta_s": whole["eta_s"],
        "distance_m": whole["distance_m"],
        "sentence": whole["sentence"],
        "position_stale": whole["position_stale"],
        "line": whole["line"],
    }


def _at(point: Point) -> list[float]:
    # A metre is as fine as a small map is drawn.
    return [round(point.lat, 5), round(point.lon, 5)]
