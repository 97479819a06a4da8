"""Routes of dispatch: translate in, call a use case, translate out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field

from watchfloor.dispatch import field_api, forms, message_store, outcome_api, store
from watchfloor.dispatch.conclude import conclude
from watchfloor.dispatch.guide import own_assignment
from watchfloor.dispatch.model import NewOutcome, Result, Step
from watchfloor.dispatch.propose import NobodyFree, Option
from watchfloor.dispatch.send import Dispatch, propose_for, send, step
from watchfloor.dispatch.show import (
    assignment_form,
    message_form,
    mine_form,
    option_form,
    outcome_form,
    people_of,
)
from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.incidents import incident_store
from watchfloor.incidents.ask_agency import hit_for_crew
from watchfloor.incidents.model import Incident
from watchfloor.incidents.show import incident_form
from watchfloor.kit.errors import NotFound
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import MOST, Cut, Extent, InPages
from watchfloor.kit.route import PICTURE, Page, Stated, page
from watchfloor.plates.picture import MEDIA_TYPE, key_of
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx
from watchfloor.units import store as unit_store

NEAREST: Final = 20


@dataclass(frozen=True, slots=True)
class DispatchParts:
    """What the routes need: the use cases' parts, and where pictures lie."""

    dispatch: Dispatch
    objects: Objects


class SendBody(BaseModel):
    """Which unit goes, and what its crew is told."""

    unit: str
    warning: str | None = Field(default=None, max_length=2000)
    message: str | None = Field(default=None, max_length=2000)


class StepBody(BaseModel):
    """When it was pressed, by the device's clock, where a phone kept it until the link was back."""

    said_at: Instant | None = None


class AcceptBody(StepBody):
    """Whether the warning was heard."""

    warning_heard: bool = False


class OutcomeBody(StepBody):
    """What came of it."""

    results: list[Result] = Field(max_length=10)
    charges: list[str] = Field(default_factory=list, max_length=100)
    arrests: int = 0
    note: str | None = Field(default=None, max_length=5000)


Match = Annotated[str | None, Header(alias="If-Match")]


def routes(parts: DispatchParts) -> APIRouter:
    """The routes of dispatch."""
    router = APIRouter(tags=["dispatch"], route_class=Stated)
    _add_sending(router, parts.dispatch)
    _add_steps(router, parts.dispatch)
    _add_own(router, parts)
    _add_outcomes(router, parts.dispatch)
    router.include_router(field_api.routes(parts.dispatch))
    router.include_router(outcome_api.routes(parts.dispatch.door))
    return router


async def beside_incident(tx: Tx, incident: Incident) -> forms.BesideIncident:
    """What dispatch adds to an incident's page: who was sent, and what came of it."""
    sent = await store.of_incident(tx, incident.id)
    outcome = await store.outcome_of(tx, incident.id)
    people = [assignment.sent_by for assignment in sent] + ([outcome.recorded_by] if outcome else [])
    written = (await message_store.messages_of(tx, [incident.id]))[incident.id]
    names = await names_of(tx, people + people_of(written))
    return {
        "assignments": [assignment_form(assignment, names) for assignment in sent],
        "outcome": outcome_form(outcome, names) if outcome else None,
        # One page for everybody who sees the incident: the plate of a sighting is in what each crew is sent.
        "messages": [message_form(message, names, sent=False) for message in written],
    }


async def own_assignments(tx: Tx, actor: Actor) -> list[forms.OwnAssignment]:
    """What the actor's unit is on, the newest first: all that a crew needs to know."""
    unit = await unit_store.unit_of_person(tx, actor.id)
    sent = await store.open_of_unit(tx, unit.id) if unit is not None else []
    incidents = await incident_store.incidents_of(tx, [assignment.incident for assignment in sent])
    written = await message_store.messages_of(tx, list(incidents))
    warned = {incident: await incident_store.timeline(tx, incident, kind="hazard") for incident in incidents}
    people = [assignment.sent_by for assignment in sent]
    people += [person for messages in written.values() for person in people_of(messages)]
    people += [entry.by for entries in warned.values() for entry in entries if entry.by]
    names = await names_of(tx, people)
    return [
        mine_form(
            sent_there,
            incidents[sent_there.incident],
            warned[sent_there.incident],
            written[sent_there.incident],
            names,
            hit=await hit_for_crew(tx, incidents[sent_there.incident]),
        )
        for sent_there in sent
    ]


async def open_assignments(tx: Tx, extent: Extent | None = None) -> Cut[forms.OpenAssignment]:
    """Who is on what, the newest first; all of it without an extent."""
    sent = await store.open_ones(tx, extent)
    incidents = await incident_store.incidents_of(tx, [assignment.incident for assignment in sent.items])
    names = await names_of(tx, [assignment.sent_by for assignment in sent.items])
    items: list[forms.OpenAssignment] = [
        {
            **assignment_form(assignment, names),
            "incident": incident_form(incidents[assignment.incident]),
        }
        for assignment in sent.items
        if assignment.incident in incidents
    ]
    return Cut(items, sent.following)


def _add_sending(router: APIRouter, parts: Dispatch) -> None:
    @router.get("/incidents/{incident_id}/proposals", openapi_extra=asks(Need.DISPATCH_PROPOSE))
    async def propose_units(
        actor: Signed, incident_id: str, limit: Annotated[int, Query(ge=1, le=MOST)] = NEAREST
    ) -> forms.ProposedUnits:
        """The nearest free units, of how many, and what the order rests on. It changes as they drive: more come by a higher limit."""
        found = await propose_for(parts, actor, inside("incident", incident_id))
        options: Sequence[Option] = () if isinstance(found, NobodyFree) else found.options
        return {
            "items": [option_form(option) for option in options[:limit]],
            "next": None,
            "free": len(options),
            "sentence": found.sentence,
        }

    @router.post(
        "/incidents/{incident_id}/assignments", status_code=201, openapi_extra=asks(Need.DISPATCH_ASSIGN)
    )
    async def send_unit(actor: Signed, incident_id: str, body: SendBody) -> forms.Assignment:
        """Send a unit: of two who send the same one, one has it."""
        assignment = await send(
            parts,
            actor,
            inside("incident", incident_id),
            inside("unit", body.unit),
            warning=body.warning,
            message=body.message,
        )
        return assignment_form(assignment, {actor.id: actor.name})


def _add_steps(router: APIRouter, parts: Dispatch) -> None:
    @router.post("/assignments/{assignment_id}/accept", openapi_extra=asks(Need.ASSIGNMENT_PROGRESS))
    async def accept(
        actor: Signed, assignment_id: str, body: AcceptBody, if_match: Match = None
    ) -> forms.Assignment:
        """The crew goes; a warning must have been heard first."""
        return await _step(parts, actor, assignment_id, Step.ACCEPT, if_match, body)

    @router.post("/assignments/{assignment_id}/en-route", openapi_extra=asks(Need.ASSIGNMENT_PROGRESS))
    async def en_route(
        actor: Signed, assignment_id: str, body: StepBody | None = None, if_match: Match = None
    ) -> forms.Assignment:
        """The crew is on its way."""
        return await _step(parts, actor, assignment_id, Step.EN_ROUTE, if_match, body)

    @router.post("/assignments/{assignment_id}/on-scene", openapi_extra=asks(Need.ASSIGNMENT_PROGRESS))
    async def on_scene(
        actor: Signed, assignment_id: str, body: StepBody | None = None, if_match: Match = None
    ) -> forms.Assignment:
        """The crew is there."""
        return await _step(parts, actor, assignment_id, Step.ON_SCENE, if_match, body)

    @router.post("/assignments/{assignment_id}/clear", openapi_extra=asks(Need.ASSIGNMENT_PROGRESS))
    async def clear(
        actor: Signed, assignment_id: str, body: StepBody | None = None, if_match: Match = None
    ) -> forms.Assignment:
        """The crew is free again; before it accepted, it is called back."""
        return await _step(parts, actor, assignment_id, Step.CLEAR, if_match, body)


async def _step(
    parts: Dispatch, actor: Actor, assignment_id: str, to_do: Step, version: str | None, body: StepBody | None
) -> forms.Assignment:
    after, names = await step(
        parts,
        actor,
        inside("assignment", assignment_id),
        to_do,
        warning_heard=isinstance(body, AcceptBody) and body.warning_heard,
        version=version_of(version),
        said_at=body.said_at if body else None,
    )
    return assignment_form(after, names)


def _add_own(router: APIRouter, parts: DispatchParts) -> None:
    door = parts.dispatch.door

    @router.get("/assignments", openapi_extra=asks(Need.INCIDENTS_VIEW))
    async def list_assignments(actor: Signed, extent: InPages) -> Page[forms.OpenAssignment]:
        """Assignments that are not over: who is on what, the newest first."""
        async with door.open(Ask(actor, Need.INCIDENTS_VIEW)) as tx:
            return page(await open_assignments(tx, extent))

    @router.get("/assignments/mine", openapi_extra=asks(Need.ASSIGNMENTS_VIEW))
    async def own_assignments_now(actor: Signed) -> Page[forms.OwnAssignment]:
        """What the asker's unit is on, with all that its crew needs to know."""
        async with door.open(Ask(actor, Need.ASSIGNMENTS_VIEW)) as tx:
            return page(await own_assignments(tx, actor))

    @router.get(
        "/assignments/{assignment_id}/picture", responses=PICTURE, openapi_extra=asks(Need.ASSIGNMENTS_VIEW)
    )
    async def assignment_picture(actor: Signed, assignment_id: str) -> Response:
        """The picture the incident rests on, for the crew that looks for the vehicle."""
        wanted = inside("assignment", assignment_id)
        async with door.open(Ask(actor, Need.ASSIGNMENTS_VIEW, about=About("assignment", wanted))) as tx:
            key = key_of(actor.agency, await _own_picture(tx, actor, wanted))
        try:
            found = await parts.objects.get(key)
        except NotFound as error:
            raise NotFound("The picture is not there (any more).", reason="no_picture") from error
        return Response(found, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


async def _own_picture(tx: Tx, actor: Actor, assignment: UUID) -> str:
    """The name of the picture of an assignment that the actor's unit is on now."""
    found, _ = await own_assignment(tx, actor, assignment)
    incident = await incident_store.incident_of(tx, found.incident)
    if incident is None or incident.picture is None:
        raise NotFound("The incident rests on no picture.", reason="no_picture")
    return incident.picture


def _add_outcomes(router: APIRouter, parts: Dispatch) -> None:
    @router.post("/incidents/{incident_id}/outcome", status_code=201, openapi_extra=asks(Need.OUTCOME_RECORD))
    async def record_outcome(actor: Signed, incident_id: str, body: OutcomeBody) -> forms.Outcome:
        """Record what came of an incident; it is closed by that."""
        new = NewOutcome(frozenset(body.results), body.arrests, tuple(body.charges), body.note)
        kept = await conclude(parts, actor, inside("incident", incident_id), new, said_at=body.said_at)
        return outcome_form(kept, {actor.id: actor.name})
