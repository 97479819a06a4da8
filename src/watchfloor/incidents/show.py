"""The outside forms of alerts, reviews and incidents. An alert's form carries no plate: its review is blind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from watchfloor.governance.forms import case_text, outside
from watchfloor.governance.inner_forms import Named, Place
from watchfloor.governance.model import Case
from watchfloor.governance.words import CaseKind
from watchfloor.incidents import forms
from watchfloor.incidents.confirmation import Confirmation
from watchfloor.incidents.in_hand import Looked
from watchfloor.incidents.model import Alert, Incident, Spot, Sure, TimelineEntry
from watchfloor.incidents.record_system import Query
from watchfloor.incidents.review import EntryNow, Review
from watchfloor.incidents.sound_show import heard_at_form, sound_form, versions_form
from watchfloor.kit.sure import sure
from watchfloor.plates.handling_form import handling_json

Names = Mapping[UUID, str]


def person_form(person: UUID, names: Names) -> Named:
    """A colleague inside another thing."""
    return {"id": outside("person", person), "name": names.get(person, "")}


def spot_form(spot: Spot) -> Place:
    """A place inside another thing."""
    point = spot.point
    return {"text": spot.text, "lat": point.lat if point else None, "lon": point.lon if point else None}


def sure_form(sure: Sure) -> forms.Sure:
    """How sure, in a word and a percentage where there is one."""
    return {"percent": sure.percent, "word": sure.word}


def _holder(alert: Alert, names: Names) -> forms.Holder | None:
    if alert.holder is not None:
        return {"id": outside("person", alert.holder), "name": names.get(alert.holder, "")}
    role = alert.holder_role
    return {"id": role, "name": role.capitalize()} if role is not None else None


def _alert_place(alert: Alert) -> Place:
    """Where it is; of a sound that only an area is known of, no point."""
    place = spot_form(alert.spot)
    if alert.sound is not None and alert.sound.surest.located.point is None:
        place["lat"] = place["lon"] = None
    return place


def alert_form(alert: Alert, names: Names) -> forms.Alert:
    """An alert as the queue shows it."""
    return {
        "id": outside("alert", alert.id),
        "kind": "plate_hit" if alert.sound is None else "impulse",
        "level": alert.card.level,
        "title": alert.card.title,
        "handling": handling_json(alert.basis.handling if alert.basis else ()),
        "entry_gone": alert.entry_gone,
        "place": _alert_place(alert),
        "at": alert.at,
        "raised_at": alert.raised_at,
        "deadline_at": alert.card.deadline_at,
        "why": alert.card.why,
        "sure": sure_form(alert.card.sure),
        "unknown": list(alert.card.unknown),
        "says": alert.says,
        "sound": sound_form(alert.sound) if alert.sound is not None else None,
        "purpose": alert.purpose.word,
        "state": alert.state,
        "holder": _holder(alert, names),
        "incident": outside("incident", alert.incident) if alert.incident else None,
        "seen": alert.seen,
        "last_seen_at": alert.last_seen_at,
        "lowered": alert.lowered,
        "reason": alert.reason,
        "version": alert.version,
    }


def query_form(one: Query, names: Names) -> forms.LiveQuery:
    """One time that the live record was asked."""
    return {
        "asked_by": person_form(one.asked_by, names),
        "adapter": one.adapter,
        "asked_at": one.asked_at,
        "answered_at": one.answered_at,
        "reply": one.answered.reply,
        "reference": one.answered.reference,
        "said": one.answered.said,
    }


def people_asked(one: Confirmation | None) -> list[UUID]:
    """The colleagues who asked the entering agency, and wrote down what it said."""
    return [person for person in (one.asked_by, one.answered_by) if person] if one is not None else []


def confirmation_form(one: Confirmation, names: Names, now: datetime) -> forms.HitConfirmation:
    """Whether the entering agency confirmed a hit."""
    return {
        "agency": one.agency,
        "urgency": one.urgency,
        "asked_by": person_form(one.asked_by, names),
        "asked_at": one.asked_at,
        "due_at": one.due_at,
        "late": one.is_late(now),
        "answer": one.answer,
        "answered_at": one.answered_at,
        "answered_by": person_form(one.answered_by, names) if one.answered_by else None,
        "spoke_with": one.spoke_with,
        "reference": one.reference,
    }


def review_form(looked: Looked, *, asks_record: bool = False) -> forms.Review:
    """A review as far as it has come: before something was typed it holds the picture and nothing else."""
    review = looked.review
    paths = [picture_path(looked.alert.id, number) for number in range(len(looked.pictures))]
    form: forms.Review = {
        "alert": alert_form(looked.alert, looked.names),
        "step": _step(looked.alert, review),
        "opened_at": review.opened_at if review else looked.alert.decided_at,
        "picture": paths[0] if paths else None,
        "pictures": paths,
        "typed": None,
        "read": None,
        "entry": None,
        "agreement": None,
        "differences": [],
        "live_records": [query_form(one, looked.names) for one in looked.queries],
        "asks_record": asks_record,
        "sound_versions": versions_form(looked.versions),
        "microphones": [
            {"id": outside("microphone", one), "name": name} for one, name in looked.microphones.items()
        ],
        "heard": _heard_form(review),
    }
    if review is None or review.typed is None or review.entry is None:
        return form
    return {**form, **_after_typing(looked.alert, review, review.entry)}


def _step(alert: Alert, review: Review | None) -> str:
    if review is None or review.verdict is not None:
        return "done"
    return review.step if alert.sound is None else "sound"


def _heard_form(review: Review | None) -> forms.HeardVerdict | None:
    heard = review.heard if review else None
    if heard is None:
        return None
    return {"told": heard.told, "taken": heard.taken, "grounds": heard.grounds}


def _after_typing(alert: Alert, review: Review, entry: EntryNow) -> forms.AfterTyping:
    typed, basis = review.typed, sure(alert.basis)
    differences: list[forms.Difference] = [
        {"field": d.name, "typed": d.typed, "entry": d.entry, "sentence": d.sentence}
        for d in review.differences
    ]
    return {
        "typed": {"plate": typed.plate, "state": typed.state, "vehicle": typed.vehicle} if typed else None,
        "read": {"plate": basis.plate, "state": basis.state, "sure": sure_form(alert.card.sure)},
        "entry": {
            "id": outside("hot_list_entry", entry.id),
            "handling": handling_json(entry.handling),
            "agency": entry.agency,
            "stale": entry.stale,
            "plate": entry.plate,
            "state": entry.state,
            "reason": entry.reason,
            "vehicle": entry.vehicle,
            "entered_at": entry.entered_at,
            "expires_at": entry.expires_at,
            "source": entry.source,
            "version": entry.version,
        },
        "agreement": review.agreement,
        "differences": differences,
    }


def picture_path(alert: UUID, number: int) -> str:
    """Where a picture of an alert is."""
    path = f"/api/v1/alerts/{outside('alert', alert)}/picture"
    return path if number == 0 else f"{path}?number={number}"


def incident_form(incident: Incident) -> forms.Incident:
    """An incident as lists show it."""
    return {
        "id": outside("incident", incident.id),
        "number": incident.number,
        "kind": incident.kind,
        "level": incident.level,
        "title": incident.title,
        "place": spot_form(incident.spot),
        "at": incident.at,
        "opened_at": incident.opened_at,
        "closed_at": incident.closed_at,
        "state": incident.state,
        "why": incident.why,
        "sure": sure_form(incident.sure),
        "unknown": list(incident.unknown),
        "says": incident.says,
        "purpose": incident.purpose.word,
        "case": case_text(Case(CaseKind.INCIDENT, incident.id)),
        "call": outside("call", incident.call) if incident.call else None,
        "sound": heard_at_form(incident.sound) if incident.sound is not None else None,
        "version": incident.version,
    }


def plate_form(incident: Incident) -> forms.Plate | None:
    """The plate the crew looks for."""
    return {"plate": incident.plate, "state": incident.plate_state} if incident.plate else None


def timeline_form(entries: Sequence[TimelineEntry], names: Names) -> list[forms.TimelineEntry]:
    """What happened, the first thing first."""
    return [
        {
            "at": entry.at,
            "kind": entry.kind,
            "text": entry.text,
            "by": person_form(entry.by, names) if entry.by else None,
            "level": entry.level,
        }
        for entry in entries
    ]


def hazards_form(entries: Sequence[TimelineEntry], names: Names) -> list[forms.Hazard]:
    """What a crew is warned of: who said it, and when."""
    return [
        {
            "text": entry.text,
            "source": names.get(entry.by, "the center") if entry.by else "the center",
            "at": entry.at,
        }
        for entry in entries
        if entry.kind == "hazard"
    ]
