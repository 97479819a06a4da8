"""Routes of sites: translate in, call a use case, translate out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.address import Login
from watchfloor.cameras.details import CameraKind, FootageKept, word
from watchfloor.cameras.forms import CERTIFICATE, TRANSPORT
from watchfloor.cameras.model import SAID_FOR, Camera, Shown, shown, while_site_down
from watchfloor.cameras.outward import state_form
from watchfloor.cameras.partners import bring, offers_api
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.sites import forms, keep, knock, store, told
from watchfloor.cameras.sites.keep import Batch
from watchfloor.cameras.sites.model import Site, SiteEntry, SiteKind
from watchfloor.cameras.transport import LONGEST_CERTIFICATE, Transport
from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.storage.tx import Tx

_WORST_FIRST: Final = ("critical", "serious", "caution", "standby", "normal", "off")
_PATHS: Final = "A path with {channel}, or a whole address on the site's host."


class SiteBody(BaseModel):
    """A site as people enter it; in a change, a field left out stays as it is."""

    name: str | None = Field(default=None, max_length=200)
    kind: str | None = Field(default=None, max_length=40)
    place: str | None = Field(default=None, max_length=400)
    lat: float | None = None
    lon: float | None = None
    address: str | None = Field(
        default=None, max_length=1000, description="rtsp://host:port; left out, as `stream` says."
    )
    stream: str | None = Field(
        default=None, max_length=1000, description=f"{_PATHS} Empty: as its `device` tells of each camera."
    )
    sub_stream: str | None = Field(default=None, max_length=1000, description=_PATHS)
    replay: str | None = Field(
        default=None,
        max_length=1000,
        description="Of what it recorded: {channel}, and {from} and {to} (or with :iso, :unix, :local) where it takes moments so.",
    )
    transport: str | None = Field(default=None, max_length=40, description=TRANSPORT)
    certificate: str | None = Field(default=None, max_length=LONGEST_CERTIFICATE, description=CERTIFICATE)
    device: str | None = Field(
        default=None,
        max_length=1000,
        description="Where it speaks ONVIF, on the same host: there it says what it recorded and which cameras it has.",
    )
    user: str | None = Field(default=None, max_length=100)
    password: str | None = Field(default=None, max_length=200, repr=False)
    authority: str | None = Field(
        default=None,
        max_length=65536,
        description="Of another center, with its login: the authority that signed its certificate, in PEM; empty: a known one.",
    )


class TryBody(SiteBody):
    """A site's stream to be tried by a login that is kept nowhere; with `site`, by the login that is kept of it."""

    site: str | None = Field(default=None, max_length=40)
    channel: str = Field(
        default="",
        max_length=100,
        description="Of another center none is needed, nor of a recorder that tells of its cameras.",
    )


class BatchBody(BaseModel):
    """Cameras to be added at once. Place and point are the site's where nobody says others."""

    channels: str = Field(max_length=12_000, description="“1-16, 18”.")
    name: str = Field(max_length=200, description="With {channel}: “Union Station {channel}”.")
    technology: str | None = Field(default=None, max_length=40)
    kind: str | None = Field(default=None, max_length=40)
    place: str | None = Field(default=None, max_length=400)
    lat: float | None = None
    lon: float | None = None
    footage_kept: str | None = Field(default=None, max_length=40)


def routes(cameras: Cameras) -> APIRouter:
    """The routes of sites."""
    router = APIRouter(tags=["sites"], route_class=Stated)
    door, partners = cameras.door, bring.Partners(cameras, cameras.sessions)

    @router.get("/sites", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def list_sites(actor: Signed, extent: InPages) -> Page[forms.Site]:
        """Every site and how its cameras are, by name."""
        async with door.open(Ask(actor, Need.CAMERAS_VIEW)) as tx:
            found = await store.sites(tx, extent)
            states = await _states(tx, [site.id for site in found.items])
            return page(found.of(lambda site: _site(site, states.get(site.id, []))))

    @router.post("/sites", status_code=201, openapi_extra=asks(Need.CAMERAS_CHANGE, Need.CAMERAS_FIND))
    async def register_site(actor: Signed, body: SiteBody) -> forms.Site:
        """Register a site. Its login is kept once, for all its cameras. Of a recorder without paths its channels are read by ONVIF."""
        return _site(await keep.add(cameras, actor, _entry(body, None)), [])

    @router.post("/sites/tries", openapi_extra=asks(Need.CAMERAS_FIND))
    async def try_site(
        actor: Signed, body: TryBody
    ) -> forms.SiteAnswer | forms.CenterAnswer | forms.RecorderAnswer:
        """Try a site's stream of one channel: whether the login is taken and pictures come. Of another center: what it offers. Of a
        recorder without paths: which cameras it has, as it tells by ONVIF."""
        site, entry = inside("site", body.site) if body.site else None, _entry(body, None, trying=True)
        if entry.kind is SiteKind.WATCHFLOOR:
            answered = await bring.attempt(partners, actor, entry, site)
            return {"center": answered.center, "offered": answered.cameras}
        if entry.by_onvif:
            return _recorder(await told.ask(cameras, actor, entry, site=site), None)
        found = await knock.knock(cameras, actor, entry, body.channel, site=site)
        return {"channel": found.channel, "width": found.width, "height": found.height, "codec": found.mime}

    _add_one(router, cameras)
    _add_cameras(router, cameras)
    router.include_router(offers_api.routes(partners))
    return router


def _add_one(router: APIRouter, cameras: Cameras) -> None:
    @router.get("/sites/{site_id}", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_site(actor: Signed, site_id: str) -> forms.Site:
        """One site and how its cameras are."""
        return await _view(cameras, actor, inside("site", site_id))

    @router.patch("/sites/{site_id}", openapi_extra=asks(Need.CAMERAS_VIEW, Need.CAMERAS_CHANGE))
    async def change_site(
        actor: Signed, site_id: str, body: SiteBody, if_match: Annotated[str | None, Header()] = None
    ) -> forms.Site:
        """Change a site: its cameras go with it. A new address needs name and password anew."""
        site = inside("site", site_id)
        async with cameras.door.open(Ask(actor, Need.CAMERAS_VIEW, about=About("site", site))) as tx:
            before = await keep.there(tx, site)
        await keep.change(cameras, actor, site, _entry(body, before), version=version_of(if_match))
        return await _view(cameras, actor, site)

    @router.post("/sites/{site_id}/channels", openapi_extra=asks(Need.CAMERAS_FIND, Need.CAMERAS_CHANGE))
    async def read_channels(actor: Signed, site_id: str) -> forms.RecorderAnswer:
        """Ask the site's recorder by ONVIF which cameras it has, and keep where it shows each."""
        return _recorder(*await keep.read_channels(cameras, actor, inside("site", site_id)))

    @router.delete("/sites/{site_id}", status_code=204, openapi_extra=asks(Need.CAMERAS_CHANGE))
    async def remove_site(actor: Signed, site_id: str) -> None:
        """Take a site out of the registry, once no camera is at it."""
        await keep.remove(cameras, actor, inside("site", site_id))


def _add_cameras(router: APIRouter, cameras: Cameras) -> None:
    @router.get("/sites/{site_id}/cameras", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def list_cameras(actor: Signed, site_id: str, extent: InPages) -> Page[forms.SiteCamera]:
        """The cameras of a site and how they are, by channel."""
        site = inside("site", site_id)
        async with cameras.door.open(Ask(actor, Need.CAMERAS_VIEW, about=About("site", site))) as tx:
            await keep.there(tx, site)
            found = await store.members(tx, site, extent)
            known = {one.id: one for one in await camera_store.cameras_at(tx, [site])}
            down = await store.down(tx, SAID_FOR, cameras=list(known))
            now = tx.now
        return page(found.of(lambda one: _camera(known[one.id], down.get(one.id), now)))

    @router.post("/sites/{site_id}/cameras/preview", openapi_extra=asks(Need.CAMERAS_CHANGE))
    async def preview_cameras(actor: Signed, site_id: str, body: BatchBody) -> forms.SiteChannels:
        """What adding these cameras would come to; nothing changes."""
        return _channels(await keep.preview(cameras, actor, inside("site", site_id), _batch(body)))

    @router.post("/sites/{site_id}/cameras", status_code=201, openapi_extra=asks(Need.CAMERAS_CHANGE))
    async def add_cameras(actor: Signed, site_id: str, body: BatchBody) -> forms.SiteChannels:
        """Add many cameras of a site at once: those that can be."""
        return _channels(await keep.add_cameras(cameras, actor, inside("site", site_id), _batch(body)))


async def _view(cameras: Cameras, actor: Actor, site: UUID) -> forms.Site:
    async with cameras.door.open(Ask(actor, Need.CAMERAS_VIEW, about=About("site", site))) as tx:
        found = await keep.there(tx, site)
        return _site(found, (await _states(tx, [site])).get(site, []))


async def _states(tx: Tx, sites: Sequence[UUID]) -> Mapping[UUID, list[Shown]]:
    """How the cameras of these sites are shown."""
    members = await camera_store.cameras_at(tx, sites)
    down = await store.down(tx, SAID_FOR, cameras=[one.id for one in members])
    found: dict[UUID, list[Shown]] = {}
    for one in members:
        if one.details.site_id is not None:
            found.setdefault(one.details.site_id, []).append(_shown(one, down.get(one.id), tx.now))
    return found


def _shown(camera: Camera, down: store.Down | None, now: datetime) -> Shown:
    return while_site_down(shown(camera, now=now), down.sentence if down else None)


def _camera(camera: Camera, down: store.Down | None, now: datetime) -> forms.SiteCamera:
    return {
        "id": outside("camera", camera.id),
        "channel": camera.details.channel or "",
        "name": camera.name,
        "state": state_form(_shown(camera, down, now), camera.said),
    }


def _site(site: Site, states: Sequence[Shown]) -> forms.Site:
    words = Counter(state.word for state in states)
    worst = min((state.level for state in states), key=_WORST_FIRST.index, default="off")
    said = ", ".join(f"{count} {word}" for word, count in words.most_common())
    place = site.place
    return {
        "id": outside("site", site.id),
        "name": site.name,
        "kind": site.kind,
        "place": site.place_text,
        "lat": place.lat if place else None,
        "lon": place.lon if place else None,
        "address": site.address,
        "stream": site.stream,
        "sub_stream": site.sub_stream,
        "replay": site.replay,
        "transport": site.transport,
        "certificate": site.certificate,
        "device": site.device,
        "channels_free": list(site.free),
        "has_login": site.has_login,
        "cameras": site.cameras,
        "level": worst,
        "says": said or "No camera is at it yet.",
        "version": site.version,
    }


def _recorder(said: told.Recorder, site: Site | None) -> forms.RecorderAnswer:
    free = {one.channel for one in said.cameras} if site is None else set(site.free)
    return {
        "address": said.address,
        "channels": [
            {
                "channel": one.channel,
                "source": one.source,
                "width": one.width,
                "height": one.height,
                "codec": one.codec,
                "free": one.channel in free,
            }
            for one in said.cameras
        ],
        "remarks": list(said.remarks),
    }


def _entry(body: SiteBody, before: Site | None, *, trying: bool = False) -> SiteEntry:
    """What was sent, over what was there. What is only tried has no name yet. Raises Invalid."""
    if body.password and not body.user:
        raise Invalid("A site's password comes with the name of its user.", reason="user")
    if body.authority and not body.user:
        raise Invalid("An authority is entered with the login.", reason="user")
    said, authority = body.model_fields_set, (body.authority or "").strip()
    login = Login(body.user, body.password or "", authority) if body.user else None
    kind = word(SiteKind, body.kind, "kind") or (before.kind if before else SiteKind.NVR)
    place = _point(body.lat, body.lon) if before is None or {"lat", "lon"} & said else before.place
    stands = "A site that is tried" if trying else ""
    moved = body.stream is not None and "://" in body.stream and kind is not SiteKind.WATCHFLOOR
    return SiteEntry(
        body.name if body.name is not None else before.name if before else stands,
        kind,
        body.place if body.place is not None else before.place_text if before else stands,
        place,
        body.address if body.address is not None or before is None or moved else before.address,
        body.stream if body.stream is not None else before.stream if before else "",
        before.sub_stream if before is not None and "sub_stream" not in said else body.sub_stream,
        before.replay if before is not None and "replay" not in said else body.replay,
        login,
        word(Transport, body.transport, "transport") or (before.transport if before else Transport.TCP),
        before.certificate if before is not None and "certificate" not in said else body.certificate,
        before.device if before is not None and "device" not in said else body.device,
    )


def _point(lat: float | None, lon: float | None) -> Point | None:
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise Invalid("A point has latitude and longitude.", reason="lat" if lat is None else "lon")
    try:
        return Point(lat, lon)
    except ValueError as error:
        raise Invalid(f"That cannot be: {error}.", reason="lat") from error


def _batch(body: BatchBody) -> Batch:
    return Batch(
        body.channels,
        body.name,
        word(TechnologyKind, body.technology, "technology"),
        word(CameraKind, body.kind, "kind"),
        body.place or "",
        _point(body.lat, body.lon),
        word(FootageKept, body.footage_kept, "footage_kept") or FootageKept.HERE,
    )


def _channels(found: Sequence[keep.Channel]) -> forms.SiteChannels:
    return {
        "added": sum(one.refused is None for one in found),
        "channels": [{"channel": one.channel, "name": one.name, "refused": one.refused} for one in found],
    }
