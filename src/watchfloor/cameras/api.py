"""Routes of cameras: translate in, call a use case, translate out. The live socket is in `live_api.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from watchfloor.cameras import forms, register, store
from watchfloor.cameras.address import Login
from watchfloor.cameras.details import NOT_SAID, CameraKind, Details, FootageKept, Mount, Night, agreed, word
from watchfloor.cameras.live import Live
from watchfloor.cameras.live_api import add_live
from watchfloor.cameras.live_api import found_camera as found_camera
from watchfloor.cameras.looking import looking as looking
from watchfloor.cameras.looking import there as there
from watchfloor.cameras.maintenance_store import now_planned
from watchfloor.cameras.model import SAID_FOR, Camera, shown, while_planned, while_site_down
from watchfloor.cameras.outward import carried_form, details_form, place_form, state_form
from watchfloor.cameras.register import Cameras, Entry
from watchfloor.cameras.sites import store as site_store
from watchfloor.cameras.transport import LONGEST_CERTIFICATE, Transport
from watchfloor.governance import store as governance_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.decide import Facts, authorised
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Actor, Allowed, Ask, Authorisation
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.kit.pages import Cut, Extent, InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class CameraRoutes:
    """What the routes need: the use cases, and the live views."""

    cameras: Cameras
    live: Live


class CameraBody(BaseModel):
    """A camera as people enter it; in a change, a field left out stays as it is."""

    name: str | None = Field(default=None, max_length=200)
    technology: str | None = None
    place: str | None = Field(default=None, max_length=400)
    lat: float | None = None
    lon: float | None = None
    heading_deg: float | None = None
    field_deg: float | None = None
    range_m: float | None = None
    url: str | None = Field(default=None, max_length=1000)
    user: str | None = Field(default=None, max_length=100)
    password: str | None = Field(default=None, max_length=200, repr=False)
    sub_url: str | None = Field(default=None, max_length=1000, description=forms.SUB_STREAM)
    replay_url: str | None = Field(default=None, max_length=1000, description=forms.REPLAYED)
    transport: str | None = Field(default=None, max_length=40, description=forms.TRANSPORT)
    certificate: str | None = Field(
        default=None, max_length=LONGEST_CERTIFICATE, description=forms.CERTIFICATE
    )
    enabled: bool | None = None
    kind: str | None = Field(default=None, max_length=40)
    mount: str | None = Field(default=None, max_length=40)
    height_m: float | None = None
    night: str | None = Field(default=None, max_length=40)
    owner_text: str | None = Field(default=None, max_length=400)
    network_switch: str | None = Field(default=None, max_length=400)
    power_feed: str | None = Field(default=None, max_length=400)
    footage_kept: str | None = Field(default=None, max_length=40)
    external_id: str | None = Field(default=None, max_length=400)
    site: str | None = Field(default=None, max_length=40, description="Empty takes it out of its site.")
    channel: str | None = Field(
        default=None, max_length=100, description="Which of the site's cameras it is."
    )


def routes(parts: CameraRoutes) -> APIRouter:
    """The routes of cameras."""
    router = APIRouter(tags=["cameras"], route_class=Stated)
    _add_registry(router, parts.cameras)
    add_live(router, parts.cameras, parts.live)
    return router


def _add_registry(router: APIRouter, cameras: Cameras) -> None:
    @router.get("/cameras", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def list_cameras(actor: Signed, extent: InPages) -> Page[forms.Camera]:
        """Every camera and how it is, by name."""
        async with cameras.door.open(Ask(actor, Need.CAMERAS_VIEW)) as tx:
            return page(await listing(tx, extent))

    @router.get("/cameras/{camera_id}", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_camera(actor: Signed, camera_id: str) -> forms.Camera:
        """One camera and how it is."""
        return await view(cameras.door, actor, inside("camera", camera_id))

    @router.get("/cameras/{camera_id}/state", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_state(actor: Signed, camera_id: str) -> forms.CameraState:
        """How one camera is."""
        return (await view(cameras.door, actor, inside("camera", camera_id)))["state"]

    @router.post("/cameras", status_code=201, openapi_extra=asks(Need.CAMERAS_CHANGE, Need.CAMERAS_VIEW))
    async def register_camera(actor: Signed, body: CameraBody) -> forms.Camera:
        """Register a camera."""
        made = await register.register(cameras, actor, _entry(body, None))
        return await view(cameras.door, actor, made.id)

    @router.patch("/cameras/{camera_id}", openapi_extra=asks(Need.CAMERAS_VIEW, Need.CAMERAS_CHANGE))
    async def change_camera(
        actor: Signed, camera_id: str, body: CameraBody, if_match: Annotated[str | None, Header()] = None
    ) -> forms.Camera:
        """Change a camera's entry. A new address needs name and password anew."""
        camera = inside("camera", camera_id)
        async with cameras.door.open(Ask(actor, Need.CAMERAS_VIEW, about=About("camera", camera))) as tx:
            before = await there(tx, camera)
        await register.change(cameras, actor, camera, _entry(body, before), version=version_of(if_match))
        return await view(cameras.door, actor, camera)

    @router.delete("/cameras/{camera_id}", status_code=204, openapi_extra=asks(Need.CAMERAS_CHANGE))
    async def remove_camera(actor: Signed, camera_id: str) -> None:
        """Take a camera out of the registry; its footage stays as long as its rule says."""
        await register.remove(cameras, actor, inside("camera", camera_id))


async def listing(tx: Tx, extent: Extent | None = None) -> Cut[forms.Camera]:
    """Cameras in their outside form: the list of `GET /cameras`, and without an extent that of the events topic."""
    cameras = await store.cameras(tx, extent)
    approved = await governance_store.authorisations(
        tx, sorted({camera.technology.value for camera in cameras.items})
    )
    planned = {camera: window.sentence for camera, window in (await now_planned(tx)).items()}
    down = {camera: site.sentence for camera, site in (await site_store.down(tx, SAID_FOR)).items()}
    return await in_form(cameras, approved, tx.now, planned, down)


async def in_form(
    cameras: Cut[Camera],
    approved: Sequence[Authorisation],
    now: datetime,
    planned: Mapping[UUID, str] = MappingProxyType({}),
    down: Mapping[UUID, str] = MappingProxyType({}),
) -> Cut[forms.Camera]:
    """Cameras in their outside form. A city's are a tenth of a second of CPU: not on the loop that live pictures pass."""
    return await asyncio.to_thread(
        cameras.of,
        lambda camera: camera_json(camera, approved, now, planned.get(camera.id), down.get(camera.id)),
    )


async def view(door: Door, actor: Actor, camera: UUID) -> forms.Camera:
    """One camera as people see it. Raises NotFound or Refused."""
    async with door.open(Ask(actor, Need.CAMERAS_VIEW, about=About("camera", camera))) as tx:
        found = await there(tx, camera)
        approved = await governance_store.authorisations(tx, [found.technology.value])
        window = (await now_planned(tx)).get(camera)
        down = (await site_store.down(tx, SAID_FOR, cameras=[camera])).get(camera)
        return camera_json(
            found, approved, tx.now, window.sentence if window else None, down.sentence if down else None
        )


def camera_json(
    camera: Camera,
    approved: Sequence[Authorisation],
    now: datetime,
    planned: str | None = None,
    site_down: str | None = None,
) -> forms.Camera:
    """The outside form of a camera, with planned work at it, and why its site is down. It holds neither the address nor a login."""
    said = camera.said
    state = while_planned(while_site_down(shown(camera, now=now), site_down), planned)
    recorder = process_actor(camera.agency, "record")
    ask = Ask(recorder, Need.CAMERA_RECORD, None, About("camera", camera.id), camera.technology, camera.place)
    decision = authorised(ask, Facts(approved, None, False), now=now)
    authorisation = decision.authorisation if isinstance(decision, Allowed) else None
    return {
        "id": outside("camera", camera.id),
        "name": camera.name,
        "technology": camera.technology,
        "place": place_form(camera),
        "heading_deg": camera.heading_deg,
        "field_deg": camera.field_deg,
        "range_m": camera.range_m,
        "enabled": camera.enabled,
        "has_login": camera.has_login,
        "has_sub_stream": camera.sub_address is not None,
        **carried_form(camera),
        "state": state_form(state, said),
        "recording": bool(said and said.recording and state.level == "normal"),
        "width": said.width if said else None,
        "height": said.height if said else None,
        "codec": said.mime if said else None,
        "clock_off_ms": said.skew_ms if said else None,
        "authorisation": outside("authorisation", authorisation.id) if authorisation else None,
        "authorised_until": authorisation.expires_at if authorisation else None,
        "carried_by": outside(camera.carried_by.kind, camera.carried_by.id) if camera.carried_by else None,
        "stands_since": None if camera.technology is TechnologyKind.BODY_CAMERA else camera.stands_since,
        "version": camera.version,
        **details_form(camera),
    }


def _entry(body: CameraBody, before: Camera | None) -> Entry:
    """What was sent, over what was there. Raises Invalid."""
    said = body.model_fields_set
    lat, lon = body.lat, body.lon
    if before is not None:
        lat = before.place.lat if lat is None else lat
        lon = before.place.lon if lon is None else lon
    if lat is None or lon is None:
        raise Invalid("A camera has a place with lat and lon.", reason="place")
    try:
        place = Point(lat, lon)
        technology = TechnologyKind(body.technology) if body.technology is not None else None
    except ValueError as error:
        raise Invalid(f"That cannot be: {error}.", reason="entry") from error
    if body.password and not body.user:
        raise Invalid("A camera's password comes with the name of its user.", reason="user")
    was = None if before is None else (before.technology, before.details.kind)
    technology, kind = agreed(technology, word(CameraKind, body.kind, "kind"), before=was)
    return Entry(
        body.name if body.name is not None else (before.name if before else ""),
        technology,
        body.url,
        Login(body.user, body.password or "") if body.user else None,
        body.place if body.place is not None else (before.place_text if before else ""),
        place,
        before.heading_deg if before is not None and "heading_deg" not in said else body.heading_deg,
        body.enabled if body.enabled is not None else (before.enabled if before else True),
        before.field_deg if before is not None and "field_deg" not in said else body.field_deg,
        before.range_m if before is not None and "range_m" not in said else body.range_m,
        body.sub_url,
        _details(body, kind, before.details if before else NOT_SAID),
        body.replay_url,
        word(Transport, body.transport, "transport"),
        body.certificate,
    )


def _details(body: CameraBody, kind: CameraKind | None, before: Details) -> Details:
    """What was said beside place and view, over what was there. Raises Invalid."""
    said = body.model_fields_set
    site = before.site_id if "site" not in said else inside("site", body.site) if body.site else None
    channel = body.channel if "channel" in said else before.channel
    return Details(
        kind,
        word(Mount, body.mount, "mount") if "mount" in said else before.mount,
        body.height_m if "height_m" in said else before.height_m,
        (word(Night, body.night, "night") or Night.UNKNOWN) if "night" in said else before.night,
        (body.owner_text or "") if "owner_text" in said else before.owner_text,
        body.network_switch if "network_switch" in said else before.network_switch,
        body.power_feed if "power_feed" in said else before.power_feed,
        word(FootageKept, body.footage_kept, "footage_kept") or before.footage_kept,
        body.external_id if "external_id" in said else before.external_id,
        site,
        channel if site is not None else None,
    )
