"""Routes of alerts and incidents: translate in, call a use case, translate out. What dispatch adds to one it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field

from watchfloor.calls import store as call_store
from watchfloor.calls.api import call_json
from watchfloor.calls.forms import Call
from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.incidents import (
    alert_store,
    answer,
    behind_api,
    clip_api,
    forms,
    incident_store,
    live_api,
    live_store,
    sound_api,
)
from watchfloor.incidents.in_hand import Alerts, Looked
from watchfloor.incidents.model import Incident
from watchfloor.incidents.open import Opening, open_for_call, open_for_officer
from watchfloor.incidents.pull_sound import Pulling
from watchfloor.incidents.review import DismissReason, LiveRecord, Reply, Typed
from watchfloor.incidents.show import (
    alert_form,
    confirmation_form,
    hazards_form,
    incident_form,
    people_asked,
    picture_path,
    plate_form,
    review_form,
    timeline_form,
)
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import Cut, Extent, InPages
from watchfloor.kit.route import PICTURE, Page, Stated, page
from watchfloor.plates.model import Plate, state_of
from watchfloor.plates.picture import MEDIA_TYPE
from watchfloor.storage.tx import Tx

# What the slices above add to an incident's page: its assignments and outcome, the cameras for it.
Beside = Callable[[Tx, Incident], Awaitable[Mapping[str, object]]]
# An incident with that: its form is known where the slices are put together.
Detail = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class IncidentParts:
    """What the routes need: the use cases' parts, what other slices put beside an incident, the form that this makes."""

    alerts: Alerts
    beside: Sequence[Beside] = ()
    detail: type = forms.IncidentStory
    pulling: Pulling | None = None
    """None where microphones cannot be asked for sound."""


class TypedBody(BaseModel):
    """What the reviewer reads in the picture; null where it cannot be read."""

    plate: str | None = Field(max_length=60)
    state: str | None = Field(default=None, max_length=20)
    vehicle: str | None = Field(default=None, max_length=200)


class RecordBody(BaseModel):
    """The live record's reply."""

    reply: Reply
    reference: str | None = Field(default=None, max_length=120)
    checked_at: Instant


class ConfirmBody(BaseModel):
    """What a confirmation rests on. Without `live_record` the last reply kept in this review counts."""

    live_record: RecordBody | None = None
    vehicle_agrees: bool
    note: str | None = Field(default=None, max_length=2000)


class DismissBody(BaseModel):
    """Why an alert is dismissed."""

    reason: DismissReason
    note: str | None = Field(default=None, max_length=2000)


class OpenBody(BaseModel):
    """What an incident is opened for: a call, or a unit whose officer is in danger."""

    call: str | None = None
    unit: str | None = None
    words: str = Field(default="", max_length=500)


Match = Annotated[str | None, Header(alias="If-Match")]
_LISTS: Final = {
    "open": alert_store.open_alerts,
    "closed": alert_store.closed_alerts,
    "kept_back": alert_store.kept_back_alerts,
}


def routes(parts: IncidentParts) -> APIRouter:
    """The routes of alerts and incidents."""
    router = APIRouter(tags=["incidents"], route_class=Stated)
    _add_queue(router, parts)
    _add_review(router, parts)
    _add_verdicts(router, parts)
    sound_api.add_routes(router, parts.alerts, _confirmed)
    live_api.add_routes(router, parts.alerts)
    behind_api.add_routes(router, parts.alerts)
    clip_api.add_routes(router, parts.alerts, parts.pulling)
    _add_incidents(router, parts)
    return router


async def alerts_by_id(tx: Tx, wanted: Sequence[UUID]) -> dict[UUID, forms.Alert]:
    """These of the open alerts, by id: for those who watch the queue, who are told of what changed alone."""
    found = await alert_store.open_among(tx, wanted)
    names = await names_of(tx, [alert.holder for alert in found if alert.holder])
    return {alert.id: alert_form(alert, names) for alert in found}


async def open_incidents(tx: Tx) -> list[forms.Incident]:
    """Open incidents, the most urgent first."""
    return (await incident_store.incidents(tx, open_only=True)).of(incident_form).items


async def unanswered_calls(tx: Tx, extent: Extent | None = None) -> Cut[Call]:
    """Open calls that have no incident, the newest first; all of them without an extent. A page may be short."""
    calls = await call_store.calls(tx, extent, open_only=True)
    answered = await incident_store.answered(tx, [call.id for call in calls.items])
    names = await names_of(tx, [call.taken_by for call in calls.items])
    unanswered = [call_json(call, names) for call in calls.items if call.id not in answered]
    return Cut(unanswered, calls.following)


async def incident_detail(tx: Tx, incident: UUID, beside: Sequence[Beside] = ()) -> Detail:
    """One incident with its timeline, and what other slices put beside it. Raises NotFound."""
    found = await incident_store.incident_of(tx, incident)
    if found is None:
        raise NotFound("There is no such incident.")
    entries = await incident_store.timeline(tx, incident)
    asked = await live_store.confirmation_of(tx, incident)
    people = [entry.by for entry in entries if entry.by] + people_asked(asked)
    names = await names_of(tx, people)
    story: forms.IncidentStory = {
        **incident_form(found),
        "alert": outside("alert", found.alert) if found.alert else None,
        "timeline": timeline_form(entries, names),
        "hazards": hazards_form(entries, names),
        "picture": picture_path(found.alert, 0) if found.alert and found.picture else None,
        "vehicle": found.vehicle,
        "plate": plate_form(found),
        "entered_by": found.entered_by,
        "confirmation": confirmation_form(asked, names, tx.now) if asked is not None else None,
        "cameras": [],
    }
    detail: dict[str, object] = {**story}
    for more in beside:
        detail |= await more(tx, found)
    return detail


def _add_queue(router: APIRouter, parts: IncidentParts) -> None:
    @router.get("/alerts", openapi_extra=asks(Need.ALERTS_VIEW))
    async def list_alerts(actor: Signed, extent: InPages, state: str = "open") -> Page[forms.Alert]:
        """The queue: `state=open` in its order, `closed` with the latest verdict first, or `kept_back`: sounds too unlikely gunfire to be
        raised, the latest first."""
        if state not in _LISTS:
            raise Invalid("`state` is open, closed or kept_back.", reason="state")
        async with parts.alerts.door.open(Ask(actor, Need.ALERTS_VIEW)) as tx:
            found = await _LISTS[state](tx, extent)
            people = [p for alert in found.items for p in (alert.holder, alert.decided_by) if p]
            names = await names_of(tx, people)
            return page(found.of(lambda alert: alert_form(alert, names)))

    @router.post("/alerts/{alert_id}/acknowledge", openapi_extra=asks(Need.ALERTS_VIEW, Need.ALERT_REVIEW))
    async def acknowledge(actor: Signed, alert_id: str, if_match: Match = None) -> forms.Alert:
        """Claim an alert: whoever asks holds it."""
        wanted = inside("alert", alert_id)
        looked = await answer.acknowledge(parts.alerts, actor, wanted, version=version_of(if_match))
        return alert_form(looked.alert, looked.names)


def _add_review(router: APIRouter, parts: IncidentParts) -> None:
    asks_record = parts.alerts.system is not None

    @router.post("/alerts/{alert_id}/review", openapi_extra=asks(Need.ALERTS_VIEW, Need.ALERT_REVIEW))
    async def review(actor: Signed, alert_id: str, if_match: Match = None) -> forms.Review:
        """Open the review, or come back to it: the picture only, until something is typed."""
        wanted = inside("alert", alert_id)
        looked = await answer.open_review(parts.alerts, actor, wanted, version=version_of(if_match))
        return review_form(looked, asks_record=asks_record)

    @router.post("/alerts/{alert_id}/typed", openapi_extra=asks(Need.ALERTS_VIEW, Need.ALERT_REVIEW))
    async def type_seen(actor: Signed, alert_id: str, body: TypedBody) -> forms.Review:
        """What the picture says, typed before the entry is shown; the answer shows the entry beside it."""
        vehicle = (body.vehicle or "").strip() or None
        plate = Plate.of(body.plate).text if body.plate and body.plate.strip() else None
        seen = Typed(plate, state_of(body.state), vehicle)
        looked = await answer.type_seen(parts.alerts, actor, inside("alert", alert_id), seen)
        return review_form(looked, asks_record=asks_record)

    @router.get(
        "/alerts/{alert_id}/picture",
        responses=PICTURE,
        openapi_extra=asks(Need.ALERTS_VIEW, Need.ALERT_REVIEW),
    )
    async def alert_picture(
        actor: Signed, alert_id: str, number: Annotated[int, Query(ge=0, le=1000)] = 0
    ) -> Response:
        """What the reader saw: for whoever reviews the alert, and after the verdict."""
        found = await answer.picture(parts.alerts, actor, inside("alert", alert_id), number)
        return Response(found, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _add_verdicts(router: APIRouter, parts: IncidentParts) -> None:
    @router.post("/alerts/{alert_id}/confirm", openapi_extra=asks(Need.ALERTS_VIEW, Need.ALERT_REVIEW))
    async def confirm(actor: Signed, alert_id: str, body: ConfirmBody) -> forms.Confirmed:
        """Confirm: only when what was typed agrees, the vehicle fits and the live record is active."""
        said = body.live_record
        record = LiveRecord(said.reply, said.reference, said.checked_at) if said is not None else None
        looked, opened = await answer.confirm(
            parts.alerts,
            actor,
            inside("alert", alert_id),
            record,
            vehicle_agrees=body.vehicle_agrees,
            note=body.note,
        )
        return _confirmed(looked, opened)

    @router.post("/alerts/{alert_id}/dismiss", openapi_extra=asks(Need.ALERTS_VIEW, Need.ALERT_REVIEW))
    async def dismiss(actor: Signed, alert_id: str, body: DismissBody, if_match: Match = None) -> forms.Alert:
        """Dismiss, with a reason of the list."""
        wanted = inside("alert", alert_id)
        looked = await answer.dismiss(
            parts.alerts, actor, wanted, body.reason, body.note, version=version_of(if_match)
        )
        return alert_form(looked.alert, looked.names)


def _confirmed(looked: Looked, opened: Incident) -> forms.Confirmed:
    return {
        "alert": alert_form(looked.alert, looked.names),
        "incident": {"id": outside("incident", opened.id), "number": opened.number},
    }


async def _listed(tx: Tx, extent: Extent, state: str) -> Cut[Incident]:
    if state == "closed":
        return await incident_store.closed(tx, extent)
    return await incident_store.incidents(tx, extent, open_only=state == "open")


def _add_incidents(router: APIRouter, parts: IncidentParts) -> None:
    opening = Opening(parts.alerts.door, parts.alerts.news)

    @router.get("/incidents", openapi_extra=asks(Need.INCIDENTS_VIEW))
    async def list_incidents(actor: Signed, extent: InPages, state: str = "all") -> Page[forms.Incident]:
        """Incidents, the most urgent first; `state=open` leaves out the closed ones, `state=closed` has the last closed first."""
        if state not in ("open", "closed", "all"):
            raise Invalid("`state` is open, closed or all.", reason="state")
        async with parts.alerts.door.open(Ask(actor, Need.INCIDENTS_VIEW)) as tx:
            return page((await _listed(tx, extent, state)).of(incident_form))

    @router.get(
        "/incidents/{incident_id}", response_model=parts.detail, openapi_extra=asks(Need.INCIDENTS_VIEW)
    )
    async def get_incident(actor: Signed, incident_id: str) -> Detail:
        """One incident with all that happened to it."""
        wanted = inside("incident", incident_id)
        async with parts.alerts.door.open(
            Ask(actor, Need.INCIDENTS_VIEW, about=About("incident", wanted))
        ) as tx:
            return await incident_detail(tx, wanted, parts.beside)

    @router.get("/unanswered-calls", openapi_extra=asks(Need.DISPATCH_PROPOSE))
    async def list_unanswered_calls(actor: Signed, extent: InPages) -> Page[Call]:
        """Open calls that have no incident yet, the newest first."""
        async with parts.alerts.door.open(Ask(actor, Need.DISPATCH_PROPOSE)) as tx:
            return page(await unanswered_calls(tx, extent))

    @router.post("/incidents", status_code=201, openapi_extra=asks(Need.INCIDENT_OPEN))
    async def open_incident(actor: Signed, body: OpenBody) -> forms.Incident:
        """Open an incident for a call, or for an officer in danger; a machine's alert becomes one by its review alone."""
        if (body.call is None) == (body.unit is None):
            raise Invalid("An incident is opened for a call or for a unit: name one of them.", reason="call")
        if body.call is not None:
            return incident_form(await open_for_call(opening, actor, inside("call", body.call)))
        unit = inside("unit", body.unit or "")
        return incident_form(await open_for_officer(opening, actor, unit, body.words.strip()))
