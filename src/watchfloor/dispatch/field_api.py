"""Routes between a crew and the room beside the crew's steps: the way there, and messages. Translate in, call, translate out."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.dispatch import forms
from watchfloor.dispatch.guide import guide, guide_all
from watchfloor.dispatch.message import new_messages, see, write
from watchfloor.dispatch.send import Dispatch
from watchfloor.dispatch.show import message_form, new_messages_form, route_form, way_form
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page


class MessageBody(BaseModel):
    """A short text for the other side; `said_at` is when it was written, where a phone kept it until the link was back."""

    text: str = Field(max_length=2000)
    said_at: Instant | None = None


class SeenBody(BaseModel):
    """The last message that was seen."""

    until: str


def routes(parts: Dispatch) -> APIRouter:
    """The routes of the way and of messages."""
    router = APIRouter(tags=["dispatch"], route_class=Stated)

    @router.get("/assignments/{assignment_id}/route", openapi_extra=asks(Need.ASSIGNMENTS_VIEW))
    async def assignment_route(actor: Signed, assignment_id: str) -> forms.Route:
        """The way from where the asker's unit was last to the incident it was sent to, to draw and to say."""
        return route_form(await guide(parts, actor, inside("assignment", assignment_id)))

    @router.get("/incidents/{incident_id}/ways", openapi_extra=asks(Need.INCIDENTS_VIEW))
    async def incident_ways(actor: Signed, incident_id: str) -> forms.Ways:
        """The ways of the units that were sent to an incident and are not there yet."""
        found = await guide_all(parts, actor, inside("incident", incident_id))
        return {"ways": [way_form(assignment, guided) for assignment, guided in found]}

    @router.get("/new-messages", openapi_extra=asks(Need.MESSAGE_SEND))
    async def list_new_messages(actor: Signed, extent: InPages) -> Page[forms.NewMessages]:
        """Open incidents with messages of crews that are new to the asker."""
        async with parts.door.open(Ask(actor, Need.MESSAGE_SEND)) as tx:
            return page((await new_messages(tx, actor, extent)).of(new_messages_form))

    @router.post("/incidents/{incident_id}/messages", status_code=201, openapi_extra=asks(Need.MESSAGE_SEND))
    async def send_message(actor: Signed, incident_id: str, body: MessageBody) -> forms.Message:
        """Write to the room about the incident one's unit is at, or from the room to the crews that are there."""
        message, names = await write(
            parts, actor, inside("incident", incident_id), body.text, said_at=body.said_at
        )
        return message_form(message, names)

    @router.post("/incidents/{incident_id}/messages/seen", openapi_extra=asks(Need.MESSAGE_SEND))
    async def see_messages(actor: Signed, incident_id: str, body: SeenBody) -> forms.SeenNow:
        """Say that one saw what the others wrote, up to a message."""
        until = inside("message", body.until)
        return {"seen": await see(parts, actor, inside("incident", incident_id), until)}

    return router
