"""Routes of calls: translate in, call a use case, translate out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from watchfloor.calls import forms, store
from watchfloor.calls.model import Call, NewCall
from watchfloor.calls.take import close, take
from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import named
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.geo import Point
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page


@dataclass(frozen=True, slots=True)
class Calls:
    """What the routes of calls need."""

    door: Door


class CallBody(BaseModel):
    """A call as taken; without a number we give one."""

    number: str | None = Field(default=None, max_length=60)
    type: str = Field(max_length=100)
    priority: int
    purpose: str
    place: str = Field(max_length=300)
    lat: float | None = None
    lon: float | None = None
    text: str = Field(default="", max_length=5000)


class CloseBody(BaseModel):
    """Why the call is closed, in words."""

    why: str = Field(max_length=1000)


def routes(parts: Calls) -> APIRouter:
    """The routes of calls."""
    router = APIRouter(tags=["calls"], route_class=Stated)

    @router.get("/calls", openapi_extra=asks(Need.CASES_VIEW))
    async def list_calls(actor: Signed, extent: InPages, state: str = "open") -> Page[forms.Call]:
        """Calls, newest first; the open ones, or with `?state=all` the closed ones too."""
        if state not in ("open", "all"):
            raise Invalid("`state` is open or all.", reason="state")
        async with parts.door.open(Ask(actor, Need.CASES_VIEW)) as tx:
            found = await store.calls(tx, extent, open_only=state == "open")
            names = await names_of(tx, [call.taken_by for call in found.items])
            return page(found.of(lambda call: call_json(call, names)))

    @router.get("/calls/{call_id}", openapi_extra=asks(Need.CASES_VIEW))
    async def get_call(actor: Signed, call_id: str) -> forms.Call:
        """One call."""
        wanted = inside("call", call_id)
        async with parts.door.open(Ask(actor, Need.CASES_VIEW, about=About("call", wanted))) as tx:
            found = await store.call_of(tx, wanted)
            if found is None:
                raise NotFound("There is no such call.")
            return call_json(found, await names_of(tx, [found.taken_by]))

    @router.post("/calls", status_code=201, openapi_extra=asks(Need.CASES_CHANGE))
    async def take_call(actor: Signed, body: CallBody) -> forms.Call:
        """Take a call."""
        return call_json(await take(parts.door, actor, _call(body)), {actor.id: actor.name})

    @router.post("/calls/{call_id}/close", openapi_extra=asks(Need.CASES_CHANGE))
    async def close_call(
        actor: Signed, call_id: str, body: CloseBody, if_match: Annotated[str | None, Header()] = None
    ) -> forms.Call:
        """Close a call: nothing more can be looked at for it."""
        wanted = inside("call", call_id)
        return call_json(await close(parts.door, actor, wanted, body.why, version=version_of(if_match)), {})

    return router


def _call(body: CallBody) -> NewCall:
    return NewCall(
        body.number,
        body.type,
        body.priority,
        named(body.purpose),
        body.place,
        point_of(body.lat, body.lon),
        body.text,
    )


def point_of(lat: float | None, lon: float | None) -> Point | None:
    """The place of two numbers, None of none. Raises Invalid when one is missing or they are not on the earth."""
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise Invalid("A place has lat and lon, or neither.", reason="lat" if lat is None else "lon")
    try:
        return Point(lat, lon)
    except ValueError as error:
        raise Invalid(str(error), reason="lat") from error


def call_json(call: Call, names: Mapping[UUID, str]) -> forms.Call:
    """The outside form of a call."""
    return {
        "id": outside("call", call.id),
        "kind": "call",
        "number": call.number,
        "type": call.type,
        "priority": call.priority,
        "purpose": call.purpose.word,
        "place": {
            "text": call.place,
            "lat": call.point.lat if call.point else None,
            "lon": call.point.lon if call.point else None,
        },
        "text": call.text,
        "state": "closed" if call.closed_at else "open",
        "taken_by": {"id": outside("person", call.taken_by), "name": names.get(call.taken_by)},
        "taken_at": call.taken_at,
        "closed_at": call.closed_at,
        "closed_why": call.closed_why,
        "version": call.version,
    }
