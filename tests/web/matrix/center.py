"""A whole center for two agencies: the web as `serve` assembles it, a recorder and a matcher, on real engines.

What is of one agency bears its name: `Quarrytown` is ours, `Farwater` the other's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from tests.fixtures.center import CenterParts, CenterWeb, another_agency, begin, invited, listening
from tests.fixtures.engines import Dsns, intake
from watchfloor.cameras.address import Networks
from watchfloor.cameras.vault import Vault
from watchfloor.engines.edge_tls import EdgeAuthority
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.engines.nats import NatsServer
from watchfloor.evidence import make
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.grant import Grant
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import ActorKind, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.identity import store as identity_store
from watchfloor.incidents.raise_alerts import AlertsFromHits
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.running import beside
from watchfloor.places.skyline import Skyline
from watchfloor.plate_settings import CoTravelSettings
from watchfloor.plates import consume
from watchfloor.recordings import record
from watchfloor.recordings.looks import Looks
from watchfloor.recordings.tap import TapPlace
from watchfloor.settings import EdgeSettings, ObjectSettings, OwnerSettings, RecordSettings, Settings
from watchfloor.storage.database import Database
from watchfloor.storage.nats import Bus
from watchfloor.storage.tx import Tx
from watchfloor.sweep.run import keep_timers
from watchfloor.web.events import Feeds
from watchfloor.wiring.parts import CASES, Parts
from watchfloor.wiring.serve import web
from watchfloor.wiring.sweep import making
from watchfloor.wiring.topics import topics
from watchfloor_sim.onvif.device import Device, Look, Stream
from watchfloor_sim.onvif.server import DeviceServer
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.scene import scene_clip

OURS, THEIRS = "Quarrytown", "Farwater"


class TellingDoor(Door):
    """The door itself, which also tells for what people and devices have asked it."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.heard: list[Need] = []

    @asynccontextmanager
    async def open(self, ask: Ask) -> AsyncIterator[Tx]:
        self._hear(ask)
        async with super().open(ask) as tx:
            yield tx

    async def grant(self, ask: Ask) -> Grant:
        self._hear(ask)
        return await super().grant(ask)

    async def lease(self, asks: Any) -> tuple[Lease | Denied, ...]:
        for ask in asks:
            self._hear(ask)
        return await super().lease(asks)

    def _hear(self, ask: Ask) -> None:
        if ask.actor.kind is not ActorKind.PROCESS:
            self.heard.append(ask.need)


@dataclass
class Pair:
    """Two agencies on one center, and somebody of the other who has every role there is."""

    ours: CenterWeb
    theirs: CenterWeb
    everything: str
    """The one-time link of the person with every role."""
    door: TellingDoor
    parts: Parts
    camera: RtspCamera
    device_url: str
    dsns: Dsns
    looks: Looks

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """A recorder, a matcher and a maker of exports work for both."""
        parts, stop = self.parts, asyncio.Event()
        matcher = consume.ConsumeParts(
            parts.door, parts.clock, parts.bus, parts.agencies, AlertsFromHits(parts.news), parts.objects
        )
        recorder = record.RecordParts(
            name="record",
            door=parts.door,
            clock=parts.clock,
            agencies=parts.agencies,
            settings=parts.settings.record,
            spool=parts.layout.spool / "footage",
            objects=parts.objects,
            keystore=parts.keystore,
            vault=Vault.of(parts.layout.keys),
            networks=Networks.of(parts.settings.record.camera_networks),
            tap=TapPlace(parts.layout.runtime / "record.tap"),
            tap_key=parts.tap_key,
            least_free=1,
            news=parts.news,
        )
        ready = asyncio.Event()
        work = asyncio.gather(consume.run(matcher, stop), record.run(recorder, stop, ready.set))
        exports = keep_timers(
            parts.door, parts.clock, parts.agencies, make.works(making(parts, parts.objects))
        )
        try:
            await ready.wait()
            async with beside(exports):
                yield
        finally:
            stop.set()
            await work


@asynccontextmanager
async def pair(dsns: Dsns, nats: NatsServer, folder: Path) -> AsyncIterator[Pair]:
    """Start a center for two agencies; nothing is in it but their administrators and the person with every role."""
    clock = SystemClock()
    first, ours = await begin(dsns, clock, agency=OURS)
    theirs = await another_agency(dsns, clock, THEIRS)
    theirs_first = await invited(dsns, clock, theirs, f"{THEIRS.lower()}.administrator", {Role.ADMINISTRATOR})
    everything = await invited(
        dsns, clock, theirs, f"{THEIRS.lower()}.everything", set(Role) - {Role.MACHINE}
    )
    async with AsyncExitStack() as open_until_the_end:
        database = await Database.connect(dsns.app, role="wf_app", max_size=12)
        open_until_the_end.push_async_callback(database.close)
        bus = await open_until_the_end.enter_async_context(intake(nats, "matrix"))
        door = TellingDoor(database, clock, DoorRules(CASES, identity_store.why_ended, False))
        parts = _parts(folder, database, bus, door, (ours, theirs))
        skyline = Skyline(door, parts.objects)
        feeds = Feeds(door, clock, topics(skyline))
        looks = Looks(door, clock, "thumbnails")
        app = web(parts, feeds, skyline, looks)
        for work in (door.watch(parts.agencies), feeds.run(), looks.run()):
            open_until_the_end.callback(asyncio.create_task(work).cancel)
        open_until_the_end.push_async_callback(looks.close)
        camera = await open_until_the_end.enter_async_context(
            await RtspCamera.start(scene_clip(2.0, 10, (320, 192)))
        )
        device = await open_until_the_end.enter_async_context(_device(camera))
        url = await open_until_the_end.enter_async_context(listening(app))
        of = partial(CenterParts, door, clock, database, folder)
        made = Pair(
            CenterWeb(url, of(ours), first, app, feeds, f"{OURS.lower()}."),
            CenterWeb(url, of(theirs), theirs_first, app, feeds, f"{THEIRS.lower()}."),
            everything, door, parts, camera, device.url, dsns, looks,
        )  # fmt: skip
        for side in (made.ours, made.theirs):
            open_until_the_end.push_async_callback(side.close)
        yield made


def _device(camera: RtspCamera) -> AbstractAsyncContextManager[DeviceServer]:
    """The device behind the camera, which notices what moves."""
    stream = Stream("main", "Main", 320, 192, camera.url)
    presets = {token: ("Gate", Look()) for token in ("7", "8")}
    return DeviceServer.running(
        Device([stream], analytics=["tt:CellMotionEngine"], turns=True, presets=presets)
    )


def _parts(folder: Path, database: Database, bus: Bus, door: Door, agencies: tuple[Any, ...]) -> Parts:
    settings = Settings(
        folder,
        record=RecordSettings(segment_s=2, camera_networks="127.0.0.0/8"),
        objects=ObjectSettings(min_free_mb=10),
        owners=OwnerSettings(most_each_hour=100),
        edge=EdgeSettings(host="127.0.0.1"),
        co_travel=CoTravelSettings("by_order"),
    )
    nowhere = cast("Any", "")
    endpoints = Endpoints(folder, nowhere, "127.0.0.1:0", nowhere, nowhere, None, folder / "run")
    Layout.of(folder).prepare()
    EdgeAuthority.of(Layout.of(folder), SystemClock().now())
    return Parts(settings, endpoints, SystemClock(), database, bus, door, agencies, False)
