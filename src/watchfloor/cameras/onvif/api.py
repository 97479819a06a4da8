"""Routes of devices: looking for them, asking them, and what they can do beyond pictures."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.address import Login
from watchfloor.cameras.forms import CERTIFICATE
from watchfloor.cameras.model import Camera
from watchfloor.cameras.onvif import find, forms, keep, notice_store, store
from watchfloor.cameras.onvif.find import Finder
from watchfloor.cameras.transport import LONGEST_CERTIFICATE
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page


class NetworkBody(BaseModel):
    """A network to search, such as 10.0.4.0/24; null asks whoever hears the group of all devices."""

    network: str | None = Field(default=None, max_length=100)


class ProbeBody(BaseModel):
    """A device to ask, by a login that is kept nowhere."""

    address: str = Field(max_length=1000)
    user: str | None = Field(default=None, max_length=100)
    password: str | None = Field(default=None, max_length=200, repr=False)
    certificate: str | None = Field(default=None, max_length=LONGEST_CERTIFICATE, description=CERTIFICATE)


class DeviceBody(BaseModel):
    """Where the camera's device is; null asks at the address that is kept."""

    address: str | None = Field(default=None, max_length=1000)


class AcknowledgeBody(BaseModel):
    """Which capability."""

    capability: str = Field(max_length=80)


def routes(finder: Finder) -> APIRouter:
    """The routes of devices. They come before those of cameras, whose ids would take their words for one."""
    router = APIRouter(tags=["devices"], route_class=Stated)

    @router.get("/cameras/networks", openapi_extra=asks(Need.CAMERAS_FIND))
    async def list_networks(actor: Signed) -> forms.Networks:
        """The networks that can be searched for cameras."""
        return {"networks": await find.networks(finder, actor)}

    @router.post("/cameras/discoveries", openapi_extra=asks(Need.CAMERAS_FIND))
    async def search_network(actor: Signed, body: NetworkBody) -> forms.Discovery:
        """Ask a network which devices are there, and listen for three seconds."""
        looked = await find.look(finder, actor, body.network)
        return {
            "asked": looked.asked,
            "refused": looked.refused,
            "items": [
                {
                    "address": str(one.found.address),
                    "host": one.found.address.host,
                    "name": one.found.name,
                    "hardware": one.found.hardware,
                    "known": _known(one.known),
                }
                for one in looked.answered
            ],
        }

    @router.post("/cameras/probes", openapi_extra=asks(Need.CAMERAS_FIND))
    async def ask_device(actor: Signed, body: ProbeBody) -> forms.DeviceFacts:
        """Ask a device what it is, and try a name and password at it."""
        if body.password and not body.user:
            raise Invalid("A password comes with the name of its user.", reason="user")
        login = Login(body.user, body.password or "") if body.user else None
        return _facts(await find.ask_device(finder, actor, body.address, login, body.certificate))

    _add_of_cameras(router, finder)
    return router


def _add_of_cameras(router: APIRouter, finder: Finder) -> None:
    door = finder.cameras.door

    @router.get("/cameras/capability-changes", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def list_capability_changes(actor: Signed, extent: InPages) -> Page[forms.CapabilityChange]:
        """What devices can do since lately, and nobody has acknowledged: the newest first."""
        async with door.open(Ask(actor, Need.CAMERAS_VIEW)) as tx:
            return page((await store.changes(tx, extent)).of(lambda found: _change(*found)))

    @router.get("/cameras/{camera_id}/device", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_device(actor: Signed, camera_id: str) -> forms.CameraDevice:
        """What the camera's device is, and what it can do beyond pictures."""
        return await _view(finder, actor, inside("camera", camera_id))

    @router.post("/cameras/{camera_id}/device", openapi_extra=asks(Need.CAMERAS_FIND, Need.CAMERAS_VIEW))
    async def read_device(actor: Signed, camera_id: str, body: DeviceBody) -> forms.CameraDevice:
        """Ask the camera's device what it is, by the camera's own login, and remember it."""
        camera = inside("camera", camera_id)
        await keep.keep(finder.cameras, finder.reach, actor, camera, body.address)
        return await _view(finder, actor, camera)

    @router.post(
        "/cameras/{camera_id}/capabilities/acknowledge",
        openapi_extra=asks(Need.CAPABILITY_ACKNOWLEDGE, Need.CAMERAS_VIEW),
    )
    async def acknowledge_capability(
        actor: Signed, camera_id: str, body: AcknowledgeBody
    ) -> forms.CameraDevice:
        """Say that what the device can do is known and wanted: needs an authorisation of that technology in force there."""
        camera = inside("camera", camera_id)
        await keep.acknowledge(finder.cameras, actor, camera, body.capability)
        return await _view(finder, actor, camera)


async def _view(finder: Finder, actor: Actor, camera: UUID) -> forms.CameraDevice:
    async with finder.cameras.door.open(Ask(actor, Need.CAMERAS_VIEW, about=About("camera", camera))) as tx:
        found = await camera_store.camera_of(tx, camera)
        if found is None:
            raise NotFound("There is no such camera.")
        device, can = await store.device_of(tx, camera), await store.capabilities_of(tx, camera)
        off = await keep.off(tx, found, can)
        said = await notice_store.of_camera(tx, camera)
        recorder = (await store.recorders(tx, [camera])).get(camera)
    through = recorder if device is not None and recorder and recorder.address == device.address else None
    return {
        "device": _device(device) if device else None,
        "through": None
        if through is None
        else {"id": outside("site", through.site_id), "name": through.site},
        "cannot": cannot(found, device, through),
        "notices": [
            {"notice": one.notice, "on": one.on, "since": one.since, "device_at": one.device_at}
            for one in said
        ],
        "capabilities": [_capability(one, off[one.capability]) for one in can],
    }


def cannot(camera: Camera, device: store.KeptDevice | None, through: store.OfRecorder | None) -> list[str]:
    """Of a camera at a site: what it cannot do through the recorder there, and why, in sentences."""
    if camera.site_name is None:
        return []
    if device is None and camera.address.startswith("https:"):
        return [
            f"{camera.site_name} is a center of its own: its cameras are turned there, and it says how they are."
        ]
    if device is None:
        return [
            f"{camera.site_name} has no recorder that speaks ONVIF, as far as anybody said: through it this camera cannot be turned, and"
            " nothing is known of what it can do or says of itself."
        ]
    if through is None or device.answered_at is None:
        return []
    turns = f"The recorder of {through.site} names nothing by which this camera could be turned."
    hears = f"The recorder of {through.site} tells of no events."
    return [said for can, said in ((device.turns, turns), (device.events, hears)) if not can]


def _device(kept: store.KeptDevice) -> forms.KeptDevice:
    return {
        "manufacturer": kept.manufacturer,
        "model": kept.model,
        "firmware": kept.firmware,
        "serial": kept.serial,
        "turns": kept.turns,
        "clock_off_ms": kept.clock_off_ms,
        "heard_at": kept.heard_at,
        "heard_problem": kept.heard_problem,
        "answered_at": kept.answered_at,
        "asked_at": kept.asked_at,
        "problem": kept.problem,
    }


def _capability(one: store.Capability, off: str | None) -> forms.Capability:
    by = one.acknowledged_by
    return {
        "capability": one.capability,
        "technology": one.technology,
        "later": one.later,
        "found_at": one.found_at,
        "acknowledged_at": one.acknowledged_at,
        "acknowledged_by": {"id": outside("person", by), "name": None} if by else None,
        "off": off,
    }


def _change(one: store.Capability, name: str) -> forms.CapabilityChange:
    return {
        "camera": {"id": outside("camera", one.camera), "name": name},
        "capability": one.capability,
        "technology": one.technology,
        "found_at": one.found_at,
    }


def _facts(asked: find.Asked) -> forms.DeviceFacts:
    facts = asked.facts
    return {
        "address": str(facts.address),
        "manufacturer": facts.manufacturer,
        "model": facts.model,
        "firmware": facts.firmware,
        "serial": facts.serial,
        "clock_off_ms": facts.clock_off_ms,
        "profiles": [
            {
                "token": one.token,
                "name": one.name,
                "width": one.width,
                "height": one.height,
                "codec": one.codec,
                "url": one.url,
            }
            for one in facts.profiles
        ],
        "main": facts.main.token if facts.main else None,
        "sub": facts.sub.token if facts.sub else None,
        "turns": facts.turns,
        "presets": [preset.name for preset in facts.presets],
        "events": facts.events,
        "capabilities": list(facts.capabilities),
        "remarks": list(facts.remarks),
        "known": _known(asked.known),
    }


def _known(cameras: Sequence[tuple[UUID, str]]) -> list[forms.KnownCamera]:
    return [{"id": outside("camera", camera), "name": name} for camera, name in cameras]
