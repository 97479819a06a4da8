"""Routes of keeping cameras well: what is down together, planned work, another device in a camera's place."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field

from watchfloor.cameras import api, carried_store, forms, maintenance, register, store
from watchfloor.cameras import maintenance_store as windows
from watchfloor.cameras.address import Login
from watchfloor.cameras.carried_store import Standing
from watchfloor.cameras.maintenance import Plan
from watchfloor.cameras.maintenance_store import Device, Window
from watchfloor.cameras.onvif import notice_store
from watchfloor.cameras.onvif.notices import NoticeKind
from watchfloor.cameras.outages import Outage, outages
from watchfloor.cameras.register import Cameras, Replacement
from watchfloor.cameras.seeing_api import sees_officers, worn
from watchfloor.cameras.transport import LONGEST_CERTIFICATE
from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Ask, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page

_MOST_OUTAGES: Final = 200
_MOST_NAMED: Final = 100
_MOST_PLACES: Final = 200
_OF_AN_OFFICER: Final = Denied(
    "role", "Where a body camera was says where an officer was: that is for who may see where units are."
)


class MaintenanceBody(BaseModel):
    """Planned work: on cameras by their ids, or on all of one switch or power feed."""

    model_config = ConfigDict(populate_by_name=True)

    cameras: list[str] = Field(default_factory=list, max_length=10_000)
    network_switch: str | None = Field(default=None, max_length=400)
    power_feed: str | None = Field(default=None, max_length=400)
    begin: Instant = Field(alias="from")
    end: Instant = Field(alias="to")
    reason: str = Field(max_length=1000, description="What is done: it stands at each gap within.")


class ReplaceBody(BaseModel):
    """Another device in a camera's place. Its name and password are given anew: they go to no device they were not given for. So is its
    certificate, but for an authority that was entered: that stays where none is said."""

    model: str = Field(max_length=400)
    reason: str = Field(max_length=1000)
    url: str | None = Field(default=None, max_length=1000, description="Left out: at the same address.")
    user: str | None = Field(default=None, max_length=100)
    password: str | None = Field(default=None, max_length=200, repr=False)
    sub_url: str | None = Field(default=None, max_length=1000)
    certificate: str | None = Field(
        default=None, max_length=LONGEST_CERTIFICATE, description=forms.CERTIFICATE
    )


def routes(cameras: Cameras) -> APIRouter:
    """The routes of upkeep."""
    router = APIRouter(tags=["cameras"], route_class=Stated)
    door = cameras.door

    @router.get("/camera-outages", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_outages(actor: Signed) -> forms.Outages:
        """What is down now and was not planned to be: cameras of one switch or power feed as one, the largest first."""
        async with door.open(Ask(actor, Need.CAMERAS_VIEW)) as tx:
            every = (await store.cameras(tx)).items
            planned = await windows.now_planned(tx)
            tampered = await notice_store.that_hold(tx, NoticeKind.TAMPERED)
            now = tx.now
        found = await asyncio.to_thread(outages, every, planned.keys(), now)
        down = sum(len(outage.cameras) for outage in found)
        return {
            "down": down,
            "planned": len(planned),
            "outages": [_outage(one) for one in found[:_MOST_OUTAGES]],
            "tampered": [
                {"id": outside("camera", one.camera), "name": one.name, "since": one.since}
                for one in tampered
            ],
        }

    _add_devices(router, cameras)
    _add_windows(router, cameras)
    return router


def _add_devices(router: APIRouter, cameras: Cameras) -> None:
    door = cameras.door

    @router.post("/cameras/{camera_id}/replace", openapi_extra=asks(Need.CAMERAS_CHANGE, Need.CAMERAS_VIEW))
    async def replace_device(
        actor: Signed, camera_id: str, body: ReplaceBody, if_match: Annotated[str | None, Header()] = None
    ) -> forms.Camera:
        """Put another device in this camera's place: its name, footage and history stay."""
        camera = inside("camera", camera_id)
        if body.password and not body.user:
            raise Invalid("A camera's password comes with the name of its user.", reason="user")
        login = Login(body.user, body.password or "") if body.user else None
        device = Replacement(body.model, body.reason, body.url, login, body.sub_url, body.certificate)
        await register.replace_device(cameras, actor, camera, device, version=version_of(if_match))
        return await api.view(door, actor, camera)

    @router.get("/cameras/{camera_id}/places", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_places(
        actor: Signed, camera_id: str, at: Annotated[Instant | None, Query()] = None
    ) -> forms.CameraPlaces:
        """Where this camera stands and stood, the place it has now first; with `at`, where it stood then alone."""
        camera = inside("camera", camera_id)
        async with door.open(Ask(actor, Need.CAMERAS_VIEW, about=About("camera", camera))) as tx:
            of = await api.there(tx, camera)
            if worn(of) and not sees_officers(actor):
                raise Refused(_OF_AN_OFFICER)
            if at is not None:
                found = [one for one in [await carried_store.stood_at(tx, camera, at)] if one is not None]
            else:
                found = await carried_store.places_of(tx, camera, _MOST_PLACES)
        return {"places": [_standing(one) for one in found]}

    @router.get("/cameras/{camera_id}/replacements", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_replacements(actor: Signed, camera_id: str) -> forms.CameraReplacements:
        """The devices this camera has had, the one it has first; none of one that was never replaced."""
        camera = inside("camera", camera_id)
        async with door.open(Ask(actor, Need.CAMERAS_VIEW, about=About("camera", camera))) as tx:
            await api.there(tx, camera)
            return {"devices": [_device(one) for one in await windows.devices_of(tx, camera)]}


def _add_windows(router: APIRouter, cameras: Cameras) -> None:
    door = cameras.door

    @router.get("/maintenance-windows", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def list_windows(actor: Signed, extent: InPages) -> Page[forms.MaintenanceWindow]:
        """Planned work on cameras, the latest first."""
        async with door.open(Ask(actor, Need.CAMERAS_VIEW)) as tx:
            found, now = await windows.windows(tx, extent), tx.now
        return page(found.of(lambda window: _window(window, now)))

    @router.post("/maintenance-windows", status_code=201, openapi_extra=asks(Need.MAINTENANCE_CHANGE))
    async def plan_maintenance(actor: Signed, body: MaintenanceBody) -> forms.MaintenanceWindow:
        """Plan work on cameras: a gap within it has this as its cause, and nobody is alarmed."""
        wanted = Plan(
            [inside("camera", one) for one in body.cameras], body.network_switch, body.power_feed, body.begin, body.end,
            body.reason,
        )  # fmt: skip
        return _window(await maintenance.plan(door, actor, wanted), cameras.clock.now())

    @router.post("/maintenance-windows/{window_id}/end", openapi_extra=asks(Need.MAINTENANCE_CHANGE))
    async def end_maintenance(actor: Signed, window_id: str) -> forms.MaintenanceWindow:
        """End planned work now."""
        ended = await maintenance.end(door, actor, inside("maintenance", window_id))
        return _window(ended, cameras.clock.now())


def _outage(outage: Outage) -> forms.Outage:
    return {
        "shared": outage.shared,
        "title": outage.title,
        "since": outage.since,
        "down": len(outage.cameras),
        "of": outage.of,
        "cameras": [
            {"id": outside("camera", one.camera), "name": one.name, "word": one.word}
            for one in outage.cameras[:_MOST_NAMED]
        ],
    }


def _device(device: Device) -> forms.CameraReplacement:
    return {
        "model": device.model or None,
        "from": device.began_at,
        "to": device.ended_at,
        "reason": device.reason or None,
        "replaced_by": device.replaced_by or None,
    }


def _standing(one: Standing) -> forms.CameraPlace:
    return {
        "place": {"text": one.place_text, "lat": one.place.lat, "lon": one.place.lon},
        "heading_deg": one.heading_deg,
        "from": one.since,
        "to": one.until,
    }


def _window(window: Window, now: datetime) -> forms.MaintenanceWindow:
    return {
        "id": outside("maintenance", window.id),
        "label": window.label,
        "cameras": len(window.cameras),
        "from": window.from_at,
        "to": window.ends_at,
        "reason": window.reason,
        "planned_by": {"id": outside("person", window.planned_by), "name": window.planner},
        "planned_at": window.planned_at,
        "going_on": window.from_at <= now < window.ends_at,
        "over": window.ends_at <= now,
    }
