"""A center with cameras: the web and one or more recorders in one process, on real engines and real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb, RoutersOf
from watchfloor.cameras import api as camera_api
from watchfloor.cameras import mask_api, upkeep_api
from watchfloor.cameras.address import Networks
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.cameras.mask_api import MaskRoutes
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.cameras.onvif.model import Reach
from watchfloor.cameras.partners import lendings_api
from watchfloor.cameras.partners.live import Relays
from watchfloor.cameras.partners.talk import Reach as PartnerReach
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.sites import api as sites_api
from watchfloor.cameras.vault import Vault
from watchfloor.governance.door import Door
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.envelope import key_from_file
from watchfloor.kit.sure import sure
from watchfloor.places.skyline import Skyline
from watchfloor.recordings import aiming_api, playback, pull_api, site_api, thumbnail_api
from watchfloor.recordings import api as recording_api
from watchfloor.recordings.api import RecordingRoutes
from watchfloor.recordings.from_partner import FromPartner
from watchfloor.recordings.from_site import FromSite
from watchfloor.recordings.keystore import Keystore, load_wrapping_key
from watchfloor.recordings.looks import Looks
from watchfloor.recordings.masked import Masked
from watchfloor.recordings.play import Player
from watchfloor.recordings.record import RecorderProcess, RecordParts, run
from watchfloor.recordings.spool import Spool
from watchfloor.recordings.tap import TapPlace
from watchfloor.recordings.thumbnails import Thumbnails
from watchfloor.settings import ObjectSettings, RecordSettings
from watchfloor.storage.disks import objects_of
from watchfloor.storage.objects import Objects

_clock = SystemClock()
PATROL = {"purpose": "patrol_monitoring", "case": None}


@dataclass
class Block:
    """A center's web, its recorders, and where its files are."""

    web: CenterWeb
    data: Path
    sockets: Path
    keystore: Keystore
    objects: Objects
    _stops: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = field(default_factory=dict)

    @property
    def spool(self) -> Path:
        return self.data / "spool" / "footage"

    def record_parts(self, name: str, **changes: Any) -> RecordParts:
        parts = self.web.parts
        settings = RecordSettings(segment_s=4)

        async def news(kind: str, agency: UUID, camera: UUID) -> None:
            self.web.feeds.stir("cameras.camera")

        made: dict[str, Any] = {
            "name": name,
            "door": parts.door,
            "clock": parts.clock,
            "agencies": [parts.agency],
            "settings": settings,
            "spool": self.spool,
            "objects": self.objects,
            "keystore": self.keystore,
            "vault": Vault.of(self.data / "keys"),
            "networks": Networks.of("127.0.0.0/8"),
            "tap": TapPlace(self.sockets / f"{name}.tap"),
            "tap_key": key_from_file(self.data / "keys" / "tap.key"),
            "least_free": 1024 * 1024,
            "news": news,
        }
        return RecordParts(**(made | changes))

    def process(self, name: str = "record", **changes: Any) -> RecorderProcess:
        """A recorder that is driven by hand; its spool is taken."""
        parts = self.record_parts(name, **changes)
        return RecorderProcess(parts, Spool.take(parts.spool, name))

    async def record(self, name: str = "record", **changes: Any) -> None:
        """Start a recorder; it is ready when this returns."""
        stop, ready = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(run(self.record_parts(name, **changes), stop, ready.set))
        self._stops[name] = (stop, task)
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait([waiting, task], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()

    async def stop(self, name: str = "record") -> None:
        """Stop a recorder as SIGTERM does."""
        stop, task = self._stops.pop(name)
        stop.set()
        await task

    async def camera(self, url: str, **changes: Any) -> dict[str, Any]:
        """Register a camera as the technician does."""
        technician = await self.web.person("technician")
        body = {
            "name": "Mill St at 4th",
            "technology": "fixed_camera",
            "place": "Mill St at 4th",
            "lat": 38.63,
            "lon": -90.2,
            "heading_deg": 90,
            "url": url,
        }
        made = await technician.post("/api/v1/cameras", json=body | changes)
        assert made.status_code == 201, made.text
        return dict(made.json())

    async def why(self) -> dict[str, str]:
        """The headers of a look at stored video: a purpose, and a case that is open."""
        return {"Wf-Purpose": "stolen_vehicle", "Wf-Case": await self.web.case()}

    async def seen(self, camera: str) -> dict[str, Any]:
        answer = await (await self.web.person("technician")).get(f"/api/v1/cameras/{camera}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def until(
        self, camera: str, holds: Callable[[dict[str, Any]], bool], within_s: float = 60
    ) -> dict[str, Any]:
        """Wait until the camera, as people see it, is so."""
        seen: dict[str, Any] = await until(lambda: self.seen(camera), holds, within_s)
        return seen


async def until(
    look: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool], within_s: float = 60
) -> Any:
    """Look until it is so; what was seen last is told when it does not become so."""
    seen: Any = None
    try:
        async with asyncio.timeout(within_s):
            while True:
                seen = await look()
                if holds(seen):
                    return seen
                await _clock.sleep(0.05)
    except TimeoutError as error:
        raise AssertionError(f"it did not come to be within {within_s} s; last seen: {seen}") from error


async def until_no(holds: Callable[[], object], within_s: float = 60.0) -> None:
    """Wait until it is so no more."""
    ends = _clock.monotonic() + within_s
    while holds():
        assert _clock.monotonic() < ends, "it did not end"
        await _clock.sleep(0.05)


async def news(kind: str, agency: UUID, camera: UUID) -> None:
    """Nobody hears it."""


def _recorded(parts: CenterParts, recorded: RecordingRoutes) -> list[APIRouter]:
    lendings = lendings_api.routes(parts.door, parts.clock)
    return [recording_api.routes(recorded), site_api.routes(recorded), pull_api.routes(parts.door), lendings]


def _relays(cameras: Cameras) -> Relays:
    return Relays(PartnerReach(cameras.networks, cameras.resolve), cameras.clock, cameras.sessions)


def _routed(door: Door, plays: Player, live: Live, masked: Masked, cameras: Cameras) -> RecordingRoutes:
    partners = FromPartner(cameras.vault, sure(live.relays))
    return RecordingRoutes(door, plays, live, masked, FromSite(cameras), partners)


def _thumbnails(recorded: RecordingRoutes, objects: Objects, keystore: Keystore, looks: Looks) -> APIRouter:
    made, masked = Thumbnails(recorded.player, objects, keystore, 2**20), sure(recorded.masked)
    parts = thumbnail_api.ThumbnailRoutes(recorded.door, recorded.player, made, masked, looks, recorded.sites)
    return thumbnail_api.routes(parts)


def _masks(
    parts: CenterParts, cameras: Cameras, masked: Masked, objects: Objects, player: Player
) -> list[APIRouter]:
    skyline = Skyline(parts.door, objects)
    return [
        mask_api.routes(MaskRoutes(cameras, masked.book, Reach(cameras.networks), skyline)),
        aiming_api.routes(aiming_api.AimingRoutes(parts.door, player)),
    ]


@asynccontextmanager
async def block(
    center: CenterMaker,
    tmp_path: Path,
    sockets: Path,
    *,
    second_agency: bool = False,
    kept: ObjectSettings | None = None,
    tls: ssl.SSLContext | None = None,
    player: Callable[[Objects, Keystore, Path], Player] = Player,
    more: RoutersOf = lambda parts: (),
) -> AsyncIterator[Block]:
    """A center whose web has the routes of cameras and recordings; recorders are started one by one."""
    ((data := tmp_path / "data") / "keys").mkdir(parents=True)
    lives: list[Live | Looks] = []
    keystore = Keystore(data / "keystore", load_wrapping_key(data / "keys" / "footage.key"))
    objects = objects_of(kept or ObjectSettings(min_free_mb=10), data / "objects")

    def routers(parts: CenterParts) -> list[APIRouter]:
        cameras = Cameras(parts.door, parts.clock, Vault.of(data / "keys"), Networks.of("127.0.0.0/8"), news)
        masked, key = Masked(MaskBook(parts.door, parts.clock), 2), data / "keys" / "tap.key"
        live = Live(finder(parts.door), key_from_file(key), parts.clock, tls, masked, _relays(cameras))
        plays = player(objects, keystore, data / "spool" / "footage")
        lives.extend((live, looks := Looks(parts.door, parts.clock, "thumbnails")))
        recorded = _routed(parts.door, plays, live, masked, cameras)
        return [
            *(upkeep_api.routes(cameras), camera_api.routes(camera_api.CameraRoutes(cameras, live))),
            *_masks(parts, cameras, masked, objects, plays),
            *(sites_api.routes(cameras), *more(parts), *_recorded(parts, recorded)),
            *(playback.routes(recorded, looks), _thumbnails(recorded, objects, keystore, looks)),
        ]

    async with center(routers=routers) as web:
        made = Block(web, data, sockets, keystore, objects)
        try:
            yield made
        finally:
            for name in list(made._stops):
                with contextlib.suppress(asyncio.CancelledError):
                    await made.stop(name)
            await asyncio.gather(*(one.close() for one in lives))


__all__ = ["Block", "RecorderProcess", "block", "until"]
