"""Routes of trailers: translate in, call a use case, translate out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.inner_forms import Token
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Device, Signed
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.geo import Point
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.trailers import change, forms, lights, listing, place, store
from watchfloor.trailers.change import Changes
from watchfloor.trailers.model import Lights, Status
from watchfloor.trailers.parts import Trailers
from watchfloor.trailers.place import Placing
from watchfloor.trailers.report import Said, report
from watchfloor.units.model import Report


class TrailerBody(BaseModel):
    """A new trailer."""

    name: str = Field(max_length=200)


class AboardBody(BaseModel):
    """A camera or plate reader on a trailer; without an offset it keeps the one it has, or goes on looking where it looks."""

    id: str
    offset_deg: float | None = None


class ChangeBody(BaseModel):
    """What is changed; a field left out stays. `cameras` and `readers` name everything that is on it from now on."""

    name: str | None = Field(default=None, max_length=200)
    cameras: list[AboardBody] | None = Field(default=None, max_length=100)
    readers: list[AboardBody] | None = Field(default=None, max_length=100)


class PlacingBody(BaseModel):
    """Where a trailer stands from now on, which way it looks, and why."""

    place: str = Field(max_length=400)
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    heading_deg: float
    reason: str = Field(max_length=1000)


class TakeAwayBody(BaseModel):
    """Why."""

    reason: str = Field(max_length=1000)


class LightsBody(BaseModel):
    """What the lights are to do, and why."""

    lights: Lights
    reason: str = Field(max_length=1000)


class SwitchBody(BaseModel):
    """Where the lights are switched; null takes it away."""

    url: str | None = Field(max_length=1000)


class ReportBody(BaseModel):
    """What a trailer says of itself at one time: degrees, metres, percent, watts, dBm; what it does not know it leaves out."""

    at: Instant | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    battery_pct: float | None = None
    solar_w: float | None = None
    signal_dbm: float | None = None
    carrier: str | None = Field(default=None, max_length=200)
    lights: Lights | None = None


class ReportsBody(BaseModel):
    """Several reports at once, in any order."""

    reports: list[ReportBody]


def routes(parts: Trailers) -> APIRouter:
    """The routes of trailers."""
    router = APIRouter(tags=["trailers"], route_class=Stated)
    _add_registry(router, parts)
    _add_placing(router, parts)
    _add_lights(router, parts)
    _add_reports(router, parts)
    return router


def _add_registry(router: APIRouter, parts: Trailers) -> None:
    @router.get("/trailers", openapi_extra=asks(Need.TRAILERS_VIEW))
    async def list_trailers(actor: Signed, extent: InPages) -> Page[forms.Trailer]:
        """Every trailer, where it stands and how it is, by name."""
        async with parts.door.open(Ask(actor, Need.TRAILERS_VIEW)) as tx:
            return page(await listing.listed(tx, extent, parts.limits))

    @router.get("/trailers/{trailer_id}", openapi_extra=asks(Need.TRAILERS_VIEW))
    async def get_trailer(actor: Signed, trailer_id: str) -> forms.Trailer:
        """One trailer, where it stands, what is on it and what it last said of itself."""
        return await view(parts, actor, inside("trailer", trailer_id))

    @router.post("/trailers", status_code=201, openapi_extra=asks(Need.TRAILERS_CHANGE, Need.TRAILERS_VIEW))
    async def register_trailer(actor: Signed, body: TrailerBody) -> forms.Trailer:
        """Register a trailer; what is on it, and where it stands, is said then."""
        return await view(parts, actor, await change.register(parts, actor, body.name))

    @router.patch("/trailers/{trailer_id}", openapi_extra=asks(Need.TRAILERS_CHANGE, Need.TRAILERS_VIEW))
    async def change_trailer(
        actor: Signed, trailer_id: str, body: ChangeBody, if_match: Annotated[str | None, Header()] = None
    ) -> forms.Trailer:
        """Give it another name, or say what is on it. Where it stands, that stands there from now on."""
        trailer = inside("trailer", trailer_id)
        changes = Changes(body.name, _aboard("camera", body.cameras), _aboard("reader", body.readers))
        await change.change(parts, actor, trailer, changes, version=version_of(if_match))
        return await view(parts, actor, trailer)

    @router.delete("/trailers/{trailer_id}", status_code=204, openapi_extra=asks(Need.TRAILERS_CHANGE))
    async def retire_trailer(actor: Signed, trailer_id: str) -> None:
        """Take a trailer out of service; where it stood stays known."""
        await change.retire(parts, actor, inside("trailer", trailer_id))

    @router.post("/trailers/{trailer_id}/token", openapi_extra=asks(Need.DEVICES_CHANGE))
    async def issue_token(actor: Signed, trailer_id: str) -> Token:
        """A new token for the trailer's own device, shown once."""
        return {"token": await change.token(parts, actor, inside("trailer", trailer_id))}


def _add_placing(router: APIRouter, parts: Trailers) -> None:
    @router.post("/trailers/{trailer_id}/place", openapi_extra=asks(Need.TRAILER_PLACE, Need.TRAILERS_VIEW))
    async def place_trailer(
        actor: Signed, trailer_id: str, body: PlacingBody, if_match: Annotated[str | None, Header()] = None
    ) -> forms.Trailer:
        """It stands here from now on, and so does what is on it. Where no authorisation covers the place, it records nothing."""
        trailer = inside("trailer", trailer_id)
        placing = Placing(body.place, Point(body.lat, body.lon), body.heading_deg, body.reason)
        await place.place(parts, actor, trailer, placing, version=version_of(if_match))
        return await view(parts, actor, trailer)

    @router.post(
        "/trailers/{trailer_id}/take-away", openapi_extra=asks(Need.TRAILER_PLACE, Need.TRAILERS_VIEW)
    )
    async def take_away(
        actor: Signed, trailer_id: str, body: TakeAwayBody, if_match: Annotated[str | None, Header()] = None
    ) -> forms.Trailer:
        """It is hauled from where it stands: that it is elsewhere then is no alarm."""
        trailer = inside("trailer", trailer_id)
        await place.take_away(parts, actor, trailer, body.reason, version=version_of(if_match))
        return await view(parts, actor, trailer)

    @router.get("/trailers/{trailer_id}/placements", openapi_extra=asks(Need.TRAILERS_VIEW))
    async def list_placements(
        actor: Signed, trailer_id: str, extent: InPages
    ) -> Page[forms.TrailerPlacement]:
        """Where it was placed, the newest first, with what was counted around each place: a count, no proof of an effect."""
        trailer = inside("trailer", trailer_id)
        ask = Ask(actor, Need.TRAILERS_VIEW, about=About("trailer", trailer))
        async with parts.door.open(ask) as tx:
            if await store.trailer_of(tx, trailer) is None:
                raise NotFound("There is no such trailer.")
            return page(await listing.placements(tx, trailer, extent))


def _add_lights(router: APIRouter, parts: Trailers) -> None:
    @router.post("/trailers/{trailer_id}/lights", openapi_extra=asks(Need.TRAILER_LIGHTS, Need.TRAILERS_VIEW))
    async def switch_lights(actor: Signed, trailer_id: str, body: LightsBody) -> forms.LightsAnswer:
        """Switch its lights by its webhook; what that answers is told, and kept in the log."""
        trailer = inside("trailer", trailer_id)
        answer = await lights.switch(parts, actor, trailer, body.lights, body.reason)
        return {"ok": answer.ok, "answer": answer.sentence, "trailer": await view(parts, actor, trailer)}

    @router.put("/trailers/{trailer_id}/lights-switch", openapi_extra=asks(Need.TRAILERS_CHANGE))
    async def set_up_lights(actor: Signed, trailer_id: str, body: SwitchBody) -> forms.LightsSecret:
        """Say where its lights are switched; the secret by which that is signed is new each time and shown once."""
        return {"secret": await lights.set_up(parts, actor, inside("trailer", trailer_id), body.url)}


def _add_reports(router: APIRouter, parts: Trailers) -> None:
    @router.post("/trailer-reports", openapi_extra=asks(Need.TRAILER_REPORT))
    async def report_trailer(actor: Device, body: ReportsBody) -> forms.TrailerHeard:
        """A trailer's device says where that is and how it is: late, twice and out of order are all well. Which one its token says."""
        said = [_said(one) for one in body.reports]
        heard = await report(parts, actor, said)
        return {"position": heard.position, "why": heard.why, "moved": heard.moved}


async def view(parts: Trailers, actor: Actor, trailer: UUID) -> forms.Trailer:
    """One trailer as people see it. Raises NotFound or Refused."""
    async with parts.door.open(Ask(actor, Need.TRAILERS_VIEW, about=About("trailer", trailer))) as tx:
        found = await store.trailer_of(tx, trailer)
        if found is None:
            raise NotFound("There is no such trailer.")
        return await listing.trailer_form(tx, found, parts.limits)


def _aboard(kind: str, given: list[AboardBody] | None) -> dict[UUID, float | None] | None:
    return None if given is None else {inside(kind, one.id): one.offset_deg for one in given}


def _said(body: ReportBody) -> Said:
    if (body.lat is None) != (body.lon is None):
        raise Invalid("A position has lat and lon.", reason="reports")
    position = None
    if body.lat is not None and body.lon is not None:
        position = Report(body.lat, body.lon, body.at, body.accuracy_m)
    return Said(position, Status(body.battery_pct, body.solar_w, body.signal_dbm, body.carrier, body.lights))
