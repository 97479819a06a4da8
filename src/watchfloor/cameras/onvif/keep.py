"""The device of a registered camera: asked by the camera's own login, remembered, and compared with what it was before.

What it can do beyond pictures is off until somebody acknowledges it under an authorisation of that technology; what it could not
do when it was first asked is a capability change, which is told.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.address import Login
from watchfloor.cameras.model import Camera
from watchfloor.cameras.onvif import store
from watchfloor.cameras.onvif.find import host_of
from watchfloor.cameras.onvif.model import (
    ODD,
    DeviceAddress,
    Facts,
    Reach,
    device_address,
    technology_of,
    word,
)
from watchfloor.cameras.onvif.probe import probe
from watchfloor.cameras.onvif.store import Capability, KeptDevice
from watchfloor.cameras.onvif.turns import Turns
from watchfloor.cameras.onvif.withheld import withheld
from watchfloor.cameras.register import CHANGED, Cameras
from watchfloor.cameras.vault import Sealed
from watchfloor.governance import decide
from watchfloor.governance import store as governance
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.logs import logger
from watchfloor.storage.tx import Tx

ASK_AGAIN: Final = timedelta(hours=24)
# Pictures that came back may come from another device; one that comes and goes is not asked each time.
AFTER_RECONNECT: Final = timedelta(minutes=10)
_EVERY_S: Final = 5.0
_AT_ONCE: Final = 16
_log = logger("devices")


@dataclass(frozen=True, slots=True)
class Talk:
    """What is needed to ask the device of a camera."""

    camera: Camera
    device: DeviceAddress
    login: Login | None
    source: str | None = None
    """What the recorder calls the camera, where the device is that of its site."""
    named: tuple[str, ...] = ()
    """The tokens by which a recorder means it in its events."""


async def keep(cameras: Cameras, reach: Reach, actor: Actor, camera: UUID, address: str | None) -> Facts:
    """Ask the camera's device, at a new address or the kept one, and remember what it says. Raises Invalid, NotFound, Refused."""
    ask = Ask(actor, Need.CAMERAS_FIND, about=About("camera", camera))
    async with cameras.door.open(ask) as tx:
        talk = await prepared(tx, cameras, camera, address)
    facts = await probe(reach, talk.device, talk.login, cameras.clock, talk.source)
    async with cameras.door.open(ask) as tx:
        await remember(tx, cameras, camera, facts)
    return facts


async def prepared(tx: Tx, cameras: Cameras, camera: UUID, address: str | None = None) -> Talk:
    """Whom to ask, and by which login. A device is at its camera's host: the login goes to no other. Raises Invalid, NotFound."""
    found = await camera_store.camera_of(tx, camera)
    if found is None:
        raise NotFound("There is no such camera.")
    kept, recorder = await store.device_of(tx, camera), (await store.recorders(tx, [camera])).get(camera)
    known = kept.address if kept else recorder.address if recorder else None
    if address is None and known is None:
        raise NotFound(
            "This camera’s device is not known.",
            reason="no_device",
            next_step="Enter the address of its ONVIF service.",
        )
    sealed = (await camera_store.secrets_of(tx, [camera])).get(camera)
    talk = _talk(cameras, found, address or known or "", sealed)
    return _through(talk, recorder, kept.named if kept else ())


async def all_prepared(tx: Tx, cameras: Cameras, due: Sequence[UUID]) -> list[tuple[Talk, KeptDevice]]:
    """The same of many cameras at once, with what is known of the device of each; those that cannot be asked are left out."""
    devices, sealed = await store.devices_of(tx, due), await camera_store.secrets_of(tx, due)
    recorders = await store.recorders(tx, due)
    found: list[tuple[Talk, KeptDevice]] = []
    for camera in await camera_store.cameras_in_use(tx, due):
        kept = devices.get(camera.id)
        if kept is None:
            continue
        with contextlib.suppress(Invalid):
            talk = _talk(cameras, camera, kept.address, sealed.get(camera.id))
            found.append((_through(talk, recorders.get(camera.id), kept.named), kept))
    return found


def _through(talk: Talk, recorder: store.OfRecorder | None, named: tuple[str, ...]) -> Talk:
    """The same, where it is the recorder of the camera's site that is asked. Raises Invalid where nobody knows which of its cameras."""
    if recorder is None or str(talk.device) != recorder.address:
        return talk
    if recorder.source is None:
        raise Invalid(
            f"The recorder of {recorder.site} was not asked which of its cameras is channel {recorder.channel}, or tells of none.",
            reason="no_channel",
            next_step="Read the channels of the site.",
        )
    return replace(talk, source=recorder.source, named=named)


def _talk(cameras: Cameras, camera: Camera, address: str, sealed: Sealed | None) -> Talk:
    device = device_address(address, camera.certificate)
    if device.host.lower() != host_of(camera.address):
        raise Invalid("A camera’s device is at the host of its stream.", reason="address")
    return Talk(camera, device, cameras.vault.open(camera.id, sealed) if sealed else None)


async def remember(tx: Tx, cameras: Cameras, camera: UUID, facts: Facts) -> None:
    """Keep what the device said, and what it can do now that it could not before."""
    before = await store.device_of(tx, camera)
    asked_first = before is None or before.answered_at is None
    fields = {
        "address": str(facts.address),
        "profile": facts.kept,
        "manufacturer": facts.manufacturer,
        "model": facts.model,
        "firmware": facts.firmware,
        "serial": facts.serial,
        "turns": facts.turns,
        "presets": msgspec.json.encode([{"token": p.token, "name": p.name} for p in facts.presets]).decode(),
        "clock_off_ms": facts.clock_off_ms,
        "events": facts.events,
        "named": list(facts.named),
    }
    await store.keep_device(tx, camera, fields)
    found = {capability: technology_of(capability) for capability in facts.capabilities}
    new = await store.keep_capabilities(tx, camera, found, later=not asked_first)
    about = About("camera", camera)
    if before is None or (before.firmware, before.model, before.serial) != (
        facts.firmware,
        facts.model,
        facts.serial,
    ):
        said = {"model": facts.model, "firmware": facts.firmware, "serial": facts.serial}
        await effect(tx, "camera.device_read", about, detail=said)
    for capability in new:
        more = {"technology": found[capability].value, "later": not asked_first}
        await effect(tx, "camera.capability_found", about, detail={"capability": capability}, more=more)
    agency = tx.agency
    tx.after_commit(lambda: cameras.news(CHANGED, agency, camera))


async def acknowledge(cameras: Cameras, actor: Actor, camera: UUID, capability: str) -> None:
    """Say that a capability is known and wanted. The door wants an authorisation of its technology at the camera's place.

    Raises NotFound, Conflict, Refused.
    """
    ask = Ask(process_actor(actor.agency, "serve"), Need.CAMERA_STATE)
    async with cameras.door.open(ask) as tx:
        found = await camera_store.camera_of(tx, camera)
    if found is None:
        raise NotFound("There is no such camera.")
    technology = technology_of(capability)
    about = About("camera", camera)
    ask = Ask(
        actor,
        Need.CAPABILITY_ACKNOWLEDGE,
        about=about,
        technology=technology,
        place=found.place,
        detail={"capability": word(capability)},
    )
    async with cameras.door.open(ask) as tx:
        known = {one.capability for one in await store.capabilities_of(tx, camera)}
        if capability not in known:
            raise NotFound("There is no such capability of this camera.")
        if not await store.acknowledge(tx, camera, capability):
            raise Conflict("Somebody acknowledged it already.", reason="acknowledged")
        more = {"technology": technology.value}
        await effect(
            tx, "camera.capability_acknowledged", about, detail={"capability": capability}, more=more
        )


async def off(tx: Tx, camera: Camera, can: Sequence[Capability]) -> dict[str, str | None]:
    """Why each capability is off at present, in a sentence; None: it is acknowledged, and its technology is authorised there."""
    approved = await governance.authorisations(tx, sorted({one.technology.value for one in can}))
    who, facts = process_actor(tx.agency, "serve"), decide.Facts(approved, None, False, zone=tx.zone)

    def why(one: Capability) -> str | None:
        if one.acknowledged_at is None:
            return "Nobody has acknowledged it."
        about = About("camera", camera.id)
        ask = Ask(who, Need.CAPABILITY_ACKNOWLEDGE, None, about, one.technology, camera.place)
        said = decide.authorised(ask, facts, now=tx.now)
        return said.sentence if isinstance(said, Denied) else None

    return {one.capability: why(one) for one in can}


async def watch(cameras: Cameras, reach: Reach, agencies: Sequence[UUID]) -> None:
    """Ask each known device once a day, and when its camera's pictures came back, for ever."""
    await _turns(cameras, reach).watch(cameras.clock, agencies, _EVERY_S)


async def ask_due(cameras: Cameras, reach: Reach, agency: UUID) -> int:
    """Ask those that are due, some at a time; how many were asked."""
    turns = _turns(cameras, reach)
    begun = await turns.begin(agency)
    await turns.all_done()
    return begun


def _turns(cameras: Cameras, reach: Reach) -> Turns[UUID]:
    async def take(agency: UUID, most: int) -> Sequence[UUID]:
        dark = await withheld(cameras, agency)
        async with cameras.door.open(_watching(agency)) as tx:
            await store.begin_at_sites(tx, dark)
            return await store.take_due(tx, tx.now - ASK_AGAIN, tx.now - AFTER_RECONNECT, most, dark)

    async def ask(agency: UUID, camera: UUID) -> None:
        try:
            await _asked(cameras, reach, _watching(agency), camera)
        except ODD as error:
            # One device must not keep the others from being asked, whatever it made of the libraries.
            _log.error("asking a device failed", camera=str(camera), error=type(error).__name__)

    return Turns(take, ask, _AT_ONCE, "devices wait to be asked")


def _watching(agency: UUID) -> Ask:
    return Ask(process_actor(agency, "sweep"), Need.DEVICE_WATCH)


async def _asked(cameras: Cameras, reach: Reach, ask: Ask, camera: UUID) -> None:
    problem = None
    facts = None
    async with cameras.door.open(ask) as tx:
        try:
            talk = await prepared(tx, cameras, camera)
        except (Invalid, NotFound) as error:
            await store.keep_problem(tx, camera, error.detail)
            return
    try:
        facts = await probe(reach, talk.device, talk.login, cameras.clock, talk.source)
    except Invalid as error:
        problem = error.detail
    async with cameras.door.open(ask) as tx:
        if facts is not None:
            await remember(tx, cameras, camera, facts)
        elif problem is not None:
            await store.keep_problem(tx, camera, problem)
