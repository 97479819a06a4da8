"""A camera that kept what it showed: a clip, put there with its times as if it had been shown from a moment on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from watchfloor.cameras.rtsp.session import Place
from watchfloor_sim.camera import Camera, CameraOptions
from watchfloor_sim.kept import Kept
from watchfloor_sim.replay import Replay
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.samples import Clip, load_clip
from watchfloor_sim.source import Source


@dataclass
class Card:
    """The camera, what is on its card, and where that is replayed."""

    camera: Camera
    kept: Kept
    replay: Replay
    clip: Clip

    @property
    def place(self) -> Place:
        return self.at(self.replay.url)

    def at(self, url: str) -> Place:
        port = int(url.rpartition(":")[2].partition("/")[0])
        return Place(url, "127.0.0.1", port, tls=False, login=None)


@asynccontextmanager
async def a_card(clip: Path, began_s: float, *, onvif: bool = True) -> AsyncIterator[Card]:
    """A camera that showed the clip once, from then on, and shows it again and again to whoever looks."""
    feed = await asyncio.to_thread(load_clip, clip, audio=False)
    server = await RtspServer.start()
    camera = server.add_camera("/stream", Source(feed), CameraOptions())
    kept = Kept()
    for sample in feed.content:
        kept.keep(sample, began_s + sample.pts / 90_000)
    replay = Replay(camera, kept, "/replay", server.url, onvif=onvif)
    server.adopt(replay)
    try:
        yield Card(camera, kept, replay, feed)
    finally:
        await server.stop()
