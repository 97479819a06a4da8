"""Routes of microphones: translate in, call a use case, translate out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from watchfloor.acoustics import forms, registry, weather_api
from watchfloor.acoustics.microphone import Spot
from watchfloor.acoustics.registry import Registered
from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside
from watchfloor.governance.inner_forms import Token
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.geo import Point
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page

Name = Annotated[
    str,
    Field(min_length=1, max_length=100, description="Everybody sees it: a number, not an address."),
]
Lat = Annotated[float, Field(ge=-90, le=90)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Height = Annotated[float, Field(ge=-100, le=1000, description="Above the ground.")]
Error = Annotated[float, Field(gt=0, le=100, description="How far it may be from there.")]
ClockBound = Annotated[float, Field(gt=0, le=1000, description="How far its clock may be off.")]
Noise = Annotated[float, Field(ge=0, le=150, description="How loud it is there at night, dB SPL.")]
Mount = Annotated[
    str, Field(max_length=400, description="How it is reached; told with the exact place alone.")
]


class MicrophoneBody(BaseModel):
    """A microphone to register."""

    name: Name
    lat: Lat
    lon: Lon
    height_m: Height | None = None
    error_m: Error
    clock_bound_ms: ClockBound
    noise_db: Noise | None = None
    mount: Mount = ""


class MicrophoneChangeBody(BaseModel):
    """What is changed; a field left out stays."""

    name: Name | None = None
    lat: Lat | None = None
    lon: Lon | None = None
    height_m: Height | None = None
    error_m: Error | None = None
    clock_bound_ms: ClockBound | None = None
    noise_db: Noise | None = None
    mount: Mount | None = None

    @field_validator("name", "lat", "lon", "error_m", "clock_bound_ms", "mount", mode="before")
    @classmethod
    def _said(cls, value: object) -> object:
        """What every microphone has may be left out; sent as nothing, it is what somebody meant and we did not read."""
        if value is None:
            raise PydanticCustomError("empty", "It cannot be empty; leave it out to keep it.")
        return value

    def of(self, was: Registered) -> Registered:
        """What is registered, with these changes."""
        sent = self.model_fields_set
        spot = Spot(
            Point(
                was.spot.point.lat if self.lat is None else self.lat,
                was.spot.point.lon if self.lon is None else self.lon,
            ),
            self.height_m if "height_m" in sent else was.spot.height_m,
            was.spot.error_m if self.error_m is None else self.error_m,
            was.spot.mount if self.mount is None else self.mount,
        )
        return Registered(
            was.name if self.name is None else self.name,
            spot,
            was.clock_bound_ms if self.clock_bound_ms is None else self.clock_bound_ms,
            self.noise_db if "noise_db" in sent else was.noise_db,
        )


def routes(door: Door) -> APIRouter:
    """The routes of microphones."""
    router = APIRouter(tags=["acoustics"], route_class=Stated)
    _add_looking(router, door)
    _add_changing(router, door)
    weather_api.add_routes(router, door)
    return router


def _add_looking(router: APIRouter, door: Door) -> None:
    @router.get("/microphones", openapi_extra=asks(Need.MICROPHONES_VIEW))
    async def list_microphones(actor: Signed, extent: InPages) -> Page[forms.Microphone]:
        """Every microphone, how it is, and the square that it is in."""
        return page((await registry.every(door, actor, extent)).of(forms.microphone_json))

    @router.get("/microphones/{microphone_id}", openapi_extra=asks(Need.MICROPHONES_VIEW))
    async def get_microphone(actor: Signed, microphone_id: str) -> forms.Microphone:
        """One microphone, how it is, and the square that it is in."""
        found = await registry.look(door, actor, inside("microphone", microphone_id))
        return forms.microphone_json(found)

    @router.get("/microphones/{microphone_id}/spot", openapi_extra=asks(Need.MICROPHONE_LOCATE))
    async def get_microphone_spot(actor: Signed, microphone_id: str) -> forms.MicrophoneSpot:
        """Where it exactly is. That you were told stands in the log."""
        return forms.spot_json(await registry.locate(door, actor, inside("microphone", microphone_id)))


def _add_changing(router: APIRouter, door: Door) -> None:
    changing = asks(Need.MICROPHONES_CHANGE, Need.MICROPHONES_VIEW)

    @router.post("/microphones", status_code=201, openapi_extra=changing)
    async def register_microphone(actor: Signed, body: MicrophoneBody) -> forms.Microphone:
        """Register a microphone. Nothing is taken from it before acoustic arrays are authorised where it is."""
        spot = Spot(Point(body.lat, body.lon), body.height_m, body.error_m, body.mount)
        new = Registered(body.name, spot, body.clock_bound_ms, body.noise_db)
        return forms.microphone_json(await registry.register(door, actor, new))

    @router.patch("/microphones/{microphone_id}", openapi_extra=changing)
    async def change_microphone(
        actor: Signed,
        microphone_id: str,
        body: MicrophoneChangeBody,
        if_match: Annotated[str | None, Header()] = None,
    ) -> forms.Microphone:
        """Change what is registered of a microphone."""
        microphone = inside("microphone", microphone_id)
        changed = await registry.change(door, actor, microphone, body.of, version=version_of(if_match))
        return forms.microphone_json(changed)

    @router.post(
        "/microphones/{microphone_id}/token", status_code=201, openapi_extra=asks(Need.DEVICES_CHANGE)
    )
    async def issue_microphone_token(actor: Signed, microphone_id: str) -> Token:
        """A new token for the microphone, shown once; the one before ends."""
        return {"token": await registry.issue_token(door, actor, inside("microphone", microphone_id))}

    @router.post("/microphones/{microphone_id}/retire", openapi_extra=changing)
    async def retire_microphone(actor: Signed, microphone_id: str) -> forms.Microphone:
        """Take a microphone out of service; nothing more is taken from it."""
        return forms.microphone_json(await registry.retire(door, actor, inside("microphone", microphone_id)))
