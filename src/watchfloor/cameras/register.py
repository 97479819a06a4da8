"""Cameras are registered, changed and removed: a use case each. Credentials go in and never come out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Final
from uuid import UUID

from watchfloor.cameras import maintenance_store, store
from watchfloor.cameras.address import (
    EDGE,
    HTTPS,
    Address,
    Login,
    Networks,
    Resolve,
    parse,
    permitted,
    resolve,
)
from watchfloor.cameras.details import NOT_SAID, Details, FootageKept
from watchfloor.cameras.details import checked as checked_details
from watchfloor.cameras.looking import there as _there
from watchfloor.cameras.model import WITH_PICTURES, Camera
from watchfloor.cameras.partners import borrowed_store
from watchfloor.cameras.partners.model import of_partner
from watchfloor.cameras.partners.taking import must_be_lent
from watchfloor.cameras.partners.talk import Sessions
from watchfloor.cameras.replay_address import replay_template
from watchfloor.cameras.sites import store as site_store
from watchfloor.cameras.sites.model import Site, SiteKind, channel_of
from watchfloor.cameras.transport import Transport, came_of, carried, certificate_of, is_pin
from watchfloor.cameras.vault import Vault
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Conflict, Invalid, Stale
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx

CHANGED: Final = "cameras.camera.changed"
FARTHEST_M: Final = 2000.0
_RESOLVE_S: Final = 5.0

News = Callable[[str, UUID, UUID], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Cameras:
    """What the use cases of cameras need: the door, the vault, where cameras may be, where news goes, and the sessions of this process at
    partner centers: one each, whatever asks there."""

    door: Door
    clock: Clock
    vault: Vault
    networks: Networks
    news: News
    resolve: Resolve = resolve
    sessions: Sessions = field(default_factory=Sessions, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """What people say of a camera. `url` None leaves the address as it is; `login` None leaves the login.

    `sub_url` None leaves the sub stream's address, unless the camera is on another host now; empty takes it away. `replay_url`,
    the template of where it replays what it kept, and `certificate` likewise; `transport` None leaves it.
    """

    name: str
    technology: TechnologyKind
    url: str | None
    login: Login | None
    place_text: str
    place: Point
    heading_deg: float | None
    enabled: bool = True
    field_deg: float | None = None
    range_m: float | None = None
    sub_url: str | None = None
    details: Details = NOT_SAID
    replay_url: str | None = None
    transport: Transport | None = None
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    """Another device in a camera's place. `url` None: at the same address. `certificate` None: an authority stays, a fingerprint is
    forgotten, for it is the old device's own."""

    model: str
    reason: str
    url: str | None
    login: Login | None
    sub_url: str | None
    certificate: str | None = None


async def register(cameras: Cameras, actor: Actor, entry: Entry) -> Camera:
    """A new camera. Raises Invalid, Refused, or Conflict when the name is taken."""
    site = await site_seen(cameras, actor, entry.details.site_id)
    entry = entry if site is None else at_site(entry, site)
    if entry.url is None:
        raise Invalid("A camera has an address, rtsp://host/path.", reason="url")
    await must_be_lent(cameras, actor, site, entry.details, None)
    fields, login = await _checked(cameras, entry, entry.url, None)
    async with cameras.door.open(
        Ask(actor, Need.CAMERAS_CHANGE, about=About("camera"), detail=_detail(entry))
    ) as tx:
        await same_site(tx, site)
        camera = uuid7(tx.now)
        if not await store.insert_camera(tx, camera, fields):
            raise _taken(entry)
        if login is not None:
            await store.put_secret(tx, camera, cameras.vault.seal(camera, login))
        await effect(tx, "camera.registered", About("camera", camera), detail=_detail(entry))
        _tell(cameras, tx, camera)
        return await _there(tx, camera)


async def change(
    cameras: Cameras, actor: Actor, camera: UUID, entry: Entry, *, version: int | None
) -> Camera:
    """Change a camera's entry. Raises NotFound, Invalid, Refused, Stale or Conflict."""
    before = await _seen(cameras, actor, camera)
    site = await site_seen(cameras, actor, entry.details.site_id)
    entry = entry if site is None else at_site(entry, site)
    await must_be_lent(cameras, actor, site, entry.details, before)
    fields, login = await _checked(cameras, entry, entry.url or before.address, before)
    ask = Ask(actor, Need.CAMERAS_CHANGE, about=About("camera", camera), detail=_detail(entry))
    async with cameras.door.open(ask) as tx:
        before = await _there(tx, camera)
        if version is not None and version != before.version:
            raise Stale("The camera was changed since you read it.", next_step="Read it again.")
        await same_site(tx, site)
        _stays_on_its_carrier(before, entry)
        moved = entry.url is not None and str(parse(entry.url)[0]) != before.address
        if not await store.update_camera(tx, camera, fields):
            raise _taken(entry)
        if login is not None:
            await store.put_secret(tx, camera, cameras.vault.seal(camera, login))
        elif moved:
            # A login goes to the camera it was given for and nowhere else: a new address must name it again.
            await store.put_secret(tx, camera, None)
        await borrowed_store.moved(tx, camera=camera)
        await effect(tx, "camera.changed", About("camera", camera), detail=_detail(entry))
        _tell(cameras, tx, camera)
        return await _there(tx, camera)


async def replace_device(
    cameras: Cameras, actor: Actor, camera: UUID, device: Replacement, *, version: int | None
) -> None:
    """Put another device in a camera's place: its id, place, footage and history stay. Raises as `change` does."""
    model, reason = " ".join(device.model.split()), " ".join(device.reason.split())
    if not 1 <= len(model) <= 80:
        raise Invalid("Say the new device's model, in 1 to 80 characters.", reason="model")
    if not 3 <= len(reason) <= 200:
        raise Invalid("Say why it is replaced, in 3 to 200 characters.", reason="reason")
    seen = await _seen(cameras, actor, camera)
    entry = _entry_of(seen, device)
    site = await site_seen(cameras, actor, seen.details.site_id)
    entry = entry if site is None else at_site(entry, site)
    fields, login = await _checked(cameras, entry, entry.url or seen.address, seen)
    about, detail = About("camera", camera), {**_detail(entry), "model": model, "reason": reason}
    async with cameras.door.open(Ask(actor, Need.CAMERAS_CHANGE, about=about, detail=detail)) as tx:
        before = await _there(tx, camera)
        if (version or seen.version) != before.version:
            raise Stale("The camera was changed since you read it.", next_step="Read it again.")
        await store.update_camera(tx, camera, fields)
        # The old device's login goes to no other.
        await store.put_secret(tx, camera, cameras.vault.seal(camera, login) if login else None)
        await borrowed_store.moved(tx, camera=camera)
        host = parse(str(fields["address"]))[0].host
        model_before = await maintenance_store.replace_device(tx, camera, model, host, reason, actor.name)
        more: dict[str, Json] = {
            "moved": fields["address"] != before.address,
            "version_before": before.version,
        }
        changed = {
            "model_before": model_before or None, "picture_before": _picture(before),
            "certificate": came_of(before.certificate, fields["certificate"]),
        }  # fmt: skip
        await effect(tx, "camera.device_replaced", about, detail={**detail, **changed}, more=more)
        _tell(cameras, tx, camera)


def _entry_of(camera: Camera, device: Replacement) -> Entry:
    return Entry(
        camera.name, camera.technology, device.url, device.login, camera.place_text, camera.place, camera.heading_deg,
        camera.enabled, camera.field_deg, camera.range_m, device.sub_url, camera.details, "",
        certificate=device.certificate if device.certificate is not None else "" if is_pin(camera.certificate) else None,
    )  # fmt: skip


def _picture(camera: Camera) -> str | None:
    """What the device before sent, as it was last seen."""
    said = camera.said
    return f"{said.width}x{said.height} {said.mime}" if said is not None and said.width else None


async def remove(cameras: Cameras, actor: Actor, camera: UUID) -> None:
    """Take a camera out of the registry: it is recorded no more, its footage stays as long as its rule says."""
    async with cameras.door.open(Ask(actor, Need.CAMERAS_CHANGE, about=About("camera", camera))) as tx:
        await _there(tx, camera)
        await store.put_secret(tx, camera, None)
        await store.remove_camera(tx, camera)
        await borrowed_store.moved(tx, camera=camera)
        await effect(tx, "camera.removed", About("camera", camera))
        _tell(cameras, tx, camera)


def at_site(entry: Entry, site: Site) -> Entry:
    """A camera's entry where its site says that it is. Raises Invalid for an address of its own, or footage that nobody could play."""
    channel = channel_of(entry.details.channel or "")
    url, sub_url = site.stream_of(channel), site.sub_stream_of(channel)
    if entry.url is not None and entry.url.strip() not in ("", url):
        raise Invalid(
            f"Where a camera of the site {site.name} is, the site says; it has no address of its own.",
            reason="url",
            next_step="Change the site's, or take the camera out of the site.",
        )
    if entry.sub_url is not None and entry.sub_url.strip() not in ("", sub_url):
        raise Invalid("The smaller stream of a camera of a site is the site's to say.", reason="sub_url")
    known = certificate_of(entry.certificate) or site.certificate
    if entry.transport not in (None, site.transport) or known != site.certificate:
        raise Invalid(
            f"How the streams of the site {site.name} are carried, the site says.",
            reason="certificate" if entry.transport in (None, site.transport) else "transport",
            next_step="Change the site’s.",
        )
    if site.kind is SiteKind.WATCHFLOOR:
        of_partner(site.name, entry.technology)
    if entry.details.footage_kept is not FootageKept.HERE and not site.plays:
        raise Invalid(
            f"The site {site.name} does not say how its recordings are played: nobody could see them from here.",
            reason="footage_kept",
            next_step="Enter the site's replay or ONVIF address first.",
        )
    return replace(
        entry, url=url, sub_url=sub_url or "", details=replace(entry.details, channel=channel), transport=site.transport,
        certificate=site.certificate or "",
    )  # fmt: skip


async def site_seen(cameras: Cameras, actor: Actor, site: UUID | None) -> Site | None:
    """The site that is named. Raises Invalid, or Refused."""
    if site is None:
        return None
    async with cameras.door.open(Ask(actor, Need.CAMERAS_VIEW, about=About("site", site))) as tx:
        found = await site_store.site_of(tx, site)
    if found is None:
        raise Invalid("There is no such site.", reason="site")
    return found


async def same_site(tx: Tx, site: Site | None) -> None:
    """Hold the site as it was looked at: an address is made of it. Raises Stale."""
    if site is not None and await site_store.held(tx, site.id) != site.version:
        raise Stale("The site was changed meanwhile.", next_step="Try it again.")


async def _checked(
    cameras: Cameras, entry: Entry, url: str, before: Camera | None
) -> tuple[dict[str, object], Login | None]:
    """The columns of an entry, and the login it brings, at an address where a camera may be. Raises Invalid."""
    fields, login, address = columns(entry, url, before)
    await looked_up(cameras, address)
    return fields, login


def columns(entry: Entry, url: str, before: Camera | None) -> tuple[dict[str, object], Login | None, Address]:
    """The columns of an entry, the login it brings, and the address to be looked up. Pure. Raises Invalid."""
    name, place_text = " ".join(entry.name.split()), " ".join(entry.place_text.split())
    if not 1 <= len(name) <= 80:
        raise Invalid("A camera has a name of 1 to 80 characters.", reason="name")
    if not 1 <= len(place_text) <= 200:
        raise Invalid("Say where the camera stands, as a person would.", reason="place")
    if entry.technology not in WITH_PICTURES:
        kinds = ", ".join(sorted(kind.value for kind in WITH_PICTURES))
        raise Invalid(f"A camera is one of {kinds}.", reason="technology")
    if entry.heading_deg is not None and not 0 <= entry.heading_deg < 360:
        raise Invalid("A heading is 0 to under 360 degrees, clockwise from north.", reason="heading_deg")
    if entry.field_deg is not None and not 0 < entry.field_deg <= 360:
        raise Invalid("A camera sees more than 0 and at most 360 degrees wide.", reason="field_deg")
    if entry.range_m is not None and not 0 < entry.range_m <= FARTHEST_M:
        raise Invalid(f"A camera sees more than 0 and at most {FARTHEST_M:g} metres far.", reason="range_m")
    details = checked_details(entry.details, entry.technology)
    address, in_url = parse(url)
    login = _checked_login(address, entry.login or in_url, at_site=details.site_id is not None)
    sub_address = _sub_address(address, entry.sub_url, before.sub_address if before else None)
    fields: dict[str, object] = {
        "name": name,
        "technology": entry.technology.value,
        "address": str(address),
        "sub_address": None if sub_address is None else str(sub_address),
        "replay_address": replay_template(
            address, entry.replay_url, before.replay_address if before else None
        ),
        "place": place_text,
        "lat": entry.place.lat,
        "lon": entry.place.lon,
        "heading_deg": entry.heading_deg,
        "field_deg": entry.field_deg,
        "range_m": entry.range_m,
        "enabled": entry.enabled,
        **_carried(address, entry, before),
        **asdict(details),
        "site_id": None if details.site_id is None else str(details.site_id),
    }
    return fields, login, address


def _carried(address: Address, entry: Entry, before: Camera | None) -> dict[str, object]:
    known = (parse(before.address)[0], before.transport, before.certificate) if before else None
    transport, certificate = carried(address, known, entry.transport, entry.certificate)
    return {"transport": transport.value, "certificate": certificate}


def _checked_login(address: Address, login: Login | None, *, at_site: bool) -> Login | None:
    if address.scheme == HTTPS and not at_site:
        raise Invalid("A camera's address begins with rtsp:// or rtsps://.", reason="url")
    if login is not None and address.scheme == EDGE:
        raise Invalid("The password of a camera behind an edge box stays with the box.", reason="user")
    if login is not None and (len(login.user) > 100 or len(login.password) > 200):
        raise Invalid("The camera's name or password is too long.", reason="user")
    return login


async def looked_up(cameras: Cameras, address: Address, field: str = "url") -> None:
    """Hold the address to where cameras may be. Raises Invalid."""
    if address.scheme == EDGE:
        return  # it leads nowhere from here: its edge box knows the way
    try:
        async with asyncio.timeout(_RESOLVE_S):
            looked_up = await asyncio.to_thread(cameras.resolve, address.host, address.port)
    except (OSError, TimeoutError) as error:
        raise Invalid("The name in the address leads nowhere.", reason=field) from error
    permitted(address, cameras.networks, looked_up)


def _sub_address(main: Address, typed: str | None, before: str | None) -> Address | None:
    """Where the sub stream is: as typed, else as before. Its host is the camera's: the login goes nowhere else. Raises Invalid."""
    text = before if typed is None else typed.strip()
    if not text:
        return None
    try:
        address, login = parse(text)
    except Invalid as error:
        raise Invalid(error.detail, reason="sub_url") from error
    if login is not None:
        raise Invalid("Name and password are entered once, beside the address; not in it.", reason="sub_url")
    if address.host.lower() == main.host.lower():
        return address
    if typed is None:
        return None
    raise Invalid("The sub stream is on another host than the camera's stream.", reason="sub_url")


def _stays_on_its_carrier(before: Camera, entry: Entry) -> None:
    """Raises Conflict when somebody moves or turns by hand what something carries."""
    stands = (before.place, before.heading_deg, before.technology)
    same = (entry.place, entry.heading_deg, entry.technology) == stands
    if before.carried_by is not None and not same:
        raise Conflict(
            f"This camera moves with the {before.carried_by.kind} that carries it.",
            reason="carried",
            next_step=f"Place the {before.carried_by.kind}, or take the camera off it.",
        )


def _taken(entry: Entry) -> Conflict:
    number, channel = entry.details.external_id, entry.details.channel
    other = "" if number is None else f", or one with the outside id {number!r}"
    other += "" if channel is None else f", or one at channel {channel} of its site"
    return Conflict(f"There is a camera {entry.name!r} already{other}.", reason="name_taken")


def _detail(entry: Entry) -> dict[str, str]:
    """What the log keeps of an entry: never an address, which could hold a password typed into the wrong field."""
    return {"name": entry.name[:80], "technology": entry.technology.value, "place": entry.place_text[:200]}


async def _seen(cameras: Cameras, actor: Actor, camera: UUID) -> Camera:
    async with cameras.door.open(Ask(actor, Need.CAMERAS_VIEW, about=About("camera", camera))) as tx:
        return await _there(tx, camera)


def _tell(cameras: Cameras, tx: Tx, camera: UUID) -> None:
    agency = tx.agency
    tx.after_commit(lambda: cameras.news(CHANGED, agency, camera))
