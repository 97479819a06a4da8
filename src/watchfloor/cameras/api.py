"""Routes of cameras: translate in, call a use case, translate out; and the live socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Header, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field

from watchfloor.cameras import forms, register, store, wire
from watchfloor.cameras.address import Login
from watchfloor.cameras.details import NOT_SAID, CameraKind, Details, FootageKept, Mount, Night, agreed, word
from watchfloor.cameras.live import Live
from watchfloor.cameras.looking import looking as looking
from watchfloor.cameras.looking import there as there
from watchfloor.cameras.maintenance_store import now_planned
from watchfloor.cameras.model import SAID_FOR, Camera, shown, while_planned, while_site_down
from watchfloor.cameras.outward import carried_form, details_form, place_form, state_form
from watchfloor.cameras.partners.find import granted
from watchfloor.cameras.register import Cameras, Entry
from watchfloor.cameras.sites import store as site_store
from watchfloor.cameras.transport import LONGEST_CERTIFICATE, Transport
from watchfloor.cameras.viewer import Viewer
from watchfloor.cameras.wire import EndNote, Kind
from watchfloor.governance import store as governance_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.decide import Facts, authorised
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside, why_of
from watchfloor.governance.model import About, Actor, Allowed, Ask, Authorisation, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid, WatchfloorError
from watchfloor.kit.geo import Point
from watchfloor.kit.pages import Cut, Extent, InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.storage.tx import Tx

ENDED: Final = 4000
REFUSED: Final = 4403
_ASK_WITHIN_S: Final = 10.0


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


class LiveAsk(msgspec.Struct, frozen=True):
    """The first message of a live socket. Who says a `stream` is told which one follows."""

    purpose: str | None = None
    case: str | None = None
    stream: Literal["main", "sub"] | None = None
    asked_for: str | None = None


class LiveTurn(msgspec.Struct, frozen=True):
    """Any later message: the stream that is wanted from now on, in the same look."""

    stream: Literal["main", "sub"]


# What the live socket says in JSON: the first message, and the payloads of frames that are no video.
LIVE: Final[Mapping[str, type[msgspec.Struct]]] = {
    "ask": LiveAsk,
    "turn": LiveTurn,
    "stream": wire.StreamNote,
    "drop": wire.DropNote,
    "state": wire.StateNote,
    "end": EndNote,
}


def routes(parts: CameraRoutes) -> APIRouter:
    """The routes of cameras."""
    router = APIRouter(tags=["cameras"], route_class=Stated)
    _add_registry(router, parts.cameras)
    _add_live(router, parts)
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


def _add_live(router: APIRouter, parts: CameraRoutes) -> None:
    @router.websocket("/live/{camera_id}")
    async def live(socket: WebSocket, actor: Signed, camera_id: str) -> None:
        """Watch a camera live; the frames are those of `cameras/wire.py`."""
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await _show(socket, parts, actor, camera_id)


async def _show(socket: WebSocket, parts: CameraRoutes, actor: Actor, camera_id: str) -> None:
    try:
        async with asyncio.timeout(_ASK_WITHIN_S):
            text = (await socket.receive()).get("text") or ""  # bytes are no ask
        said, camera = live_said(text), inside("camera", camera_id)
        found, ask = await live_ask(parts.cameras.door, actor, camera, said)
        bare = await parts.live.bare(ask)
        grant, far = await granted(parts.cameras.door, parts.cameras.vault, found, ask)
    except Refused as refused:
        denied = refused.denied
        await _end(socket, EndNote(denied.reason, denied.sentence, denied.next_step, refused=True), REFUSED)
        return
    except WatchfloorError as error:
        await _end(socket, EndNote(error.reason, error.detail, error.next_step), ENDED)
        return
    except TimeoutError:
        await _end(socket, EndNote("silent", "No purpose was said in time."), ENDED)
        return
    has_sub = found.sub_address is not None
    viewer = parts.live.join(
        actor.agency, camera, grant, stream=said.stream, has_sub=has_sub, bare=bare, far=far
    )
    try:
        await _send_until_ended(socket, viewer, lambda stream: parts.live.turn(viewer, stream))
    finally:
        await parts.live.leave(viewer)
        with contextlib.suppress(WatchfloorError):
            await grant.close({"frames": viewer.sent, "dropped": viewer.dropped})


async def _send_until_ended(socket: WebSocket, viewer: Viewer, turn: Callable[[str], None]) -> None:
    """Send frames until the grant ends or the viewer goes; `turn` to the stream that he says he wants."""

    async def send() -> None:
        while True:
            await socket.send_bytes(await viewer.next())

    async def gone() -> None:
        while True:
            text = (await socket.receive()).get("text")
            with contextlib.suppress(msgspec.DecodeError, RecursionError):
                turn(msgspec.json.decode(text or "", type=LiveTurn).stream)

    tasks = [asyncio.create_task(work) for work in (send(), gone(), viewer.grant.ended.wait())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if viewer.grant.ended.is_set():
        sentence = viewer.grant.end_reason or "The leave to watch has ended."
        await _end(socket, EndNote("grant_ended", sentence, "Ask again when it is allowed again."), ENDED)


async def _end(socket: WebSocket, note: EndNote, code: int) -> None:
    await socket.send_bytes(wire.note(Kind.END, note))
    await socket.close(code)


def live_said(text: str) -> LiveAsk:
    """What the first message says. Raises Invalid."""
    try:
        return msgspec.json.decode(text, type=LiveAsk)
    except (msgspec.DecodeError, RecursionError) as error:  # msgspec gives up on what is nested too deeply
        raise Invalid("The first message is {purpose, case}.", reason="purpose") from error


async def live_ask(door: Door, actor: Actor, camera: UUID, said: LiveAsk) -> tuple[Camera, Ask]:
    """The camera, and the ask for watching it with the purpose that the first message names. Raises Invalid, NotFound."""
    why = why_of(said.purpose, said.case, said.asked_for)
    found = await found_camera(door, actor, camera)
    return found, looking(found, actor, Need.CAMERA_LIVE, why)


async def found_camera(door: Door, actor: Actor, camera: UUID) -> Camera:
    """The camera, as the server itself knows it before it asks for somebody. Raises NotFound."""
    async with door.open(Ask(process_actor(actor.agency, "serve"), Need.CAMERA_STATE)) as tx:
        return await there(tx, camera)


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
